"""The one connection by which this process hears the database ring."""

import logging
from asyncio import sleep, wait_for
from collections.abc import Callable
from typing import Any

import psycopg
from django.db import connections
from psycopg import sql

from resets.writeback.ringing import AGENTS, JOBS

logger = logging.getLogger(__name__)
_SHORTEST, _LONGEST = 0.1, 5.0
#: After how many silent seconds the connection is tried, and for how long: a machine that vanished ends none.
_SILENT, _PATIENCE = 15.0, 5.0
Heard = Callable[[str, str, str], None]
Hears = Callable[[bool], None]


class Bell:
    """Calls `heard` with channel, schema and id; `hears` with whether the database would be heard from now on."""

    def __init__(self, heard: Heard, hears: Hears) -> None:
        self._heard, self._hears = heard, hears

    async def listen(self) -> None:
        """Listen until cancelled, on a new connection whenever the old one is lost."""
        wait = _SHORTEST
        while True:
            try:
                async with await psycopg.AsyncConnection.connect(**_where(), autocommit=True) as connection:
                    for channel in (JOBS, AGENTS):
                        await connection.execute(sql.SQL("listen {}").format(sql.Identifier(channel)))
                    wait = _SHORTEST
                    self._hears(True)
                    while True:
                        async for notice in connection.notifies(timeout=_SILENT):
                            schema, _slash, which = notice.payload.partition("/")
                            self._heard(notice.channel, schema, which)
                        await wait_for(connection.execute("select 1"), _PATIENCE)
            except (psycopg.Error, OSError) as lost:
                logger.warning("the database does not ring: %s", type(lost).__name__)
            except Exception:  # whatever it was: who does not listen is no use
                logger.exception("what was rung could not be heard")
            self._hears(False)
            await sleep(wait)
            wait = min(2 * wait, _LONGEST)


def _where() -> dict[str, Any]:
    """Return where the database is, as Django's own connection has it, for a connection that belongs to no organization."""
    known = connections["default"].settings_dict
    names = {"dbname": "NAME", "user": "USER", "password": "PASSWORD", "host": "HOST", "port": "PORT"}
    found = {ours: known[theirs] for ours, theirs in names.items() if known.get(theirs)}
    options = {name: value for name, value in (known.get("OPTIONS") or {}).items() if isinstance(value, str)}
    return {"connect_timeout": int(_PATIENCE), **options, **found}
