"""The gate as pages meet it: the organization that is served, the day of Universal Time, and no query while warm."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from django.utils import timezone

from licensing import guards, subscribing
from licensing.editions import Decision, Feature, Reason, Retention
from licensing.models import Subscription
from tenants import hosts
from tenants.context import entered
from tests.building import Org


def bought(org: Org, edition: str | None, trial_ends: date | None = None) -> None:
    """Put a subscription, or none, and forget what is warm."""
    if edition is None:
        subscribing.end(org.row, actor="tests")
    else:
        subscribing.assign(org.row, edition=edition, trial_ends=trial_ends, actor="tests")
    hosts.forget()


@guards.required(Feature.RESET_PASSWORD)
def page(request: HttpRequest, word: str = "in") -> HttpResponse:
    """Answer a word."""
    return HttpResponse(word)


def served(org: Org) -> HttpRequest:
    """Return a request to the organization."""
    request = RequestFactory().get("/")
    request.tenant = org.row  # type: ignore[attr-defined]
    return request


@pytest.mark.parametrize(
    ("edition", "trial", "reason"),
    [
        ("p1", None, Reason.INCLUDED),
        ("p1", 0, Reason.INCLUDED),
        ("p1", -1, Reason.TRIAL_ENDED),
        ("free", None, Reason.EDITION_LACKS),
        (None, None, Reason.NO_SUBSCRIPTION),
    ],
)
def test_the_served_organization_is_asked(
    contoso: Org, edition: str | None, trial: int | None, reason: Reason
) -> None:
    today = timezone.now().date()
    bought(contoso, edition, None if trial is None else today + timedelta(days=trial))
    decided = guards.decision(Feature.RESET_PASSWORD, today=today)
    assert decided == Decision(reason is Reason.INCLUDED, reason)


def test_each_organization_has_its_own_answer(contoso: Org, fabrikam: Org) -> None:
    """In whichever of them it is asked, and for whichever."""
    for served_here in (contoso, fabrikam):
        with entered(served_here.row):
            assert guards.decision(Feature.RESET_PASSWORD, organization=contoso.row).allowed
            assert not guards.decision(Feature.RESET_PASSWORD, organization=fabrikam.row).allowed
    with entered(contoso.row):
        assert guards.decision(Feature.RESET_PASSWORD).allowed
    with entered(fabrikam.row):
        assert not guards.decision(Feature.RESET_PASSWORD).allowed


def test_the_provider_has_a_subscription_like_any_other(provider: Org) -> None:
    bought(provider, None)
    assert guards.decision(Feature.RESET_PASSWORD).reason == Reason.NO_SUBSCRIPTION
    bought(provider, "p2")
    assert guards.decision(Feature.RESET_PASSWORD).allowed


def test_warm_it_costs_no_query(contoso: Org, django_assert_num_queries: Callable[[int], Any]) -> None:
    organization = contoso.row
    guards.decision(Feature.RESET_PASSWORD)
    with django_assert_num_queries(0):
        for feature in Feature:
            guards.decision(feature)
            guards.decision(feature, organization=organization)
        guards.retention()


def test_having_none_is_kept_warm_too(contoso: Org, django_assert_num_queries: Callable[[int], Any]) -> None:
    bought(contoso, None)
    guards.decision(Feature.RESET_PASSWORD)
    with django_assert_num_queries(0):
        assert not guards.decision(Feature.RESET_PASSWORD).allowed


def test_a_trial_ends_while_the_look_up_is_warm(contoso: Org, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is kept is the subscription, not the answer: midnight in Universal Time ends the trial."""
    bought(contoso, "p1", date(2026, 3, 31))
    last = datetime(2026, 3, 31, 23, 59, 59, tzinfo=UTC)
    with timezone.override("Pacific/Auckland"):
        monkeypatch.setattr(timezone, "now", lambda: last)
        assert guards.decision(Feature.RESET_PASSWORD).reason == Reason.INCLUDED
        monkeypatch.setattr(timezone, "now", lambda: last + timedelta(seconds=1))
        assert guards.decision(Feature.RESET_PASSWORD).reason == Reason.TRIAL_ENDED


def test_retention(contoso: Org, fabrikam: Org) -> None:
    assert guards.retention(organization=contoso.row) == Retention(30, 365)
    assert guards.retention(organization=fabrikam.row) == Retention(7, 7)


def test_a_view_behind_the_gate(contoso: Org) -> None:
    """Where the feature is included it is served, with whatever it takes."""
    assert page(served(contoso)).content == b"in"
    assert page(served(contoso), word="on").content == b"on"
    assert page.__name__ == "page"


def test_a_refusal_says_why_and_who_can_help(fabrikam: Org) -> None:
    """With a status that is no success, a code for the help desk, and nothing that a cache would keep."""
    response = page(served(fabrikam))
    text = response.content.decode()
    assert response.status_code == 403
    assert "Your organization&#x27;s edition does not include this." in text
    assert "RK-LICENCE-001" in text
    assert "no-store" in response["Cache-Control"]


def test_what_is_kept_is_the_snapshot(contoso: Org) -> None:
    """Not a row, which could be saved or read on past its time."""
    with entered(contoso.row):
        row = Subscription.objects.get(organization=contoso.row)
        assert guards.snapshot() == row.snapshot
        assert connection.schema_name == "contoso"  # type: ignore[attr-defined]
