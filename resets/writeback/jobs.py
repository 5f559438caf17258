"""What is done for directories later: people who are gone are let go of, and a disowned password is made to be changed."""

from django.utils import timezone
from procrastinate.contrib.django import app

from registration import audit
from registration.audit import SYSTEM, Activity
from registration.models import User
from resets.writeback import accounts, bringing, homes, queue, watching
from resets.writeback.models import Job, OnPremisesDomain
from tenants.jobs import organization_job

__all__ = ["clear", "clear_all", "expire", "watching"]  # the periodic ones are found by this file


@organization_job(name="writeback.clear", queue="housekeeping")
def clear() -> None:
    """End what nobody waits for, forget what ended long ago, and delete who was gone for longer than the grace."""
    if not OnPremisesDomain.objects.exists():
        return
    now = timezone.now()
    queue.close_overdue()
    queue.forget(now - queue.KEPT)
    while bringing.delete_gone(now - bringing.GRACE):
        pass


@app.periodic(cron="47 3 * * *")
@app.task(name="writeback.clear_all", queue="housekeeping")
def clear_all(timestamp: int) -> None:
    """Write the job for each organization."""
    clear.enqueue_everywhere()


@organization_job(name="writeback.expire", queue="notices")
def expire(*, user: str) -> None:
    """Have a password that its owner disowned changed at the next sign-in in the domain; tried again while nobody is there."""
    person = User.objects.filter(pk=user).first()
    account = accounts.of(person) if person is not None else None
    if person is None or account is None or homes.hindrance(account):
        return
    queue.submit(account, Job.Operation.EXPIRE, secret={}, after={})
    audit.record(Activity.ACCOUNT_EXPIRED, actor=SYSTEM, subject=person, data={"domain": account.domain.name})
