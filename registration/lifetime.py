"""How long a password lives, and when its owner is told that it will end: pure. It is counted from the last change."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum

SHORTEST, LONGEST = 1, 730  # days; no lifetime at all is the default
#: Days before the end at which its owner is written to, once at each.
NOTICES = (14, 7, 1)


class State(StrEnum):
    """Where a password is in its life."""

    VALID = "valid"
    SOON = "expires_soon"
    EXPIRED = "expired"
    MUST_CHANGE = "must_change"

    @property
    def ended(self) -> bool:
        """Whether whoever knows it can do nothing with it but choose another."""
        return self in (State.EXPIRED, State.MUST_CHANGE)


def expires_at(changed_at: datetime, days: int | None) -> datetime | None:
    """Return when a password ends; nothing where passwords have no lifetime.

    >>> from datetime import UTC
    >>> expires_at(datetime(2026, 2, 1, 9, tzinfo=UTC), 30)
    datetime.datetime(2026, 3, 3, 9, 0, tzinfo=datetime.timezone.utc)
    >>> expires_at(datetime(2026, 2, 1, 9, tzinfo=UTC), None) is None
    True
    """
    return None if days is None else changed_at + timedelta(days=days)


def state(*, changed_at: datetime, days: int | None, must_change: bool, now: datetime) -> State:
    """Return where a password is at a moment. What an administrator asked for comes before what the calendar says.

    >>> from datetime import UTC
    >>> changed, day = datetime(2026, 2, 1, tzinfo=UTC), timedelta(days=1)
    >>> at = lambda days, **more: str(state(changed_at=changed, days=30, now=changed + days * day, **more))
    >>> [at(days, must_change=False) for days in (0, 15, 16, 29, 30)]
    ['valid', 'valid', 'expires_soon', 'expires_soon', 'expired']
    >>> at(0, must_change=True)
    'must_change'
    """
    end = expires_at(changed_at, days)
    if must_change:
        return State.MUST_CHANGE
    if end is None:
        return State.VALID
    if now >= end:
        return State.EXPIRED
    return State.SOON if now >= end - timedelta(days=max(NOTICES)) else State.VALID


def notice_due(
    end: datetime, told_at: datetime | None, now: datetime, notices: Sequence[int] = NOTICES
) -> bool:
    """Say whether its owner is to be told now: the latest of the days for it has come, and nothing was told since.

    That they were told stands as one moment, so that a longer lifetime or a new password begins anew by itself.

    >>> from datetime import UTC
    >>> end, day = datetime(2026, 3, 3, tzinfo=UTC), timedelta(days=1)
    >>> [notice_due(end, None, end - days * day) for days in (15, 14, 3, 0)]
    [False, True, True, False]
    >>> [notice_due(end, end - 14 * day, end - days * day) for days in (13, 8, 7, 6)]
    [False, False, True, True]
    """
    begun = [end - timedelta(days=days) for days in notices if end - timedelta(days=days) <= now]
    return bool(begun) and now < end and (told_at is None or told_at < max(begun))


def days_left(end: datetime, now: datetime) -> int:
    """Return how many days are left, a day that has begun as a whole one.

    >>> from datetime import UTC
    >>> end = datetime(2026, 3, 3, 9, tzinfo=UTC)
    >>> days_left(end, end - timedelta(days=7)), days_left(end, end - timedelta(hours=30)), days_left(end, end)
    (7, 2, 0)
    """
    return max(0, -(-(end - now) // timedelta(days=1)))
