"""A person forgets the password and gets back in."""

import pytest
from django.core import mail

from registration import configuring
from registration.models import AuditEvent, User
from resets.models import Reset
from tests.building import KEY, PASSWORD, Org, app_code, give_app, give_email, run_jobs, sign_in
from tests.journeys.people import answer, ask_email, begin_reset, choose_password, code_in_mail, prove_app

NEW = "Quite-Another-9"


def test_two_methods_then_a_new_password(contoso: Org) -> None:
    configuring.configure({"required": 2}, actor="tests")
    adele = contoso.user("adele")
    give_app(adele)
    give_email(adele)
    other = contoso.browser()
    sign_in(other, "adele@contoso.example")
    browser = contoso.browser()

    assert begin_reset(browser, "Adele@Contoso.example").headers["location"] == "/reset/verify/"
    assert prove_app(browser, app_code()).headers["location"] == "/reset/verify/"
    assert ask_email(browser, "Adele@home.example").headers["location"] == "/reset/verify/"
    assert answer(browser, code_in_mail()).headers["location"] == "/reset/verify/"
    assert browser.get("/reset/verify/").headers["location"] == "/reset/password/"
    assert choose_password(browser, NEW).headers["location"] == "/reset/done/"
    assert browser.get("/reset/done/").status_code == 200

    assert "_auth_user_id" not in browser.session  # nobody is signed in by a reset
    assert (
        other.get("/security-info/").headers["location"].startswith("/sign-in/")
    )  # other sessions have ended
    mail.outbox = []
    run_jobs()
    assert sorted(one.to[0] for one in mail.outbox) == ["adele@home.example", "adele@post.example"]
    assert sign_in(contoso.browser(), "adele@contoso.example").status_code == 200  # the old one is refused
    assert sign_in(contoso.browser(), "adele@contoso.example", NEW).status_code == 302
    activities = list(
        AuditEvent.objects.filter(subject_id=adele.pk).values_list("activity", "method", "status")
    )
    assert ("password_reset", "app_code+email", "success") in activities


@pytest.mark.parametrize("name", ["nobody@contoso.example", "adele@contoso.example"])
def test_without_a_registered_method_nothing_opens(contoso: Org, name: str) -> None:
    browser = contoso.browser()
    begin_reset(browser, name)
    assert prove_app(browser, app_code(KEY)).status_code == 200
    assert browser.get("/reset/password/").headers["location"] == "/reset/verify/"
    assert choose_password(browser, NEW).headers["location"] == "/reset/verify/"
    assert Reset.objects.get().failures == 1
    assert not User.objects.get(sign_in_name="adele@contoso.example").check_password(NEW)


def test_five_wrong_codes_end_it(contoso: Org) -> None:
    give_app(contoso.user("adele"))
    browser = contoso.browser()
    begin_reset(browser, "adele@contoso.example")
    for _try in range(5):
        prove_app(browser, "000000")
    assert browser.get("/reset/verify/").headers["location"] == "/reset/stopped/"
    assert "RK-RESET-102" in browser.get("/reset/stopped/").content.decode()
    assert prove_app(browser, app_code()).headers["location"] == "/reset/stopped/"


def test_free_cannot_reset_but_can_change(fabrikam: Org) -> None:
    page = fabrikam.browser().get("/reset/")
    assert (page.status_code, "RK-RESET-012" in page.content.decode()) == (403, True)
    browser = fabrikam.browser()
    sign_in(browser, "adele@fabrikam.example")
    changed = browser.post("/password/", {"current": PASSWORD, "new_password": NEW, "confirm": NEW})
    assert changed.headers["location"] == "/security-info/"
    assert browser.get("/password/").status_code == 200  # this session goes on
    assert sign_in(fabrikam.browser(), "adele@fabrikam.example", NEW).status_code == 302
