"""Editions beside each other: what one has that another has not. Pure."""

from dataclasses import dataclass
from datetime import date

from licensing.editions import (
    TABLE,
    Edition,
    Feature,
    Retention,
    Snapshot,
    decide,
    effective_edition,
    lacking,
)


@dataclass(frozen=True)
class Upgrade:
    """What another edition, paid for, would add today; `retention` where the audit trail could be kept longer."""

    edition: Edition
    features: tuple[Feature, ...]
    retention: Retention | None


@dataclass(frozen=True)
class Included:
    """Whether a feature is included in each edition."""

    feature: Feature
    editions: tuple[bool, ...]


def included() -> tuple[Included, ...]:
    """Return the table row by row, each edition in its order.

    >>> next(row for row in included() if row.feature is Feature.WRITEBACK).editions
    (False, True, True, True, False)
    """
    return tuple(
        Included(feature, tuple(feature in TABLE[edition].features for edition in Edition))
        for feature in Feature
    )


def upgrades(subscription: Snapshot | None, today: date) -> tuple[Upgrade, ...]:
    """Return every other edition that would add something to what is included today.

    >>> [one.edition.value for one in upgrades(Snapshot(Edition.M365), date(2026, 1, 1))]
    ['p1', 'p2', 'business']
    >>> trial = Snapshot(Edition.P1, trial_ends=date(2026, 1, 31))
    >>> [(one.edition.value, *one.features) for one in upgrades(trial, date(2026, 1, 1))][0]
    ('p1', <Feature.PHONE_CALLS: 'phone_calls'>)
    """
    missing = lacking(subscription, today)
    here = TABLE[effective_edition(subscription, today)].retention
    found = []
    for edition in Edition:
        paid = Snapshot(edition)
        features = tuple(one for one in Feature if one in missing and decide(paid, one, today).allowed)
        kept = TABLE[edition].retention
        longer = kept if kept.maximum_days > here.maximum_days else None
        if features or longer:
            found.append(Upgrade(edition, features, longer))
    return tuple(found)
