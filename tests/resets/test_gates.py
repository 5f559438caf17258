"""The gates of a reset: asked of the person as they are at this moment, each opened once, each by its own proof."""

from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.utils import timezone

from licensing import subscribing
from registration import configuring, people
from registration.models import AuditEvent, Challenge
from registration.roles import Role
from resets.models import Reset
from tenants import hosts
from tests.building import PASSWORD, Org, app_code, give_app, give_email, run_jobs
from tests.journeys.people import answer, ask_email, choose_password, code_in_mail, prove_app
from tests.resets.steps import HOME, NEW, begun, newest, open_codes, prove_email, where, why_stopped

ADELE = "adele@contoso.example"
HELPDESK = {"roles": [Role.HELPDESK_ADMINISTRATOR]}


def policy(**values: Any) -> None:
    """Change the organization's policy."""
    configuring.configure(values, actor="tests")


def test_one_method_is_enough_where_one_is_asked(contoso: Org) -> None:
    give_app(contoso.user("adele"))
    browser = begun(contoso, ADELE)
    prove_app(browser, app_code())
    assert where(browser) == "/reset/password/"


def test_an_administrator_proves_two_under_a_policy_of_one(contoso: Org) -> None:
    chief = contoso.user("chief")
    give_app(chief)
    give_email(chief, HOME)
    browser = begun(contoso, chief.sign_in_name)
    prove_app(browser, app_code())
    assert where(browser) == "/reset/verify/"
    prove_email(browser)
    assert where(browser) == "/reset/password/"


def test_a_role_granted_in_the_middle_counts(contoso: Org) -> None:
    adele = contoso.user("adele")
    give_app(adele)
    give_email(adele)
    browser = begun(contoso, ADELE)
    prove_app(browser, app_code())
    people.change(adele, HELPDESK, actor="tests")
    assert choose_password(browser, NEW).headers["location"] == "/reset/verify/"
    assert contoso.user("adele").check_password(PASSWORD)
    prove_email(browser)
    assert where(browser) == "/reset/password/"


@pytest.mark.parametrize("change", [{"required": 2}, {"methods": ["email"]}])
def test_a_policy_changed_in_the_middle_counts(contoso: Org, change: dict[str, Any]) -> None:
    adele = contoso.user("adele")
    give_app(adele)
    give_email(adele)
    browser = begun(contoso, ADELE)
    prove_app(browser, app_code())
    policy(**change)
    assert where(browser) == "/reset/verify/"
    prove_email(browser)
    assert where(browser) == "/reset/password/"


def test_a_code_asked_before_its_method_was_switched_off_opens_nothing(contoso: Org) -> None:
    give_email(contoso.user("adele"))
    browser = begun(contoso, ADELE)
    ask_email(browser, HOME)
    policy(methods=["app_code"])
    answer(browser, code_in_mail())
    assert (newest().passed, newest().failures) == ([], 1)


def test_one_method_does_not_count_twice(contoso: Org) -> None:
    policy(required=2)
    adele = contoso.user("adele")
    give_email(adele)
    give_email(adele, "adele@work.example")
    give_app(adele)
    browser = begun(contoso, ADELE)
    prove_email(browser)
    assert set(browser.get("/reset/verify/").context["options"][0]) >= {"kind", "detail"}
    ask_email(browser, "adele@work.example")
    assert (newest().passed, open_codes()) == (["email"], 0)


def test_a_code_of_the_app_counts_once(contoso: Org) -> None:
    give_app(contoso.user("adele"))
    first, second = begun(contoso, ADELE), begun(contoso, ADELE)
    code = app_code()
    prove_app(first, code)
    prove_app(second, code)
    assert (where(first), where(second)) == ("/reset/password/", "/reset/verify/")


#: What stands against adele, and the code that she reads after her last gate.
AGAINST: dict[str, Any] = {
    "not_in_scope": lambda adele: [adele.groups.clear(), policy(scope="selected")],
    "account_disabled": lambda adele: people.change(adele, {"is_active": False}, actor="tests"),
    "policy_none": lambda adele: policy(scope="none"),
    "not_registered": lambda adele: policy(required=2),
}


