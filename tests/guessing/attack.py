"""A simulated attack: strangers in many networks do all that the limits let them do to one person, by the limits themselves.

The clock is the simulation's; the counters are the real ones, in the real table, spent at that clock. Whether a stranger's
tries reach a code is not played but reckoned: each answer that is judged is worth its chance. Whether the owner is kept out
is played: at each knock they begin a reset, have a code sent and answer it, beside the strangers.
"""

import heapq
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from registration import guessing
from registration.budgets import PROVE
from registration.methods.app_code import TOLERANCE, AppCode
from registration.purpose import Purpose
from registration.verification import CODE_DIGITS, LONG_DIGITS
from resets.budgets import START_NAME, START_NETWORK, TELL_ANYWHERE, TELL_DESTINATION, TELL_NAME, TELL_SHARE
from resets.journey import MOST_FAILURES
from tenants.shield import throttle
from tenants.shield.throttle import Budget

OWNER, HOME = "adele@contoso.example", "adele@home.example"
BEGINNING = datetime.fromisoformat("2026-11-01T00:00:00+00:00")
#: How many codes are right at a time for somebody who has as many apps as one may have.
RIGHT_AT_ONCE = AppCode.most * (2 * TOLERANCE + 1)


def _of(digits: int) -> float:
    """Return how many codes of so many digits there are."""
    return 10.0**digits


@dataclass
class Attack:
    """What became of it. `closed` remembers until when a budget refuses, so that it is not asked in vain."""

    networks: int
    days: int
    closed: dict[tuple[str, ...], datetime] = field(default_factory=dict)
    short: int = 0
    long: int = 0
    resets: int = 0
    codes_sent: int = 0
    owner_waits: list[timedelta] = field(default_factory=list)
    beside_waits: list[timedelta] = field(default_factory=list)

    def allows(self, now: datetime, *budgets: tuple[Budget, tuple[str, ...]]) -> bool:
        """Count one use in each of these budgets until one refuses, and say whether all allow it."""
        for budget, parts in budgets:
            key = (budget.name, *parts)
            if now < self.closed.get(key, BEGINNING):
                return False
            verdict = throttle.spend(budget, *parts, at=now)
            self.closed[key] = now + verdict.retry_after
            if not verdict.allowed:
                return False
        return True

    @property
    def chance(self) -> float:
        """Return the chance that one of the answers was right, at most: the sum of the chances of each."""
        return RIGHT_AT_ONCE * (self.short / _of(CODE_DIGITS) + self.long / _of(LONG_DIGITS))

    @property
    def longest(self) -> timedelta:
        """Return the longest time that the owner was kept out, in a network of their own."""
        return max(self.owner_waits, default=timedelta())

    @property
    def longest_beside(self) -> timedelta:
        """Return how long somebody waits at most, who comes from a stranger's own network, for their next turn."""
        return max(self.beside_waits, default=timedelta())


def network(number: int) -> str:
    """Return the name of one of the strangers' networks."""
    return f"10.{number // 256}.{number % 256}.0/24"


def attack(networks: int, days: int, *, knocks: int) -> Attack:
    """Let strangers begin resets for the owner from every network as soon as each may, answer and have codes sent in each.

    The owner knocks so many times, at even distances, from home; somebody in the first of the strangers' networks does too.
    """
    found = Attack(networks, days)
    end = BEGINNING + timedelta(days=days)
    turns = [(BEGINNING, number) for number in range(networks)]
    apart = (end - BEGINNING) / (knocks + 1)
    at_the_door = iter([BEGINNING + apart * (number + 1) for number in range(knocks)])
    knock = next(at_the_door, end)
    while turns and (now := turns[0][0]) < end:
        while knock <= now:
            found.owner_waits.append(_kept_out(found, knock))
            found.beside_waits.append(_first_wait(knock, [(START_NAME, (OWNER, network(0)))]))
            knock = next(at_the_door, end)
        _now, number = heapq.heappop(turns)
        heapq.heappush(turns, (_stranger(found, number, now), number))
    return found


def _stranger(found: Attack, number: int, now: datetime) -> datetime:
    """Do what one network may do at this moment, and return when it may begin again."""
    here = network(number)
    verdict = throttle.spend(START_NETWORK, here, at=now)
    if verdict.allowed:
        verdict = throttle.spend(START_NAME, OWNER, here, at=now)
    if not verdict.allowed:
        return now + verdict.retry_after
    found.resets += 1
    for _answer in range(MOST_FAILURES):
        _guess(found, OWNER, Purpose.RESET, now)
    while _sent(found, here, now):
        found.codes_sent += 1
    return now + max(throttle.peek(START_NAME, OWNER, here, at=now).retry_after, timedelta(seconds=1))


def _guess(found: Attack, whom: str, purpose: Purpose, now: datetime) -> None:
    """Answer once: short while short answers are judged, as `guessing.count` counts them."""
    if found.allows(now, (guessing.SHORT, (whom, purpose))):
        found.short += 1
    else:
        found.long += 1


def _sent(found: Attack, here: str, now: datetime) -> bool:
    """Have a code sent to the owner's mailbox, as `resets.flow.wait_before_challenge` counts it; say whether one was."""
    if not found.allows(now, (TELL_NAME, (OWNER, here)), (TELL_DESTINATION, (HOME, here))):
        return False
    return found.allows(now, (TELL_ANYWHERE, (HOME,))) or found.allows(now, (TELL_SHARE, (HOME, here)))


def _kept_out(found: Attack, now: datetime) -> timedelta:
    """Return how long the owner waits, at home, until a reset has begun and a code is on its way; their answer is right."""
    here = "192.0.2.0/24"
    wait = _first_wait(now, [(START_NETWORK, (here,)), (START_NAME, (OWNER, here))])
    for step in _quarters(wait):
        if _sent(found, here, now + step):
            throttle.release(START_NAME, OWNER, here)  # a reset that succeeds releases it
            return step
    raise AssertionError("the owner was kept out for a day")


def _quarters(first: timedelta) -> Iterator[timedelta]:
    while first < timedelta(days=1):
        yield first
        first += timedelta(minutes=15)


def _first_wait(now: datetime, budgets: list[tuple[Budget, tuple[str, ...]]]) -> timedelta:
    return max(throttle.peek(budget, *parts, at=now).retry_after for budget, parts in budgets)


def with_the_password(days: int) -> Attack:
    """Let somebody who has the password guess at the second factor as often as they may, in whatever sessions."""
    found, now, end = Attack(1, days), BEGINNING, BEGINNING + timedelta(days=days)
    while now < end:
        verdict = throttle.spend(PROVE, OWNER, "app_code", at=now)
        if verdict.allowed:
            _guess(found, OWNER, Purpose.PROVE, now)
        now += max(verdict.retry_after, timedelta(seconds=1))
    return found
