"""How two ways of doing the same are compared: in turns, by the best of each, since a busy machine only ever adds."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol


class Figure(Protocol):
    """What a benchmark returns: it prints itself, and says whether it is as good as it must be."""

    @property
    def holds(self) -> bool:
        """Say whether it keeps to the floor or limit that its file names."""
        ...


@dataclass(frozen=True)
class Result:
    """How many times as fast the one way is, what was compared, and the least that is expected."""

    what: str
    ratio: float
    floor: float
    details: str

    @property
    def holds(self) -> bool:
        """Say whether the ratio reaches its floor."""
        return self.ratio >= self.floor

    def __str__(self) -> str:
        verdict = "" if self.holds else "  UNDER THE FLOOR"
        return f"{self.what}: {self.ratio:.1f} times as fast ({self.details}); floor {self.floor}{verdict}"


def seconds(work: Callable[[], object]) -> float:
    """Return how long something takes."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def in_turns(
    fast: Callable[[], object],
    slow: Callable[[], object],
    rounds: int,
    *,
    before: Callable[[], object] = lambda: None,
) -> tuple[float, float]:
    """Return the least seconds of each, done in turns in every round; `before` prepares each and is not counted."""
    taken: list[tuple[float, ...]] = []
    for _round in range(rounds):
        both = []
        for work in (fast, slow):
            before()
            both.append(seconds(work))
        taken.append(tuple(both))
    return min(both[0] for both in taken), min(both[1] for both in taken)
