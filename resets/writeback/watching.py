"""Watch over each domain: tell administrators once when its last agent is lost, and once when one is back."""

from django.db import transaction
from django.utils import timezone
from procrastinate.contrib.django import app

from registration.notices import administrators, tell
from resets.writeback import domains, health
from resets.writeback.models import OnPremisesDomain
from tenants.jobs import organization_job


@organization_job(name="writeback.watch", queue="housekeeping", retry=False)
def watch() -> None:
    """Look at the domains of one organization: two queries where nothing has changed."""
    now = timezone.now()
    for domain in OnPremisesDomain.objects.prefetch_related("agents"):
        lost = health.is_lost(domain.agents.all(), now)
        if lost == (domain.lost_told_at is not None):
            continue
        with transaction.atomic():
            if domains.tell_lost(domain, now if lost else None):
                for one in administrators():
                    event = "agents_lost" if lost else "agents_back"
                    tell(event, one, [one.primary_address], domain=domain.name)


@app.periodic(cron="* * * * *")
@app.task(name="writeback.watch_all", queue="housekeeping")
def watch_all(timestamp: int) -> None:
    """Write the job for each organization that had domains when it was looked at last, in one statement."""
    watch.enqueue_where(glance__domains__gt=0)
