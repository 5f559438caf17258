"""A reset that an administrator starts: it lifts the scope and the edition, and nothing of what has to be proved."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from registration import configuring, enrolling, people, reregistering
from registration.models import AuditEvent, Challenge, User
from registration.origin import NOWHERE
from registration.roles import Role
from resets import starting
from resets.helping import Help, Refusal
from resets.models import Reset
from tenants.context import entered
from tests.building import Browser, Org, app_code, give_app, give_email, give_questions, run_jobs
from tests.journeys.people import answer, ask_email, choose_password, code_in_mail, prove_app
from tests.registration.steps import proved
from tests.registration.test_people_desk import desk
from tests.resets.steps import HOME, NEW, where, why_stopped

ADELE = "adele@contoso.example"
HELPER = Role.HELPDESK_ADMINISTRATOR


def path(user: User) -> str:
    return f"/admin/registration/user/{user.pk}/start-reset/"


def started(browser: Browser, user: User) -> str:
    """Start a reset on the desk, and return the code that is shown; nothing where it was mailed."""
    answer = browser.post(path(user))
    found = re.search(r"<bdi>([A-Z0-9-]{14})</bdi>", answer.content.decode())
    return found[1] if found else ""


def redeemed(org: Org, code: str, name: str = ADELE) -> Browser:
    """Return a browser in which the code was typed."""
    browser = org.browser()
    browser.post("/reset/help/", {"sign_in_name": name, "code": code})
    return browser


def link(to: str) -> str:
    """Run the jobs and return the path of the link that was mailed to this address."""
    run_jobs()
    mine = [one for one in mail.outbox if one.to == [to] and "/reset/help/" in str(one.body)]
    found = re.search(r"http://\S+?(/reset/help/\S+)", str(mine[-1].body))
    assert found is not None
    return found[1]


def test_a_code_begins_a_reset_that_still_asks_for_the_gates(contoso: Org) -> None:
    adele = contoso.user("adele")
    give_app(adele)
    helper = desk(contoso, "bo", HELPER)
    asked = helper.get(path(adele)).content.decode()
    assert "a code is shown to you, once" in asked
    code = started(helper, adele)
    browser = redeemed(contoso, code)
    assert where(browser) == "/reset/verify/"
    assert choose_password(browser, NEW).headers["location"] == "/reset/verify/"  # not without the gate
    prove_app(browser, app_code(steps=0))
    assert choose_password(browser, NEW).headers["location"] == "/reset/done/"
    assert contoso.user("adele").check_password(NEW)
    assert not redeemed(contoso, code).session.get("reset")  # once
    begun = AuditEvent.objects.get(activity="reset_started_for")
    assert (begun.actor, begun.subject, begun.data["help"]) == ("bo@contoso.example", ADELE, "shown")
    done = AuditEvent.objects.get(activity="password_reset")
    assert (done.data["helped_by"], done.method) == ("bo@contoso.example", "app_code")
    assert code.replace("-", "") not in str([*AuditEvent.objects.values_list("data", flat=True)])


def test_the_page_that_shows_it_says_it_once(contoso: Org) -> None:
    adele = contoso.user("adele")
    give_app(adele)
    helper = desk(contoso, "bo", HELPER)
    first, second = started(helper, adele), started(helper, adele)
    assert first != second and len(second) == 14
    assert not redeemed(contoso, first).session.get("reset")  # a later one voids it
    assert redeemed(contoso, second.lower().replace("-", " ")).session.get("reset")
    row = Challenge.objects.filter(purpose="help").latest("created_at")
    assert (row.digest, row.sealed) == ("", None)


def test_a_confirmed_address_gets_a_link_and_the_desk_sees_no_code(contoso: Org) -> None:
    adele = contoso.user("adele")
    give_email(adele)
    give_app(adele)
    helper = desk(contoso, "bo", HELPER)
    assert started(helper, adele) == ""
    to = link(HOME)
    told = {one.to[0]: one.subject for one in mail.outbox if "was started" in one.subject}
    assert set(told) == {HOME, "adele@post.example"}
    browser = contoso.browser()
    assert browser.get(to).headers["location"] == "/reset/help/"
    assert browser.get("/reset/help/").status_code == 200
    assert contoso.browser().get(to).status_code == 302  # looking spends nothing: mail scanners do
    assert browser.post("/reset/help/").headers["location"] == "/reset/verify/"
    assert contoso.browser().get(to).status_code == 410
    assert where(browser) == "/reset/verify/"
    ask_email(browser, HOME)
    answer(browser, code_in_mail())
    assert choose_password(browser, NEW).headers["location"] == "/reset/done/"


def test_who_has_nothing_needs_the_code_and_the_mailbox(contoso: Org) -> None:
    adele = contoso.user("adele")
    helper = desk(contoso, "bo", HELPER)
    code = started(helper, adele)
    to = link("adele@post.example")
    assert not redeemed(contoso, code).session.get("reset")  # the help desk alone is not enough
    alone = contoso.browser()
    alone.get(to)
    assert alone.post("/reset/help/").status_code == 200  # nor is the mailbox
    assert alone.post("/reset/help/", {"code": "AAAA-AAAA-AAAA"}).status_code == 200
    assert not alone.session.get("reset")
    assert alone.post("/reset/help/", {"code": code}).headers["location"] == "/reset/verify/"
    assert where(alone) == "/reset/password/"
    assert choose_password(alone, NEW).headers["location"] == "/reset/done/"
    run_jobs()
    assert "was reset" in mail.outbox[-1].subject


def test_nobody_changes_the_address_and_starts_a_reset_to_it(contoso: Org) -> None:
    adele = contoso.user("adele")
    mover = desk(contoso, "bo", Role.USER_ADMINISTRATOR)
    bo = contoso.user("bo")
    people.change(adele, {"primary_address": "mine@else.example"}, actor=bo)
    assert starting.plan(contoso.user("adele"), actor=bo) == Refusal.PASS_NEEDED
    assert started(mover, adele) == "" and not Challenge.objects.filter(purpose="help").exists()
    AuditEvent.objects.filter(activity="user_changed").update(at=timezone.now() - people.NEW_FOR)
    assert starting.plan(contoso.user("adele"), actor=bo) == starting.Plan(
        Help.BOTH, "mine@else.example", "mine@else.example"
    )


def test_a_code_alone_takes_a_role_that_may_issue_a_pass(contoso: Org) -> None:
    adele = contoso.user("adele")
    people.change(adele, {"primary_address": ""}, actor="tests")
    helper = desk(contoso, "bo", HELPER)
    assert started(helper, adele) == ""
    assert "enough alone" in helper.get(path(adele)).content.decode().replace("\n", " ")
    people.change(contoso.user("bo"), {"roles": [Role.AUTHENTICATION_ADMINISTRATOR]}, actor="tests")
    bo = contoso.user("bo")
    browser = redeemed(contoso, started(proved(contoso, bo, bo.devices.get()), adele))
    assert where(browser) == "/reset/password/"


def test_such_a_code_is_worth_nothing_alone_once_a_method_is_there(contoso: Org) -> None:
    adele = contoso.user("adele")
    people.change(adele, {"primary_address": ""}, actor="tests")
    browser = redeemed(contoso, started(desk(contoso, "bo", Role.AUTHENTICATION_ADMINISTRATOR), adele))
    give_app(adele)
    assert where(browser) == "/reset/verify/"
    assert choose_password(browser, NEW).headers["location"] == "/reset/verify/"


def test_nor_does_taking_the_methods_away_make_one_enough(contoso: Org) -> None:
    """A help-desk worker's code for somebody with an app, whose methods somebody else removes meanwhile."""
    adele, chief = contoso.user("adele"), contoso.user("chief")
    give_app(adele)
    helper = desk(contoso, "bo", HELPER)
    code = started(helper, adele)
    under_way = redeemed(contoso, started(helper, adele))
    enrolling.remove(adele, adele.devices.get(), actor=chief, origin=NOWHERE)
    assert why_stopped(under_way) in {"not_registered", "not_enough_methods"}
    give_app(adele)
    code = started(helper, adele)
    reregistering.require(contoso.user("adele"), with_password=False, actor=chief, origin=NOWHERE)
    assert not redeemed(contoso, code).session.get("reset")


