"""Who asks to wait: looked up in the database by a few threads, kept for a minute, and looked up anew when it is rung for."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from uuid import UUID

from django.db import close_old_connections
from django.utils import timezone

from licensing.editions import Feature
from licensing.guards import decision
from resets.writeback import agents
from resets.writeback.models import Agent
from resets.writeback.waiting.looking import open_jobs
from tenants import hosts
from tenants.context import entered
from tenants.models import Organization
from tenants.upgrading import IncompleteSchema

#: For how many seconds an agent is believed without asking again. A revocation is rung for, and each claim asks for itself;
#: an edition that ends, or a suspension, is heard of after this long.
KEPT = 60.0
_MOST = 50_000


class Refused(Exception):
    """A wait is not served; `code` and `status` as docs/agent-protocol.md has them."""

    def __init__(self, code: str, status: int, **more: object) -> None:
        super().__init__(code)
        self.code, self.status, self.more = code, status, more


@dataclass(frozen=True)
class Known:
    """An agent that is enrolled, or was."""

    schema: str
    agent: str
    domain: str
    key: bytes
    is_revoked: bool
    until: float


class Knowing:
    """The agents that asked lately."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], Known] = {}
        self._forgotten = 0

    def forget(self, agent: str = "") -> None:
        """Forget an agent, or all; also what is being asked at this moment."""
        self._forgotten += 1
        for key in [key for key in self._known if agent in {"", key[1]}]:
            del self._known[key]

    def kept(self, host: str, agent: str) -> Known | None:
        """Return an agent that was asked for lately."""
        known = self._known.get((hosts.normalized(host), agent))
        return known if known is not None and known.until > time.monotonic() else None

    def keep(self, host: str, known: Known, since: int) -> None:
        """Keep an agent, unless something was forgotten since it was asked for (`mark`)."""
        if since == self._forgotten:
            if len(self._known) >= _MOST:
                self._known.clear()
            self._known[hosts.normalized(host), known.agent] = known

    @property
    def mark(self) -> int:
        """What tells a later `keep` whether anything was forgotten in between."""
        return self._forgotten


@contextmanager
def _connected() -> Iterator[None]:
    """Ask the database as a request does: by this thread's connection, while that is young and whole."""
    close_old_connections()
    try:
        yield
    finally:
        close_old_connections()


@_connected()
def asked(host: str, agent: str) -> Known:
    """Look an agent up on an organization's host; raise `Refused`. Runs in a thread."""
    try:
        organization = hosts.find(host)
    except IncompleteSchema:  # while it is being upgraded
        raise Refused("unavailable", 503) from None
    if organization is None:
        raise Refused("not_found", 404)
    if organization.state != Organization.State.ACTIVE:
        raise Refused("suspended", 403)
    with entered(organization):
        if not decision(Feature.WRITEBACK).allowed:
            raise Refused("not_included", 403)
        found = _row(agent)
        if found is None or found.signing_key is None:
            raise Refused("unknown_agent", 401)
        return Known(
            schema=organization.schema_name,
            agent=agent,
            domain=str(found.domain_id),
            key=bytes(found.signing_key),
            is_revoked=not agents.authentic(found),
            until=time.monotonic() + KEPT,
        )


@_connected()
def look(schema: str) -> dict[str, float]:
    """Return which agents of an organization may claim a job, and in how many seconds. Runs in a thread."""
    organization = Organization.objects.filter(schema_name=schema).first()
    if organization is None:
        return {}
    with entered(organization):
        return open_jobs(timezone.now())


@_connected()
def mark_seen(schema: str, seen: list[str]) -> None:
    """Note that these agents of an organization wait: one statement. Runs in a thread."""
    organization = Organization.objects.filter(schema_name=schema).first()
    if organization is not None:
        with entered(organization):
            agents.seen_all([UUID(agent) for agent in seen])


def _row(agent: str) -> Agent | None:
    try:
        pk = UUID(agent)
    except ValueError:
        return None
    return Agent.objects.filter(pk=pk).first() if str(pk) == agent else None
