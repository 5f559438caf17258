"""What each edition includes: the table, and the one question that is asked of it.

Everything that an organization may or may not do because of what it has bought is decided here, from `TABLE`.
An organization without a subscription, and one whose trial has ended, is in the edition Free.

A trial that ends on a day still runs on that day and has ended on the next. Which day it is, the caller says:
`guards` takes the day of Universal Time, so that a trial ends at the same moment for an organization's people
everywhere.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from types import MappingProxyType


class Edition(StrEnum):
    """What an organization can have bought. The values are stored, so they never change."""

    FREE = "free"
    P1 = "p1"
    P2 = "p2"
    BUSINESS = "business"
    M365 = "m365"


class Feature(StrEnum):
    """What an edition can include."""

    CHANGE_PASSWORD = "change_password"
    RESET_PASSWORD = "reset_password"
    WRITEBACK = "writeback"
    PHONE_CALLS = "phone_calls"
    BANNED_WORDS = "banned_words"


class Reason(StrEnum):
    """Why a feature is included or is not."""

    INCLUDED = "included"
    EDITION_LACKS = "edition_lacks"
    TRIAL_LACKS = "trial_lacks"
    TRIAL_ENDED = "trial_ended"
    NO_SUBSCRIPTION = "no_subscription"


@dataclass(frozen=True)
class Retention:
    """How long the audit trail is kept: when nobody chose, and at most."""

    default_days: int
    maximum_days: int

    def days(self, chosen: int | None = None) -> int:
        """Return the days to keep, given what the organization chose, which is from 1 to the maximum.

        >>> [Retention(30, 365).days(chosen) for chosen in (None, 90, 4000, 0)]
        [30, 90, 365, 1]
        """
        return self.default_days if chosen is None else max(1, min(chosen, self.maximum_days))


@dataclass(frozen=True)
class Terms:
    """One column of the table: what an edition includes."""

    features: frozenset[Feature]
    retention: Retention


_ALL = frozenset(Feature)

TABLE: Mapping[Edition, Terms] = MappingProxyType(
    {
        Edition.FREE: Terms(frozenset({Feature.CHANGE_PASSWORD}), Retention(7, 7)),
        Edition.P1: Terms(_ALL, Retention(30, 365)),
        Edition.P2: Terms(_ALL, Retention(30, 365)),
        Edition.BUSINESS: Terms(_ALL, Retention(30, 365)),
        Edition.M365: Terms(_ALL - {Feature.WRITEBACK}, Retention(30, 365)),
    }
)
#: What no trial includes, whatever its edition.
NOT_ON_TRIAL = frozenset({Feature.PHONE_CALLS})


@dataclass(frozen=True)
class Snapshot:
    """A subscription as it was read: the edition, and the last day of its trial if it is one."""

    edition: Edition
    trial_ends: date | None = None

    @property
    def is_trial(self) -> bool:
        """Say whether it is on trial, running or ended; what has been paid has no end."""
        return self.trial_ends is not None

    def has_ended(self, today: date) -> bool:
        """Say whether its trial is over.

        >>> trial = Snapshot(Edition.P1, trial_ends=date(2026, 3, 31))
        >>> trial.has_ended(date(2026, 3, 31)), trial.has_ended(date(2026, 4, 1))
        (False, True)
        """
        return self.trial_ends is not None and today > self.trial_ends


@dataclass(frozen=True)
class Decision:
    """The answer to "may it?", with the reason as a code."""

    allowed: bool
    reason: Reason

    def __bool__(self) -> bool:
        return self.allowed


def effective_edition(subscription: Snapshot | None, today: date) -> Edition:
    """Return the edition whose terms hold today.

    >>> trial = Snapshot(Edition.P2, trial_ends=date(2026, 3, 31))
    >>> effective_edition(trial, date(2026, 3, 31)).value, effective_edition(trial, date(2026, 4, 1)).value
    ('p2', 'free')
    >>> effective_edition(None, date(2026, 4, 1)).value
    'free'
    """
    if subscription is None or subscription.has_ended(today):
        return Edition.FREE
    return subscription.edition


def decide(subscription: Snapshot | None, feature: Feature, today: date) -> Decision:
    """Say whether this subscription includes the feature today; the reason names what would have to change.

    >>> day = date(2026, 4, 1)
    >>> decide(Snapshot(Edition.M365), Feature.WRITEBACK, day).reason.value
    'edition_lacks'
    >>> decide(Snapshot(Edition.P1, trial_ends=day), Feature.PHONE_CALLS, day).reason.value
    'trial_lacks'
    >>> decide(None, Feature.RESET_PASSWORD, day).reason.value
    'no_subscription'
    >>> decide(None, Feature.CHANGE_PASSWORD, day).reason.value
    'included'
    """
    if feature in TABLE[effective_edition(subscription, today)].features:
        on_trial = subscription is not None and subscription.is_trial and not subscription.has_ended(today)
        if on_trial and feature in NOT_ON_TRIAL:
            return Decision(False, Reason.TRIAL_LACKS)
        return Decision(True, Reason.INCLUDED)
    if subscription is None:
        return Decision(False, Reason.NO_SUBSCRIPTION)
    if subscription.has_ended(today) and feature in TABLE[subscription.edition].features:
        return Decision(False, Reason.TRIAL_ENDED)
    return Decision(False, Reason.EDITION_LACKS)


def lacking(subscription: Snapshot | None, today: date) -> frozenset[Feature]:
    """Return the features that are not included today.

    >>> sorted(lacking(Snapshot(Edition.P1, trial_ends=date(2026, 3, 31)), date(2026, 3, 31)))
    [<Feature.PHONE_CALLS: 'phone_calls'>]
    """
    return frozenset(feature for feature in Feature if not decide(subscription, feature, today).allowed)


def retention(subscription: Snapshot | None, today: date) -> Retention:
    """Return how long the audit trail is kept under this subscription.

    >>> retention(None, date(2026, 4, 1))
    Retention(default_days=7, maximum_days=7)
    """
    return TABLE[effective_edition(subscription, today)].retention
