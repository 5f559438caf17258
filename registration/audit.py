"""The audit trail: who did what to whose way in, from where, and how it ended. The only writer of it.

Names follow Microsoft Entra's activities where one fits (reference/entra.md b10). No code, answer or password is ever an
argument here (ASVS 16.2.5).
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from enum import StrEnum

from django.db import connection, transaction
from django.utils import timezone

from registration.copying import copy_in
from registration.models import AuditEvent, User
from registration.origin import NOWHERE, Origin
from registration.visitor import Visitor
from tenants.refusals import code_of


class Activity(StrEnum):
    """What can happen; labels.ACTIVITIES has the words."""

    SIGNED_IN = "signed_in"
    SIGN_IN_FAILED = "sign_in_failed"
    SIGNED_OUT = "signed_out"
    PROVED_AGAIN = "proved_again"
    INFO_STARTED = "security_info_started"
    INFO_REGISTERED = "security_info_registered"
    INFO_CHANGED = "security_info_changed"
    INFO_DELETED = "security_info_deleted"
    ADMIN_REGISTERED = "admin_registered_security_info"
    ADMIN_UPDATED = "admin_updated_security_info"
    REGISTRATION_REQUIRED = "registration_required"
    SESSIONS_ENDED = "sessions_ended"
    DEFAULT_CHANGED = "default_security_info_changed"
    REGISTERED_ALL = "registered_all_required"
    CODE_SENT = "code_sent"
    CODE_NOT_SENT = "code_not_sent"
    REMINDED = "registration_reminded"
    REQUEST_DENIED = "request_denied"
    INFO_REVIEWED = "security_info_reviewed"
    REGISTRATION_SKIPPED = "registration_skipped"
    OBJECTED = "objected"
    RESET_RELEASED = "reset_released"
    PASSWORD_DISOWNED = "password_disowned"
    PASSWORD_CHANGED = "password_changed"
    PASSWORD_RESET = "password_reset"
    RESET_STARTED = "reset_started"
    RESET_STARTED_FOR = "reset_started_for"
    RESET_GATE = "reset_gate"
    RESET_STOPPED = "reset_stopped"
    RESET_PASSWORD_REFUSED = "reset_password_refused"
    ACTIVATED = "account_activated"
    ACTIVATION_SENT = "activation_sent"
    USER_ADDED = "user_added"
    USER_CHANGED = "user_changed"
    USER_DELETED = "user_deleted"
    PEOPLE_IMPORTED = "people_imported"
    DOMAIN_ADDED = "on_premises_domain_added"
    DOMAIN_CHANGED = "on_premises_domain_changed"
    DOMAIN_REMOVED = "on_premises_domain_removed"
    AGENT_ADDED = "agent_added"
    AGENT_ENROLLED = "agent_enrolled"
    AGENT_ROLLED = "agent_rolled"
    AGENT_REVOKED = "agent_revoked"
    PEOPLE_BROUGHT = "people_brought"
    PEOPLE_HELD = "people_held"
    ACCOUNT_TIED = "account_tied"
    ACCOUNT_UNTIED = "account_untied"
    ACCOUNT_UNLOCKED = "account_unlocked"
    ACCOUNT_EXPIRED = "account_expired"
    AGENTS_LOST = "agents_lost"
    AGENTS_BACK = "agents_back"
    PEOPLE_EXPORTED = "people_exported"
    GROUP_CHANGED = "group_changed"
    POLICY_CHANGED = "policy_changed"
    TELEPHONY_CHANGED = "telephony_changed"
    TELEPHONY_CAPPED = "telephony_capped"
    BRANDING_CHANGED = "branding_changed"
    PEOPLE_SEEN = "people_seen"
    BRANDING_TRIED = "branding_tried"
    DESK_CHANGED = "desk_changed"
    DESK_REFUSED = "desk_refused"
    NOTICE_SENT = "notice_sent"
    AUDIT_EXPORTED = "audit_exported"
    AUDIT_PRUNED = "audit_pruned"
    RETENTION_CHANGED = "audit_retention_changed"
    BASELINE_APPLIED = "baseline_applied"
    BASELINE_RELEASED = "baseline_released"
    PROVIDER_ENTERED = "provider_entered"
    PROVIDER_LEFT = "provider_left"
    REFUSED = "refused"


SYSTEM = "system"
#: How many events one transaction deletes at most.
BATCH = 10_000
_FORGET = """
delete from registration_auditevent where ctid = any(array(
    select ctid from registration_auditevent where at < %(before)s order by at limit %(batch)s
))
"""


def record(
    activity: Activity,
    *,
    actor: User | Visitor | str,
    subject: User | str | None = None,
    origin: Origin = NOWHERE,
    method: str = "",
    reason: str = "",
    failed: bool = False,
    reference: str = "",
    data: Mapping[str, object] | None = None,
) -> AuditEvent:
    """Write one event, in the transaction of what it tells; `reason` is a code, an unknown subject what was typed.

    A refusal is written with its public code, which its page shows; `reference` is what its person reads out.
    """
    drafted = draft(
        activity,
        actor=actor,
        subject=subject,
        origin=origin,
        method=method,
        reason=reason,
        failed=failed,
        reference=reference,
        data=data,
    )
    drafted.save(force_insert=True)
    return drafted


def write(drafts: Iterable[AuditEvent]) -> None:
    """Write many events in one statement, in the transaction of what they tell."""
    copy_in(list(drafts))


def draft(
    activity: Activity,
    *,
    actor: User | Visitor | str,
    subject: User | str | None = None,
    origin: Origin = NOWHERE,
    method: str = "",
    reason: str = "",
    failed: bool = False,
    reference: str = "",
    data: Mapping[str, object] | None = None,
) -> AuditEvent:
    """Return one event that `write` will write."""
    shown = {"code": code_of(reason) if failed else "", "reference": reference}
    return AuditEvent(
        at=timezone.now(),
        activity=activity,
        status=AuditEvent.Status.FAILURE if failed else AuditEvent.Status.SUCCESS,
        reason=reason,
        actor=str(actor)[:254],
        subject=str(subject or "")[:254],
        subject_id=subject.pk if isinstance(subject, User) else None,
        method=method,
        address=origin.address or None,
        data={**(data or {}), **{name: value for name, value in shown.items() if value}},
    )


@transaction.atomic
def forget(before: datetime, *, days: int) -> int:
    """Delete the oldest events of before a moment, as many as fit in one transaction, and write down in it how many went."""
    with connection.cursor() as cursor:
        cursor.execute(_FORGET, {"before": before, "batch": BATCH})
        count: int = cursor.rowcount
    if count:
        data = {"events": count, "older_than": before.isoformat(), "kept_days": days}
        record(Activity.AUDIT_PRUNED, actor=SYSTEM, data=data)
    return count
