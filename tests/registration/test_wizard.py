"""Registration at sign-in: asked of who is in scope, bounded, without a loop, and on to where the person was going."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from registration import configuring, enrolling, people, verification
from registration.models import AuditEvent, Challenge, Device, Group, User
from registration.origin import NOWHERE
from tenants import hosts
from tenants.branding import painting
from tenants.context import entered
from tests.building import Browser, Org, app_code, give_app, give_email, run_jobs, sign_in
from tests.journeys.people import code_in_mail
from tests.registration.steps import proved, signed_in
from tests.tenants.branding.queries import asked

HOME, INFO, REGISTER, STILL = "adele@home.example", "/security-info/", "/register/", "/register/still-right/"
DAY = timedelta(days=1)


def wants(**values: object) -> None:
    """Require registration in the entered organization."""
    configuring.configure({"require_registration": True, **values}, actor="tests")
    hosts.forget()


def where(browser: Browser, path: str = "/") -> str:
    """Return where a page sends this browser."""
    return str(browser.get(path).headers.get("location", path))


def set_up_app(browser: Browser) -> Any:
    """Register an app by the pages that the wizard leads to."""
    browser.post("/security-info/add/app_code/")
    key = browser.get("/security-info/confirm/").context["secret"].replace(" ", "")
    return browser.post("/security-info/confirm/", {"action": "confirm", "code": app_code(key)})


def set_up_email(browser: Browser, address: str = HOME) -> Any:
    browser.post("/security-info/add/email/", {"address": address})
    return browser.post("/security-info/confirm/", {"action": "confirm", "code": code_in_mail()})


def kinds(page: Any) -> tuple[list[str], list[str]]:
    """Return what the wizard puts first, and what behind it."""
    return [one["kind"] for one in page.context["best"]], [one["kind"] for one in page.context["others"]]


def test_by_default_nobody_is_asked(contoso: Org) -> None:
    assert where(signed_in(contoso, contoso.user("adele"))) == INFO


def test_one_method_then_on(contoso: Org) -> None:
    wants()
    browser = contoso.browser()
    sign_in(browser, "adele@contoso.example")
    assert where(browser, "/security-info/?from=intranet") == REGISTER
    page = browser.get(REGISTER)
    assert kinds(page) == (["app_code"], ["email"])
    assert "I want to set up a different method" in page.content.decode()
    assert set_up_app(browser).headers["location"] == INFO
    assert where(browser, INFO) == "/security-info/?from=intranet"
    page = browser.get("/security-info/?from=intranet")
    assert (page.status_code, page.context["status"]["registered"]) == (200, True)
    assert where(browser, REGISTER) == "/"  # no way back into it
    assert contoso.user("adele").asked_to_register_at is None


@pytest.mark.parametrize("helpdesk", ["https://help.contoso.example/", ""])
def test_who_has_lost_what_would_prove_it_is_told_who_can_remove_it(contoso: Org, helpdesk: str) -> None:
    """No page sends them round: each of the two is answered, and says where they can turn to."""
    wants(required=2)
    painting.save_brand({"helpdesk": helpdesk}, actor="tests")
    hosts.forget()
    adele = contoso.user("adele")
    lost = give_app(adele)
    User.objects.filter(pk=adele.pk).update(asked_to_register_at=timezone.now() - 15 * DAY)
    browser = contoso.browser()
    sign_in(browser, adele.sign_in_name)
    assert [where(browser, path) for path in ("/", INFO, f"/security-info/{lost.pk}/remove/")] == [
        REGISTER
    ] * 3
    page = browser.get(REGISTER)
    assert (page.status_code, page.context["may_skip"]) == (200, False)
    asked_for = browser.get("/security-info/add/email/", follow=True)
    assert (asked_for.request["PATH_INFO"], asked_for.status_code) == ("/verify/", 200)
    text = asked_for.content.decode()
    assert "The help desk can remove it, and then you set up another." in text
    assert text.count(f'href="{helpdesk}"') == (2 if helpdesk else 0)
    assert 'action="/sign-out/"' in text
    enrolling.remove(adele, lost, actor=contoso.user("chief"), origin=NOWHERE)
    again = contoso.browser()
    sign_in(again, adele.sign_in_name)
    assert again.get("/security-info/add/email/").status_code == 200


def test_as_many_as_are_missing(contoso: Org) -> None:
    wants(required=2)
    browser = signed_in(contoso, contoso.user("adele"))
    assert where(browser) == REGISTER
    assert browser.get(REGISTER).context["missing"] == 2
    set_up_email(browser)
    assert where(browser, INFO) == REGISTER
    page = browser.get(REGISTER)
    assert (page.context["missing"], kinds(page)) == (1, (["app_code"], []))
    assert "Added: " in page.content.decode()
    set_up_app(browser)
    assert where(browser, INFO) == "/"
    assert where(browser) == INFO
    assert where(browser, INFO) == INFO


def test_the_strongest_first_and_the_others_behind_it(contoso: Org, bell: Any) -> None:
    wants(methods=["questions", "email", "doorbell", "app_code"], required=2)
    browser = signed_in(contoso, contoso.user("adele"))
    page = browser.get(REGISTER)
    assert kinds(page) == (["app_code"], ["doorbell", "email", "questions"])
    assert page.context["steps"] == [("First method", "current"), ("Second method", "")]
    body = page.content.decode()
    assert body.index("Set it up") < body.index("I want to set up a different method")
    assert all(f'href="/security-info/add/{kind}/"' in body for kind in ("app_code", "doorbell", "email"))


def test_a_different_method_and_then_the_second(contoso: Org, bell: Any) -> None:
    """By one whose answer comes from elsewhere: from this very browser, as a phone that is asked to register would."""
    wants(methods=["email", "doorbell", "app_code"], required=2)
    browser = signed_in(contoso, contoso.user("adele"))
    assert where(browser, "/security-info/?from=intranet") == REGISTER
    browser.post("/security-info/add/doorbell/", {"bell": "Vance"})
    page = browser.get("/security-info/confirm/")
    run_jobs()
    asked = Challenge.objects.get(pk=bell.RUNG[-1][1])
    key = verification.waiting_state(asked)["key"]
    signature = bell.sign(key, str(asked.pk), bell.number_of(page), "approved")
    body = {"request": str(asked.pk), "verdict": "approved", "signature": signature}
    assert browser.post("/methods/doorbell/pressed/", body).status_code == 200
    assert where(browser, "/security-info/confirm/") == INFO
    assert where(browser, INFO) == REGISTER
    page = browser.get(REGISTER)
    assert (page.context["missing"], kinds(page)) == (1, (["app_code"], ["email"]))
    assert page.context["steps"] == [("First method", "done"), ("Second method", "current")]
    set_up_email(browser)
    assert where(browser, INFO) == "/security-info/?from=intranet"


def test_one_method_has_no_steps(contoso: Org) -> None:
    wants()
    page = signed_in(contoso, contoso.user("adele")).get(REGISTER)
    assert (page.context["steps"], "Step 1" in page.content.decode()) == ([], False)


@pytest.mark.parametrize(
    "path", [INFO, REGISTER, "/", "/security-info/add/email/", "/security-info/confirm/"]
)
def test_no_page_of_it_leads_round_in_circles(contoso: Org, path: str) -> None:
    wants(required=2)
    adele = contoso.user("adele")
    give_app(adele)
    for browser in (
        signed_in(contoso, adele),
        proved(contoso, adele),
        signed_in(contoso, contoso.user("bo")),
    ):
        answer = browser.get(path, follow=True)  # the test client raises where it goes round
        assert answer.status_code == 200
        assert len(answer.redirect_chain) <= 3


def test_skipping_the_second_is_bounded_like_the_first(contoso: Org) -> None:
    """The days count from the first time that anything was asked for, not anew for each method."""
    wants(required=2)
    adele = contoso.user("adele")
    browser = signed_in(contoso, adele)
    browser.get(REGISTER)
    set_up_email(browser)
    assert browser.get(REGISTER).context["days"] == 14
    User.objects.filter(pk=adele.pk).update(asked_to_register_at=timezone.now() - 14 * DAY)
    assert not browser.get(REGISTER).context["may_skip"]
    assert browser.post(REGISTER).status_code == 200
    assert where(browser, "/") == REGISTER


def test_who_gives_up_half_way_comes_back_to_the_choice(contoso: Org) -> None:
    wants()
    browser = signed_in(contoso, contoso.user("adele"))
    browser.post("/security-info/add/email/", {"address": HOME})
    assert where(browser, INFO) == REGISTER  # where "Cancel" leads
    assert not Device.objects.exists()


def test_the_rest_is_shut_meanwhile(contoso: Org) -> None:
    wants()
    adele = contoso.user("adele")
    device = give_email(contoso.user("bo"))
    browser = signed_in(contoso, adele)
    for path in ("/", INFO, f"/security-info/{device.pk}/remove/", "/admin/", STILL):
        assert where(browser, path) == REGISTER, path
        assert browser.post(path).headers["location"] == REGISTER, path
    assert browser.get("/password/").status_code == 200
    assert browser.get("/captcha/altcha").status_code == 200
    assert browser.post("/sign-out/").headers["location"] == "/sign-in/"


def test_it_can_be_skipped_for_fourteen_days(contoso: Org) -> None:
    wants()
    adele = contoso.user("adele")
    browser = signed_in(contoso, adele)
    assert where(browser, "/security-info/?a=1") == REGISTER
    page = browser.get(REGISTER)
    assert (page.context["may_skip"], page.context["days"]) == (True, 14)
    assert browser.post(REGISTER).headers["location"] == "/security-info/?a=1"
    assert [where(browser), where(browser, INFO)] == [INFO, INFO]  # not asked again in this session
    first = contoso.user("adele").asked_to_register_at
    again = signed_in(contoso, adele)
    assert where(again) == REGISTER
    again.get(REGISTER)
    assert contoso.user("adele").asked_to_register_at == first
    assert AuditEvent.objects.filter(activity="registration_skipped", subject_id=adele.pk).count() == 1


def test_and_then_no_more(contoso: Org) -> None:
    wants()
    adele = contoso.user("adele")
    people.ask_to_register(adele, timezone.now() - 14 * DAY)
    browser = signed_in(contoso, adele)
    page = browser.get(REGISTER)
    assert (page.context["may_skip"], "Skip for now" in page.content.decode()) == (False, False)
    assert browser.post(REGISTER).status_code == 200
    assert where(browser) == REGISTER
    set_up_app(browser)
    assert [where(browser, INFO), where(browser, INFO)] == ["/", INFO]


def test_signing_in_again_in_the_same_browser_asks_again(contoso: Org) -> None:
    wants()
    browser = signed_in(contoso, contoso.user("adele"))
    browser.post(REGISTER)
    assert where(browser) == INFO
    browser.post("/sign-out/")
    sign_in(browser, "adele@contoso.example")
    assert where(browser) == REGISTER


def test_a_later_requirement_gives_the_days_anew(contoso: Org) -> None:
    wants()
    people.ask_to_register(contoso.user("adele"), timezone.now() - 300 * DAY)
    configuring.configure({"require_registration": False}, actor="tests")
    wants()
    assert signed_in(contoso, contoso.user("adele")).get(REGISTER).context["may_skip"]


def test_administrators_likewise(contoso: Org) -> None:
    wants()
    browser = signed_in(contoso, contoso.user("chief"))
    assert where(browser, "/admin/") == REGISTER
    assert browser.get(REGISTER).context["missing"] == 2
    set_up_app(browser)
    set_up_email(browser)
    assert where(browser, INFO) == "/admin/"
    assert browser.get("/admin/").status_code == 200


@pytest.mark.parametrize(
    "values",
    [
        {"scope": "none"},
        {"scope": "selected"},  # bo is in no selected group
        {"methods": []},
        {"methods": ["email"], "required": 2},  # nothing that can be registered would be enough
    ],
)
def test_nobody_is_asked_for_what_they_cannot_do(contoso: Org, values: dict[str, object]) -> None:
    wants(**values)
    assert where(signed_in(contoso, contoso.user("bo"))) == INFO


def test_a_selected_group_is_asked(contoso: Org) -> None:
    wants(scope="selected")
    assert where(signed_in(contoso, contoso.user("adele"))) == REGISTER
    assert Group.objects.filter(may_reset=True, people=contoso.user("adele")).exists()


def test_administrators_who_may_not_reset_are_not_asked(contoso: Org) -> None:
    wants(administrators_may_reset=False)
    assert where(signed_in(contoso, contoso.user("chief"))) == INFO


def test_an_edition_without_reset_asks_nobody(contoso: Org, fabrikam: Org) -> None:
    with entered(contoso.row):
        wants()
    wants()
    assert where(signed_in(fabrikam, fabrikam.user("adele"))) == INFO
    assert where(signed_in(contoso, contoso.user("adele"))) == REGISTER


def old(device: Device, days: int) -> Device:
    """Let a method have been registered so many days ago."""
    Device.objects.filter(pk=device.pk).update(created_at=timezone.now() - days * DAY)
    return device


def test_after_half_a_year_is_it_still_right(contoso: Org) -> None:
    wants()
    adele = contoso.user("adele")
    old(give_email(adele), 180)
    old(give_app(adele), 20)
    browser = signed_in(contoso, adele)
    assert where(browser, "/security-info/?a=1") == STILL
    page = browser.get(STILL)
    assert [one["detail"] for one in page.context["devices"]] == ["", "ad•••@home.example"]
    assert HOME not in page.content.decode()  # whoever stole the password does not read the address here
    assert browser.post(STILL, {"action": "right"}).headers["location"] == "/security-info/?a=1"
    assert AuditEvent.objects.filter(activity="security_info_reviewed", subject_id=adele.pk).exists()
    assert where(signed_in(contoso, adele)) == INFO
    User.objects.update(info_confirmed_at=timezone.now() - 180 * DAY)
    assert where(signed_in(contoso, adele)) == STILL


def test_who_changes_something_is_asked_again_at_the_next_sign_in(contoso: Org) -> None:
    wants()
    adele = contoso.user("adele")
    old(give_email(adele), 200)
    browser = signed_in(contoso, adele)
    assert where(browser) == STILL
    assert browser.post(STILL, {"action": "change"}).headers["location"] == INFO
    assert where(browser, INFO).startswith("/verify/")
    assert contoso.user("adele").info_confirmed_at is None
    assert where(signed_in(contoso, adele)) == STILL


@pytest.mark.parametrize(
    "values", [{"reconfirm_days": 0}, {"require_registration": False}, {"reconfirm_days": 201}]
)
def test_when_nobody_is_asked_whether_it_is_still_right(contoso: Org, values: dict[str, object]) -> None:
    wants(**values)
    old(give_email(contoso.user("adele")), 200)
    assert where(signed_in(contoso, contoso.user("adele"))) == INFO


def test_who_removes_a_method_is_not_asked_in_the_same_session(contoso: Org) -> None:
    wants()
    adele = contoso.user("adele")
    device = give_email(adele)
    browser = proved(contoso, adele)
    assert where(browser) == INFO
    browser.post(f"/security-info/{device.pk}/remove/")
    assert where(browser, INFO) == INFO


def test_the_next_page_is_one_of_ours(contoso: Org) -> None:
    wants()
    browser = signed_in(contoso, contoso.user("adele"))
    session = browser.session
    session["going"] = "//evil.example/"
    session.save()
    assert browser.post(REGISTER).headers["location"] == "/"


def test_what_it_costs(contoso: Org) -> None:
    adele, bo = contoso.user("adele"), contoso.user("bo")
    give_email(adele)
    old(give_app(adele), 20)
    wants(required=2)
    signed_in(contoso, adele).get("/")  # warm
    browser, other = signed_in(contoso, adele), signed_in(contoso, bo)
    with asked() as settling:
        browser.get("/")
    with asked() as settled:
        browser.get("/")
    with asked() as interrupted:
        other.get("/")
    with asked() as wizard:
        other.get(REGISTER)
    with asked() as free:
        browser.get("/brand.css")
        browser.get("/captcha/altcha")
    configuring.configure({"require_registration": False}, actor="tests")
    hosts.forget()
    browser.get("/")
    with asked() as idle:
        browser.get("/")
    # The session and the person always; once also the policy, the methods, the groups and the oldest method.
    assert [reads(settling), reads(settled), reads(idle)] == [6, 2, 2]
    assert [reads(interrupted), reads(wizard)] == [5, 8]
    assert not any("registration_" in sql or "django_session" in sql for sql in free)


def reads(queries: list[str]) -> int:
    """Count what was read, but for the session's row that is looked for before it is saved."""
    return sum(sql.lstrip().lower().startswith(("select", "with")) for sql in queries)
