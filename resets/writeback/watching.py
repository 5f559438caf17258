"""Watch over each domain: tell administrators once when its last agent is lost, and once when one is back."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from procrastinate.contrib.django import app

from licensing.editions import Feature
from licensing.guards import decision
from registration import audit
from registration.audit import SYSTEM, Activity
from registration.notices import administrators, tell
from resets.writeback import domains, event_codes, health
from resets.writeback.models import OnPremisesDomain
from tenants import glances
from tenants.context import current
from tenants.jobs import organization_job
from tenants.models import Organization

#: How long a second look is waited for before anybody is told: where this site was down itself, every agent seems lost at
#: first.
AGAIN = timedelta(seconds=50)
_UNHEARD = "unheard_since"


@organization_job(name="writeback.watch", queue="housekeeping", retry=False)
def watch() -> None:
    """Look at the domains of one organization: two queries where nothing has changed."""
    if not decision(Feature.WRITEBACK).allowed:  # their agents are turned away, and nobody wonders
        return
    now = timezone.now()
    for domain in OnPremisesDomain.objects.prefetch_related("agents"):
        if health.is_heard(domain.agents.all(), now):
            _heard(domain)
        elif domain.lost_told_at is None and health.is_lost(domain.agents.all(), now):
            _unheard(domain, now)


@app.periodic(cron="* * * * *")
@app.task(name="writeback.watch_all", queue="housekeeping")
def watch_all(timestamp: int) -> None:
    """Write the job for each organization that is served and had domains when it was looked at last, in one statement."""
    watch.enqueue_where(state=Organization.State.ACTIVE, glance__domains__gt=0)


def _heard(domain: OnPremisesDomain) -> None:
    if domain.facts.get(_UNHEARD):
        domains.told(domain, {_UNHEARD: ""})
    if domain.lost_told_at is not None:
        _tell(domain, Activity.AGENTS_BACK, None)


def _unheard(domain: OnPremisesDomain, now: datetime) -> None:
    """Note that nobody is heard of; tell it when another look, soon after, finds the same."""
    since = parse_datetime(domain.facts.get(_UNHEARD) or "")
    if since is None or now - since > health.LOST_AFTER:
        domains.told(domain, {_UNHEARD: now.isoformat()})
    elif now - since >= AGAIN:
        _tell(domain, Activity.AGENTS_LOST, now)


@transaction.atomic
def _tell(domain: OnPremisesDomain, event: Activity, lost_at: datetime | None) -> None:
    if not domains.tell_lost(domain, lost_at):
        return  # another worker did
    lost = event is Activity.AGENTS_LOST
    data = {"domain": domain.name, "event": event_codes.LOST if lost else event_codes.BACK}
    audit.record(event, actor=SYSTEM, subject=domain.name, data=data, failed=lost)
    for one in administrators():
        tell(event, one, [one.primary_address], domain=domain.name)
    glances.look_soon(current())
