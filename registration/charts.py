"""Where the bars of a chart stand: pure. The page draws them as SVG, beside the table of the same numbers."""

from collections.abc import Sequence
from dataclasses import dataclass

from registration.usage import Pair

WIDTH, HEIGHT = 600, 160
_GAP = 0.2  # of a bar's width, between two


@dataclass(frozen=True)
class Bar:
    """Two parts, one upon the other: what went well stands below."""

    x: float
    width: float
    done_y: float
    done_height: float
    failed_y: float
    failed_height: float


def top(pairs: Sequence[Pair]) -> int:
    """Return the number at the top of the scale: round, and not below the highest bar.

    >>> [top([Pair(number)]) for number in (0, 3, 10, 11, 234, 1001)]
    [5, 5, 10, 20, 250, 2000]
    """
    most, scale = max((one.total for one in pairs), default=0), 1
    while True:
        for step in (5, 10, 20, 25):
            if step * scale >= most and (step != 25 or scale >= 10):
                return step * scale
        scale *= 10


def bars(pairs: Sequence[Pair]) -> list[Bar]:
    """Return the bars of these numbers, from left to right.

    >>> bars([Pair(5, 5), Pair(0, 0)])[0]
    Bar(x=30.0, width=240.0, done_y=80.0, done_height=80.0, failed_y=0.0, failed_height=80.0)
    """
    if not pairs:
        return []
    highest, each = top(pairs), WIDTH / len(pairs)
    width = each * (1 - _GAP)
    found = []
    for number, one in enumerate(pairs):
        done, failed = HEIGHT * one.done / highest, HEIGHT * one.failed / highest
        x = number * each + (each - width) / 2
        found.append(
            Bar(*(round(it, 2) for it in (x, width, HEIGHT - done, done, HEIGHT - done - failed, failed)))
        )
    return found
