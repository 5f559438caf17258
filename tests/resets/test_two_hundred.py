"""Two hundred people and two hundred names that nobody has, interleaved: each step is the same for all of them."""

from collections.abc import Sequence
from random import Random
from typing import Any

import pytest

from registration import configuring, delivery, standing
from registration.models import Challenge, User
from resets import flow, views
from tenants import hosts
from tests.building import Org
from tests.resets.steps_of_all import EVERY, PHONES, QUESTIONS, SHORT, Step
from tests.resets.visitors import KNOWN, POLICIES, UNKNOWN, Visitor, visitors
from tests.resets.watching import Seen, Watcher
from tests.telephones import Telephones

SHARES, OF_EACH = 8, 25


@pytest.fixture(autouse=True)
def _warm(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep what is known of an organization for the whole test: when it is read again is nobody's doing."""
    monkeypatch.setattr(hosts, "SECONDS", 3600.0)


def differences(found: Sequence[Visitor], steps: Sequence[Step], *, seed: int = 0) -> list[str]:
    """Let every visitor take each step before any takes the next, in an order drawn anew; return what differs."""
    watcher, rng, told = Watcher(), Random(seed), []
    for step in steps:
        first: tuple[Visitor, Seen] | None = None
        for visitor in rng.sample(list(found), len(found)):
            step.before(visitor)
            seen = watcher.look(visitor, step.do)
            first = first or (visitor, seen)
            told += [
                f"{step.name}: {first[0].sort}, {visitor.sort}: {one}" for one in first[1].differences(seen)
            ]
    return told


def begin(org: Org, policy: str, **several: Any) -> list[Visitor]:
    """Return visitors of an organization with this policy, all that is read once having been read."""
    configuring.configure(POLICIES[policy], actor="tests")
    found = visitors(org, **several)
    differences(visitors(org, 1, first=9_000), SHORT)
    if policy == "phones":
        differences(visitors(org, 1, first=9_002), PHONES)
    if "weak_alone_acknowledged" in POLICIES[policy]:
        differences(visitors(org, 1, first=9_001), QUESTIONS)
    return found


@pytest.mark.parametrize("share", range(SHARES))
def test_two_hundred_of_each_are_answered_the_same(contoso: Org, share: int) -> None:
    found = begin(contoso, "two methods", count=OF_EACH, first=share * OF_EACH)
    assert [sum(one.known for one in found), len(found)] == [OF_EACH, 2 * OF_EACH]
    assert differences(found, SHORT, seed=share) == []


@pytest.mark.parametrize(("policy", "steps"), [("two methods", EVERY), ("one method", (*SHORT, *QUESTIONS))])
def test_every_step_is_the_same_for_every_sort(contoso: Org, policy: str, steps: Sequence[Step]) -> None:
    found = begin(contoso, policy, count=max(len(KNOWN), len(UNKNOWN)))
    assert {one.sort for one in found} == {*KNOWN, *UNKNOWN}
    assert differences(found, steps) == []


def test_every_step_with_a_phone_is_the_same(contoso: Org, phones: Telephones) -> None:
    phones.connect(contoso)
    sorts = ["without a method", *(sort for sort in KNOWN if "phone" in sort), "free", "long", "elsewhere"]
    found = begin(contoso, "phones", count=len(sorts) - 3, sorts=sorts)
    assert {one.sort for one in found} == set(sorts)
    assert differences(found, PHONES) == []
    asked = Challenge.objects.filter(purpose="reset").exclude(user=None)
    assert set(asked.values_list("kind", flat=True)) == {"mobile_phone", "office_phone"}


def _query(monkeypatch: pytest.MonkeyPatch) -> None:
    real = standing.person

    def person(user: User | None, *more: Any) -> Any:
        if user is not None:
            assert User.objects.filter(pk=user.pk).exists()
        return real(user, *more)

    monkeypatch.setattr(standing, "person", person)


def _header(monkeypatch: pytest.MonkeyPatch) -> None:
    real = views._choose

    def choose(request: Any, at: Any) -> Any:
        response = real(request, at)
        response["X-Served"] = "yes" if at.reset.user else "no"
        return response

    monkeypatch.setattr(views, "_choose", choose)


def _word(monkeypatch: pytest.MonkeyPatch) -> None:
    real = views._steps
    monkeypatch.setattr(
        views, "_steps", lambda at: real(at)[: -1 if at and at.reset.user and at.reset.failures else None]
    )


def _hash(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(User, "set_password", lambda self, _text: None)


def _write(monkeypatch: pytest.MonkeyPatch) -> None:
    real = flow._write
    monkeypatch.setattr(
        flow, "_write", lambda reset, *args, **more: reset.user and real(reset, *args, **more)
    )


def _job(monkeypatch: pytest.MonkeyPatch) -> None:
    real = delivery.deliver.enqueue

    def enqueue(*, challenge: str) -> None:
        if Challenge.objects.get(pk=challenge).user_id:
            real(challenge=challenge)

    monkeypatch.setattr(delivery.deliver, "enqueue", enqueue)


@pytest.mark.parametrize(
    ("tell", "parts"),
    [
        (_query, {"queries"}),
        (_header, {"headers"}),
        (_word, {"body"}),
        (_hash, {"hashes"}),
        (_write, {"queries", "writes"}),
        (_job, {"queries", "jobs"}),
    ],
)
def test_whatever_tells_them_apart_is_noticed(
    contoso: Org, monkeypatch: pytest.MonkeyPatch, tell: Any, parts: set[str]
) -> None:
    found = begin(contoso, "two methods", count=1, sorts=["both", "free"])
    assert differences(found, SHORT) == []
    tell(monkeypatch)
    assert {one.split(": ")[2] for one in differences(found, SHORT)} == parts
