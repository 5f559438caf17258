"""Change what the organization asks of its people: the only writer of the policy."""

from collections.abc import Mapping

from django.db import transaction

from registration import audit
from registration.audit import Activity
from registration.models import FormerPassword, Policy, User
from registration.origin import NOWHERE, Origin

RESET = ("scope", "methods", "required", "administrators_may_reset", "notify_user", "notify_administrators")
PROTECTION = ("profile", "banned_words", "history")
FIELDS = (*RESET, *PROTECTION)


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
    if changed:
        audit.record(Activity.POLICY_CHANGED, actor=actor, origin=origin, data=changed)
    return policy
