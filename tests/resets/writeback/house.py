"""The process of the waits within a test: its application, asked as its server would ask it, in a loop of its own."""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from django.db import connection

from resets.writeback import accounts, queue
from resets.writeback.models import Account, Agent, OnPremisesDomain
from resets.writeback.waiting.application import WAIT, Waits
from tenants.context import entered
from tests.building import HOSTS, Org
from tests.resets.writeback.speaking import Speaker, domain_of, enrolled

Story = Callable[["House"], Awaitable[None]]


class House:
    """The process of the waits, as its server calls it."""

    def __init__(self) -> None:
        self.waits = Waits()

    async def ask(
        self,
        speaker: Speaker,
        *,
        host: str = "",
        at: float | None = None,
        body: bytes = b"{}",
        header: str | None = None,
        **more: Any,
    ) -> tuple[int, dict[str, Any]]:
        """Wait as an agent; return status and answer."""
        signed = speaker.header(WAIT, body, at=at) if header is None else header
        headers = [(b"host", (host or HOSTS[speaker.schema]).encode()), (b"rekey-agent", signed.encode())]
        return await self.get(WAIT, "POST", headers=headers, body=body, **more)

    async def get(
        self,
        path: str,
        method: str = "GET",
        *,
        headers: list[tuple[bytes, bytes]] | None = None,
        body: bytes = b"",
        gone: asyncio.Event | None = None,
        ends: bool = True,
    ) -> tuple[int, dict[str, Any]]:
        """Ask; `gone` is set when the one who asks hangs up, and a body that does not end is one of a slow one."""
        sent: list[dict[str, Any]] = []
        asked = [{"type": "http.request", "body": body, "more_body": not ends}]
        hung_up = gone or asyncio.Event()

        async def receive() -> dict[str, Any]:
            if asked:
                return asked.pop()
            await hung_up.wait()
            return {"type": "http.disconnect"}

        async def send(message: Any) -> None:
            sent.append(message)

        scope = {"type": "http", "path": path, "method": method, "headers": headers or []}
        await self.waits(scope, receive, send)
        return (sent[0]["status"], json.loads(sent[1]["body"])) if sent else (0, {})

    @property
    def open(self) -> int:
        """How many wait."""
        return sum(self.waits._waiters._of.values())

    async def opened(self, count: int = 1) -> None:
        """Return when so many wait, and a look has found that nothing is open for them."""
        async with asyncio.timeout(10):
            while self.open != count or not set(self.waits._waiters.schemas) <= self.waits._watch._quiet:
                await asyncio.sleep(0.01)


def run(story: Story) -> None:
    """Play a story in a loop of its own; it ends with it."""

    async def play() -> None:
        house = House()
        house.waits.begin()
        async with asyncio.timeout(10):
            while not house.waits.hears:
                await asyncio.sleep(0.01)
        try:
            await asyncio.wait_for(story(house), 30)
        finally:
            await house.waits.end()
            for task in asyncio.all_tasks() - {asyncio.current_task()}:
                task.cancel()
            house.waits._threads.shutdown()

    asyncio.run(play())


@dataclass
class Prepared:
    """An organization, an agent of it, and somebody's account in its domain."""

    org: Org
    speaker: Speaker
    account: Account

    async def submitted(self) -> float:
        """Put a job in, and return when it was committed."""
        await self.do(lambda: queue.submit(self.account, "unlock", secret={}, after={}))
        return time.monotonic()

    async def do(self, work: Callable[[], Any]) -> Any:
        """Do what asks the database beside the loop, in the organization, on a connection of its own."""

        def done() -> Any:
            try:
                with entered(self.org.row):
                    return work()
            finally:
                connection.close()

        return await asyncio.to_thread(done)

    @property
    def agent(self) -> Agent:
        """The agent's row."""
        return Agent.objects.get(pk=self.speaker.pk)

    def another(self) -> Speaker:
        """Enrol another agent in the same domain."""
        with entered(self.org.row):
            return enrolled(self.org.schema, self.account.domain)


def prepared(org: Org, name: str = "adele", domain: OnPremisesDomain | None = None) -> Prepared:
    """Enrol an agent and tie somebody to its domain, in which further agents may stand."""
    with entered(org.row):
        place = domain or domain_of(org.schema, deployment="cloud_sync")
        speaker = enrolled(org.schema, place)
        account = accounts.tie(org.user(name), place, f"guid-{name}", actor="tests")
    return Prepared(org, speaker, account)