@pytest.mark.parametrize(
    "policy",
    [{"scope": "none"}, {"scope": "selected"}, {"required": 2}, {"scope": "none", "methods": []}, {}],
)
def test_it_lifts_the_scope_and_asks_what_they_have(contoso: Org, policy: dict[str, Any]) -> None:
    """Bo is in no group, has one method where two may be asked, and it may not even be enabled."""
    bo = contoso.user("bo")
    give_app(bo)
    configuring.configure(policy, actor="tests")
    code = started(desk(contoso, "chief"), bo)
    browser = redeemed(contoso, code, "bo@contoso.example")
    assert where(browser) == "/reset/verify/"
    prove_app(browser, app_code())
    assert choose_password(browser, NEW).headers["location"] == "/reset/done/"


def test_two_are_asked_of_who_has_two(contoso: Org) -> None:
    adele = contoso.user("adele")
    give_app(adele)
    give_questions(adele)
    configuring.configure({"required": 2, "methods": ["app_code", "questions"]}, actor="tests")
    browser = redeemed(contoso, started(desk(contoso, "chief"), adele))
    prove_app(browser, app_code())
    assert where(browser) == "/reset/verify/"


def test_it_works_where_the_edition_has_no_reset(fabrikam: Org) -> None:
    adele = fabrikam.user("adele")
    give_app(adele)
    page = fabrikam.browser().get("/reset/")
    assert (page.status_code, "/reset/help/" in page.content.decode()) == (403, True)
    browser = redeemed(fabrikam, started(desk(fabrikam, "chief"), adele), "adele@fabrikam.example")
    prove_app(browser, app_code())
    assert choose_password(browser, NEW).headers["location"] == "/reset/done/"


