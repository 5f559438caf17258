"""Change what the organization asks of its people: the only writer of the policy."""

from collections.abc import Mapping
from datetime import datetime

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.dispatch import Signal
from django.utils import timezone

from licensing import guards
from registration import audit, held_to, retention
from registration.audit import SYSTEM, Activity
from registration.models import FormerPassword, Policy, User
from registration.origin import NOWHERE, Origin
from registration.retention import Keeping
from registration.visitor import Visitor
from tenants import glances, hosts
from tenants.context import current

#: Sent in the transaction of a change, inside the organization. Takes `changed`.
policy_changed = Signal()

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
ON_PREMISES = ("write_back", "unlock_without_reset")
QUESTIONS = ("questions_to_register", "questions_to_answer", "predefined_questions", "own_questions")
AT_SIGN_IN = ("require_registration", "reconfirm_days", "remind_days")
PROTECTION = ("profile", "banned_words", "history", "password_lifetime_days")
AUDIT = ("audit_days",)
#: The organization's own say over the provider: no baseline holds it, and no visitor changes it.
ACCESS = ("provider_may_enter",)
FIELDS = (*RESET, *QUESTIONS, *AT_SIGN_IN, *ON_PREMISES, *PROTECTION, *AUDIT, *ACCESS)


@transaction.atomic
def configure(
    values: Mapping[str, object], *, actor: User | Visitor | str, origin: Origin = NOWHERE
) -> Policy:
    """Set some of the policy's fields, and write down what each was and is.

    Raises `BelowBaseline` for values that the provider's baseline does not allow. What is below and not changed may stay.
    """
    policy = Policy.objects.select_for_update().get()
    changed = {}
    for field, value in values.items():
        assert field in FIELDS, field
        if (before := getattr(policy, field)) != value:
            changed[field] = {"before": before, "after": value}
            setattr(policy, field, value)
    if set(changed).intersection(ACCESS) and isinstance(actor, Visitor):
        raise PermissionDenied
    held_to.refuse_below(current(), {field: getattr(policy, field) for field in changed})
    policy.full_clean()
    if "audit_days" in changed:
        _keep(policy, timezone.now())
    policy.save()
    if policy.history <= 1:
        FormerPassword.objects.all().delete()
    if "require_registration" in changed:
        User.objects.exclude(asked_to_register_at=None).update(asked_to_register_at=None)
    if changed:
        transaction.on_commit(hosts.forget)
        policy_changed.send(sender=Policy, changed=changed)
        audit.record(Activity.POLICY_CHANGED, actor=actor, origin=origin, data=changed)
    if "scope" in changed:
        glances.look_soon(current())  # the provider's list says for whom reset is enabled
    return policy


@transaction.atomic
def keep_audit(now: datetime) -> Keeping:
    """Bring up to date how long the audit trail is kept, by what was chosen and what the edition allows today."""
    policy = Policy.objects.select_for_update().get()
    before = policy.keeping
    if _keep(policy, now) != before:
        policy.save()
        data = {"kept_days": {"before": before.days, "after": policy.keeping.days}, **_announced(policy)}
        audit.record(Activity.RETENTION_CHANGED, actor=SYSTEM, data=data)
    return policy.keeping


def _keep(policy: Policy, now: datetime) -> Keeping:
    policy.keeping = retention.after(policy.keeping, guards.retention().days(policy.audit_days), now)
    return policy.keeping


def _announced(policy: Policy) -> dict[str, object]:
    coming = policy.keeping
    return {"next_days": coming.next_days, "from": coming.next_at.isoformat()} if coming.next_at else {}
