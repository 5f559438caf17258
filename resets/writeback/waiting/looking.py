"""Whether a job waits for an agent, as the database knows it."""

from django.utils import timezone

from resets.writeback import queue
from resets.writeback.models import Agent


def waits_for(agent: Agent) -> bool:
    """Say whether there is a job that this agent may claim: one query."""
    return queue.open_to(agent, timezone.now()).exists()
