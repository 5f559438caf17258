"""The audit trail: who did what to whose way in, from where, and how it ended. The only writer of it.

Names follow Microsoft Entra's activities where one fits (reference/entra.md b10). No code, answer or password is ever an
argument here (ASVS 16.2.5).
"""

from collections.abc import Mapping
from enum import StrEnum

from django.utils import timezone

from registration.models import AuditEvent, User
from registration.origin import NOWHERE, Origin


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
    GROUP_CHANGED = "group_changed"
    POLICY_CHANGED = "policy_changed"
    TELEPHONY_CHANGED = "telephony_changed"
    TELEPHONY_CAPPED = "telephony_capped"
    BRANDING_CHANGED = "branding_changed"
    DESK_CHANGED = "desk_changed"
    DESK_REFUSED = "desk_refused"
    NOTICE_SENT = "notice_sent"


SYSTEM = "system"


def record(
    activity: Activity,
    *,
    actor: User | str,
    subject: User | str | None = None,
    origin: Origin = NOWHERE,
    method: str = "",
    reason: str = "",
    failed: bool = False,
    data: Mapping[str, object] | None = None,
) -> AuditEvent:
    """Write one event, in the transaction of what it tells; `reason` is a code, an unknown subject what was typed."""
    return AuditEvent.objects.create(
        at=timezone.now(),
        activity=activity,
        status=AuditEvent.Status.FAILURE if failed else AuditEvent.Status.SUCCESS,
        reason=reason,
        actor=str(actor)[:254],
        subject=str(subject or "")[:254],
        subject_id=subject.pk if isinstance(subject, User) else None,
        method=method,
        address=origin.address or None,
        data=dict(data or {}),
    )
