"""How often something may be done: budgets as data, and one statement that counts.

A budget without growth is a window: so many pass in so many seconds, counted from the first. A budget with
growth lets as many pass at once, then each further one only after a wait that doubles; it is forgotten after
so many seconds without any. What is refused counts for nothing, so an outsider who hammers on somebody's name
does not lengthen that person's wait.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.utils import timezone

from tenants.models import Counter
from tenants.shield.sealing import mac


@dataclass(frozen=True)
class Growth:
    """Waits after a budget's limit: seconds at first, doubled each time, never longer than the longest."""

    first: int
    longest: int


@dataclass(frozen=True)
class Budget:
    """How much of one thing is allowed to each subject. The name is counted with: no two budgets share one.

    >>> Budget("reset/name", limit=5, seconds=24 * 60 * 60, growth=Growth(first=30, longest=60 * 60)).limit
    5
    """

    name: str
    limit: int
    seconds: int
    growth: Growth | None = None

    def __post_init__(self) -> None:
        """Refuse a budget that would never let anything pass, or would forget before its wait is over."""
        growth = self.growth or Growth(1, 1)
        if self.limit < 1 or not 1 <= growth.first <= growth.longest <= self.seconds:
            raise ValueError(f"a budget that makes no sense: {self}")

    def first_wait(self) -> int:
        """Return for how many seconds the very first one keeps the next one waiting."""
        if self.limit > 1:
            return 0
        return self.growth.first if self.growth else self.seconds


@dataclass(frozen=True)
class Verdict:
    """Whether this one passes, and how long until the next one may: no time at all when it may at once.

    `first` says that it is the first to be refused since one has passed: what is written down of it is enough for the others.
    `reference` names the wait that it is refused by, the same until that is over: what is written down and what is shown to
    every later one can say it. It is a keyed digest, so that it names nobody.
    """

    allowed: bool
    retry_after: timedelta
    first: bool = False
    reference: str = field(default="", compare=False)


# A row that exists is in one of three cases: it has expired and starts anew; it still waits, and refuses; it
# counts one more. All columns are set together from the row as it is once it is locked, so of many at once
# exactly as many pass as may.
_SPEND = """
    INSERT INTO "public"."tenants_counter" AS c (key, subject, count, refused, waits_until, expires_at)
    VALUES (%(key)s, %(subject)s, 1, 0, %(waits_until)s, %(expires_at)s)
    ON CONFLICT (key) DO UPDATE SET (count, refused, waits_until, expires_at) = (
        SELECT 1, 0, excluded.waits_until, excluded.expires_at
        WHERE c.expires_at <= %(at)s
        UNION ALL
        SELECT c.count, least(c.refused + 1, 1000000), c.waits_until, c.expires_at
        WHERE c.expires_at > %(at)s AND c.waits_until > %(at)s
        UNION ALL
        SELECT
            c.count + 1,
            0,
            CASE WHEN c.count + 1 < %(limit)s THEN %(at)s ELSE coalesce(
                %(at)s + least(%(first)s::int * 2 ^ least(c.count + 1 - %(limit)s, 30), %(longest)s::int) *
                interval '1 second', c.expires_at
            ) END,
            CASE WHEN %(first)s::int IS NULL THEN c.expires_at ELSE excluded.expires_at END
        WHERE c.expires_at > %(at)s AND c.waits_until <= %(at)s
    )
    RETURNING refused, waits_until"""


def spend(budget: Budget, *parts: str, at: datetime | None = None) -> Verdict:
    """Count one use by the subject that the first part names, or by the whole organization, and say whether it passes.

    It is written at once, so it raises `RuntimeError` inside a transaction: what is rolled back would not
    have been counted.
    """
    at = at or timezone.now()
    values: dict[str, str | int | datetime | None] = {
        "key": _key(budget, parts),
        "subject": _subject(*parts[:1]),
        "at": at,
        "limit": budget.limit,
        "first": budget.growth.first if budget.growth else None,
        "longest": budget.growth.longest if budget.growth else None,
        "waits_until": at + timedelta(seconds=budget.first_wait()),
        "expires_at": at + timedelta(seconds=budget.seconds),
    }
    with transaction.atomic(durable=True, savepoint=False), connection.cursor() as cursor:
        cursor.execute(_SPEND, values)
        refused, waits_until = cursor.fetchone()
    named = _key(budget, (*parts, waits_until.isoformat())) if refused else ""
    return Verdict(
        refused == 0, max(waits_until - at, timedelta()), first=refused == 1, reference=named[:8].upper()
    )


def wait(*budgets: tuple[Budget, tuple[str, ...]]) -> timedelta:
    """Count one use in each budget until one refuses, and return how long to wait; no time when all allow it."""
    verdict = spend_all(*budgets)
    return timedelta() if verdict.allowed else verdict.retry_after


def spend_all(*budgets: tuple[Budget, tuple[str, ...]]) -> Verdict:
    """Count one use in each budget until one refuses, and say what that one says; no time to wait when all allow it."""
    verdicts = (spend(budget, *parts) for budget, parts in budgets)
    return next((one for one in verdicts if not one.allowed), Verdict(True, timedelta()))


def peek(budget: Budget, *parts: str, at: datetime | None = None) -> Verdict:
    """Say what `spend` would answer, without counting."""
    at = at or timezone.now()
    row = Counter.objects.filter(pk=_key(budget, parts), waits_until__gt=at, expires_at__gt=at).first()
    return Verdict(row is None, row.waits_until - at if row else timedelta())


# The one that was given back may have been the last that passed, from which the others wait.
_REFUND = """
    UPDATE "public"."tenants_counter" SET count = count - 1, waits_until = least(waits_until, %(at)s)
    WHERE key = %(key)s AND expires_at > %(at)s AND count > 0"""


def refund(budget: Budget, *parts: str, at: datetime | None = None) -> None:
    """Give back one use that was counted before it was known whether it should; only of a budget without growth."""
    if budget.growth is not None:
        raise ValueError(f"waits that have grown do not shrink: {budget.name}")
    with transaction.atomic(durable=True, savepoint=False), connection.cursor() as cursor:
        cursor.execute(_REFUND, {"key": _key(budget, parts), "at": at or timezone.now()})


def release(budget: Budget, *parts: str) -> None:
    """Forget what this subject has used of one budget: it succeeded."""
    Counter.objects.filter(pk=_key(budget, parts)).delete()


def release_all(subjects: Iterable[str]) -> int:
    """Forget what these subjects have used of every budget: an administrator lets them go on. Return how many there were."""
    return Counter.objects.filter(subject__in=[_subject(one) for one in subjects]).delete()[0]


def is_waiting(subjects: Iterable[str], *, at: datetime | None = None) -> bool:
    """Say whether some budget keeps one of these subjects waiting, from wherever they come."""
    at = at or timezone.now()
    theirs = Counter.objects.filter(subject__in=[_subject(one) for one in subjects])
    return theirs.filter(waits_until__gt=at, expires_at__gt=at).exists()


def forget_expired(at: datetime | None = None) -> int:
    """Delete the counters of every organization that no longer count, and return how many there were."""
    return Counter.objects.filter(expires_at__lte=at or timezone.now()).delete()[0]


def _subject(text: str = "") -> str:
    return mac("throttle/subject", text)


def _key(budget: Budget, parts: tuple[str, ...]) -> str:
    return mac("throttle", budget.name, *parts)
