"""How the directory is: looked at as often as it helps, and the bind account is not locked by it."""

import time

import pytest

from rekey_agent.directories.directory import Unreachable
from rekey_agent.health import CHECK_EVERY, Watch
from tests.agent.fakes import FakeDirectory


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    now = [1000.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    return now


@pytest.fixture
def watch(directory: FakeDirectory, clock: list[float]) -> Watch:
    return Watch(directory)


def test_all_of_it_is_told(watch: Watch) -> None:
    assert watch.look() == {
        "kind": "fake",
        "ous": ["OU=People"],
        "reachable": True,
        "code": "",
        "checks": [{"check": "connection", "ok": True, "detail": ""}],
        "policies": {"": {"min_length": 10}},
        "capabilities": {"history_on_reset": True, "change": True, "unlock": True, "expire": True},
    }


def test_rules_and_rights_are_looked_at_every_ten_minutes_and_the_connection_at_each_beat(
    watch: Watch, directory: FakeDirectory, clock: list[float]
) -> None:
    for _ in range(11):
        watch.look()
        clock[0] += 60
    assert (directory.acts.count("check"), directory.acts.count("reach")) == (2, 11)


def test_a_directory_that_is_away_is_told_and_looked_at_anew_when_it_is_back(
    watch: Watch, directory: FakeDirectory, clock: list[float]
) -> None:
    watch.look()
    directory.away = Unreachable("dc_unreachable")
    clock[0] += 60
    said = watch.look()
    assert (said["reachable"], said["code"], watch.is_reachable) == (False, "dc_unreachable", False)
    assert said["policies"] == {"": {"min_length": 10}}
    directory.away = None
    clock[0] += 5
    assert watch.look()["reachable"] is True
    assert directory.acts.count("check") == 2


def test_one_that_was_never_there_is_told_too(
    watch: Watch, directory: FakeDirectory, clock: list[float]
) -> None:
    directory.away = Unreachable("dc_tls")
    said = watch.look()
    assert (said["reachable"], said["code"], said["checks"]) == (
        False,
        "dc_tls",
        [{"check": "connection", "ok": False, "detail": ""}],
    )
    assert "policies" not in said


def test_a_bind_account_that_is_refused_is_not_tried_at_each_beat(
    watch: Watch, directory: FakeDirectory, clock: list[float]
) -> None:
    directory.away = Unreachable("access_denied")
    for _ in range(10):
        said = watch.look()
        clock[0] += 60
    assert directory.acts == ["reach"]
    assert (said["code"], said["checks"]) == (
        "access_denied",
        [{"check": "bind", "ok": False, "detail": "access_denied"}],
    )
    clock[0] += CHECK_EVERY
    directory.away = None
    assert watch.look()["reachable"] is True
