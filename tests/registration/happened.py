"""Events of the audit trail that are written for a test, as the flows would have written them."""

from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from registration.models import AuditEvent, User


def happened(
    activity: str, who: User | str = "", *, ago: timedelta = timedelta(minutes=1), times: int = 1, **more: Any
) -> list[AuditEvent]:
    """Let something have happened so long ago; a reason makes it a failure."""
    at: datetime = timezone.now() - ago
    fields = {
        "activity": activity,
        "status": "failure" if more.get("reason") else "success",
        "actor": str(who),
        "subject": str(who),
        "subject_id": who.pk if isinstance(who, User) else None,
        **more,
    }
    return AuditEvent.objects.bulk_create(AuditEvent(at=at, **fields) for _time in range(times))
