"""Guessing at codes: after a few wrong short ones, from wherever they came, longer ones are asked of everybody.

Tries are counted for a name from one network, so that nobody is locked out by a stranger elsewhere. Strangers in many networks
would add up, though, and closing the door to all of them would close it to its owner. So it stays open, and its codes grow: a
code that is sent has twelve digits then, and an app is asked for two codes in a row. Both can be read and typed by their owner
from anywhere, and nobody guesses them.

By chance 5 short answers hit one of six digits with 5 in 1,000,000; an app's code, which counts in three steps of time, with
15; and one of the five apps that a person may have, all of which are compared, with 75 (`benchmarks/guessing.py`).
"""

from registration import verification
from registration.models import Challenge
from registration.purpose import Purpose
from tenants.shield import throttle
from tenants.shield.throttle import Budget, Growth

HOUR, DAY = 60 * 60, 24 * 60 * 60

#: Wrong short answers for one person at one door, from anywhere; NIST SP 800-63B-4, 3.2.2 allows 100 in a row.
SHORT = Budget("guess/short", limit=5, seconds=30 * DAY)
#: Answers that cannot be made longer, such as those to questions, for one person from anywhere: 5, then waits that double.
FIXED = Budget("guess/fixed", limit=5, seconds=7 * DAY, growth=Growth(first=60, longest=4 * HOUR))


class TooOften(Exception):
    """An answer that is not judged, since too many have been: `wait` says for how long."""

    def __init__(self, verdict: throttle.Verdict) -> None:
        super().__init__(verdict.retry_after)
        self.wait = verdict.retry_after


def is_long(whom: str, purpose: Purpose) -> bool:
    """Say whether this person's next code is to be a long one."""
    return not throttle.peek(SHORT, whom, purpose).allowed


def count(asked: Challenge | None, whom: str) -> bool:
    """Count an answer before it is judged, and say whether `forgive` may give it back when it is right.

    Before, since of many at once no more may be judged than are left. When no short answer is left, a challenge that was made
    for one is void: another has to be asked for, which will be a long one. Raises `TooOften` for answers that cannot grow. Not
    part of a transaction, since what is rolled back would not have been counted.
    """
    method = verification.method_of(asked)
    if asked is None or method is None or method.waits or asked.long:
        return False
    if not method.lengthens:
        verdict = throttle.spend(FIXED, whom, asked.purpose)
        if not verdict.allowed:
            raise TooOften(verdict)
        return False
    counted = throttle.spend(SHORT, whom, asked.purpose).allowed
    if not counted:
        verification.void(purpose=Purpose(asked.purpose), binding=asked.binding)
    return counted


def forgive(whom: str, purpose: Purpose) -> None:
    """Give back what was counted for an answer that was right."""
    throttle.refund(SHORT, whom, purpose)


def forget_waits(whom: str, purpose: Purpose) -> None:
    """Forget the waits of somebody who has come through a door.

    Wrong short answers stay counted: each success of the owner would give strangers as many again, and who looks twice would
    see that somebody has come through, so that they exist.
    """
    throttle.release(FIXED, whom, purpose)
