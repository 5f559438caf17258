"""After too many wrong short codes, longer ones are asked: of everybody, at each door, until they are let in."""

import re
from typing import Any

import pytest
from django.core import mail

from registration import configuring, guessing, people
from registration.models import AuditEvent, Challenge
from registration.purpose import Purpose
from resets.models import Reset
from tenants.context import entered
from tenants.shield import throttle
from tests.building import (
    ANSWERS,
    Browser,
    Org,
    app_code,
    give_app,
    give_email,
    give_questions,
    run_jobs,
)
from tests.journeys.people import answer, ask_email, choose_password, code_in_mail, prove_app
from tests.registration.steps import proved, signed_in, text_of
from tests.resets.steps import HOME, NEW, begun, where, why_stopped

ADELE, NOBODY = "adele@contoso.example", "nobody@contoso.example"
VERIFY, INFO = "/verify/?next=/security-info/", "/security-info/"


def guessed(org: Org, name: str = ADELE) -> None:
    """Let strangers use up the short answers of a name, in resets of their own."""
    for _stranger in range(guessing.SHORT.limit):
        prove_app(begun(org, name), "000000")


def long_app_code() -> str:
    """Return the two codes that an app shows one after the other, the second of them now."""
    return f"{app_code(steps=-1)} {app_code()}"


def long_code_in_mail() -> str:
    """Run the jobs, and return the long code in the newest mail."""
    run_jobs()
    (found,) = re.findall(r"\b\d{6} \d{6}\b", str(mail.outbox[-1].body))
    return str(found)


def test_a_few_wrong_ones_change_nothing(contoso: Org) -> None:
    give_app(contoso.user("adele"))
    for _time in range(guessing.SHORT.limit - 1):
        prove_app(begun(contoso, ADELE), "000000")
    browser = begun(contoso, ADELE)
    prove_app(browser, app_code())
    assert where(browser) == "/reset/password/"


def test_a_right_short_code_is_too_short_then(contoso: Org) -> None:
    give_app(contoso.user("adele"))
    guessed(contoso)
    browser = begun(contoso, ADELE)
    page = prove_app(browser, app_code())
    assert page.status_code == 200
    assert Reset.objects.latest("created_at").passed == []
    assert "Type two codes in a row" in page.content.decode()


def test_two_codes_in_a_row_let_their_owner_in(contoso: Org) -> None:
    give_app(contoso.user("adele"))
    guessed(contoso)
    browser = begun(contoso, ADELE)
    prove_app(browser, long_app_code())
    assert where(browser) == "/reset/password/"
    choose_password(browser, NEW)
    assert contoso.user("adele").check_password(NEW)


def test_they_are_two_neighbours_in_their_order(contoso: Org) -> None:
    give_app(contoso.user("adele"))
    guessed(contoso)
    browser = begun(contoso, ADELE)
    for code in (app_code() * 2, f"{app_code()}{app_code(steps=-1)}", f"{app_code(steps=-3)}{app_code()}"):
        prove_app(browser, code)
    assert Reset.objects.latest("created_at").failures == 3


def test_a_longer_code_is_mailed_and_opens(contoso: Org) -> None:
    give_email(contoso.user("adele"))
    guessed(contoso)
    browser = begun(contoso, ADELE)
    ask_email(browser, HOME)
    answer(browser, long_code_in_mail())
    assert where(browser) == "/reset/password/"


def test_a_short_code_that_was_sent_before_is_void(contoso: Org) -> None:
    """Who hoards codes that wait for an answer has no more tries than anybody."""
    give_email(contoso.user("adele"))
    browser = begun(contoso, ADELE)
    ask_email(browser, HOME)
    code = code_in_mail()
    guessed(contoso)
    page = answer(browser, code)
    assert "no longer valid" in page.content.decode()
    assert Reset.objects.get(pk=browser.session["reset"]).passed == []
    browser.post("/reset/verify/", {"action": "resend"})
    answer(browser, long_code_in_mail())
    assert where(browser) == "/reset/password/"


def test_what_was_right_is_not_counted(contoso: Org) -> None:
    configuring.configure({"required": 2}, actor="tests")
    give_app(contoso.user("adele"))
    for _time in range(2 * guessing.SHORT.limit):
        device = contoso.user("adele").devices.get()
        device.last_step = None
        device.save()
        prove_app(begun(contoso, ADELE), app_code())
    assert not guessing.is_long(ADELE, Purpose.RESET)


def test_a_reset_that_succeeds_gives_none_back(contoso: Org) -> None:
    """Each would give strangers as many again, and tell who looks twice that somebody is there."""
    give_app(contoso.user("adele"))
    guessed(contoso)
    browser = begun(contoso, ADELE)
    prove_app(browser, long_app_code())
    choose_password(browser, NEW)
    assert contoso.user("adele").check_password(NEW)
    assert guessing.is_long(ADELE, Purpose.RESET)


