"""How long the audit trail is kept, and from when a shorter time holds: pure.

A longer time holds at once. A shorter one, whether an administrator chose it, the edition went down or a trial ended, is
announced first and deletes nothing for a week: whoever took over an administrator's account does not wipe their own traces
with it, and a subscription that is renewed within the week has lost nothing.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

GRACE = timedelta(days=7)
#: What an organization may choose between; its edition may allow less.
SHORTEST, LONGEST = 7, 365


@dataclass(frozen=True)
class Keeping:
    """For how many days events are kept now, and the shorter time that has been announced, if one has."""

    days: int
    next_days: int | None = None
    next_at: datetime | None = None

    @property
    def is_announced(self) -> bool:
        """Say whether a shorter time is coming."""
        return self.next_days is not None


def after(keeping: Keeping, wanted: int, now: datetime) -> Keeping:
    """Return what holds now, where events are to be kept for so many days.

    >>> from datetime import UTC
    >>> monday = datetime(2026, 11, 23, 2, 47, tzinfo=UTC)
    >>> announced = after(Keeping(30), 7, monday)
    >>> announced.days, announced.next_days, f"{announced.next_at:%d.%m.}"
    (30, 7, '30.11.')
    >>> [after(announced, 7, monday + timedelta(days=days)).days for days in (6, 7)]
    [30, 7]
    >>> after(announced, 30, monday + timedelta(days=6))
    Keeping(days=30, next_days=None, next_at=None)
    """
    if keeping.next_days is not None and keeping.next_at is not None and now >= keeping.next_at:
        keeping = Keeping(keeping.next_days)
    if wanted >= keeping.days:
        return Keeping(wanted)
    if keeping.next_days is not None and wanted >= keeping.next_days:
        return Keeping(keeping.days, wanted, keeping.next_at)  # no more goes than was announced
    return Keeping(keeping.days, wanted, now + GRACE)
