"""How a domain is: what its agents say, how old that is, and what was refused lately. Few queries, however many agents."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db.models import F, QuerySet, Window
from django.db.models.functions import RowNumber
from django.utils import timezone

from resets.writeback import agents as keepers
from resets.writeback import reach
from resets.writeback.models import Agent, Job, OnPremisesDomain

#: How long nobody is heard of before administrators are told; Microsoft's heartbeat is every five minutes, too.
LOST_AFTER = timedelta(minutes=5)
_LAST, _LAST_AT_A_GLANCE = 5, 3
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
    def code(self) -> str:
        """Why it does not reach its directory, as it says."""
        return str(self.agent.health.get("code") or "")

    @property
    def latency_ms(self) -> int | None:
        """How long its directory took to set the last password, in milliseconds."""
        found: int | None = self.agent.health.get("latency_ms")
        return found


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
    failed = _failed().filter(domain=domain).select_related("account__user", "agent")
    seen = [one.agent.seen_at for one in found if one.agent.seen_at]
    return Health(
        _state(found), found, tuple(failed.order_by("-finished_at")[:_LAST]), max(seen, default=None)
    )


def state(found: Iterable[Agent]) -> str:
    """Return in one word how a domain is, by its agents."""
    return _state(_each(agent for agent in found if agent.revoked_at is None))


def glance() -> dict[str, Any]:
    """Return what the provider sees of the organization's domains: three queries, one where there are none.

    No person stands in it, since the provider keeps it outside of the organization.
    """
    domains = list(OnPremisesDomain.objects.prefetch_related("agents"))
    last: dict[Any, list[dict[str, Any]]] = {}
    if domains:
        nth = Window(RowNumber(), partition_by="domain_id", order_by=F("finished_at").desc())
        for job in _failed().annotate(nth=nth).filter(nth__lte=_LAST_AT_A_GLANCE).order_by("-finished_at"):
            last.setdefault(job.domain_id, []).append(_refusal(job))
    seen = [_at_a_glance(domain, last.get(domain.pk, [])) for domain in domains]
    away = sum(one["state"] in {"lost", "away"} for one in seen)
    return {"domains": len(seen), "domains_away": away, "directories": seen}


def is_heard(found: Iterable[Agent], now: datetime) -> bool:
    """Say whether any of a domain's agents was heard of within a while."""
    return any(
        agent.is_enrolled and agent.seen_at is not None and now - agent.seen_at <= LOST_AFTER
        for agent in found
    )


def is_lost(found: Iterable[Agent], now: datetime) -> bool:
    """Say whether a domain's agents, of which there are some, are all unheard of for longer than a while."""
    there = [agent for agent in found if agent.is_enrolled]
    return bool(there) and all(agent.seen_at is None or now - agent.seen_at > LOST_AFTER for agent in there)


def _failed() -> QuerySet[Job]:
    """Return the jobs of the last days that were not done."""
    ended = Job.objects.filter(finished_at__gt=timezone.now() - _LAST_DAYS)
    return ended.exclude(state=Job.State.DONE)


def _at_a_glance(domain: OnPremisesDomain, last: list[dict[str, Any]]) -> dict[str, Any]:
    found = _each(agent for agent in domain.agents.all() if agent.is_enrolled)
    return {
        "name": domain.name,
        "deployment": domain.deployment,
        "state": _state(found),
        "agents": [
            {
                "name": str(one.agent),
                "version": one.agent.version,
                "seen_at": one.agent.seen_at.isoformat() if one.agent.seen_at else "",
                "alive": one.alive,
                "reachable": one.reachable,
                "code": one.code,
                "failed": [str(check.get("check")) for check in one.failed],
                "latency_ms": one.latency_ms,
            }
            for one in found
        ],
        "refusals": last,
    }


def _refusal(job: Job) -> dict[str, Any]:
    at = job.finished_at.isoformat() if job.finished_at else ""
    return {"at": at, "operation": job.operation, "state": job.state, "code": job.code}


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
