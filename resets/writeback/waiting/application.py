"""The process in which agents wait: one ASGI application, one loop, thousands of open requests that cost a few kilobytes each.

It answers whether a job waits and gives none out: an agent claims it from the pages' server.
"""

import asyncio
import json
import logging
import random
import time
from collections.abc import Awaitable, Callable, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID

from resets.writeback.waiting.bell import Bell
from resets.writeback.waiting.knowing import Knowing, Known, Refused, has_job, mark_seen

logger = logging.getLogger(__name__)
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

#: How long a wait is held open, in seconds: less than proxies allow; a little different for each, so that they spread.
HELD, SPREAD = 25.0, 3.0
#: How many wait at most: of one organization, and in all. A file descriptor each.
MOST_OF_ONE, MOST = 2_000, 20_000
#: How often an agent that waits is written down as seen, and how often what is to be written is, in seconds.
SEEN_EVERY, WRITE_EVERY = 20.0, 1.0
_LONGEST_BODY = 1024
_THREADS = 4
WAIT, HEALTH = "/agent/v1/wait", "/agent/v1/health"


class Waits:
    """The application."""

    def __init__(self) -> None:
        self._knowing = Knowing()
        self._bell = Bell(self._changed)
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="database")
        self._open: dict[UUID, asyncio.Future[bool]] = {}
        self._of: dict[str, int] = {}
        self._seen_at: dict[UUID, float] = {}
        self._to_write: dict[str, set[UUID]] = {}
        self._kept_going: list[asyncio.Task[None]] = []

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Serve a request, or the start and the end of the process."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
            return
        self._begin()
        if scope["type"] != "http":
            return
        if scope["path"] == HEALTH and scope["method"] == "GET":
            await _answer(send, 200, {"ok": True})
        elif scope["path"] != WAIT:
            await _answer(send, 404, {"error": "not_found"})
        elif scope["method"] != "POST":
            await _answer(send, 405, {"error": "not_allowed"})
        else:
            await self._wait(scope, receive, send)

    async def _wait(self, scope: Message, receive: Receive, send: Send) -> None:
        headers = {name.lower(): value.decode("latin-1") for name, value in scope["headers"]}
        body = await _body(receive)
        if body is None:
            await _answer(send, 400, {"error": "malformed", "field": "body"})
            return
        loop = asyncio.get_running_loop()
        host, header = headers.get(b"host", ""), headers.get(b"rekey-agent", "")
        try:
            known = await loop.run_in_executor(self._threads, self._knowing.who, host, WAIT, header, body)
        except Refused as refused:
            await _answer(send, refused.status, {"error": refused.code, "text": ""})
            return
        if self._of.get(known.schema, 0) >= MOST_OF_ONE or len(self._open) >= MOST:
            await _answer(send, 429, {"error": "too_often", "text": "", "retry_after": 5})
            return
        self._see(known)
        found = await self._held(known, receive)
        if found is not None:
            await _answer(send, 200, {"job": found})

    async def _held(self, known: Known, receive: Receive) -> bool | None:
        """Hold a wait open until a job is there or its time is over; None where the agent has hung up."""
        what = f"{known.schema}/{known.domain}"
        waiter = self._bell.join(what)  # joined first, looked for then: so none is missed in between
        if (former := self._open.get(known.agent)) is not None and not former.done():
            former.set_result(False)
        self._open[known.agent] = waiter
        self._of[known.schema] = self._of.get(known.schema, 0) + 1
        gone = asyncio.ensure_future(_hung_up(receive))
        try:
            if await asyncio.get_running_loop().run_in_executor(self._threads, has_job, known):
                return True
            held = HELD - random.uniform(0, SPREAD)  # noqa: S311  # nothing is guessed by it
            done, _rest = await asyncio.wait(
                {waiter, gone}, timeout=held, return_when=asyncio.FIRST_COMPLETED
            )
            if waiter in done:
                return waiter.result()
            return None if gone in done else False
        finally:
            gone.cancel()
            self._bell.leave(what, waiter)
            if self._open.get(known.agent) is waiter:
                del self._open[known.agent]
            self._of[known.schema] -= 1
            if not self._of[known.schema]:
                del self._of[known.schema]

    def _changed(self, agent: str) -> None:
        """Look an agent up anew, or all of them; an open wait of that agent ends, so that it asks again and hears why."""
        self._knowing.forget(agent)
        if agent and (waiter := self._open.get(UUID(agent))) is not None and not waiter.done():
            waiter.set_result(False)

    # --- who was seen

    def _see(self, known: Known) -> None:
        now = time.monotonic()
        if now - self._seen_at.get(known.agent, float("-inf")) >= SEEN_EVERY:
            self._seen_at[known.agent] = now
            self._to_write.setdefault(known.schema, set()).add(known.agent)

    async def _write(self) -> None:
        while True:
            await asyncio.sleep(WRITE_EVERY)
            now = time.monotonic()
            self._seen_at = {agent: at for agent, at in self._seen_at.items() if now - at < SEEN_EVERY}
            while self._to_write:
                schema, seen = self._to_write.popitem()
                try:
                    await asyncio.get_running_loop().run_in_executor(
                        self._threads, mark_seen, schema, sorted(seen)
                    )
                except Exception:  # the next wait says it again
                    logger.warning("who waits could not be written down", exc_info=True)

    # --- the process

    def _begin(self) -> None:
        if not self._kept_going:
            self._kept_going = [asyncio.create_task(self._bell.listen()), asyncio.create_task(self._write())]

    async def _live(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                self._begin()
                await send({"type": "lifespan.startup.complete"})
            else:
                for task in self._kept_going:
                    task.cancel()
                self._threads.shutdown(wait=False, cancel_futures=True)
                await send({"type": "lifespan.shutdown.complete"})
                return


async def _body(receive: Receive) -> bytes | None:
    """Return a request's body; None where it is longer than any of an agent's."""
    body, more = b"", True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        body += message.get("body", b"")
        more = bool(message.get("more_body"))
        if len(body) > _LONGEST_BODY:
            return None
    return body


async def _hung_up(receive: Receive) -> None:
    """Return when the agent is gone."""
    while (await receive())["type"] != "http.disconnect":
        pass


async def _answer(send: Send, status: int, said: dict[str, object]) -> None:
    body = json.dumps({**said, "now": time.time()}).encode()
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(body)).encode()),
        (b"cache-control", b"no-store"),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
