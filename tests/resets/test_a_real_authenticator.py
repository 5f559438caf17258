"""Codes of a real authenticator, oathtool: taken once, and taken in a row where longer ones are asked."""

import shutil

import pytest

from registration import guessing
from registration.purpose import Purpose
from resets.models import Reset
from tenants.shield import throttle
from tests.browser.sites import oathtool
from tests.building import KEY, Org, give_app
from tests.journeys.people import prove_app
from tests.resets.steps import begun, where

pytestmark = pytest.mark.skipif(
    shutil.which("oathtool") is None, reason="oathtool is not installed (Debian: apt install oathtool)"
)
ADELE = "adele@contoso.example"


def test_a_code_is_taken_and_a_used_one_is_not(contoso: Org) -> None:
    give_app(contoso.user("adele"))
    code = oathtool(KEY)
    owner, other = begun(contoso, ADELE), begun(contoso, ADELE)
    prove_app(owner, code)
    assert where(owner) == "/reset/password/"
    prove_app(other, code)
    assert Reset.objects.get(pk=other.session["reset"]).passed == []
    assert Reset.objects.get(pk=other.session["reset"]).failures == 1


def test_a_code_of_long_ago_is_not_taken(contoso: Org) -> None:
    give_app(contoso.user("adele"))
    browser = begun(contoso, ADELE)
    prove_app(browser, oathtool(KEY, steps=-4))
    assert Reset.objects.latest("created_at").failures == 1


def test_two_in_a_row_are_taken_where_longer_codes_are_asked(contoso: Org) -> None:
    give_app(contoso.user("adele"))
    for _wrong in range(guessing.SHORT.limit):
        throttle.spend(guessing.SHORT, ADELE, Purpose.RESET)
    browser = begun(contoso, ADELE)
    prove_app(browser, f"{oathtool(KEY, steps=-1)}{oathtool(KEY)}")
    assert where(browser) == "/reset/password/"
