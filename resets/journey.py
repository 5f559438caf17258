"""The steps of a reset: which one is next, and what may be done there. Pure: every answer follows from what is handed in.

Nothing that is told before the last gate depends on who was named: the gates come first, and only then the policy's refusal.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

LIFE = timedelta(minutes=15)  # reference/entra.md b3
MOST_FAILURES = 5  # wrong tries of one reset, at all its gates together; reference/entra.md b3


class Entry(StrEnum):
    """By which door somebody came."""

    WEB = "web"
    KIOSK = "kiosk"


#: How long a reset stays open untouched, where that is shorter than its life. A kiosk is a screen that others use: whoever
#: walks away must not leave a passed gate to the next one, and whoever reads a code from a phone must find the page again.
UNTOUCHED: dict[Entry, timedelta] = {Entry.KIOSK: timedelta(minutes=2)}


class Step(StrEnum):
    """Where a person is."""

    GATE = "gate"
    WAITING = "waiting"
    PASSWORD = "password"
    WRITING = "writing"
    UNKNOWN = "unknown"
    DONE = "done"
    STOPPED = "stopped"


class Move(StrEnum):
    """What a person can do."""

    CHALLENGE = "challenge"
    ANSWER = "answer"
    SET_PASSWORD = "set_password"
    ABANDON = "abandon"


class Written(StrEnum):
    """How far the new password has come to where the account lives. A local account's is there at once."""

    NOT_YET = "not_yet"
    PENDING = "pending"
    UNKNOWN = "unknown"
    DONE = "done"


class Stop(StrEnum):
    """Why a reset ends without a new password, beside the codes of `registration.policy`."""

    EXPIRED = "expired"
    TOO_MANY_TRIES = "too_many_tries"
    ABANDONED = "abandoned"
    DENIED = "denied"
    TOO_OFTEN = "too_often"


@dataclass(frozen=True)
class State:
    """What a reset has come to."""

    passed: tuple[str, ...]
    failures: int
    expires_at: datetime
    waiting: bool = False  # a gate's answer is awaited from elsewhere: a phone, a call
    written: Written = Written.NOT_YET
    stopped: str = ""


@dataclass(frozen=True)
class Asked:
    """What the policy asks of the person at this moment; read afresh at each step."""

    gates: int  # in all
    gates_left: int
    methods: tuple[str, ...]  # of this person, that could open the next gate
    allowed: bool
    code: str  # why not, when not allowed
    known: bool = False  # an administrator started it: that there is such a person is no secret here


def expiry(entry: Entry, created_at: datetime, touched_at: datetime) -> datetime:
    """Return when a reset ends, if nobody touches it from then on; never later than its life.

    >>> from datetime import UTC
    >>> nine = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
    >>> [f"{expiry(Entry.WEB, nine, nine + timedelta(minutes=at)):%H:%M}" for at in (0, 5, 14)]
    ['09:15', '09:15', '09:15']
    >>> [f"{expiry(Entry.KIOSK, nine, nine + timedelta(minutes=at)):%H:%M}" for at in (0, 5, 14)]
    ['09:02', '09:07', '09:15']
    """
    return min(created_at + LIFE, touched_at + UNTOUCHED.get(entry, LIFE))


_MOVES: dict[Step, frozenset[Move]] = {
    Step.GATE: frozenset({Move.CHALLENGE, Move.ANSWER, Move.ABANDON}),
    Step.WAITING: frozenset({Move.CHALLENGE, Move.ANSWER, Move.ABANDON}),
    Step.PASSWORD: frozenset({Move.SET_PASSWORD, Move.ABANDON}),
}


def next_step(state: State, asked: Asked, now: datetime) -> Step:
    """Return where a person is now.

    >>> from datetime import UTC
    >>> now = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
    >>> second, passed_all = Asked(2, 1, ("email",), True, ""), Asked(2, 0, (), True, "")
    >>> next_step(State(("app_code",), 0, now + LIFE), second, now).value
    'gate'
    >>> next_step(State(("app_code", "email"), 0, now + LIFE), passed_all, now).value
    'password'
    >>> next_step(State(("app_code", "email"), 0, now), passed_all, now).value
    'stopped'
    """
    if state.written is Written.DONE:
        return Step.DONE
    if state.written is Written.PENDING:
        return Step.WRITING
    if state.written is Written.UNKNOWN:
        return Step.UNKNOWN
    if why_stopped(state, asked, now):
        return Step.STOPPED
    if state.waiting:
        return Step.WAITING
    return Step.GATE if asked.gates_left else Step.PASSWORD


def why_stopped(state: State, asked: Asked, now: datetime) -> str:
    """Return the code of what ended the reset; nothing while it goes on.

    What the policy says against a person counts only when they have passed all the gates, or all that they could pass: before
    that, everybody sees the same.
    """
    if state.stopped:
        return state.stopped
    if now >= state.expires_at:
        return Stop.EXPIRED
    if state.failures >= MOST_FAILURES:
        return Stop.TOO_MANY_TRIES
    at_the_end = asked.gates_left == 0 or bool((state.passed or asked.known) and not asked.methods)
    if at_the_end and not asked.allowed:
        return asked.code
    return ""


def may(move: Move, state: State, asked: Asked, now: datetime) -> bool:
    """Say whether something can be done where the person is; everything else is refused, in whatever order it comes."""
    return move in _MOVES.get(next_step(state, asked, now), frozenset())
