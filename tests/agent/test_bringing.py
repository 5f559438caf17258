"""Bringing people: when it is time, in messages that the portal takes, and never over and over where it fails."""

import json
import time
from typing import Any

import pytest

from rekey_agent import bringing
from rekey_agent.bringing import Bringer
from rekey_agent.directories.directory import PeoplePage, Unreachable
from rekey_agent.portal import PortalDown, Refused
from tests.agent.fakes import FakeDirectory

Said = dict[str, Any]


def row(number: int, groups: int = 0) -> Said:
    return {
        "guid": f"guid-{number}",
        "sign_in_name": f"p{number}@contoso.example",
        "groups": ["Sales" * 10] * groups,
    }


class Hearing:
    """A portal that notes what it is told."""

    def __init__(self) -> None:
        self.said: list[Said] = []
        self.problems: list[Exception] = []

    def __call__(self, said: Said) -> Said:
        self.said.append(said)
        if self.problems:
            raise self.problems.pop(0)
        return {"taken": len(said["rows"]), "flaws": []}


@pytest.fixture
def hearing() -> Hearing:
    return Hearing()


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    now = [1000.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    return now


@pytest.fixture
def bringer(hearing: Hearing, directory: FakeDirectory, clock: list[float]) -> Bringer:
    return Bringer(hearing, directory)


def kinds(hearing: Hearing) -> list[str]:
    return [each["kind"] for each in hearing.said]


def test_everybody_at_the_start_then_what_changes_and_everybody_after_a_day(
    bringer: Bringer, hearing: Hearing, clock: list[float], directory: FakeDirectory
) -> None:
    for _second in range(0, 24 * 60 * 60 + 300, 60):
        bringer.bring_if_due()
        clock[0] += 60
    assert kinds(hearing) == ["full", *["delta"] * 287, "full"]
    assert directory.acts[:2] == ["people full {}", "people delta {'usn': 1}"]
    assert len({each["run"] for each in hearing.said}) == 289


def test_an_administrator_asks_for_everybody(bringer: Bringer, hearing: Hearing) -> None:
    bringer.bring_if_due()
    bringer.hear({"bring": True, "position": {}})
    bringer.bring_if_due()
    bringer.bring_if_due()
    assert kinds(hearing) == ["full", "full"]


def test_one_agent_of_a_domain_brings(bringer: Bringer, hearing: Hearing) -> None:
    bringer.hear({"brings": False})
    bringer.bring_if_due()
    assert hearing.said == []
    bringer.hear({"brings": True})
    bringer.bring_if_due()
    assert kinds(hearing) == ["full"]


@pytest.mark.parametrize(("many", "kinds_of_runs"), [(20, ["delta"]), (21, ["delta", "full"])])
def test_many_who_are_gone_at_once_are_left_to_a_full_run(
    bringer: Bringer,
    hearing: Hearing,
    clock: list[float],
    directory: FakeDirectory,
    many: int,
    kinds_of_runs: list[str],
) -> None:
    bringer.bring_if_due()
    hearing.said.clear()
    clock[0] += 300
    gone = [{"guid": f"gone{number}", "gone": True} for number in range(many)]
    directory.pages = [PeoplePage([row(1), *gone], {"usn": 9}, last=True)]
    bringer.bring_if_due()
    bringer.bring_if_due()
    assert kinds(hearing) == kinds_of_runs
    assert len(hearing.said[0]["rows"]) == (21 if many == 20 else 1)


def test_who_was_deleted_is_said_within_an_hour(
    bringer: Bringer, hearing: Hearing, clock: list[float], directory: FakeDirectory
) -> None:
    directory.pages = [PeoplePage([row(1), row(2)], {"usn": 1}, last=True)]
    bringer.bring_if_due()
    directory.pages, directory.ids = [PeoplePage([row(3)], {"usn": 2}, last=True)], ["guid-1", "guid-3"]
    for _each in range(12):
        clock[0] += 300
        bringer.bring_if_due()
    assert directory.acts.count("present") == 1
    gone = [one for each in hearing.said for one in each["rows"] if one.get("gone")]
    assert gone == [{"guid": "guid-2", "gone": True, "groups": []}]
    last = hearing.said[-2:]
    assert [(each["first"], each["last"], each["kind"]) for each in last] == [
        (True, False, "delta"),
        (False, True, "delta"),
    ]


def test_the_portal_knows_how_far_people_were_brought(
    bringer: Bringer, clock: list[float], directory: FakeDirectory
) -> None:
    bringer.bring_if_due()
    bringer.hear({"bring": False, "position": {"usn": 77}})
    clock[0] += 300
    bringer.bring_if_due()
    assert directory.acts[-1] == "people delta {'usn': 77}"


def test_the_pages_of_a_run_are_one(bringer: Bringer, hearing: Hearing, directory: FakeDirectory) -> None:
    directory.pages = [PeoplePage([row(1)], {}, last=False), PeoplePage([row(2)], {"usn": 9}, last=True)]
    bringer.bring_if_due()
    first, second = hearing.said
    assert first["run"] == second["run"]
    assert [(each["first"], each["last"], each["position"]) for each in hearing.said] == [
        (True, False, {}),
        (False, True, {"usn": 9}),
    ]
    assert bringer.position == {"usn": 9}


def test_a_page_that_is_too_long_for_the_portal_goes_in_parts(
    bringer: Bringer, hearing: Hearing, directory: FakeDirectory
) -> None:
    rows = [row(number, groups=300) for number in range(200)]
    directory.pages = [PeoplePage(rows, {"usn": 9}, last=True)]
    bringer.bring_if_due()
    assert len(hearing.said) > 1
    assert max(len(json.dumps(each)) for each in hearing.said) < 1024 * 1024
    assert [one["guid"] for each in hearing.said for one in each["rows"]] == [one["guid"] for one in rows]
    assert {len(one["groups"]) for each in hearing.said for one in each["rows"]} == {200}
    ends = [(each["first"], each["last"], bool(each["position"])) for each in hearing.said]
    assert (ends[0], ends[-1]) == ((True, False, False), (False, True, True))


@pytest.mark.parametrize("full", [True, False])
@pytest.mark.parametrize(
    "problem", [PortalDown("gone"), Refused("malformed", "rows"), Unreachable("dc_unreachable")]
)
def test_what_failed_is_tried_again_after_a_minute(
    bringer: Bringer,
    hearing: Hearing,
    clock: list[float],
    directory: FakeDirectory,
    full: bool,
    problem: Exception,
) -> None:
    if not full:
        bringer.bring_if_due()
        clock[0] += 300
    if isinstance(problem, Unreachable):
        directory.problems[f"people {'full' if full else 'delta'} {bringer.position}"] = [problem]
    else:
        hearing.problems = [problem]
    tries = len(directory.acts)
    for _ in range(bringing.AGAIN.__int__() - 1):
        bringer.bring_if_due()
        clock[0] += 1
    assert len(directory.acts) == tries + 1
    clock[0] += 1
    bringer.bring_if_due()
    assert len(directory.acts) == tries + 2
    bringer.bring_if_due()
    assert len(directory.acts) == tries + 2


def test_the_position_of_a_run_that_broke_off_is_not_taken(
    bringer: Bringer, hearing: Hearing, directory: FakeDirectory
) -> None:
    directory.pages = [PeoplePage([row(1)], {}, last=False), PeoplePage([row(2)], {"usn": 9}, last=True)]
    hearing.problems = [PortalDown("gone")]
    bringer.bring_if_due()
    assert bringer.position == {}


def test_who_was_not_taken_is_counted_in_the_log(
    bringer: Bringer, directory: FakeDirectory, caplog: pytest.LogCaptureFixture
) -> None:
    flaws = [{"guid": "a", "code": "sign_in_name_taken"}] * 2 + [{"guid": "b", "code": "duplicate"}]
    Bringer(lambda said: {"taken": 0, "flaws": flaws}, directory).bring_if_due()
    assert "not taken by the portal: duplicate 1, sign_in_name_taken 2" in caplog.text
