"""Which agents a job waits for, as the database knows it."""

from datetime import datetime

from django.db.models import F, Func, TextField
from django.utils import timezone

from resets.writeback import queue
from resets.writeback.models import Agent, Job


class _Keys(Func):
    """The keys of a JSON object, a row for each."""

    function = "jsonb_object_keys"
    output_field = TextField()
    set_returning = True


def waits_for(agent: Agent) -> bool:
    """Say whether there is a job that this agent may claim: one query."""
    return queue.open_to(agent, timezone.now()).exists()


def open_jobs(at: datetime) -> dict[str, float]:
    """Return every agent of the organization that may claim a job, and in how many seconds, 0 for now: one query.

    As `queue.open_to` has it, for all agents at once; a job that somebody has is another's when its lease is over.
    """
    states = [Job.State.WAITING, Job.State.CLAIMED]
    found = Job.objects.filter(state__in=states, finished_at=None, expires_at__gt=at)
    agents: dict[str, float] = {}
    sealed = found.annotate(sealed_to=_Keys(F("envelopes")))
    for agent, tried, lease in sealed.values_list("sealed_to", "tried", "lease_until"):
        if agent not in map(str, tried):
            seconds = 0.0 if lease is None else max(0.0, (lease - at).total_seconds())
            agents[agent] = min(seconds, agents.get(agent, seconds))
    return agents
