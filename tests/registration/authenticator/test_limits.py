"""Nobody is worn down: one request at a time, few in an hour, none for a day after two denials; and no page tells of it."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from registration import configuring
from registration.authenticator import limits
from registration.budgets import DENIED, RING
from registration.models import AuditEvent, Challenge
from tenants.context import entered
from tenants.shield import throttle
from tests.building import Browser, Org, app_code, give_app, run_jobs
from tests.journeys.people import prove_app
from tests.registration.authenticator.phone import Phone
from tests.registration.steps import text_of
from tests.resets.steps import begun, newest, where

ADELE, NOBODY = "adele@contoso.example", "nobody@contoso.example"


@pytest.fixture
def here(contoso: Org) -> Org:
    """Contoso, which lets phones reset."""
    configuring.configure({"methods": ["app_notification", "app_code"], "required": 1}, actor="tests")
    return contoso


@pytest.fixture
def phone(here: Org) -> Phone:
    """adele's phone."""
    mine = Phone(here)
    mine.given(here.user("adele"))
    return mine


def asks(org: Org, name: str = ADELE) -> tuple[Browser, str]:
    """Begin a reset and ask the phone; return the browser, and the page that waits without what is random on it."""
    browser = begun(org, name)
    browser.post("/reset/verify/", {"action": "choose", "method": "app_notification"})
    page = browser.get("/reset/wait/")
    assert page.status_code == 200
    run_jobs()
    return browser, text_of(page, name, f">{page.context['drawn']['number']}<")


def test_one_request_at_a_time(here: Org, phone: Phone) -> None:
    _first, seen = asks(here)
    asked: Any = phone.asked()
    second, also_seen = asks(here)
    assert seen == also_seen
    assert (phone.asked() or {})["id"] == asked["id"]
    assert newest().challenge != asked["id"]
    phone.answer("00")
    assert phone.asked() is None  # the second was held back: it does not ring late
    assert second.get("/reset/wait/").status_code == 200
    _third, _page = asks(here)
    assert phone.asked() is not None  # one that never rang keeps nobody's back


def test_what_was_taken_back_makes_room(here: Org, phone: Phone) -> None:
    browser, _page = asks(here)
    asked: Any = phone.asked()
    browser.post("/reset/wait/", {"action": "back"})
    browser.post("/reset/verify/", {"action": "choose", "method": "app_notification"})
    run_jobs()
    assert (phone.asked() or asked)["id"] != asked["id"]


def test_so_many_in_an_hour(here: Org, phone: Phone) -> None:
    rung = []
    for _request in range(RING.limit + 2):
        _browser, _page = asks(here)
        rung.append(phone.asked() is not None)
        Challenge.objects.update(consumed_at=timezone.now())
    assert rung == [True] * RING.limit + [False] * 2
    later = timezone.now() + timedelta(seconds=RING.seconds)
    assert throttle.peek(RING, str(here.user("adele").pk), at=later).allowed


def test_after_two_denials_none_rings_for_a_day(here: Org, phone: Phone) -> None:
    for _denial in range(2):
        asks(here)
        assert phone.deny().status_code == 200
    _browser, page = asks(here)
    assert phone.asked() is None
    _nobody, unknown = asks(here, NOBODY)
    assert page == unknown
    pk = str(here.user("adele").pk)
    soon, later = (timezone.now() + timedelta(hours=hours) for hours in (23, 25))
    assert [throttle.peek(DENIED, pk, at=at).allowed for at in (soon, later)] == [False, True]
    bo = Phone(here)
    bo.given(here.user("bo"))
    asks(here, "bo@contoso.example")
    assert bo.asked() is not None


def test_another_method_that_proves_lets_them_ring_again(here: Org, phone: Phone) -> None:
    configuring.configure({"required": 2}, actor="tests")
    give_app(here.user("adele"))
    for _denial in range(2):
        limits.count_denial(here.user("adele"))
    browser = begun(here, ADELE)
    prove_app(browser, "000000")
    asks(here)
    assert phone.asked() is None
    Challenge.objects.filter(kind="app_notification").update(consumed_at=timezone.now())
    prove_app(browser, app_code())
    browser.post("/reset/verify/", {"action": "choose", "method": "app_notification"})
    run_jobs()
    assert phone.asked() is not None


def test_the_phone_itself_does_not_forgive(here: Org, phone: Phone) -> None:
    user = here.user("adele")
    limits.count_denial(user)
    browser, _page = asks(here)
    number = str(browser.get("/reset/wait/").context["drawn"]["number"])
    phone.answer(number)
    assert where(browser) == "/reset/wait/"
    assert browser.get("/reset/wait/").headers["location"] == "/reset/password/"
    limits.count_denial(user)
    assert not throttle.peek(DENIED, str(user.pk)).allowed


def test_each_organization_counts_for_itself(contoso: Org, fabrikam: Org) -> None:
    with entered(contoso.row):
        for _denial in range(2):
            limits.count_denial(contoso.user("adele"))
        assert not throttle.peek(DENIED, str(contoso.user("adele").pk)).allowed
    with entered(fabrikam.row):
        assert throttle.peek(DENIED, str(fabrikam.user("adele").pk)).allowed
        assert throttle.peek(DENIED, str(contoso.user("adele").pk)).allowed


def test_what_is_held_back_is_never_said_to_be_sent(here: Org, phone: Phone) -> None:
    for _denial in range(2):
        limits.count_denial(here.user("adele"))
    asks(here)
    asked = newest().challenge
    assert asked is not None
    assert asked.sent_at is None
    assert not AuditEvent.objects.filter(activity="code_sent").exists()
    assert phone.answer("10", request=str(asked.pk)).status_code == 409
