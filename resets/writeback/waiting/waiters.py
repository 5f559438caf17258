"""Who waits in this process [pure]: one wait of each agent, found by its agent and by what is rung for."""

import asyncio
from collections import Counter
from dataclasses import dataclass

#: How many wait at most: of one organization, and in all. A file descriptor each.
MOST_OF_ONE, MOST = 2_000, 20_000


@dataclass(frozen=True, eq=False)
class Waiter:
    """An open wait. `told` is done when it ends: True for a job."""

    schema: str
    domain: str
    agent: str
    told: asyncio.Future[bool]

    def end(self, has_job: bool) -> None:
        """Tell it, unless it has been told."""
        if not self.told.done():
            self.told.set_result(has_job)


class Waiters:
    """All open waits."""

    def __init__(self) -> None:
        self._by_agent: dict[tuple[str, str], Waiter] = {}
        self._by_domain: dict[tuple[str, str], set[Waiter]] = {}
        self._of: Counter[str] = Counter()

    def have_room(self, schema: str) -> bool:
        """Say whether one more of this organization may wait."""
        return self._of[schema] < MOST_OF_ONE and len(self._by_agent) < MOST

    def of(self, schema: str) -> bool:
        """Say whether anybody of an organization waits."""
        return schema in self._of

    @property
    def schemas(self) -> list[str]:
        """The organizations of which somebody waits."""
        return list(self._of)

    def join(self, schema: str, domain: str, agent: str) -> Waiter:
        """Wait, until told. An earlier wait of the same agent ends: it was given up, or is one too many."""
        waiter = Waiter(schema, domain, agent, asyncio.get_running_loop().create_future())
        if former := self._by_agent.get((schema, agent)):
            former.end(has_job=False)
        self._by_agent[schema, agent] = waiter
        self._by_domain.setdefault((schema, domain), set()).add(waiter)
        self._of[schema] += 1
        return waiter

    def leave(self, waiter: Waiter) -> None:
        """Wait no longer."""
        if self._by_agent.get((waiter.schema, waiter.agent)) is waiter:
            del self._by_agent[waiter.schema, waiter.agent]
        here = self._by_domain[waiter.schema, waiter.domain]
        here.discard(waiter)
        if not here:
            del self._by_domain[waiter.schema, waiter.domain]
        self._of[waiter.schema] -= 1
        if not self._of[waiter.schema]:
            del self._of[waiter.schema]

    def ring(self, schema: str, domain: str) -> None:
        """Tell everybody of a domain that a job is there: whoever is the first to claim it has it."""
        for waiter in self._by_domain.get((schema, domain), ()):
            waiter.end(has_job=True)

    def wake(self, schema: str, agent: str) -> None:
        """Tell one agent that a job is there."""
        if waiter := self._by_agent.get((schema, agent)):
            waiter.end(has_job=True)

    def send_away(self, schema: str, agent: str) -> None:
        """End an agent's wait: it asks again, and hears what has become of it."""
        if waiter := self._by_agent.get((schema, agent)):
            waiter.end(has_job=False)

    def send_all_away(self) -> None:
        """End every wait: this process ends."""
        for waiter in self._by_agent.values():
            waiter.end(has_job=False)