def test_an_administrator_always_proves_two(contoso: Org) -> None:
    adele, chief = contoso.user("adele"), desk(contoso, "chief")
    people.change(adele, {"roles": [Role.REPORTS_READER]}, actor="tests")
    give_app(adele)
    assert started(chief, adele) == ""
    assert starting.plan(contoso.user("adele"), actor=contoso.user("chief")) == (
        Refusal.ADMINISTRATOR_LACKS_METHODS
    )
    give_email(adele)
    started(chief, adele)
    browser = contoso.browser()
    browser.get(link(HOME))
    browser.post("/reset/help/")
    prove_app(browser, app_code())
    assert where(browser) == "/reset/verify/"
    ask_email(browser, HOME)
    answer(browser, code_in_mail())
    assert where(browser) == "/reset/password/"


def test_a_role_granted_meanwhile_counts(contoso: Org) -> None:
    adele = contoso.user("adele")
    people.change(adele, {"primary_address": ""}, actor="tests")
    browser = redeemed(contoso, started(desk(contoso, "chief"), adele))
    assert where(browser) == "/reset/password/"
    people.change(contoso.user("adele"), {"roles": [Role.REPORTS_READER]}, actor="tests")
    assert choose_password(browser, NEW).headers["location"] == "/reset/stopped/"


@pytest.mark.parametrize("what", ["disabled", "blocked"])
def test_neither_disabled_nor_blocked(contoso: Org, what: str) -> None:
    adele, chief = contoso.user("adele"), desk(contoso, "chief")
    give_app(adele)
    code = started(chief, adele)
    if what == "disabled":
        people.change(adele, {"is_active": False}, actor="tests")
    else:
        people.block_reset(adele, timezone.now() + timedelta(hours=1))
    assert started(chief, adele) == ""
    browser = redeemed(contoso, code)
    prove_app(browser, app_code())
    assert why_stopped(browser) == {"disabled": "account_disabled", "blocked": "reset_blocked"}[what]


def test_it_expires(contoso: Org, monkeypatch: pytest.MonkeyPatch) -> None:
    adele = contoso.user("adele")
    give_app(adele)
    code = started(desk(contoso, "bo", HELPER), adele)
    later = timezone.now() + timedelta(minutes=15)
    monkeypatch.setattr(timezone, "now", lambda: later)
    assert not redeemed(contoso, code).session.get("reset")


def test_whoever_did_not_ask_objects(contoso: Org) -> None:
    adele = contoso.user("adele")
    give_app(adele)
    helper = desk(contoso, "bo", HELPER)
    under_way = redeemed(contoso, started(helper, adele))
    code = started(helper, adele)
    run_jobs()
    notice = next(one for one in mail.outbox if "was started" in one.subject)
    found = re.search(r"http://\S+?(/object/\S+)", str(notice.body))
    assert found is not None
    browser = contoso.browser()
    browser.get(found[1])
    assert "started a password reset" in browser.get("/object/").content.decode()
    assert browser.post("/object/").status_code == 200
    assert why_stopped(under_way) == "abandoned"
    assert not redeemed(contoso, code).session.get("reset")


