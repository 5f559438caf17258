"""What a person shows again: for their security info, and for the desk."""

import time

import pytest
from django.utils import timezone

from registration import people
from registration.budgets import PROVE
from registration.models import AuditEvent, Challenge
from tests.building import PASSWORD, Org, app_code, give_app, give_email, run_jobs
from tests.journeys.people import code_in_mail
from tests.registration.steps import age_password, proved, put, signed_in

INFO, DESK = "/security-info/", "/admin/"


def choose(device: int) -> dict[str, str]:
    """Return the form that chooses a method."""
    return {"action": "choose", "method": str(device)}


def test_who_has_no_method_needs_a_fresh_password_alone(contoso: Org) -> None:
    browser = signed_in(contoso, contoso.user("adele"))
    assert browser.get(INFO).status_code == 200
    age_password(browser, 15 * 60 + 1)
    assert browser.get(INFO).headers["location"] == "/sign-in/again/?next=%2Fsecurity-info%2F"
    browser.post("/sign-in/again/?next=/security-info/", {"password": "Wrong-Horse-7"})
    assert browser.get(INFO).status_code == 302
    again = browser.post("/sign-in/again/?next=/security-info/", {"password": PASSWORD})
    assert again.headers["location"] == INFO
    assert browser.get(INFO).status_code == 200


@pytest.mark.parametrize("page", ["", "add/email/", "confirm/", "1/change/", "1/remove/"])
def test_who_has_methods_proves_one_before_any_of_them_is_touched(contoso: Org, page: str) -> None:
    adele = contoso.user("adele")
    give_email(adele)
    browser = signed_in(contoso, adele)
    for response in (browser.get(INFO + page), browser.post(INFO + page)):
        if response.status_code != 405:
            assert response.headers["location"].startswith("/verify/?next=")


@pytest.mark.parametrize("page", ["", "add/email/", "confirm/", "1/change/", "1/remove/"])
def test_an_outsider_is_sent_to_sign_in(contoso: Org, page: str) -> None:
    assert contoso.browser().get(INFO + page).headers["location"].startswith("/sign-in/?next=")


def test_a_proof_lasts_fifteen_minutes(contoso: Org) -> None:
    adele = contoso.user("adele")
    give_app(adele)
    browser = signed_in(contoso, adele)
    put(browser, proved_by="app_code", proved_at=time.time() - 15 * 60 - 1)
    assert browser.get(INFO).headers["location"].startswith("/verify/")
    put(browser, proved_at=time.time() - 14 * 60)
    assert browser.get(INFO).status_code == 200


def test_a_code_by_mail_proves(contoso: Org) -> None:
    adele = contoso.user("adele")
    device = give_email(adele)
    browser = signed_in(contoso, adele)
    browser.post("/verify/?next=/security-info/", choose(device.pk))
    answered = browser.post("/verify/?next=/security-info/", {"action": "answer", "code": code_in_mail()})
    assert answered.headers["location"] == INFO
    assert browser.get(INFO).status_code == 200
    event = AuditEvent.objects.get(activity="proved_again")
    assert (event.status, event.method, event.subject) == ("success", "email", adele.sign_in_name)


def test_a_mailbox_is_not_enough_where_there_is_an_app(contoso: Org) -> None:
    adele = contoso.user("adele")
    email, _app = give_email(adele), give_app(adele)
    browser = signed_in(contoso, adele)
    browser.post("/verify/?next=/security-info/", choose(email.pk))
    assert run_jobs() == []  # it is not offered, and no code is sent
    put(browser, proved_by="email", proved_at=time.time())
    assert browser.get(INFO + "add/app_code/").headers["location"].startswith("/verify/")


def test_it_returns_to_no_other_host(contoso: Org) -> None:
    adele = contoso.user("adele")
    give_app(adele)
    browser = signed_in(contoso, adele)
    address = "/verify/?next=https://evil.example/"
    browser.get(address)
    answered = browser.post(address, {"action": "answer", "code": app_code()})
    assert answered.headers["location"] == INFO


def test_five_wrong_codes_use_one_up(contoso: Org) -> None:
    adele = contoso.user("adele")
    device = give_email(adele)
    browser = signed_in(contoso, adele)
    browser.post("/verify/", choose(device.pk))
    code = code_in_mail()
    for _try in range(5):
        browser.post("/verify/", {"action": "answer", "code": "00000x"})
    browser.post("/verify/", {"action": "answer", "code": code})
    assert browser.get(INFO).headers["location"].startswith("/verify/")


