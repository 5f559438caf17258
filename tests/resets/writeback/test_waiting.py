"""Where agents wait: woken by a job of their own domain and by nothing else, at once, also after the database was away."""

import asyncio
import time
from datetime import timedelta

import psycopg
import pytest
from django.conf import settings
from django.db import OperationalError
from django.utils import timezone

from licensing import subscribing
from registration.origin import NOWHERE
from resets.writeback import agents, queue
from resets.writeback.codes import Outcome
from resets.writeback.models import Agent, OnPremisesDomain
from resets.writeback.ringing import AGENTS, JOBS
from resets.writeback.waiting import application, bell, knowing, seen, waiters
from resets.writeback.waiting.application import HEALTH, WAIT
from resets.writeback.waiting.looking import open_jobs, waits_for
from tenants import hosts, upgrading
from tenants.context import entered
from tenants.models import Organization
from tests.building import Org
from tests.resets.writeback.house import House, prepared, run
from tests.resets.writeback.speaking import Speaker

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _kept_by_no_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have each thread close what it opened: the database is thrown away after each test."""
    monkeypatch.setitem(settings.DATABASES["default"], "CONN_MAX_AGE", 0)


# --- a job is told


def test_a_job_ends_the_wait_at_once(contoso: Org) -> None:
    one = prepared(contoso)

    async def story(house: House) -> None:
        waiting = asyncio.create_task(house.ask(one.speaker))
        await house.opened()
        committed = await one.submitted()
        status, said = await waiting
        assert (status, said["job"]) == (200, True)
        assert time.monotonic() - committed < 0.5
        assert abs(said["now"] - time.time()) < 5

    run(story)


def test_a_job_that_is_there_is_told_at_once(contoso: Org) -> None:
    one = prepared(contoso)

    async def story(house: House) -> None:
        await one.submitted()
        status, said = await asyncio.wait_for(house.ask(one.speaker), 2)
        assert (status, said["job"]) == (200, True)

    run(story)


def test_a_job_that_came_while_nobody_waited_is_told_where_all_was_quiet(contoso: Org) -> None:
    one = prepared(contoso)

    async def story(house: House) -> None:
        hangs_up = asyncio.Event()
        first = asyncio.create_task(house.ask(one.speaker, gone=hangs_up))
        await house.opened()
        hangs_up.set()
        await first
        await one.submitted()
        assert (await asyncio.wait_for(house.ask(one.speaker), 2))[1]["job"] is True

    run(story)


def test_who_joins_a_quiet_organization_asks_the_database_nothing(
    contoso: Org, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = prepared(contoso)

    async def story(house: House) -> None:
        older = asyncio.create_task(house.ask(one.speaker))
        await house.opened()
        monkeypatch.setattr(knowing, "look", lambda schema: pytest.fail("looked"))
        monkeypatch.setattr(knowing, "asked", lambda host, agent: pytest.fail("asked"))
        newer = asyncio.create_task(house.ask(one.speaker))
        await older
        await house.opened()
        await asyncio.sleep(0.1)
        assert not newer.done()

    run(story)


def test_a_wait_ends_by_itself(contoso: Org, monkeypatch: pytest.MonkeyPatch) -> None:
    one = prepared(contoso)
    monkeypatch.setattr(application, "HELD", 0.6)
    monkeypatch.setattr(application, "SPREAD", 0.1)

    async def story(house: House) -> None:
        began = time.monotonic()
        status, said = await house.ask(one.speaker)
        assert (status, said["job"]) == (200, False)
        assert time.monotonic() - began >= 0.5
        assert house.open == 0

    run(story)


# --- and to nobody else


def test_a_job_of_another_domain_wakes_nobody(contoso: Org) -> None:
    one = prepared(contoso)
    with entered(contoso.row):
        other = OnPremisesDomain.objects.create(name="other.contoso.example", deployment="connect")
    elsewhere = prepared(contoso, "bo", other)

    async def story(house: House) -> None:
        waiting = asyncio.create_task(house.ask(one.speaker))
        await house.opened()
        await elsewhere.submitted()
        theirs = await asyncio.wait_for(house.ask(elsewhere.speaker), 2)
        assert theirs[1]["job"] is True  # it was rung for, and looked for
        await asyncio.sleep(0.1)
        assert not waiting.done()

    run(story)


def test_a_job_of_another_organization_wakes_nobody(contoso: Org, fabrikam: Org) -> None:
    """Of a domain that has the same id there: nothing but the organization tells them apart."""
    subscribing.assign(fabrikam.row, edition="p1", actor="tests")
    hosts.forget()
    one = prepared(contoso)
    with entered(fabrikam.row):
        alike = OnPremisesDomain(
            pk=one.account.domain_id, name="corp.fabrikam.example", deployment="cloud_sync"
        )
        alike.save(force_insert=True)
    foreign = prepared(fabrikam, "adele", alike)

    async def story(house: House) -> None:
        waiting = asyncio.create_task(house.ask(one.speaker))
        theirs = asyncio.create_task(house.ask(foreign.speaker))
        await house.opened(2)
        await foreign.submitted()
        assert (await asyncio.wait_for(theirs, 2))[1]["job"] is True
        await asyncio.sleep(0.1)
        assert not waiting.done()

    run(story)


def test_whom_a_job_is_open_to_is_said_alike_for_one_and_for_all(contoso: Org) -> None:
    one = prepared(contoso)
    another = one.another()
    with entered(contoso.row):
        first, second = one.agent, Agent.objects.get(pk=another.pk)

        def open_to(at: float = 0) -> dict[str, float]:
            found = open_jobs(timezone.now() + timedelta(seconds=at))
            now = {agent for agent, seconds in found.items() if not seconds}
            if not at:
                assert now == {str(agent.pk) for agent in (first, second) if waits_for(agent)}
            return found

        assert open_to() == {}
        queue.submit(one.account, "unlock", secret={}, after={})
        assert open_to() == {str(first.pk): 0, str(second.pk): 0}
        claim = queue.claim(first)
        assert claim is not None
        assert set(open_to()) == {str(first.pk), str(second.pk)}
        assert all(3 < seconds <= 4 for seconds in open_to().values())
        assert open_to(5) == {str(first.pk): 0, str(second.pk): 0}
        assert queue.put_back(first, claim.job.pk, 1, "dc_unreachable")
        assert open_to() == {str(second.pk): 0}
        again = queue.claim(second)
        assert again is not None
        queue.settle(second, again.job.pk, 2, Outcome.DONE)
        assert open_to() == {}
        queue.submit(one.account, "unlock", secret={}, after={})
        assert open_to(61) == {}


# --- an agent that falls silent


def test_a_job_is_told_again_when_its_agent_fell_silent(contoso: Org) -> None:
    """Within its lease and two seconds, though nothing rings: neither when it was claimed, nor when the agent had begun."""
    one = prepared(contoso)
    other = one.another()

    async def story(house: House) -> None:
        both = [asyncio.create_task(house.ask(speaker)) for speaker in (one.speaker, other)]
        await house.opened(2)
        await one.submitted()
        assert [said["job"] for _status, said in await asyncio.gather(*both)] == [True, True]
        claim = await one.do(lambda: queue.claim(one.agent))
        second = asyncio.create_task(house.ask(other))
        await asyncio.sleep(1.5)
        assert await one.do(lambda: queue.intend(one.agent, claim.job.pk, 1, "1"))
        began = time.monotonic()
        assert (await asyncio.wait_for(second, 8))[1]["job"] is True
        assert 3.8 < time.monotonic() - began < 6
        taken = await one.do(lambda: queue.claim(Agent.objects.get(pk=other.pk)))
        assert (taken.job.pk, taken.job.attempt, taken.before) == (claim.job.pk, 2, "1")

    run(story)


# --- the agent


def test_a_revoked_agent_is_sent_away_from_its_open_wait(contoso: Org) -> None:
    one = prepared(contoso)
    other = one.another()

    async def story(house: House) -> None:
        waiting = asyncio.create_task(house.ask(one.speaker))
        staying = asyncio.create_task(house.ask(other))
        await house.opened(2)
        await one.do(lambda: agents.revoke(one.agent, actor="tests"))
        assert (await asyncio.wait_for(waiting, 2))[1]["job"] is False
        status, said = await house.ask(one.speaker)
        assert (status, said["error"]) == (403, "revoked")
        assert not staying.done()

    run(story)


def test_new_keys_count_at_once(contoso: Org) -> None:
    one = prepared(contoso)
    renewed = Speaker("contoso", pk=one.speaker.pk)
    keys = {
        "sealing_key": renewed.sealing.public_key().public_bytes_raw(),
        "signing_key": renewed.signing.public_key().public_bytes_raw(),
    }

    async def story(house: House) -> None:
        older = asyncio.create_task(house.ask(one.speaker))
        await house.opened()
        await one.do(lambda: agents.roll(one.agent, **keys, origin=NOWHERE))
        assert (await asyncio.wait_for(older, 2))[1]["job"] is False
        status, said = await house.ask(one.speaker)
        assert (status, said["error"]) == (401, "signature")
        newer = asyncio.create_task(house.ask(renewed))
        await house.opened()
        assert not newer.done()

    run(story)


def test_the_newer_wait_of_an_agent_ends_the_older(contoso: Org) -> None:
    one = prepared(contoso)

    async def story(house: House) -> None:
        older = asyncio.create_task(house.ask(one.speaker))
        await house.opened()
        newer = asyncio.create_task(house.ask(one.speaker))
        assert (await asyncio.wait_for(older, 2))[1]["job"] is False
        await house.opened()
        assert not newer.done()

    run(story)


def test_who_hangs_up_waits_no_longer(contoso: Org) -> None:
    one = prepared(contoso)

    async def story(house: House) -> None:
        hangs_up = asyncio.Event()
        waiting = asyncio.create_task(house.ask(one.speaker, gone=hangs_up))
        await house.opened()
        hangs_up.set()
        assert await asyncio.wait_for(waiting, 2) == (0, {})  # nobody is there to be answered
        assert house.open == 0

    run(story)


def test_who_waits_is_seen(contoso: Org, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seen, "WRITTEN_EVERY", 0.1)
    one = prepared(contoso)
    other = one.another()
    with entered(contoso.row):
        Agent.objects.update(seen_at=None)

    async def story(house: House) -> None:
        waiting = asyncio.create_task(house.ask(one.speaker))
        await house.opened()
        for _try in range(50):
            await asyncio.sleep(0.05)
            if await one.do(lambda: one.agent.seen_at):
                break
        else:
            pytest.fail("not seen")
        assert not waiting.done()
        assert await one.do(lambda: Agent.objects.get(pk=other.pk).seen_at) is None

    run(story)


def test_what_cannot_be_written_down_is_written_later() -> None:
    written: list[tuple[str, list[str]]] = []
    trouble = [OperationalError()]

    async def write(schema: str, who: list[str]) -> None:
        if trouble:
            raise trouble.pop()
        written.append((schema, who))

    async def story() -> None:
        noted = seen.Seen(write)
        for agent in ("b", "a", "b"):
            noted.note("contoso", agent)
        await noted.write()
        assert written == []
        await noted.write()
        await noted.write()
        noted.note("contoso", "a")  # once in a while is enough
        await noted.write()

    asyncio.run(story())
    assert written == [("contoso", ["a", "b"])]


# --- who may not


def test_who_may_not_wait(contoso: Org, fabrikam: Org) -> None:
    one = prepared(contoso)
    speaker = one.speaker
    thief, nobody = (Speaker("contoso", pk=pk) for pk in (speaker.pk, "00000000-0000-4000-8000-000000000000"))
    enrolling = Speaker("contoso")
    replayed = speaker.header(WAIT, b'{"x":1}')

    async def story(house: House) -> None:
        asked = [
            (await house.ask(thief), (401, "signature")),
            (await house.ask(speaker, header=replayed), (401, "signature")),
            (await house.ask(speaker, header=speaker.header("/agent/v1/claim", b"{}")), (401, "signature")),
            (await house.ask(speaker, header=""), (401, "signature")),
            (await house.ask(nobody), (401, "unknown_agent")),
            (await house.ask(enrolling), (401, "unknown_agent")),
            (await house.ask(speaker, at=time.time() - 62), (401, "clock")),
            (await house.ask(speaker, at=time.time() + 62), (401, "clock")),
            (await house.ask(speaker, host="fabrikam.localhost"), (403, "not_included")),
            (await house.ask(speaker, host="localhost"), (403, "not_included")),
            (await house.ask(speaker, host="nowhere.localhost"), (404, "not_found")),
            (await house.ask(speaker, body=b"x" * 2000), (400, "malformed")),
            (await house.get("/agent/v1/claim", "POST"), (404, "not_found")),
            (await house.get("/"), (404, "not_found")),
            (await house.get(WAIT), (405, "not_allowed")),
        ]
        for (status, said), expected in asked:
            assert (status, said["error"]) == expected
            assert abs(said["now"] - time.time()) < 5
        assert house.open == 0

    run(story)


def test_an_agent_of_another_organization_is_unknown(contoso: Org, fabrikam: Org) -> None:
    subscribing.assign(fabrikam.row, edition="p1", actor="tests")
    hosts.forget()
    one = prepared(contoso)

    async def story(house: House) -> None:
        waiting = asyncio.create_task(house.ask(one.speaker))  # known here, and kept in mind
        await house.opened()
        status, said = await house.ask(one.speaker, host="fabrikam.localhost")
        assert (status, said["error"]) == (401, "unknown_agent")
        assert not waiting.done()

    run(story)


def test_a_row_that_is_not_as_it_was_written_counts_as_revoked(contoso: Org) -> None:
    """Whoever can write the table, and puts a key of their own there, cannot wait; a stranger is told nothing of it."""
    one = prepared(contoso)
    thief = Speaker("contoso", pk=one.speaker.pk)
    with entered(contoso.row):
        Agent.objects.update(signing_key=thief.signing.public_key().public_bytes_raw())

    async def story(house: House) -> None:
        status, said = await house.ask(thief)
        assert (status, said["error"]) == (403, "revoked")
        status, said = await house.ask(one.speaker)
        assert (status, said["error"]) == (401, "signature")

    run(story)


def test_what_passes_ends_no_agent_for_good(contoso: Org, monkeypatch: pytest.MonkeyPatch) -> None:
    """`unknown_agent` and `revoked` do: a suspended organization, an upgrade, a database that is away must not say so."""
    one = prepared(contoso)
    Organization.objects.filter(pk=contoso.row.pk).update(state=Organization.State.SUSPENDED)
    hosts.forget()

    async def story(house: House) -> None:
        assert (await house.ask(one.speaker))[1]["error"] == "suspended"

        def incomplete(host: str) -> None:
            raise upgrading.IncompleteSchema

        monkeypatch.setattr(hosts, "find", incomplete)
        status, said = await house.ask(one.speaker)
        assert (status, said["error"]) == (503, "unavailable")

        def away(host: str) -> None:
            raise OperationalError

        monkeypatch.setattr(hosts, "find", away)
        status, said = await house.ask(one.speaker)
        assert (status, said["error"]) == (503, "unavailable")

    run(story)


def test_no_more_wait_than_there_is_room_for(contoso: Org, monkeypatch: pytest.MonkeyPatch) -> None:
    one = prepared(contoso)
    other = one.another()
    monkeypatch.setattr(waiters, "MOST_OF_ONE", 1)

    async def story(house: House) -> None:
        waiting = asyncio.create_task(house.ask(one.speaker))
        await house.opened()
        status, said = await house.ask(other)
        assert (status, said["error"], said["retry_after"]) == (429, "too_often", 5)
        assert not waiting.done()
        monkeypatch.setattr(waiters, "MOST_OF_ONE", 2)
        monkeypatch.setattr(waiters, "MOST", 1)
        assert (await house.ask(other))[0] == 429

    run(story)


def test_a_body_that_does_not_end_holds_nothing(contoso: Org, monkeypatch: pytest.MonkeyPatch) -> None:
    one = prepared(contoso)
    monkeypatch.setattr(application, "BODY_PATIENCE", 0.1)

    async def story(house: House) -> None:
        status, said = await asyncio.wait_for(house.ask(one.speaker, ends=False), 2)
        assert (status, said["error"]) == (408, "malformed")

    run(story)


# --- the database


def test_the_database_that_was_away_rings_again(contoso: Org, monkeypatch: pytest.MonkeyPatch) -> None:
    """What came meanwhile is told then, and who has no job is not woken: thousands would ask the pages at once."""
    monkeypatch.setattr(bell, "_SHORTEST", 1.0)
    one = prepared(contoso)
    with entered(contoso.row):
        other = OnPremisesDomain.objects.create(name="other.contoso.example", deployment="connect")
    elsewhere = prepared(contoso, "bo", other)

    async def story(house: House) -> None:
        waiting = asyncio.create_task(house.ask(one.speaker))
        staying = asyncio.create_task(house.ask(elsewhere.speaker))
        await house.opened(2)
        assert (await house.get(HEALTH))[0] == 200
        await one.do(cut_off)
        while house.waits.hears:
            await asyncio.sleep(0.01)
        assert (await house.get(HEALTH))[0] == 503
        await one.submitted()
        await asyncio.sleep(0.3)
        assert not waiting.done()
        assert (await asyncio.wait_for(waiting, 5))[1]["job"] is True
        assert house.waits.hears
        assert not staying.done()
        await elsewhere.submitted()
        assert (await asyncio.wait_for(staying, 0.5))[1]["job"] is True

    run(story)


def test_who_joins_while_the_database_does_not_ring_is_told_all_the_same(
    contoso: Org, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bell, "_SHORTEST", 20.0)
    one = prepared(contoso)

    async def story(house: House) -> None:
        hangs_up = asyncio.Event()
        first = asyncio.create_task(house.ask(one.speaker, gone=hangs_up))
        await house.opened()
        hangs_up.set()
        await first
        await one.do(cut_off)
        while house.waits.hears:
            await asyncio.sleep(0.01)
        await one.submitted()
        assert (await asyncio.wait_for(house.ask(one.speaker), 3))[1]["job"] is True

    run(story)


def test_what_came_while_nobody_waited_and_the_database_did_not_ring(contoso: Org) -> None:
    one = prepared(contoso)

    async def story(house: House) -> None:
        hangs_up = asyncio.Event()
        first = asyncio.create_task(house.ask(one.speaker, gone=hangs_up))
        await house.opened()
        hangs_up.set()
        await first
        await one.do(cut_off)
        await one.submitted()
        while not house.waits.hears:
            await asyncio.sleep(0.01)
        assert (await asyncio.wait_for(house.ask(one.speaker), 2))[1]["job"] is True

    run(story)


@pytest.mark.parametrize("payload", ["", "/", "contoso", "contoso/x", "x/y/z", "contoso/\U0001f514"])
def test_a_ring_that_makes_no_sense_deafens_nobody(contoso: Org, payload: str) -> None:
    one = prepared(contoso)

    async def story(house: House) -> None:
        waiting = asyncio.create_task(house.ask(one.speaker))
        await house.opened()
        await one.do(lambda: rung(payload))
        await one.submitted()
        assert (await asyncio.wait_for(waiting, 0.5))[1]["job"] is True
        assert house.waits.hears

    run(story)


def test_a_look_that_fails_is_made_again(contoso: Org, monkeypatch: pytest.MonkeyPatch) -> None:
    one = prepared(contoso)
    real, trouble = knowing.look, [OperationalError()]

    def look(schema: str) -> dict[str, float]:
        if trouble:
            raise trouble.pop()
        return real(schema)

    monkeypatch.setattr(knowing, "look", look)

    async def story(house: House) -> None:
        await one.submitted()
        assert (await asyncio.wait_for(house.ask(one.speaker), 4))[1]["job"] is True
        assert not trouble

    run(story)


def test_all_waits_end_with_the_process(contoso: Org) -> None:
    one = prepared(contoso)
    other = one.another()

    async def story(house: House) -> None:
        both = [asyncio.create_task(house.ask(speaker)) for speaker in (one.speaker, other)]
        await house.opened(2)
        sent: list[str] = []
        told = ["lifespan.shutdown", "lifespan.startup"]

        async def receive() -> dict[str, str]:
            return {"type": told.pop()}

        async def send(message: object) -> None:
            assert isinstance(message, dict)
            sent.append(message["type"])

        await house.waits({"type": "lifespan"}, receive, send)
        assert sent == ["lifespan.startup.complete", "lifespan.shutdown.complete"]
        ended = await asyncio.wait_for(asyncio.gather(*both), 2)
        assert [said["job"] for _status, said in ended] == [False, False]

    run(story)


def cut_off() -> None:
    """End the connection that listens, as a database does that is restarted."""
    listens = (
        "select pg_terminate_backend(pid) from pg_stat_activity where datname = %s and query ilike 'listen%%'"
    )
    with connected() as server:
        assert server.execute(listens, [settings.DATABASES["default"]["NAME"]]).fetchall()


def rung(payload: str) -> None:
    """Ring as anybody can who reaches the database."""
    with connected() as server:
        for channel in (JOBS, AGENTS):
            server.execute("select pg_notify(%s, %s)", [channel, payload])


def connected() -> psycopg.Connection:
    """Connect to this test's database beside Django."""
    where = settings.DATABASES["default"]
    return psycopg.connect(
        host=str(where["HOST"]), user="postgres", dbname=str(where["NAME"]), autocommit=True
    )
