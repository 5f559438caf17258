"""Change what the organization asks of its people: the only writer of the policy."""

from collections.abc import Mapping

from django.db import transaction

from registration import audit
from registration.audit import Activity
from registration.models import FormerPassword, Policy, User
from registration.origin import NOWHERE, Origin
from tenants import glances, hosts
from tenants.context import current

RESET = (
    "scope",
    "methods",
    "required",
    "weak_alone_acknowledged",
    "users_may_change_office_phone",
    "administrators_may_reset",
    "notify_user",
    "notify_administrators",
)
QUESTIONS = ("questions_to_register", "questions_to_answer", "predefined_questions", "own_questions")
AT_SIGN_IN = ("require_registration", "reconfirm_days", "remind_days", "password_lifetime_days")
PROTECTION = ("profile", "banned_words", "history")
FIELDS = (*RESET, *QUESTIONS, *AT_SIGN_IN, *PROTECTION)


@transaction.atomic
def configure(values: Mapping[str, object], *, actor: User | str, origin: Origin = NOWHERE) -> Policy:
    """Set some of the policy's fields, and write down what each was and is."""
    policy = Policy.objects.select_for_update().get()
    changed = {}
    for field, value in values.items():
        assert field in FIELDS, field
        if (before := getattr(policy, field)) != value:
            changed[field] = {"before": before, "after": value}
            setattr(policy, field, value)
    policy.full_clean()
    policy.save()
    if policy.history <= 1:
        FormerPassword.objects.all().delete()
    if "require_registration" in changed:
        User.objects.exclude(asked_to_register_at=None).update(asked_to_register_at=None)
    if changed:
        transaction.on_commit(hosts.forget)
        audit.record(Activity.POLICY_CHANGED, actor=actor, origin=origin, data=changed)
    if "scope" in changed:
        glances.look_soon(current())  # the provider's list says for whom reset is enabled
    return policy
