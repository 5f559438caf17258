"""The process in which agents wait: one ASGI application, one loop, thousands of open requests, some 30 kB each.

It answers whether a job waits and gives none out: an agent claims it from the pages' server.
"""

import asyncio
import json
import random
import time
from collections.abc import Awaitable, Callable, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from django.db import Error as DatabaseProblem

from resets.writeback import signed
from resets.writeback.ringing import JOBS
from resets.writeback.waiting import knowing
from resets.writeback.waiting.bell import Bell
from resets.writeback.waiting.knowing import Knowing, Known, Refused
from resets.writeback.waiting.seen import Seen
from resets.writeback.waiting.waiters import Waiter, Waiters
from resets.writeback.waiting.watch import Watch

T = TypeVar("T")
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

#: How long a wait is held open, in seconds: less than proxies allow; a little different for each, so that they spread.
HELD, SPREAD = 25.0, 3.0
#: How long a body may be, in bytes, and how long it may take, in seconds.
LONGEST_BODY, BODY_PATIENCE = 1024, 10.0
#: How many may be looked up at once: more wait for a thread, and beyond that they are sent away.
MOST_ASKED = 5_000
#: In how many seconds one that found no room asks again.
RETRY_AFTER = 5
_THREADS = 4
WAIT, HEALTH = "/agent/v1/wait", "/agent/v1/health"


class Waits:
    """The application."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="database")
        self._knowing, self._waiters = Knowing(), Waiters()
        self._watch = Watch(self._waiters, lambda schema: self._in_thread(knowing.look, schema))
        self._seen = Seen(lambda schema, seen: self._in_thread(knowing.mark_seen, schema, seen))
        self._bell = Bell(self._heard, self._hears)
        self._asking = 0
        self._kept_going: list[asyncio.Task[None]] = []

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Serve a request, or the start and the end of the process."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["type"] == "http":
            self.begin()
            await self._serve(scope, receive, send)

    @property
    def hears(self) -> bool:
        """Whether the database rings in this process."""
        return self._watch.hears

    def begin(self) -> None:
        """Begin to listen; where the server announces no start, the first request does."""
        if not self._kept_going:
            self._kept_going = [
                asyncio.create_task(self._bell.listen()),
                asyncio.create_task(self._seen.keep()),
            ]

    async def end(self) -> None:
        """End every wait, and let go of the database."""
        self._waiters.send_all_away()
        for task in self._kept_going:
            task.cancel()
        self._watch.end()
        await asyncio.gather(*self._kept_going, return_exceptions=True)
        self._threads.shutdown(wait=False, cancel_futures=True)

    # --- a request

    async def _serve(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["path"] == HEALTH and scope["method"] == "GET":
            await _answer(send, 200 if self.hears else 503, {"ok": self.hears})
        elif scope["path"] != WAIT:
            await _answer(send, 404, {"error": "not_found", "text": ""})
        elif scope["method"] != "POST":
            await _answer(send, 405, {"error": "not_allowed", "text": ""})
        else:
            await self._wait(scope, receive, send)

    async def _wait(self, scope: Message, receive: Receive, send: Send) -> None:
        headers = {name.lower(): value.decode("latin-1") for name, value in scope["headers"]}
        try:
            body = await asyncio.wait_for(_body(receive), BODY_PATIENCE)
            known = await self._who(headers.get(b"host", ""), headers.get(b"rekey-agent", ""), body)
        except Refused as refused:
            await _answer(send, refused.status, {"error": refused.code, "text": "", **refused.more})
        except TimeoutError:
            await _answer(send, 408, {"error": "malformed", "text": "", "field": "body"})
        except DatabaseProblem:
            await _answer(send, 503, {"error": "unavailable", "text": ""})
        else:
            self._seen.note(known.schema, known.agent)
            found = await self._held(known, receive)
            if found is not None:
                await _answer(send, 200, {"job": found})

    async def _who(self, host: str, header: str, body: bytes) -> Known:
        """Return the agent that signed this request, and may wait; raise `Refused`."""
        try:
            said = signed.parse(header)
            known = self._knowing.kept(host, said.agent) or await self._asked(host, said.agent)
            signed.verify(said, WAIT, body, known.key, time.time())
        except signed.Refusal as refusal:
            raise Refused(refusal.code, 401) from None
        if known.is_revoked:
            raise Refused("revoked", 403)
        if not self._waiters.have_room(known.schema):
            raise Refused("too_often", 429, retry_after=RETRY_AFTER)
        return known

    async def _asked(self, host: str, agent: str) -> Known:
        if self._asking >= MOST_ASKED:
            raise Refused("too_often", 429, retry_after=RETRY_AFTER)
        mark, self._asking = self._knowing.mark, self._asking + 1
        try:
            known = await self._in_thread(knowing.asked, host, agent)
        finally:
            self._asking -= 1
        self._knowing.keep(host, known, mark)
        return known

    async def _held(self, known: Known, receive: Receive) -> bool | None:
        """Hold a wait open until a job is there or its time is over; None where the agent has hung up."""
        waiter = self._waiters.join(known.schema, known.domain, known.agent)
        self._watch.joined(known.schema)  # joined first, looked for then: so none is missed in between
        try:
            return await _ended(waiter, receive)
        finally:
            self._waiters.leave(waiter)

    # --- the database

    async def _in_thread(self, work: Callable[..., T], *said: Any) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._threads, work, *said)

    def _heard(self, channel: str, schema: str, which: str) -> None:
        if channel == JOBS:
            self._waiters.ring(schema, which)
            self._watch.rung(schema)
        else:
            self._knowing.forget(which)
            self._waiters.send_away(schema, which)

    def _hears(self, now: bool) -> None:
        if now:
            self._knowing.forget()
            self._watch.heard_again()
        else:
            self._watch.hears = False

    # --- the process

    async def _live(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                self.begin()
                await send({"type": "lifespan.startup.complete"})
            else:
                await self.end()
                await send({"type": "lifespan.shutdown.complete"})
                return


async def _ended(waiter: Waiter, receive: Receive) -> bool | None:
    gone = asyncio.ensure_future(_hung_up(receive))
    held = HELD - random.uniform(0, SPREAD)  # noqa: S311  # nothing is guessed by it
    try:
        either: set[asyncio.Future[Any]] = {waiter.told, gone}
        await asyncio.wait(either, timeout=held, return_when=asyncio.FIRST_COMPLETED)
        if waiter.told.done():
            return waiter.told.result()
        return None if gone.done() else False
    finally:
        gone.cancel()


async def _body(receive: Receive) -> bytes:
    """Return a request's body; raise `Refused` where it is longer than any of an agent's, or never ends."""
    body, more = b"", True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = bool(message.get("more_body"))
        if message["type"] == "http.disconnect" or len(body) > LONGEST_BODY:
            raise Refused("malformed", 400, field="body")
    return body


async def _hung_up(receive: Receive) -> None:
    """Return when the agent is gone."""
    while (await receive())["type"] != "http.disconnect":
        pass


async def _answer(send: Send, status: int, said: dict[str, Any]) -> None:
    body = json.dumps({**said, "now": time.time()}).encode()
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(body)).encode()),
        (b"cache-control", b"no-store"),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
