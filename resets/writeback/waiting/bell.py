"""The one connection that listens to the database, and whom it wakes."""

import asyncio
import logging
from collections.abc import Callable
from typing import Any

import psycopg
from django.db import connections
from psycopg import sql

from resets.writeback.ringing import AGENTS, JOBS

logger = logging.getLogger(__name__)
#: Seconds after a ring at which it is rung again: an agent that took the job and fell silent has lost it by then
#: (`queue.LEASE`, and a little).
AGAIN = 4.2
_SHORTEST, _LONGEST = 0.1, 5.0


class Bell:
    """Waiters by what they wait for: `<schema>/<domain's id>`."""

    def __init__(self, agent_changed: Callable[[str], None]) -> None:
        self._waiters: dict[str, set[asyncio.Future[bool]]] = {}
        self._agent_changed = agent_changed
        #: Whether the database would be heard now.
        self.listens = asyncio.Event()

    def join(self, what: str) -> asyncio.Future[bool]:
        """Return what is done, with True, when it is rung for."""
        waiter: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._waiters.setdefault(what, set()).add(waiter)
        return waiter

    def leave(self, what: str, waiter: asyncio.Future[bool]) -> None:
        """Wait no longer."""
        here = self._waiters.get(what)
        if here is not None:
            here.discard(waiter)
            if not here:
                del self._waiters[what]

    def ring(self, what: str) -> None:
        """Wake who waits for this."""
        for waiter in self._waiters.get(what, ()):
            if not waiter.done():
                waiter.set_result(True)

    def ring_all(self) -> None:
        """Wake everybody: something may have been missed."""
        for what in list(self._waiters):
            self.ring(what)

    async def listen(self) -> None:
        """Listen until cancelled, on a new connection whenever the old one is lost."""
        wait = _SHORTEST
        while True:
            try:
                async with await psycopg.AsyncConnection.connect(**_where(), autocommit=True) as connection:
                    for channel in (JOBS, AGENTS):
                        await connection.execute(sql.SQL("listen {}").format(sql.Identifier(channel)))
                    wait = _SHORTEST
                    self.listens.set()
                    self._agent_changed("")
                    self.ring_all()
                    async for notice in connection.notifies():
                        self._heard(notice.channel, notice.payload)
            except (psycopg.Error, OSError) as lost:
                logger.warning("the database does not ring: %s", type(lost).__name__)
            self.listens.clear()
            await asyncio.sleep(wait)
            wait = min(2 * wait, _LONGEST)

    def _heard(self, channel: str, payload: str) -> None:
        if channel == JOBS:
            self.ring(payload)
            asyncio.get_running_loop().call_later(AGAIN, self.ring, payload)
        else:
            self._agent_changed(payload.rpartition("/")[2])


def _where() -> dict[str, Any]:
    """Return where the database is, as Django's own connection has it, for a connection that belongs to no organization."""
    known = connections["default"].settings_dict
    names = {"dbname": "NAME", "user": "USER", "password": "PASSWORD", "host": "HOST", "port": "PORT"}
    found = {ours: known[theirs] for ours, theirs in names.items() if known.get(theirs)}
    options = {name: value for name, value in (known.get("OPTIONS") or {}).items() if isinstance(value, str)}
    return {**options, **found}