@pytest.mark.parametrize("code", AGAINST)
def test_why_not_is_told_after_the_last_gate(contoso: Org, code: str) -> None:
    adele = contoso.user("adele")
    give_app(adele)
    browser = begun(contoso, ADELE)
    AGAINST[code](adele)
    assert where(browser) == "/reset/verify/"
    prove_app(browser, app_code())
    assert why_stopped(browser) == code
    assert choose_password(browser, NEW).headers["location"] == "/reset/stopped/"
    assert contoso.user("adele").check_password(PASSWORD)
    assert AuditEvent.objects.filter(activity="reset_stopped", reason=code, status="failure").count() == 1


def test_administrators_can_be_excluded(contoso: Org) -> None:
    chief = contoso.user("chief")
    give_app(chief)
    give_email(chief, HOME)
    policy(administrators_may_reset=False)
    browser = begun(contoso, chief.sign_in_name)
    prove_app(browser, app_code())
    prove_email(browser)
    assert why_stopped(browser) == "administrators_excluded"


def test_a_subscription_that_ends_in_the_middle_counts(contoso: Org) -> None:
    give_app(contoso.user("adele"))
    browser = begun(contoso, ADELE)
    subscribing.end(contoso.row, actor="tests")
    hosts.forget()
    prove_app(browser, app_code())
    assert why_stopped(browser) == "edition_lacks_reset"


def test_a_stop_stays_when_its_reason_is_gone(contoso: Org) -> None:
    adele = contoso.user("adele")
    give_app(adele)
    people.change(adele, {"is_active": False}, actor="tests")
    browser = begun(contoso, ADELE)
    prove_app(browser, app_code())
    people.change(adele, {"is_active": True}, actor="tests")
    assert why_stopped(browser) == "account_disabled"


def test_a_reset_lives_15_minutes_and_a_code_5(contoso: Org) -> None:
    give_email(contoso.user("adele"))
    browser = begun(contoso, ADELE)
    ask_email(browser, HOME)
    reset, code = newest(), Challenge.objects.get(purpose="reset")
    assert reset.expires_at - reset.created_at == timedelta(minutes=15)
    assert (
        timedelta(minutes=4, seconds=59) < code.expires_at - code.created_at < timedelta(minutes=5, seconds=1)
    )


def test_after_its_time_a_reset_takes_nothing(contoso: Org) -> None:
    give_app(contoso.user("adele"))
    browser = begun(contoso, ADELE)
    prove_app(browser, app_code())
    Reset.objects.update(expires_at=timezone.now())
    assert choose_password(browser, NEW).headers["location"] == "/reset/stopped/"
    assert why_stopped(browser) == "expired"


def test_an_expired_code_opens_nothing(contoso: Org) -> None:
    give_email(contoso.user("adele"))
    browser = begun(contoso, ADELE)
    ask_email(browser, HOME)
    code = code_in_mail()
    Challenge.objects.filter(purpose="reset").update(expires_at=timezone.now())
    answer(browser, code)
    assert (newest().passed, where(browser)) == ([], "/reset/verify/")


def test_only_the_newest_code_counts(contoso: Org) -> None:
    give_email(contoso.user("adele"))
    browser = begun(contoso, ADELE)
    ask_email(browser, HOME)
    old = code_in_mail()
    browser.post("/reset/verify/", {"action": "resend"})
    new = code_in_mail()
    answer(browser, old)
    assert newest().passed == ([] if old != new else ["email"])
    answer(browser, new)
    assert newest().passed == ["email"]


def test_who_begins_again_ends_the_first(contoso: Org) -> None:
    give_app(contoso.user("adele"))
    browser = begun(contoso, ADELE)
    first = newest()
    browser.post("/reset/verify/", {"action": "abandon"})
    first.refresh_from_db()
    assert first.stopped == "abandoned"
    prove_app(browser, app_code())
    assert why_stopped(browser) == "abandoned"


def test_abandoning_voids_the_code(contoso: Org) -> None:
    give_email(contoso.user("adele"))
    browser = begun(contoso, ADELE)
    ask_email(browser, HOME)
    assert open_codes() == 1
    browser.post("/reset/verify/", {"action": "abandon"})
    assert open_codes() == 0
    mail.outbox = []
    run_jobs()
    assert mail.outbox == []


def test_another_browser_cannot_take_part(contoso: Org) -> None:
    give_app(contoso.user("adele"))
    browser, other = begun(contoso, ADELE), contoso.browser()
    prove_app(browser, app_code())
    session = other.session
    session["reset"] = browser.session["reset"]
    session.save()
    assert other.get("/reset/password/").headers["location"] == "/reset/"
    assert choose_password(other, NEW).headers["location"] == "/reset/"
