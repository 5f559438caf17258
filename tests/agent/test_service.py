"""The agent while it runs: heartbeats, jobs, people, new keys, trouble, and its end."""

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from rekey_agent import service as module
from rekey_agent.config import Config
from rekey_agent.directories.directory import Unreachable
from rekey_agent.keys import Identity, Pair, Store
from rekey_agent.service import Service
from rekey_agent.session import Session
from tests.agent.fakes import SETTINGS, FakeDirectory
from tests.agent.portals import CUT_BEFORE, Desk, portal

Started = Callable[[], "Running"]


class Running:
    """A service that runs in a thread of the tests."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self.status: int | None = None
        self.thread = threading.Thread(target=self._run)
        self.thread.start()

    def _run(self) -> None:
        self.status = self.service.run()

    def ended(self) -> int | None:
        """Wait for its end, and return its exit status."""
        self.thread.join(10)
        assert not self.thread.is_alive()
        return self.status


@pytest.fixture
def config(desk: Desk, store: Store) -> Config:
    return Config(desk.url, "dc1", store.folder, "", "", SETTINGS)


@pytest.fixture
def start(
    config: Config, session: Session, store: Store, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Started]:
    """Start the agent, with less patience than it has in earnest."""
    monkeypatch.setattr(module, "SHORTEST", 0.01)
    monkeypatch.setattr(module, "LONGEST", 0.05)
    monkeypatch.setattr(module, "_GLANCE", 0.01)
    monkeypatch.setattr(module, "BEAT_AWAY", 0.05)
    started: list[Running] = []

    def begin() -> Running:
        started.append(Running(Service(config, session, store)))
        return started[-1]

    yield begin
    for each in started:
        each.service.stop()
        each.ended()
        for thread in threading.enumerate():
            if thread.name in {"heartbeat", "jobs", "people"}:
                thread.join(5)


def worked() -> FakeDirectory:
    """Return the directory that was acted in."""
    return next(each for each in FakeDirectory.made if each.effects())


def test_it_says_how_it_is_and_does_what_is_there(desk: Desk, start: Started) -> None:
    jobs = [desk.job() for _ in range(3)]
    desk.jobs = list(jobs)
    start()
    desk.waited_for(lambda: len(desk.acts("result")) == 3)
    assert [each["job"] for each in desk.acts("result")] == [each["id"] for each in jobs]
    assert desk.order()[:9] == ["claim", "intent", "result"] * 3
    assert len(desk.acts("wait")) < 3 + len(desk.acts("claim"))
    desk.waited_for(lambda: desk.acts("heartbeat") and desk.acts("people"))
    beat = desk.acts("heartbeat")[0]
    assert (beat["version"], beat["kind"], beat["reachable"]) == ("0.1.0", "fake", True)
    assert desk.acts("people")[0]["kind"] == "full"


def test_a_job_is_told_within_a_blink(desk: Desk, start: Started) -> None:
    start()
    desk.waited_for(lambda: len(desk.acts("wait")) > 2)
    began = time.monotonic()
    desk.jobs = [desk.job()]
    desk.waited_for(lambda: desk.acts("result"))
    assert time.monotonic() - began < 1


def test_each_thread_has_a_connection_of_its_own(desk: Desk, start: Started) -> None:
    start()
    desk.waited_for(lambda: desk.acts("heartbeat") and desk.acts("people") and desk.acts("wait"))
    by = {
        act: {each.connection for each in desk.asked if each.act == act}
        for act in ("heartbeat", "people", "wait")
    }
    assert all(len(each) == 1 for each in by.values())
    assert len(set.union(*by.values())) == 3


@pytest.mark.parametrize(("code", "status"), [("revoked", 403), ("unknown_agent", 401)])
@pytest.mark.parametrize("act", ["heartbeat", "wait"])
def test_who_is_revoked_ends_for_good(
    desk: Desk, start: Started, caplog: pytest.LogCaptureFixture, code: str, status: int, act: str
) -> None:
    desk.next[act] = [(status, {"error": code, "text": ""})]
    assert start().ended() == 3
    assert f"this agent is none: {code}" in caplog.text


def test_who_is_told_to_end_ends_well(desk: Desk, start: Started) -> None:
    running = start()
    desk.waited_for(lambda: desk.acts("wait"))
    running.service.stop()
    assert running.ended() == 0


def test_a_job_that_was_claimed_is_done_ahead_of_the_end(desk: Desk, start: Started) -> None:
    released, reached = threading.Event(), threading.Event()

    def reset(guid: str, password: str) -> None:
        reached.set()
        released.wait(10)

    FakeDirectory.usual = {"reset": reset}
    desk.jobs = [desk.job()]
    running = start()
    assert reached.wait(10)
    running.service.stop()
    time.sleep(0.1)
    assert running.thread.is_alive()
    released.set()
    assert running.ended() == 0
    assert [each["outcome"] for each in desk.acts("result")] == ["done"]


def test_trouble_with_the_portal_is_waited_out(desk: Desk, start: Started) -> None:
    for act in ("heartbeat", "wait", "claim", "people"):
        desk.next[act] = [CUT_BEFORE, CUT_BEFORE, (502, {}), (429, {"error": "too_often", "text": ""})]
    desk.jobs = [desk.job()]
    start()
    desk.waited_for(lambda: desk.acts("result"))
    desk.waited_for(lambda: len(desk.acts("heartbeat")) > 4)


def test_it_waits_as_long_as_the_portal_asks(desk: Desk, start: Started) -> None:
    desk.next["wait"] = [(429, {"error": "too_often", "text": "", "retry_after": 0.5})]
    start()
    desk.waited_for(lambda: desk.acts("wait"))
    time.sleep(0.3)
    assert len(desk.acts("wait")) == 1
    desk.waited_for(lambda: len(desk.acts("wait")) > 1)


def test_keys_are_renewed_when_the_portal_asks(
    desk: Desk, start: Started, session: Session, store: Store
) -> None:
    old = session.identity.current
    desk.beat = {"roll": True}
    running = start()
    desk.waited_for(lambda: session.identity.current is not old)
    desk.jobs = [desk.job(), desk.job(sealed_to=old.sealing.public_key().public_bytes_raw())]
    desk.waited_for(lambda: len(desk.acts("result")) == 2)
    assert [each["outcome"] for each in desk.acts("result")] == ["done", "done"]
    running.service.stop()


def test_keys_are_renewed_when_somebody_on_the_machine_asks(
    desk: Desk, start: Started, session: Session, store: Store
) -> None:
    old = session.identity.current
    start()
    desk.waited_for(lambda: desk.acts("heartbeat"))
    Store(store.folder).ask_to_roll()
    desk.waited_for(lambda: session.identity.current is not old)
    desk.waited_for(lambda: not store.is_asked_to_roll())


def test_a_directory_that_is_away_is_told_often_and_nobody_is_brought(desk: Desk, start: Started) -> None:
    FakeDirectory.usual = {"away": Unreachable("dc_unreachable")}
    start()
    desk.waited_for(lambda: len(desk.acts("heartbeat")) > 3)
    assert {(each["reachable"], each["code"]) for each in desk.acts("heartbeat")} == {
        (False, "dc_unreachable")
    }
    assert desk.acts("people") == []


def test_a_bind_account_that_is_refused_is_left_in_peace(desk: Desk, start: Started) -> None:
    FakeDirectory.usual = {"away": Unreachable("access_denied")}
    start()
    desk.waited_for(lambda: desk.acts("heartbeat"))
    time.sleep(0.3)
    assert [act for each in FakeDirectory.made for act in each.acts if act != "close"] == ["reach"]


def test_not_even_while_the_portal_is_down(desk: Desk, start: Started) -> None:
    FakeDirectory.usual = {"away": Unreachable("access_denied")}
    desk.next["heartbeat"] = [(503, {})] * 5
    start()
    desk.waited_for(lambda: len(desk.acts("heartbeat")) > 5)
    assert [act for each in FakeDirectory.made for act in each.acts if act == "reach"] == ["reach"]


def test_an_administrator_has_everybody_brought(desk: Desk, start: Started) -> None:
    desk.beat = {"bring": True}
    desk.beat["roll"] = False
    start()
    desk.waited_for(lambda: desk.acts("people"))
    assert desk.acts("people")[0]["kind"] == "full"


def test_waits_that_do_not_answer_are_asked_of_the_pages(
    desk: Desk, start: Started, session: Session, identity: Identity, caplog: pytest.LogCaptureFixture
) -> None:
    session._identity = replace(identity, wait_url="http://127.0.0.1:9/agent/v1/wait")
    desk.beat = {"wait_url": "http://127.0.0.1:9/agent/v1/wait"}
    desk.jobs = [desk.job()]
    start()
    desk.waited_for(lambda: desk.acts("result"))
    assert "asking the pages each second meanwhile" in caplog.text


def test_it_waits_where_the_heartbeat_says(desk: Desk, start: Started, pair: Pair) -> None:
    with portal() as waits:
        waits.knows(pair)
        desk.beat = {"wait_url": f"{waits.url}/waiting/wait"}
        running = start()
        waits.waited_for(lambda: waits.acts("wait"))  # signed for its own path, or it would not be heard
        waits.next["wait"] = [(200, {"job": True})]
        desk.jobs = [desk.job()]
        desk.waited_for(lambda: desk.acts("result"))
        running.service.stop()
        running.ended()


def test_an_agent_that_another_was_ahead_of_breathes(desk: Desk, start: Started) -> None:
    desk.next["wait"] = [(200, {"job": True})] * 200
    start()
    time.sleep(0.6)
    assert len(desk.acts("claim")) < 20


def test_what_nobody_thought_of_ends_nothing(
    desk: Desk, start: Started, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    def broken() -> None:
        raise RuntimeError("the password is Neu-und-9-lang")

    FakeDirectory.usual = {"reach": broken}
    desk.jobs = [desk.job()]
    start()
    desk.waited_for(lambda: desk.acts("result"))
    desk.waited_for(lambda: "unexpected" in caplog.text)
