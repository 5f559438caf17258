"""The one writer of subscriptions: what it writes, what it refuses, and that a refusal leaves nothing behind."""

from datetime import date

import pytest
from django.db import IntegrityError, transaction

from licensing import subscribing
from licensing.editions import Edition, Feature, Reason, Snapshot
from licensing.guards import decision
from licensing.models import Subscription
from licensing.subscribing import SubscriptionProblem, UnknownEdition
from tenants.models import JournalEntry, Organization
from tests.building import Org

TODAY = date(2026, 4, 1)
YESTERDAY = date(2026, 3, 31)


def rows(organization: Organization) -> list[Snapshot]:
    """Return what stands in the table."""
    return [one.snapshot for one in Subscription.objects.filter(organization=organization)]


def entries(organization: Organization) -> list[JournalEntry]:
    """Return the journal's entries about subscriptions, the newest last."""
    found = JournalEntry.objects.filter(schema=organization.schema_name, event__startswith="subscription_")
    return list(found.order_by("at"))


@pytest.mark.parametrize("edition", Edition)
def test_assign(contoso: Org, edition: Edition) -> None:
    subscribing.assign(contoso.row, edition=edition.value, seats=25, actor="olga")
    assert rows(contoso.row) == [Snapshot(edition)]
    assert Subscription.objects.get(organization=contoso.row).seats == 25


def test_assigning_replaces_everything(contoso: Org) -> None:
    """What is not given is empty afterwards: an upgrade from a trial has no end."""
    subscribing.assign(contoso.row, edition="p1", trial_ends=TODAY, seats=5, actor="olga")
    subscribing.assign(contoso.row, edition="p2", actor="olga")
    assert rows(contoso.row) == [Snapshot(Edition.P2)]
    assert Subscription.objects.get(organization=contoso.row).seats is None


def test_the_journal_has_before_and_after(contoso: Org) -> None:
    before = len(entries(contoso.row))
    subscribing.assign(contoso.row, edition="m365", trial_ends=TODAY, seats=5, actor="olga")
    subscribing.end(contoso.row, actor="otto")
    *_, assigned, ended = entries(contoso.row)
    assert len(entries(contoso.row)) == before + 2
    trial = {"edition": "m365", "trial_ends": "2026-04-01", "seats": 5}
    paid = {"edition": "p1", "trial_ends": None, "seats": None}
    assert (assigned.event, assigned.actor) == ("subscription_assigned", "olga")
    assert assigned.data == {"before": paid, "after": trial}
    assert (ended.event, ended.actor) == ("subscription_ended", "otto")
    assert ended.data == {"before": trial, "after": {}}


def test_nothing_new_is_not_written(contoso: Org) -> None:
    """Saying again what is so leaves no entry."""
    subscribing.assign(contoso.row, edition="p2", actor="olga")
    before = len(entries(contoso.row))
    subscribing.assign(contoso.row, edition="p2", actor="olga")
    assert len(entries(contoso.row)) == before


def test_ending_what_is_not_there(contoso: Org) -> None:
    subscribing.end(contoso.row, actor="olga")
    before = len(entries(contoso.row))
    subscribing.end(contoso.row, actor="olga")
    assert rows(contoso.row) == []
    assert len(entries(contoso.row)) == before


def test_another_organization_keeps_its_own(contoso: Org, fabrikam: Org) -> None:
    subscribing.assign(contoso.row, edition="business", actor="olga")
    subscribing.end(contoso.row, actor="olga")
    assert rows(contoso.row) == []
    assert rows(fabrikam.row) == [Snapshot(Edition.FREE)]


def test_start_trial(contoso: Org) -> None:
    """It may end today, which is its last day."""
    subscribing.start_trial(contoso.row, edition="p2", ends=TODAY, actor="olga", today=TODAY)
    assert rows(contoso.row) == [Snapshot(Edition.P2, trial_ends=TODAY)]


@pytest.mark.parametrize("code", ["", "P1", "p3", "premium", "free ", "p1\n", "x" * 500])
def test_an_unknown_edition_names_the_choices(contoso: Org, code: str) -> None:
    with pytest.raises(UnknownEdition, match=r"Choose one of free, p1, p2, business, m365\.") as problem:
        subscribing.assign(contoso.row, edition=code, actor="olga")
    assert problem.value.field == "edition"
    assert len(str(problem.value)) < 200


@pytest.mark.parametrize(
    ("edition", "trial_ends", "seats", "field"),
    [
        ("premium", None, None, "edition"),
        ("free", TODAY, None, "trial_ends"),
        ("p1", None, 0, "seats"),
        ("p1", None, -3, "seats"),
    ],
)
def test_a_refusal_leaves_nothing(
    contoso: Org, edition: str, trial_ends: date | None, seats: int | None, field: str
) -> None:
    """Neither a row that is changed, nor an entry in the journal."""
    before = (rows(contoso.row), len(entries(contoso.row)))
    with pytest.raises(SubscriptionProblem) as problem:
        subscribing.assign(contoso.row, edition=edition, trial_ends=trial_ends, seats=seats, actor="olga")
    assert problem.value.field == field
    assert (rows(contoso.row), len(entries(contoso.row))) == before


def test_a_trial_does_not_begin_in_the_past(contoso: Org) -> None:
    with pytest.raises(SubscriptionProblem) as problem:
        subscribing.start_trial(contoso.row, edition="p2", ends=YESTERDAY, actor="olga", today=TODAY)
    assert problem.value.field == "trial_ends"
    assert rows(contoso.row) == [Snapshot(Edition.P1)]


def test_a_failing_journal_undoes_the_change(contoso: Org, monkeypatch: pytest.MonkeyPatch) -> None:
    """The row and its entry are written together or not at all."""

    def fail(*_args: object, **_kwargs: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr("licensing.subscribing.journal.record", fail)
    with pytest.raises(OSError, match="disk full"):
        subscribing.assign(contoso.row, edition="p2", actor="olga")
    with pytest.raises(OSError, match="disk full"):
        subscribing.end(contoso.row, actor="olga")
    assert rows(contoso.row) == [Snapshot(Edition.P1)]


def test_the_warm_look_up_is_dropped(contoso: Org, django_capture_on_commit_callbacks: object) -> None:
    """Once it is committed, this process answers by the new edition at once."""
    assert decision(Feature.RESET_PASSWORD).allowed
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        subscribing.end(contoso.row, actor="olga")
    assert decision(Feature.RESET_PASSWORD).reason == Reason.NO_SUBSCRIPTION


@pytest.mark.parametrize(
    "wrong", [{"edition": "p3"}, {"edition": "free", "trial_ends": TODAY}, {"seats": 0}, {"seats": -1}]
)
def test_the_database_refuses_too(contoso: Org, wrong: dict[str, object]) -> None:
    """Whatever writes past the one writer meets the same rules."""
    with pytest.raises(IntegrityError), transaction.atomic():
        Subscription.objects.filter(organization=contoso.row).update(**wrong)


def test_erasing_an_organization_takes_its_subscription(contoso: Org) -> None:
    Organization.objects.filter(pk=contoso.row.pk).delete()
    assert not Subscription.objects.filter(organization__schema_name="contoso").exists()
