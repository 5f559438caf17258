"""The check for a person grows harder with a crowd, for its own organization alone, and refuses nobody."""

import json

import pytest
from django.test import RequestFactory
from django_tenants.utils import schema_context
from pytest_django import Settings

from tenants.shield import pressure
from tenants.shield.captcha import Outcome, find
from tenants.shield.throttle import Budget
from tests.tenants.shield.solving import solved
from tests.tenants.shield.test_captcha import Form


@pytest.fixture(autouse=True)
def few(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let three be a crowd, and solve in no time."""
    settings.ALTCHA_CHALLENGE = {"cost": 1, "max_number": 4, "expires_seconds": 600}
    monkeypatch.setattr(pressure, "USUAL", Budget("captcha/few", limit=3, seconds=60))


def cost() -> int:
    """Return how hard the next challenge is."""
    challenge = find("altcha").challenge(RequestFactory().get("/"))
    return int(json.loads(challenge.content)["parameters"]["cost"])


@pytest.mark.django_db
def test_a_crowd_works_harder() -> None:
    costs = []
    for _person in range(4):
        costs.append(cost())
        assert Form({"captcha": solved()}).is_valid()
    assert costs == [1, 1, 1, pressure.HARDER]


@pytest.mark.django_db
def test_what_fails_makes_no_crowd() -> None:
    for _bot in range(4):
        assert not Form({"captcha": "x"}).is_valid()
    assert cost() == 1


@pytest.mark.django_db
def test_a_harder_one_is_solved_and_passes() -> None:
    for _person in range(3):
        pressure.count()
    assert find("altcha").verify(solved()) is Outcome.PASSED


@pytest.mark.django_db
def test_another_organization_has_its_own_crowd() -> None:
    with schema_context("contoso"):
        for _person in range(3):
            pressure.count()
        assert cost() == pressure.HARDER
    assert cost() == 1
