"""How a domain is: what its agents say, how old that is, and what was refused lately. Few queries, however many agents."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from resets.writeback import agents as keepers
from resets.writeback import reach
from resets.writeback.models import Agent, Job, OnPremisesDomain

#: How long nobody is heard of before administrators are told; Microsoft's heartbeat is every five minutes, too.
LOST_AFTER = timedelta(minutes=5)
_LAST = 5
_LAST_DAYS = timedelta(days=7)


@dataclass(frozen=True)
class AgentHealth:
    """One agent: whether it is there, and which of its checks failed."""

    agent: Agent
    alive: bool
    reachable: bool
    failed: tuple[dict[str, Any], ...]
    passed: tuple[str, ...]

    @property
    def latency_ms(self) -> int | None:
        """How long its directory took to set the last password, in milliseconds."""
        return self.agent.health.get("latency_ms")


@dataclass(frozen=True)
class Health:
    """One domain."""

    state: str
    agents: tuple[AgentHealth, ...] = ()
    refusals: tuple[Job, ...] = field(default=())
    last_seen: datetime | None = None


def of(domain: OnPremisesDomain) -> Health:
    """Return how a domain is, with its agents and its last refusals: two queries."""
    found = _each(Agent.objects.filter(domain=domain, revoked_at=None))
    failed = Job.objects.filter(domain=domain, finished_at__gt=timezone.now() - _LAST_DAYS)
    failed = failed.exclude(state=Job.State.DONE).select_related("account__user", "agent")
    seen = [one.agent.seen_at for one in found if one.agent.seen_at]
    return Health(_state(found), found, tuple(failed.order_by("-finished_at")[:_LAST]), max(seen, default=None))


def state(found: Iterable[Agent]) -> str:
    """Return in one word how a domain is, by its agents."""
    return _state(_each(agent for agent in found if agent.revoked_at is None))


def glance() -> dict[str, int]:
    """Return how many domains the organization has, and in how many nobody could act now: two queries."""
    found = [state(domain.agents.all()) for domain in OnPremisesDomain.objects.prefetch_related("agents")]
    return {"domains": len(found), "domains_away": sum(one in {"lost", "away"} for one in found)}


def is_lost(found: Iterable[Agent], now: datetime) -> bool:
    """Say whether a domain's agents, of which there are some, are all unheard of for longer than a while."""
    there = [agent for agent in found if agent.is_enrolled]
    return bool(there) and all(agent.seen_at is None or now - agent.seen_at > LOST_AFTER for agent in there)


def _each(found: Iterable[Agent]) -> tuple[AgentHealth, ...]:
    now = timezone.now()
    return tuple(_one(agent, now) for agent in found)


def _one(agent: Agent, now: datetime) -> AgentHealth:
    checks = [one for one in agent.health.get("checks", []) if isinstance(one, dict)]
    fresh = agent.seen_at is not None and now - agent.seen_at < reach.FRESH
    return AgentHealth(
        agent=agent,
        alive=fresh and keepers.authentic(agent),
        reachable=bool(agent.health.get("reachable", True)),
        failed=tuple(one for one in checks if not one.get("ok")),
        passed=tuple(str(one.get("check")) for one in checks if one.get("ok")),
    )


def _state(found: tuple[AgentHealth, ...]) -> str:
    enrolled = [one for one in found if one.agent.is_enrolled]
    if not enrolled:
        return "none"
    alive = [one for one in enrolled if one.alive]
    if not alive:
        return "lost"
    if not any(one.reachable for one in alive):
        return "away"
    fine = len(alive) == len(enrolled) and not any(one.failed for one in alive)
    return "ok" if fine else "degraded"
