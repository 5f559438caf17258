"""What somebody who has signed in does first: the pure decisions, as tables."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from registration.interrupts import ORDER, Asked, Facts, Interrupt, first, may_skip, offers
from registration.policy import MethodTraits, Person, ResetPolicy, Scope

NOW, DAY = datetime(2026, 6, 1, 12, tzinfo=UTC), timedelta(days=1)
APP, EMAIL, CALL = MethodTraits("app"), MethodTraits("email"), MethodTraits("call", needs="phone_calls")
QUESTIONS = MethodTraits("questions", frozenset({2}), for_administrators=False, sole_gate=False)
ALL = (APP, EMAIL, CALL, QUESTIONS)


def asked(*kinds: str, required: int = 1, **more: object) -> Asked:
    policy = ResetPolicy(Scope.ALL, frozenset(kinds), required)
    return replace(Asked(policy, ALL, require_registration=True), **more)  # type: ignore[arg-type]


def has(*kinds: str, **more: bool) -> Person:
    return Person(registered=frozenset(kinds), **more)


def test_the_order() -> None:
    assert [interrupt for interrupt, _applies in ORDER] == ["change_password", "register", "reconfirm"]
    everything = Facts(asked("app"), has(), password_ended=True, proved_since=NOW - 900 * DAY)
    assert first(everything, NOW) is Interrupt.CHANGE_PASSWORD
    assert first(replace(everything, password_ended=False), NOW) is Interrupt.REGISTER
    assert first(replace(everything, password_ended=False, person=has("app")), NOW) is Interrupt.RECONFIRM


@pytest.mark.parametrize(
    ("wants", "person", "expected"),
    [
        (asked("app", "email"), has(), ("app", "email")),
        (asked("app", "email"), has("email"), ()),
        (asked("app", "email", required=2), has("email"), ("app",)),
        (asked("app", "email", required=2), has(), ("app", "email")),
        (asked("app", "questions"), has(), ("app",)),  # questions alone reset nobody
        (asked("questions"), has(), ()),
        (asked("app", "questions", required=2), has("app"), ("questions",)),
        (asked("app", "questions", required=2), has(), ("app", "questions")),
        (asked("email", required=2), has("email"), ()),  # nothing would be enough
        (asked("email", required=2), has(), ()),
        (asked("call", lacking=frozenset({"phone_calls"})), has(), ()),
        (asked("call"), has(), ("call",)),
        (asked(), has(), ()),
        (asked(), has(administrator=True), ("app", "email", "call")),
        (asked("questions"), has("email", administrator=True), ("app", "call")),
    ],
)
def test_what_is_offered(wants: Asked, person: Person, expected: tuple[str, ...]) -> None:
    assert offers(wants, person) == expected
    assert (first(Facts(wants, person), NOW) is Interrupt.REGISTER) == bool(expected)


@pytest.mark.parametrize(
    ("wants", "person"),
    [
        (asked("app", require_registration=False), has()),
        (asked("app", edition_allows=False), has()),
        (replace(asked("app"), policy=ResetPolicy(Scope.NONE, frozenset({"app"}))), has()),
        (replace(asked("app"), policy=ResetPolicy(Scope.SELECTED, frozenset({"app"}))), has()),
        (
            replace(asked("app"), policy=ResetPolicy(Scope.ALL, administrators_may_reset=False)),
            has(administrator=True),
        ),
    ],
)
def test_who_is_not_asked(wants: Asked, person: Person) -> None:
    assert first(Facts(wants, person, proved_since=NOW - 900 * DAY), NOW) is None


@pytest.mark.parametrize(
    ("days", "proved", "confirmed", "expected"),
    [
        (180, 180, None, True),
        (180, 179, None, False),
        (180, 400, 179, False),
        (180, 400, 180, True),
        (180, 10, 400, False),  # all of it was registered after it was confirmed
        (0, 900, None, False),
        (1, 1, None, True),
        (730, 729, None, False),
        (730, 730, None, True),
    ],
)
def test_when_it_is_asked_whether_it_is_still_right(
    days: int, proved: int, confirmed: int | None, expected: bool
) -> None:
    facts = Facts(
        asked("app", reconfirm_days=days),
        has("app"),
        proved_since=NOW - proved * DAY,
        confirmed_at=None if confirmed is None else NOW - confirmed * DAY,
    )
    assert (first(facts, NOW) is Interrupt.RECONFIRM) == expected


def test_nobody_skips_for_ever() -> None:
    assert may_skip(None, NOW)
    assert [may_skip(NOW - days * DAY, NOW) for days in (0, 13, 14, 15, 900)] == [
        True,
        True,
        False,
        False,
        False,
    ]