def test_a_stolen_password_does_not_guess_on(contoso: Org) -> None:
    adele = contoso.user("adele")
    give_app(adele)
    browser = signed_in(contoso, adele)
    for _try in range(PROVE.limit + 2):
        browser.get("/verify/")
        browser.post("/verify/", {"action": "answer", "code": "000000"})
    browser.get("/verify/")
    browser.post("/verify/", {"action": "answer", "code": app_code()})
    assert browser.get(INFO).headers["location"].startswith("/verify/")
    assert AuditEvent.objects.filter(activity="proved_again", status="failure").count() == PROVE.limit


def test_the_own_mailbox_is_not_filled(contoso: Org) -> None:
    adele = contoso.user("adele")
    device = give_email(adele)
    browser = signed_in(contoso, adele)
    browser.post("/verify/", choose(device.pk))
    for _time in range(12):
        browser.post("/verify/", {"action": "resend"})
    assert Challenge.objects.filter(purpose="prove").count() == 10


def test_an_expired_code_proves_nothing(contoso: Org) -> None:
    adele = contoso.user("adele")
    device = give_email(adele)
    browser = signed_in(contoso, adele)
    browser.post("/verify/", choose(device.pk))
    code = code_in_mail()
    Challenge.objects.filter(purpose="prove").update(expires_at=timezone.now())
    browser.post("/verify/", {"action": "answer", "code": code})
    assert browser.get(INFO).headers["location"].startswith("/verify/")


def test_another_persons_method_is_not_asked(contoso: Org) -> None:
    adele, bo = contoso.user("adele"), contoso.user("bo")
    give_app(adele)
    give_email(adele)
    theirs = give_app(bo)
    browser = signed_in(contoso, adele)
    browser.post("/verify/", choose(theirs.pk))
    assert not Challenge.objects.filter(purpose="prove").exists()


# --- The desk ---------------------------------------------------------------------------------------------------------


def test_who_has_no_role_is_refused_at_the_desk(contoso: Org) -> None:
    adele = contoso.user("adele")
    browser = proved(contoso, adele, give_app(adele))
    assert browser.get(DESK, follow=True).status_code == 403


def test_an_outsider_signs_in_on_the_organizations_own_page(contoso: Org) -> None:
    assert contoso.browser().get(DESK).headers["location"] == "/admin/login/?next=/admin/"
    assert contoso.browser().get("/admin/login/?next=/admin/").headers["location"] == "/sign-in/?next=/admin/"


def test_a_password_alone_opens_no_desk(contoso: Org) -> None:
    chief = contoso.user("chief")
    give_app(chief)
    browser = signed_in(contoso, chief)
    assert browser.get(DESK, follow=True).redirect_chain[-1][0] == "/verify/?next=/admin/"
    browser.post("/verify/?next=/admin/", {"action": "answer", "code": app_code()})
    assert browser.get(DESK).status_code == 200


def test_a_mailbox_opens_no_desk(contoso: Org) -> None:
    chief = contoso.user("chief")
    device = give_email(chief)
    browser = signed_in(contoso, chief)
    assert not browser.get("/verify/?next=/admin/").context["options"]
    browser.post("/verify/", choose(device.pk))
    browser.post("/verify/", {"action": "answer", "code": code_in_mail()})
    assert browser.get(INFO).status_code == 200
    assert browser.get(DESK).status_code == 302


def test_who_has_no_second_factor_is_told_to_add_one(contoso: Org) -> None:
    page = signed_in(contoso, contoso.user("chief")).get(DESK, follow=True)
    assert page.redirect_chain[-1][0] == "/verify/?next=/admin/"
    assert 'href="/security-info/"' in page.content.decode()


def test_a_second_factor_that_is_removed_opens_no_desk(contoso: Org) -> None:
    chief = contoso.user("chief")
    device = give_app(chief)
    browser = proved(contoso, chief, device)
    assert browser.get(DESK).status_code == 200
    device.delete()
    assert browser.get(DESK).status_code == 302


@pytest.mark.parametrize("values", [{"roles": []}, {"roles": ["reports_reader"]}, {"is_active": False}])
def test_a_change_of_roles_ends_every_session(contoso: Org, values: dict[str, object]) -> None:
    chief = contoso.user("chief")
    browser = proved(contoso, chief, give_app(chief))
    assert browser.get(DESK).status_code == 200
    people.change(chief, values, actor="tests")
    assert browser.get(DESK).headers["location"].startswith("/admin/login/")
    assert browser.get(INFO).headers["location"].startswith("/sign-in/")


def test_an_operators_role_opens_no_organizations_desk(contoso: Org) -> None:
    adele = contoso.user("adele")
    adele.roles = ["owner"]
    adele.save(update_fields=["roles"])
    assert proved(contoso, adele, give_app(adele)).get(DESK, follow=True).status_code == 403
