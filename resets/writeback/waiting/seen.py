"""Who waits is written down as seen: of thousands, one statement a second for each organization."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable

logger = logging.getLogger(__name__)
#: How often an agent that waits is written down, and how often what is to be written is, in seconds.
EVERY, WRITTEN_EVERY = 20.0, 1.0
Write = Callable[[str, list[str]], Awaitable[None]]


class Seen:
    """Agents that asked lately; `write` is given an organization's schema and those of its agents that are due."""

    def __init__(self, write: Write) -> None:
        self._write = write
        self._at: dict[tuple[str, str], float] = {}
        self._due: dict[str, set[str]] = {}

    def note(self, schema: str, agent: str) -> None:
        """Note that an agent asks."""
        now = time.monotonic()
        if now - self._at.get((schema, agent), float("-inf")) >= EVERY:
            self._at[schema, agent] = now
            self._due.setdefault(schema, set()).add(agent)

    async def keep(self) -> None:
        """Write what is due, until cancelled."""
        while True:
            await asyncio.sleep(WRITTEN_EVERY)
            await self.write()

    async def write(self) -> None:
        """Write what is due; what cannot be written stays due."""
        now = time.monotonic()
        self._at = {who: at for who, at in self._at.items() if now - at < EVERY}
        due, self._due = self._due, {}
        for schema, agents in due.items():
            try:
                await self._write(schema, sorted(agents))
            except Exception:  # of the database, whatever it is
                logger.warning("who waits could not be written down", exc_info=True)
                self._due.setdefault(schema, set()).update(agents)
