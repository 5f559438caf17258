"""Who asks to wait: looked up in the database by a few threads, kept for seconds, and looked up anew when it is rung for."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from uuid import UUID

from django.db import close_old_connections

from licensing.editions import Feature
from licensing.guards import decision
from resets.writeback import agents, signed
from resets.writeback.models import Agent
from resets.writeback.waiting.looking import waits_for
from tenants import hosts
from tenants.context import entered
from tenants.models import Organization
from tenants.upgrading import IncompleteSchema

#: For how many seconds an agent's keys are believed without asking again; a revocation is rung for.
KEPT = 10.0


class Refused(Exception):
    """A wait is not served; `code` and `status` as docs/agent-protocol.md has them."""

    def __init__(self, code: str, status: int) -> None:
        super().__init__(code)
        self.code, self.status = code, status


@dataclass(frozen=True)
class Known:
    """An agent that may wait."""

    schema: str
    agent: UUID
    domain: UUID
    key: bytes
    until: float


class Knowing:
    """The agents that asked lately."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], Known] = {}

    def forget(self, agent: str = "") -> None:
        """Forget an agent, or all."""
        if not agent:
            self._known.clear()
        for key in [key for key in self._known if key[1] == agent]:
            self._known.pop(key, None)

    def who(self, host: str, path: str, header: str, body: bytes) -> Known:
        """Return who asks, by their signature; raise `Refused`. Runs in a thread, since it may ask the database."""
        try:
            said = signed.parse(header)
        except signed.Refusal as refused:
            raise Refused(refused.code, 401) from None
        known = self._known.get((host, said.agent))
        if known is None or known.until < time.monotonic():
            known = _asked(host, said.agent)
            self._known[host, said.agent] = known
        try:
            signed.verify(said, path, body, known.key, time.time())
        except signed.Refusal as refused:
            raise Refused(refused.code, 401) from None
        return known


@contextmanager
def _connected() -> Iterator[None]:
    """Ask the database as a request does: by this thread's connection, while that is young and whole."""
    close_old_connections()
    try:
        yield
    finally:
        close_old_connections()


@_connected()
def has_job(known: Known) -> bool:
    """Say whether a job waits for an agent already. Runs in a thread."""
    organization = Organization.objects.filter(schema_name=known.schema).first()
    if organization is None:
        return False
    with entered(organization):
        return waits_for(Agent(pk=known.agent, domain_id=known.domain))


@_connected()
def mark_seen(schema: str, seen: list[UUID]) -> None:
    """Note that these agents of an organization wait: one statement. Runs in a thread."""
    organization = Organization.objects.filter(schema_name=schema).first()
    if organization is not None:
        with entered(organization):
            agents.seen_all(seen)


@_connected()
def _asked(host: str, agent: str) -> Known:
    try:
        pk = UUID(agent)
    except ValueError:
        raise Refused("unknown_agent", 401) from None
    try:
        organization = hosts.find(host)
    except IncompleteSchema:
        raise Refused("unknown_agent", 401) from None
    if organization is None or organization.state != Organization.State.ACTIVE:
        raise Refused("unknown_agent", 401)
    with entered(organization):
        if not decision(Feature.WRITEBACK).allowed:
            raise Refused("not_included", 403)
        found = Agent.objects.filter(pk=pk).first()
        if found is None or found.signing_key is None:
            raise Refused("unknown_agent", 401)
        if not agents.authentic(found):
            raise Refused("revoked", 403)
        key = bytes(found.signing_key)
        return Known(organization.schema_name, pk, found.domain_id, key, time.monotonic() + KEPT)
