"""Whether a domain can be reached now: whether an agent is heard of that reaches its directory."""

from datetime import timedelta

from django.utils import timezone

from resets.writeback import agents
from resets.writeback.models import Agent, OnPremisesDomain

#: How long after its last sign an agent counts as there: two waits and a heartbeat fit in it.
FRESH = timedelta(seconds=60)

NO_AGENT, UNREACHABLE = "no_agent", "dc_unreachable"


def serving(domain: OnPremisesDomain) -> list[Agent]:
    """Return the agents that a job is sealed to: enrolled, heard of lately, and as they were written here. One query."""
    since = timezone.now() - FRESH
    found = Agent.objects.filter(domain=domain, revoked_at=None, seen_at__gt=since).exclude(enrolled_at=None)
    return [agent for agent in found if agents.authentic(agent)]


def able(domain: OnPremisesDomain) -> list[Agent]:
    """Return those of them that reach their directory, as far as they know."""
    return [agent for agent in serving(domain) if agent.health.get("reachable", True)]


def bringer(domain: OnPremisesDomain) -> Agent | None:
    """Return the agent that brings the domain's people: the one that was enrolled first of those that could.

    One at a time: two domain controllers may not know the same yet, and each would take back what the other has told.
    """
    return min(able(domain), key=lambda one: (one.enrolled_at, one.pk), default=None)


def alive(domain: OnPremisesDomain) -> bool:
    """Say whether anybody is there who could act."""
    return bool(able(domain))


def why_not(domain: OnPremisesDomain) -> str:
    """Return the code of why nobody could act; nothing when somebody could."""
    there = serving(domain)
    if not there:
        return NO_AGENT
    codes = [
        str(agent.health.get("code") or UNREACHABLE)
        for agent in there
        if not agent.health.get("reachable", True)
    ]
    return codes[0] if len(codes) == len(there) else ""
