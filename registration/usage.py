"""What the audit trail tells when it is counted: pure. Counts by time, activity, method, status and reason in; tables out.

A range is cut into equal pieces, which end with the hour or the day that it is now. Every number of the page is a sum over the
same counts, so that they agree with each other.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum
from types import MappingProxyType

#: The activities that are counted. Their names are stored, so they never change.
STARTED, RESET, STOPPED = "reset_started", "password_reset", "reset_stopped"
GATE, REFUSED = "reset_gate", "reset_password_refused"
REGISTERED, REGISTERED_ALL = "security_info_registered", "registered_all_required"
CHANGED, NOT_SENT = "password_changed", "code_not_sent"
COUNTED = (STARTED, RESET, STOPPED, GATE, REFUSED, REGISTERED, REGISTERED_ALL, CHANGED, NOT_SENT)
FAILURE = "failure"
#: How many reasons a page shows.
TOP = 10
#: How long a help desk takes for one reset, unless a page is told otherwise.
MINUTES, MOST_MINUTES = 5, 240


class Days(IntEnum):
    """The ranges, in days."""

    ONE = 1
    WEEK = 7
    MONTH = 30
    QUARTER = 90


_PIECES: Mapping[Days, timedelta] = MappingProxyType(
    {
        Days.ONE: timedelta(hours=1),
        Days.WEEK: timedelta(days=1),
        Days.MONTH: timedelta(days=1),
        Days.QUARTER: timedelta(days=3),
    }
)


@dataclass(frozen=True)
class Range:
    """A time that is looked at, in pieces."""

    days: Days
    since: datetime
    until: datetime
    piece: timedelta

    @property
    def starts(self) -> list[datetime]:
        """When each piece begins."""
        return [self.since + number * self.piece for number in range((self.until - self.since) // self.piece)]


@dataclass(frozen=True)
class Counted:
    """How often something happened in a piece of time."""

    at: datetime
    activity: str
    method: str
    status: str
    reason: str
    number: int


@dataclass(frozen=True)
class Pair:
    """How often something went well, and how often not."""

    done: int = 0
    failed: int = 0

    @property
    def total(self) -> int:
        """Both."""
        return self.done + self.failed


@dataclass(frozen=True)
class Summary:
    """What a page shows of a range."""

    resets: Mapping[datetime, Pair]
    registrations: Mapping[datetime, Pair]
    reset_methods: Mapping[str, Pair]
    registration_methods: Mapping[str, Pair]
    #: What it was about, why it failed, how often; the most frequent first.
    reasons: tuple[tuple[str, str, int], ...]
    started: int
    registered_all: int
    changed: Pair

    @property
    def reset(self) -> Pair:
        """All resets that ended."""
        return _sum(self.resets.values())

    @property
    def registration(self) -> Pair:
        """All registrations of a method."""
        return _sum(self.registrations.values())

    def saved(self, minutes: int) -> timedelta:
        """Return the help desk's time that the resets have saved, at so many minutes each."""
        return timedelta(minutes=self.reset.done * minutes)


def range_of(days: Days, now: datetime) -> Range:
    """Return the range of so many days that ends with this hour, or with this day.

    >>> from datetime import UTC
    >>> found = range_of(Days.WEEK, datetime(2026, 11, 26, 9, 30, tzinfo=UTC))
    >>> f"{found.since:%d.%m. %H:%M} {found.until:%d.%m. %H:%M}", len(found.starts)
    ('20.11. 00:00 27.11. 00:00', 7)
    >>> [len(range_of(days, found.since).starts) for days in Days]
    [24, 7, 30, 30]
    """
    piece = _PIECES[days]
    whole = now.replace(minute=0, second=0, microsecond=0)
    until = whole + timedelta(hours=1) if days is Days.ONE else whole.replace(hour=0) + timedelta(days=1)
    return Range(days, until - timedelta(days=days), until, piece)


def summed(rows: Iterable[Counted], over: Range) -> Summary:
    """Add everything up.

    >>> from datetime import UTC
    >>> over = range_of(Days.WEEK, datetime(2026, 11, 26, tzinfo=UTC))
    >>> rows = [Counted(over.since, GATE, "email", "success", "", 3), Counted(over.since, RESET, "email", "success", "", 2)]
    >>> rows += [Counted(over.since, STOPPED, "", "failure", "expired", 1), Counted(over.since, STARTED, "", "success", "", 4)]
    >>> found = summed(rows, over)
    >>> found.reset, found.reset_methods["email"], found.reasons, found.saved(5)
    (Pair(done=2, failed=1), Pair(done=3, failed=0), (('reset', 'expired', 1),), datetime.timedelta(seconds=600))
    """
    kept = list(rows)
    return Summary(
        resets=_over_time(kept, over, done=RESET, failed=STOPPED),
        registrations=_over_time(kept, over, done=REGISTERED, failed=REGISTERED),
        reset_methods=_by_method(kept, GATE),
        registration_methods=_by_method(kept, REGISTERED),
        reasons=_reasons(kept),
        started=_pair(kept, STARTED).done,
        registered_all=_pair(kept, REGISTERED_ALL).done,
        changed=_pair(kept, CHANGED),
    )


def share(part: int, whole: int) -> float:
    """Return a part in percent of the whole.

    >>> share(1, 8), share(0, 0)
    (12.5, 0.0)
    """
    return 100 * part / whole if whole else 0.0


def _sum(pairs: Iterable[Pair]) -> Pair:
    kept = list(pairs)
    return Pair(sum(one.done for one in kept), sum(one.failed for one in kept))


def _pair(rows: Iterable[Counted], *activities: str) -> Pair:
    kept = [row for row in rows if row.activity in activities]
    failed = sum(row.number for row in kept if row.status == FAILURE)
    return Pair(sum(row.number for row in kept) - failed, failed)


def _over_time(rows: Iterable[Counted], over: Range, *, done: str, failed: str) -> dict[datetime, Pair]:
    good: Counter[datetime] = Counter()
    bad: Counter[datetime] = Counter()
    for row in rows:
        if row.activity == failed and row.status == FAILURE:
            bad[row.at] += row.number
        elif row.activity == done and row.status != FAILURE:
            good[row.at] += row.number
    return {at: Pair(good[at], bad[at]) for at in over.starts}


def _by_method(rows: Iterable[Counted], activity: str) -> dict[str, Pair]:
    of: dict[str, list[Counted]] = {}
    for row in rows:
        if row.activity == activity:
            for kind in row.method.split("+"):
                of.setdefault(kind, []).append(row)
    pairs = {kind: _pair(kept, activity) for kind, kept in of.items()}
    return dict(sorted(pairs.items(), key=lambda one: (-one[1].total, one[0])))


#: What a failure was about, by its activity.
ABOUT: Mapping[str, str] = MappingProxyType(
    {
        STARTED: "reset",
        STOPPED: "reset",
        GATE: "proof",
        REFUSED: "password",
        CHANGED: "change",
        REGISTERED: "registration",
        NOT_SENT: "message",
    }
)


def _reasons(rows: Iterable[Counted]) -> tuple[tuple[str, str, int], ...]:
    found: Counter[tuple[str, str]] = Counter()
    for row in rows:
        if row.status == FAILURE and row.reason and row.activity in ABOUT:
            found[ABOUT[row.activity], row.reason] += row.number
    ordered = sorted(found.items(), key=lambda one: (-one[1], one[0]))
    return tuple((about, reason, number) for (about, reason), number in ordered[:TOP])
