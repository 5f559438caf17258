"""The cells of the table that a person can reach, met over HTTP: the reset portal and the signed-in change."""

from datetime import timedelta

import pytest
from django.utils import timezone

from licensing import subscribing
from registration.models import User
from resets.models import Reset
from tenants import hosts
from tests.building import PASSWORD, Org, sign_in
from tests.journeys.people import begin_reset

NEW_PASSWORD = "Staple-Battery-8"
#: edition, days to the last day of its trial: whether a forgotten password can be reset. Literal on purpose.
ROWS = [
    ("free", None, False),
    ("p1", None, True),
    ("p1", 0, True),
    ("p1", -1, False),
    ("p2", None, True),
    ("p2", 0, True),
    ("p2", -1, False),
    ("business", None, True),
    ("business", 0, True),
    ("business", -1, False),
    ("m365", None, True),
    ("m365", 0, True),
    ("m365", -1, False),
    (None, None, False),
]


@pytest.fixture
def bought(contoso: Org, edition: str | None, trial: int | None) -> Org:
    """Contoso with this subscription; the process has forgotten any other."""
    if edition is None:
        subscribing.end(contoso.row, actor="tests")
    else:
        ends = None if trial is None else timezone.now().date() + timedelta(days=trial)
        subscribing.assign(contoso.row, edition=edition, trial_ends=ends, actor="tests")
    hosts.forget()
    return contoso


@pytest.mark.parametrize(("edition", "trial", "resets"), ROWS)
def test_reset(bought: Org, resets: bool) -> None:
    """Where nobody can, the portal says so before any name is typed, and a direct post makes nothing."""
    browser = bought.browser()
    page = browser.get("/reset/")
    begun = begin_reset(browser, "adele@contoso.example")
    assert [page.status_code, begun.status_code] == ([200, 302] if resets else [403, 403])
    assert ("RK-RESET-012" in page.content.decode()) is not resets
    assert ('name="sign_in_name"' in page.content.decode()) is resets
    assert Reset.objects.exists() is resets


@pytest.mark.parametrize(("edition", "trial"), [row[:2] for row in ROWS])
def test_change(bought: Org) -> None:
    """Who knows the password changes it, in every edition."""
    browser = bought.browser()
    sign_in(browser, "adele@contoso.example")
    browser.post("/password/", {"current": PASSWORD, "new_password": NEW_PASSWORD, "confirm": NEW_PASSWORD})
    assert User.objects.get(sign_in_name="adele@contoso.example").check_password(NEW_PASSWORD)
