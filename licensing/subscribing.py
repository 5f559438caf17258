"""Assign an edition, start a trial, end a subscription: the only writer of subscriptions.

Each is one transaction with its entry in the journal, and changes nothing when it refuses. This process forgets
the old one at once, others within the time of `tenants.hosts`.
"""

from datetime import date

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from licensing.editions import Edition
from licensing.models import Subscription
from tenants import hosts, journal
from tenants.models import Organization


class SubscriptionProblem(Exception):
    """A subscription cannot be as asked: `field` is what to change, the text says to what."""

    def __init__(self, field: str, text: str) -> None:
        super().__init__(text)
        self.field = field


class UnknownEdition(SubscriptionProblem):
    """There is no edition of this code."""

    def __init__(self, code: str) -> None:
        choices = ", ".join(edition.value for edition in Edition)
        text = _("“%(code)s” is not an edition. Choose one of %(choices)s.")
        super().__init__("edition", text % {"code": code[:40], "choices": choices})


def checked(*, edition: str, trial_ends: date | None = None, seats: int | None = None) -> Edition:
    """Return the edition if a subscription can be like this.

    Raises `UnknownEdition` naming the choices, and `SubscriptionProblem` for a trial of Free and for less than
    one seat.
    """
    try:
        wanted = Edition(edition)
    except ValueError:
        raise UnknownEdition(edition) from None
    if wanted is Edition.FREE and trial_ends is not None:
        raise SubscriptionProblem(
            "trial_ends", _("Free cannot be on trial: leave the trial's last day empty.")
        )
    if seats is not None and seats < 1:
        raise SubscriptionProblem("seats", _("The number of seats is 1 or more, or empty."))
    return wanted


@transaction.atomic
def assign(
    organization: Organization,
    *,
    edition: str,
    actor: str,
    trial_ends: date | None = None,
    seats: int | None = None,
) -> Subscription:
    """Make this the organization's subscription from now on; what is not given is empty then.

    Raises what `checked` raises.
    """
    wanted = checked(edition=edition, trial_ends=trial_ends, seats=seats)
    there = _locked(organization)
    before = _facts(there)
    subscription = there or Subscription(organization=organization)
    subscription.edition, subscription.trial_ends, subscription.seats = wanted.value, trial_ends, seats
    after = _facts(subscription)
    if before != after:
        subscription.save()
        _write("subscription_assigned", organization, actor, before=before, after=after)
    return subscription


def start_trial(
    organization: Organization,
    *,
    edition: str,
    ends: date,
    actor: str,
    seats: int | None = None,
    today: date | None = None,
) -> Subscription:
    """Put the organization on trial through the day `ends`, which is today or later.

    Raises what `assign` raises, and `SubscriptionProblem` for a day that has passed.
    """
    if ends < (today or timezone.now().date()):
        raise SubscriptionProblem(
            "trial_ends", _("The last day of the trial has passed: choose today or later.")
        )
    return assign(organization, edition=edition, trial_ends=ends, seats=seats, actor=actor)


@transaction.atomic
def end(organization: Organization, *, actor: str) -> None:
    """Leave the organization without a subscription, which is Free; nothing happens where it has none."""
    subscription = _locked(organization)
    if subscription is not None:
        before = _facts(subscription)
        subscription.delete()
        _write("subscription_ended", organization, actor, before=before, after={})


def _locked(organization: Organization) -> Subscription | None:
    """Return the subscription, holding the organization's row: two writers come one after the other."""
    Organization.objects.select_for_update().get(pk=organization.pk)
    return Subscription.objects.filter(organization=organization).first()


def _facts(subscription: Subscription | None) -> dict[str, object]:
    if subscription is None:
        return {}
    ends = subscription.trial_ends
    return {
        "edition": subscription.edition,
        "trial_ends": ends.isoformat() if ends else None,
        "seats": subscription.seats,
    }


def _write(
    event: str, organization: Organization, actor: str, *, before: dict[str, object], after: dict[str, object]
) -> None:
    journal.record(event, actor=actor, organization=organization, data={"before": before, "after": after})
    transaction.on_commit(hosts.forget)
