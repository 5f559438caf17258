"""Whether time tells a name that somebody has from one that nobody has: each step of a reset, and a wrong password.

Known and unknown names take each step in turns, in an order drawn anew, in this process, with hashes at the lowest cost:
neither a network nor Argon2 hides a difference (tests/resets/test_two_hundred.py counts that as many are made). The figure of
a step is the chance that a known name takes longer than an unknown one (AUC; Mann-Whitney's U by n times m). 0.5 tells
nothing, 0 and 1 tell everything.
"""

import gc
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from random import Random

from django.contrib.auth.hashers import make_password
from django.test import override_settings

from benchmarks.comparing import seconds
from registration import configuring, people
from registration.models import Group, User
from registration.onboarding import onboard
from tenants.context import entered
from tests.building import PASSWORD, Org
from tests.resets.steps_of_all import TIMED, Step
from tests.resets.visitors import POLICIES, Visitor, visitors

OF_EACH = 200
#: The furthest from 0.5 that a step may be. By chance alone an AUC of 200 and 200 strays by 0.029 (one standard deviation), so
#: one step in 30 000 strays this far where nothing is to be told.
FURTHEST = 0.12
_RESAMPLED = 500


@dataclass(frozen=True)
class Told:
    """How well time tells known from unknown names at one step, and between which bounds that is with 95 in 100."""

    step: str
    auc: float
    low: float
    high: float
    known_ms: float
    unknown_ms: float

    @property
    def distance(self) -> float:
        """Return how far from telling nothing it is."""
        return abs(self.auc - 0.5)

    def __str__(self) -> str:
        times = f"{self.known_ms:.1f} and {self.unknown_ms:.1f} ms"
        return f"  {self.step}: AUC {self.auc:.2f} ({self.low:.2f} to {self.high:.2f}; {times})"


@dataclass(frozen=True)
class Apart:
    """What time tells at every step; it holds when it tells next to nothing at each."""

    told: tuple[Told, ...]

    @property
    def holds(self) -> bool:
        """Say whether no step strays too far."""
        return max(one.distance for one in self.told) <= FURTHEST

    def __str__(self) -> str:
        most = max(self.told, key=lambda one: one.distance)
        verdict = "" if self.holds else "  OVER THE LIMIT"
        what = f"telling {OF_EACH} known names from {OF_EACH} unknown ones by time"
        line = f"{what}: {most.distance:.2f} from 0.5 at most, at “{most.step}”; limit {FURTHEST}{verdict}"
        return "\n".join([line, *map(str, self.told)])


def measure() -> Apart:
    """Time every step, known and unknown names in turns."""
    contoso = _organization("contoso", "p1")
    _organization("fabrikam", "free")  # some unknown names are somebody there
    with (
        entered(contoso.row),
        override_settings(
            ALTCHA_CHALLENGE={"cost": 1, "max_number": 4, "expires_seconds": 3600},
            PASSWORD_HASHERS=["tests.hashing.QuickHasher"],
        ),
    ):
        configuring.configure(POLICIES["one method"], actor="benchmark")
        User.objects.filter(sign_in_name="adele@contoso.example").update(password=make_password(PASSWORD))
        warm, found = visitors(contoso, 10, first=9_000), visitors(contoso, OF_EACH)
        rng = Random(1)  # noqa: S311  # it draws an order
        for step in TIMED:
            timed(step, warm, rng)
        return Apart(tuple(told(step.name, *timed(step, found, rng), rng) for step in TIMED))


def timed(step: Step, found: Sequence[Visitor], rng: Random) -> tuple[list[float], list[float]]:
    """Return the seconds that a step takes known names, and unknown ones."""
    taken: dict[bool, list[float]] = {True: [], False: []}
    gc.collect()
    gc.disable()
    try:
        for visitor in rng.sample(list(found), len(found)):
            step.before(visitor)
            taken[visitor.known].append(seconds(partial(step.do, visitor)))
    finally:
        gc.enable()
    return taken[True], taken[False]


def told(step: str, known: Sequence[float], unknown: Sequence[float], rng: Random) -> Told:
    """Return how well these tell them apart, with bounds by the bootstrap."""
    drawn = sorted(
        auc(rng.choices(known, k=len(known)), rng.choices(unknown, k=len(unknown)))
        for _time in range(_RESAMPLED)
    )
    low, high = drawn[_RESAMPLED // 40], drawn[-_RESAMPLED // 40]
    middle = [sorted(each)[len(each) // 2] * 1000 for each in (known, unknown)]
    return Told(step, auc(known, unknown), low, high, *middle)


def auc(one: Sequence[float], other: Sequence[float]) -> float:
    """Return the chance that one of these is greater than one of the others, counting half of those that are equal.

    >>> auc([2, 3], [1, 2]), auc([1, 2], [1, 2])
    (0.875, 0.5)
    """
    ranks = 0.0
    every = sorted([(value, True) for value in one] + [(value, False) for value in other])
    at = 0
    while at < len(every):
        end = at
        while end < len(every) and every[end][0] == every[at][0]:
            end += 1
        ranks += (at + 1 + end) / 2 * sum(mine for _value, mine in every[at:end])
        at = end
    return (ranks - len(one) * (len(one) + 1) / 2) / (len(one) * len(other))


def _organization(slug: str, edition: str) -> Org:
    """Make an organization of the visitors."""
    made = onboard(
        slug,
        name=slug.capitalize(),
        sign_in_name=f"{slug}.example",
        edition=edition,
        administrator=f"chief@{slug}.example",
        address="chief@post.example",
        actor="benchmark",
    )
    with entered(made.organization):
        Group.objects.create(name="Pilot", may_reset=True)
        people.add(f"adele@{slug}.example", actor="benchmark")
    return Org(slug)
