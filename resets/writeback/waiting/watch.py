"""Where a job may be open that nobody rings for any more: looked at when somebody joins, and when a lease may be over.

An organization is quiet when a look found nothing open there and nothing was rung for since. Who joins a quiet one causes no
look, so that thousands who wait ask the database nothing.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from itertools import count

from resets.writeback.waiting.waiters import Waiters

logger = logging.getLogger(__name__)
#: What is added to the end of a lease, so that it is over when it is looked for.
LATER = 0.2
#: After how many seconds is looked again when the database did not answer.
_AFTER_TROUBLE = 1.0
Look = Callable[[str], Awaitable[dict[str, float]]]


class Watch:
    """Organizations of which somebody waits; `look` says which agents of one may claim a job, and in how many seconds."""

    def __init__(self, waiters: Waiters, look: Look) -> None:
        self._waiters, self._look = waiters, look
        #: Whether the database rings now.
        self.hears = False
        self._quiet: set[str] = set()
        #: By a number that comes once, when an organization was rung for last.
        self._rung: dict[str, int] = {}
        self._numbers = count()
        self._due: dict[str, asyncio.TimerHandle] = {}
        self._looking: dict[str, asyncio.Task[None]] = {}

    def joined(self, schema: str) -> None:
        """Look for who has joined, unless nothing is open there for sure."""
        if not (self.hears and schema in self._quiet):
            self._look_after(schema, 0)

    def rung(self, schema: str) -> None:
        """Look for whoever joins from now on. Who waited already was told."""
        self._rung[schema] = next(self._numbers)
        self._quiet.discard(schema)

    def heard_again(self) -> None:
        """Look everywhere: something may have been missed."""
        self.hears = True
        for schema in [*self._quiet, *self._looking]:
            self.rung(schema)
        for schema in self._waiters.schemas:
            self._look_after(schema, 0)

    def end(self) -> None:
        """Look no more."""
        for timer in self._due.values():
            timer.cancel()
        for task in self._looking.values():
            task.cancel()

    def _look_after(self, schema: str, seconds: float) -> None:
        loop = asyncio.get_running_loop()
        due = self._due.get(schema)
        if due is None or due.when() > loop.time() + seconds:
            if due is not None:
                due.cancel()
            self._due[schema] = loop.call_later(seconds, self._begin, schema)

    def _begin(self, schema: str) -> None:
        del self._due[schema]
        if not self._waiters.of(schema):
            self._quiet.discard(schema)
            self._rung.pop(schema, None)
        elif schema in self._looking:  # what it finds may be older than what is asked for
            self._looking[schema].add_done_callback(lambda _done: self._look_after(schema, 0))
        else:
            task = asyncio.get_running_loop().create_task(self._looked(schema))
            self._looking[schema] = task
            task.add_done_callback(lambda _done: self._looking.pop(schema, None))

    async def _looked(self, schema: str) -> None:
        rung = self._rung.get(schema)
        try:
            found = await self._look(schema)
        except Exception:  # of the database, whatever it is: it is asked again
            logger.warning("the database does not say which jobs are open", exc_info=True)
            self._look_after(schema, _AFTER_TROUBLE)
            return
        for agent in [agent for agent, seconds in found.items() if not seconds]:
            self._waiters.wake(schema, agent)  # when it joins again it is looked for again
        if leases := [seconds for seconds in found.values() if seconds]:
            self._look_after(schema, min(leases) + LATER)
        if found:
            self._quiet.discard(schema)
        elif self.hears and rung == self._rung.get(schema):
            self._quiet.add(schema)
