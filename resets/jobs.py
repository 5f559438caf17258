"""The daily clearing of what has ended in each organization."""

from datetime import timedelta

from django.contrib.sessions.models import Session
from django.utils import timezone
from procrastinate.contrib.django import app

from registration import verification
from resets import flow
from tenants.context import entered
from tenants.jobs import organization_job
from tenants.models import Organization

#: How long an ended reset and its codes can be looked at by the help desk.
KEPT = timedelta(days=7)


@organization_job(name="resets.clear", queue="housekeeping")
def clear() -> None:
    """Delete what ended: sessions, challenges, resets."""
    now = timezone.now()
    Session.objects.filter(expire_date__lt=now).delete()
    flow.forget(now - KEPT)
    verification.forget(now - KEPT)


@app.periodic(cron="17 3 * * *")
@app.task(name="resets.clear_all")
def clear_all(timestamp: int) -> None:
    """Write a job for each organization, so that workers share them and one that fails stops no other."""
    for organization in Organization.objects.all():
        with entered(organization):
            clear.enqueue()
