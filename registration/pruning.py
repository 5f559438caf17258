"""Audit events that are older than the organization keeps them are deleted once a day: nothing else deletes any."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone
from procrastinate.contrib.django import app

from licensing import guards
from registration import audit, configuring, retention
from registration.models import AuditEvent, Policy
from registration.retention import Keeping
from registration.standing import policy_row
from tenants.jobs import organization_job

#: Up to how many events that will go are counted for a page.
COUNTED = 10_000


@dataclass(frozen=True)
class Outlook:
    """What is kept, what goes next and when; `going` is None where nothing of what is there goes then."""

    keeping: Keeping
    oldest: datetime | None
    going: int | None

    @property
    def more_going(self) -> bool:
        """Say whether more goes than was counted."""
        return self.going is not None and self.going > COUNTED


@organization_job(name="registration.prune", queue="housekeeping")
def prune() -> None:
    """Delete what is too old, in transactions of a bounded size; one that is cut short goes on the next time."""
    now = timezone.now()
    days = configuring.keep_audit(now).days
    while audit.forget(now - timedelta(days=days), days=days) == audit.BATCH:
        pass


@app.periodic(cron="47 2 * * *")
@app.task(name="registration.prune_all")
def prune_everywhere(timestamp: int) -> None:
    """Write the job for each organization."""
    prune.enqueue_everywhere()


def oldest() -> datetime | None:
    """Return when the first event happened that is still there."""
    found: datetime | None = AuditEvent.objects.order_by("at").values_list("at", flat=True).first()
    return found


def outlook(row: Policy | None = None) -> Outlook:
    """Return what is kept and what goes next. An edition that went down today is told of before the job has noticed."""
    now, row = timezone.now(), row or policy_row()
    keeping = retention.after(row.keeping, guards.retention().days(row.audit_days), now)
    first, going = oldest(), None
    if keeping.next_days is not None and keeping.next_at is not None:
        until = keeping.next_at - timedelta(days=keeping.next_days)
        too_old = AuditEvent.objects.filter(at__lt=until).order_by().values("pk")
        going = too_old[: COUNTED + 1].count() or None
    return Outlook(keeping, first, going)