def test_wrong_ones_are_answered_alike(contoso: Org, fabrikam: Org) -> None:
    """A wrong code, somebody without a ticket, nobody, another organization's code: same page, same statements."""
    with entered(contoso.row):
        give_app(contoso.user("adele"))
        code = started(desk(contoso, "bo", HELPER), contoso.user("adele"))
    pages, counted = set(), set()
    for org, name, typed in (
        (contoso, ADELE, "AAAA-AAAA-AAAA"),
        (contoso, "chief@contoso.example", code),
        (contoso, "nobody@contoso.example", code),
        (contoso, "adele@fabrikam.example", code),
    ):
        with entered(org.row):
            browser = org.browser()
            browser.get("/reset/help/")
            with CaptureQueriesContext(connection) as asked:
                page = browser.post("/reset/help/", {"sign_in_name": name, "code": typed})
            text = re.sub(r'value="[^"]*"', "", page.content.decode())
            pages.add((page.status_code, text))
            counted.add(len(asked))
            assert not browser.session.get("reset")
    assert (len(pages), len(counted)) == (1, 1)
    elsewhere = fabrikam.browser()
    elsewhere.post("/reset/help/", {"sign_in_name": "adele@fabrikam.example", "code": code})
    assert not elsewhere.session.get("reset")
    with entered(contoso.row):
        failed = AuditEvent.objects.filter(activity="reset_started", reason="wrong_ticket")
        assert failed.count() == 4 and not Reset.objects.exists()


def test_too_many_wrong_ones_wait_and_the_owner_elsewhere_does_not(contoso: Org) -> None:
    adele = contoso.user("adele")
    give_app(adele)
    code = started(desk(contoso, "bo", HELPER), adele)
    for _try in range(7):
        redeemed(contoso, "AAAA-AAAA-AAAA")
    assert not redeemed(contoso, code).session.get("reset")
    reasons = AuditEvent.objects.filter(activity="reset_started").values_list("reason", flat=True)
    assert sorted(reasons) == ["too_often"] + ["wrong_ticket"] * 5
    browser = contoso.browser()
    there = {"sign_in_name": ADELE, "code": code}
    browser.post("/reset/help/", there, REMOTE_ADDR="198.51.100.7")
    assert browser.session.get("reset")


@pytest.mark.parametrize(
    ("role", "other", "status"),
    [
        (HELPER, "adele", 200),
        (HELPER, "chief", 403),
        (Role.PASSWORD_ADMINISTRATOR, "adele", 200),
        (Role.REPORTS_READER, "adele", 403),
        (Role.GLOBAL_ADMINISTRATOR, "bo", 403),  # oneself
    ],
)
def test_who_may_start_one(contoso: Org, role: Role, other: str, status: int) -> None:
    helper = desk(contoso, "bo", role)
    user = contoso.user(other)
    assert helper.get(path(user)).status_code == status
    assert helper.post(path(user)).status_code == status
    assert Challenge.objects.filter(purpose="help", user=user).exists() is (status == 200)


def test_not_of_another_organization(contoso: Org, fabrikam: Org) -> None:
    there = fabrikam.user("adele")
    with entered(contoso.row):
        chief = desk(contoso, "chief")
        assert chief.post(path(there)).status_code == 404
    assert not Challenge.objects.filter(purpose="help").exists()


def test_one_person_is_not_written_to_without_end(contoso: Org) -> None:
    adele = contoso.user("adele")
    give_app(adele)
    helper = desk(contoso, "bo", HELPER)
    codes = [started(helper, adele) for _time in range(11)]
    assert all(codes[:10]) and codes[10] == ""


def test_a_kiosk_takes_the_code_too(contoso: Org) -> None:
    adele = contoso.user("adele")
    give_app(adele)
    code = started(desk(contoso, "bo", HELPER), adele)
    browser = contoso.browser()
    assert "/reset/help/" in browser.get("/reset/kiosk/").content.decode()
    page = browser.get("/reset/help/")
    assert page.status_code == 200 and page.context["kiosk"]
    kept = browser.post("/reset/help/", {"action": "stay", "sign_in_name": ADELE, "code": code})
    assert kept.status_code == 200 and not Reset.objects.exists()  # more time is no try
    browser.post("/reset/help/", {"sign_in_name": ADELE, "code": code})
    assert (Reset.objects.get().entry, Reset.objects.get().helped_by) == ("kiosk", "bo@contoso.example")
    assert where(browser) == "/reset/verify/"