def steps(browser: Browser) -> list[Any]:
    """Take steps at a door whose codes are long, and return the pages."""
    return [
        browser.get("/reset/verify/"),
        prove_app(browser, "000000"),
        prove_app(browser, "000000 000000"),
        ask_email(browser, HOME),
        browser.get("/reset/verify/"),
        answer(browser, "000000000000"),
    ]


def test_a_name_that_nobody_has_is_asked_the_same(contoso: Org) -> None:
    give_app(contoso.user("adele"))
    give_email(contoso.user("adele"))
    seen = []
    for name in (ADELE, NOBODY):
        guessed(contoso, name)
        seen.append([(page.status_code, text_of(page, name)) for page in steps(begun(contoso, name))])
    assert seen[0] == seen[1]
    assert "Type two codes in a row" in seen[0][0][1]


def test_each_name_and_organization_counts_for_itself(fabrikam: Org, contoso: Org) -> None:
    guessed(contoso)
    assert guessing.is_long(ADELE, Purpose.RESET)
    assert not guessing.is_long("bo@contoso.example", Purpose.RESET)
    assert not guessing.is_long(ADELE, Purpose.PROVE)
    with entered(fabrikam.row):
        assert not guessing.is_long(ADELE, Purpose.RESET)


def test_a_stolen_password_meets_longer_codes_too(contoso: Org) -> None:
    adele = contoso.user("adele")
    give_app(adele)
    browser = signed_in(contoso, adele)
    for _try in range(guessing.SHORT.limit):
        browser.get(VERIFY)
        browser.post(VERIFY, {"action": "answer", "code": "000000"})
    browser.post(VERIFY, {"action": "answer", "code": app_code()})
    assert browser.get(INFO).headers["location"].startswith("/verify/")
    assert "Type two codes in a row" in browser.get(VERIFY).content.decode()
    browser.post(VERIFY, {"action": "answer", "code": long_app_code()})
    assert browser.get(INFO).status_code == 200
    assert guessing.is_long(str(adele.pk), Purpose.PROVE)


def test_answers_to_questions_wait(contoso: Org) -> None:
    """They cannot be made longer, and come after a proof of possession."""
    configuring.configure({"required": 2, "methods": ["email", "questions"]}, actor="tests")
    adele = contoso.user("adele")
    give_email(adele)
    give_questions(adele)
    for _reset in range(2):
        browser = begun(contoso, ADELE)
        ask_email(browser, HOME)
        answer(browser, code_in_mail())
        browser.post("/reset/verify/", {"action": "choose", "method": "questions"})
        for _try in range(4):
            page = browser.post("/reset/verify/", {"action": "answer", **dict.fromkeys(ANSWERS, "wrong")})
    assert "too often" in page.content.decode()
    assert Reset.objects.latest("created_at").failures == guessing.FIXED.limit - 4


def test_an_administrator_releases_it(contoso: Org) -> None:
    adele, chief = contoso.user("adele"), contoso.user("chief")
    desk = proved(contoso, chief, give_app(chief))
    page = f"/admin/registration/user/{adele.pk}/change/"
    assert "release/" not in desk.get(page).content.decode()
    guessed(contoso)
    for _time in range(guessing.FIXED.limit):
        throttle.spend(guessing.FIXED, str(adele.pk), Purpose.PROVE)
    assert f'href="/admin/registration/user/{adele.pk}/release/"' in desk.get(page).content.decode()
    desk.post(f"/admin/registration/user/{adele.pk}/release/")
    assert not people.is_waiting(adele)
    assert not guessing.is_long(ADELE, Purpose.RESET)
    event = AuditEvent.objects.get(activity="reset_released")
    assert (event.actor, event.subject) == (chief.sign_in_name, adele.sign_in_name)
    assert "release/" not in desk.get(page).content.decode()


def test_a_release_of_one_releases_no_other(contoso: Org) -> None:
    guessed(contoso, "bo@contoso.example")
    people.release_reset(contoso.user("adele"), actor="tests")
    assert guessing.is_long("bo@contoso.example", Purpose.RESET)
    assert not AuditEvent.objects.filter(activity="reset_released").exists()


@pytest.mark.parametrize("name", [ADELE, NOBODY])
def test_five_wrong_ones_end_a_reset_all_the_same(contoso: Org, name: str) -> None:
    give_app(contoso.user("adele"))
    guessed(contoso, name)
    browser = begun(contoso, name)
    for _try in range(5):
        prove_app(browser, "000000 000000")
    assert why_stopped(browser) == "too_many_tries"
    assert Challenge.objects.filter(long=True).count() == 5
