"""Where agents wait: woken by a job of their own domain and by nothing else, at once, also after the database was away."""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from typing import Any

import psycopg
import pytest
from django.conf import settings
from django.db import connection

from resets.writeback import accounts, agents, queue
from resets.writeback.models import Agent
from resets.writeback.waiting.application import WAIT, Waits
from tenants.context import entered
from tests.building import HOSTS, Org
from tests.resets.writeback.speaking import Speaker, domain_of, enrolled

pytestmark = pytest.mark.django_db(transaction=True)
Story = Callable[["House"], Awaitable[None]]


@pytest.fixture(autouse=True)
def _kept_by_no_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have each thread close what it opened: the database is thrown away after each test."""
    monkeypatch.setitem(settings.DATABASES["default"], "CONN_MAX_AGE", 0)


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
        path: str = WAIT,
    ) -> tuple[int, dict[str, Any]]:
        """Wait as an agent; return status and answer."""
        header = speaker.header(path, body, at=at)
        sent: list[dict[str, Any]] = []
        asked = [{"type": "http.request", "body": body}]
        never = asyncio.Event()

        async def receive() -> dict[str, Any]:
            if asked:
                return asked.pop()
            await never.wait()
            return {"type": "http.disconnect"}

        async def send(message: Any) -> None:
            sent.append(message)

        headers = [(b"host", (host or HOSTS[speaker.schema]).encode()), (b"rekey-agent", header.encode())]
        scope = {"type": "http", "path": path, "method": "POST", "headers": headers}
        await self.waits(scope, receive, send)
        return sent[0]["status"], json.loads(sent[1]["body"])


async def settle_in() -> None:
    """Let who waits be there."""
    await asyncio.sleep(0.4)


def run(story: Story) -> None:
    """Play a story in a loop of its own; it ends with it."""

    async def play() -> None:
        house = House()
        house.waits._begin()
        await asyncio.wait_for(house.waits._bell.listens.wait(), 10)
        await asyncio.wait_for(story(house), 30)
        for task in asyncio.all_tasks() - {asyncio.current_task()}:
            task.cancel()
        house.waits._threads.shutdown()

    asyncio.run(play())


async def in_thread(work: Callable[[], Any]) -> Any:
    """Do what asks the database, beside the loop."""
    return await asyncio.to_thread(work)


def prepared(org: Org, name: str = "adele", domain: str = "") -> tuple[Speaker, Any]:
    """Enrol an agent and tie somebody to its domain."""
    with entered(org.row):
        speaker = enrolled(org.schema, domain_of(org.schema, domain))
        account = accounts.tie(org.user(name), speaker.row.domain, f"guid-{name}", actor="tests")
    return speaker, account


def submit(org: Org, account: Any) -> None:
    """Put a job in, and commit it."""
    with entered(org.row):
        queue.submit(account, "unlock", secret={}, after={})


def other(org: Org, work: Callable[[], Any]) -> Callable[[], Any]:
    """Return work to be done in a thread of its own, inside an organization."""

    def done() -> Any:
        try:
            with entered(org.row):
                return work()
        finally:
            connection.close()

    return done


def test_a_job_ends_the_wait_at_once(contoso: Org) -> None:
    speaker, account = prepared(contoso)

    async def story(house: House) -> None:
        waiting = asyncio.create_task(house.ask(speaker))
        await settle_in()
        assert not waiting.done()
        began = time.monotonic()
        await in_thread(other(contoso, lambda: queue.submit(account, "unlock", secret={}, after={})))
        status, said = await waiting
        assert (status, said["job"]) == (200, True)
        assert time.monotonic() - began < 1

    run(story)


def test_a_job_that_is_there_is_told_at_once(contoso: Org) -> None:
    speaker, account = prepared(contoso)
    submit(contoso, account)

    async def story(house: House) -> None:
        status, said = await asyncio.wait_for(house.ask(speaker), 2)
        assert (status, said["job"]) == (200, True)

    run(story)


def test_a_job_of_another_domain_wakes_nobody(contoso: Org) -> None:
    speaker, _account = prepared(contoso)
    _other, elsewhere = prepared(contoso, "bo", "other.contoso.example")

    async def story(house: House) -> None:
        waiting = asyncio.create_task(house.ask(speaker))
        await settle_in()
        await in_thread(other(contoso, lambda: queue.submit(elsewhere, "unlock", secret={}, after={})))
        await settle_in()
        assert not waiting.done()

    run(story)


def test_a_revoked_agent_is_sent_away_from_its_open_wait(contoso: Org) -> None:
    speaker, _account = prepared(contoso)

    async def story(house: House) -> None:
        waiting = asyncio.create_task(house.ask(speaker))
        await settle_in()
        await in_thread(other(contoso, lambda: agents.revoke(Agent.objects.get(), actor="tests")))
        assert (await waiting)[1]["job"] is False
        status, said = await house.ask(speaker)
        assert (status, said["error"]) == (403, "revoked")

    run(story)


def test_the_database_that_was_away_rings_again(contoso: Org) -> None:
    speaker, account = prepared(contoso)

    async def story(house: House) -> None:
        first = asyncio.create_task(house.ask(speaker))
        await settle_in()
        await in_thread(cut_off)
        assert (await asyncio.wait_for(first, 5))[1]["job"] is True  # something may have been missed: it asks
        waiting = asyncio.create_task(house.ask(speaker))
        await settle_in()
        await in_thread(other(contoso, lambda: queue.submit(account, "unlock", secret={}, after={})))
        assert (await asyncio.wait_for(waiting, 5))[1]["job"] is True

    run(story)


def cut_off() -> None:
    """End the connection that listens, as a database does that is restarted."""
    where = settings.DATABASES["default"]
    with psycopg.connect(
        host=where["HOST"], user="postgres", dbname=where["NAME"], autocommit=True
    ) as server:
        found = server.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity where datname = %s and query ilike 'listen%%'",
            [where["NAME"]],
        )
        assert found.fetchall()


def test_an_agent_that_fell_silent_is_made_up_for(contoso: Org, monkeypatch: pytest.MonkeyPatch) -> None:
    speaker, account = prepared(contoso)
    monkeypatch.setattr("resets.writeback.waiting.bell.AGAIN", 0.5)

    async def story(house: House) -> None:
        first = asyncio.create_task(house.ask(speaker))
        await settle_in()
        await in_thread(other(contoso, lambda: queue.submit(account, "unlock", secret={}, after={})))
        await first
        await in_thread(other(contoso, lambda: queue.claim(Agent.objects.get())))
        second = asyncio.create_task(house.ask(speaker))
        assert (await asyncio.wait_for(second, 3))[1]["job"] is True

    run(story)


def test_who_may_not_wait(contoso: Org, fabrikam: Org) -> None:
    speaker, _account = prepared(contoso)
    thief = Speaker("contoso", pk=speaker.pk)
    nobody = Speaker("contoso", pk="00000000-0000-4000-8000-000000000000")

    async def story(house: House) -> None:
        asked = [
            (await house.ask(thief), (401, "signature")),
            (await house.ask(nobody), (401, "unknown_agent")),
            (await house.ask(speaker, at=time.time() - 600), (401, "clock")),
            (await house.ask(speaker, host="fabrikam.localhost"), (403, "not_included")),
            (await house.ask(speaker, host="localhost"), (403, "not_included")),
            (await house.ask(speaker, host="nowhere.localhost"), (401, "unknown_agent")),
            (await house.ask(speaker, body=b"x" * 2000), (400, "malformed")),
            (await house.ask(speaker, path="/agent/v1/claim"), (404, "not_found")),
        ]
        for (status, said), expected in asked:
            assert (status, said["error"]) == expected

    run(story)


def test_the_newer_wait_of_an_agent_ends_the_older(contoso: Org) -> None:
    speaker, _account = prepared(contoso)

    async def story(house: House) -> None:
        older = asyncio.create_task(house.ask(speaker))
        await settle_in()
        newer = asyncio.create_task(house.ask(speaker))
        assert (await older)[1]["job"] is False
        await settle_in()
        assert not newer.done()

    run(story)


def test_who_waits_is_seen(contoso: Org) -> None:
    speaker, _account = prepared(contoso)
    with entered(contoso.row):
        Agent.objects.update(seen_at=None)

    async def story(house: House) -> None:
        waiting = asyncio.create_task(house.ask(speaker))
        await asyncio.sleep(2)
        seen = await in_thread(other(contoso, lambda: Agent.objects.get().seen_at))
        assert seen is not None and not waiting.done()

    run(story)
