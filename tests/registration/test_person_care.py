"""One person's page: what it shows to whom, and what is done from it: told, written down, and never to a stronger role."""

from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from registration import people
from registration.models import AuditEvent, Challenge, Device, User
from registration.people import PersonProblem
from registration.roles import Role
from tenants.context import entered
from tests.building import (
    Browser,
    Org,
    give_app,
    give_email,
    give_office,
    run_jobs,
    sign_in,
)
from tests.registration.steps import signed_in
from tests.registration.test_people_desk import PEOPLE, desk
from tests.resets.steps import begun, prove_email, where

ADELE = "adele@contoso.example"


def page(browser: Browser, user: User) -> dict[str, Any]:
    """Return what a person's page shows."""
    found: dict[str, Any] = browser.get(f"{PEOPLE}{user.pk}/change/").context["care"]
    return found


def do(browser: Browser, user: User, what: str, **data: str) -> Any:
    return browser.post(f"{PEOPLE}{user.pk}/{what}/", data)


def test_it_shows_where_they_stand_and_why(contoso: Org) -> None:
    adele, chief = contoso.user("adele"), desk(contoso, "chief")
    facts = {str(name): (str(words), tone) for name, words, tone in page(chief, adele)["facts"]}
    assert facts["Registered"] == ("No", "bad") and facts["Enabled for password reset"] == ("Yes", "good")
    assert facts["Can they reset their password now?"][0] == "This person has not registered enough methods."
    give_email(adele)
    give_office(adele, by="administrator")
    shown = page(chief, adele)
    facts = {str(name): (str(words), tone) for name, words, tone in shown["facts"]}
    assert facts["Capable"] == ("Yes", "good")
    assert facts["Can they reset their password now?"] == ("This person can reset their password.", "good")
    assert [(str(one["name"]), str(one["by"])) for one in shown["methods"]] == [
        ("Office phone", "an administrator"),
        ("Email", ""),
    ]
    assert "adele@home.example" not in chief.get(f"{PEOPLE}{adele.pk}/change/").content.decode()


def test_the_page_costs_the_same_however_much_happened(contoso: Org) -> None:
    adele, chief = contoso.user("adele"), desk(contoso, "chief")
    give_email(adele)
    counts = []
    for _time in range(2):
        chief.get(f"{PEOPLE}{adele.pk}/change/")
        with CaptureQueriesContext(connection) as asked:
            chief.get(f"{PEOPLE}{adele.pk}/change/")
        counts.append(len(asked))
        prove_email(begun(contoso, ADELE))
    assert counts[0] == counts[1]


def test_each_role_sees_what_it_can_do(contoso: Org) -> None:
    adele = contoso.user("adele")
    give_email(adele)
    seen = {}
    for role in (Role.HELPDESK_ADMINISTRATOR, Role.REPORTS_READER, Role.GLOBAL_ADMINISTRATOR):
        people.change(contoso.user("bo"), {"roles": [role]}, actor="tests")
        Device.objects.filter(user=contoso.user("bo")).delete()
        shown = page(desk(contoso, "bo"), adele)
        seen[role] = ([str(one["words"]) for one in shown["buttons"]], shown["events"] is not None)
    assert seen[Role.REPORTS_READER] == ([], True)
    assert seen[Role.HELPDESK_ADMINISTRATOR] == (["Start a password reset", "End all sessions"], False)
    assert seen[Role.GLOBAL_ADMINISTRATOR] == (
        [
            "Start a password reset",
            "End all sessions",
            "Require re-registration",
            "Disable the account",
            "Delete the person",
        ],
        True,
    )


def test_nothing_is_done_by_looking(contoso: Org) -> None:
    adele, chief = contoso.user("adele"), desk(contoso, "chief")
    give_email(adele)
    before = (AuditEvent.objects.count(), User.objects.get(pk=adele.pk).sessions_since)
    for what in ("require-registration", "end-sessions", "disable", "start-reset", "remove-method"):
        assert chief.get(f"{PEOPLE}{adele.pk}/{what}/").status_code in {200, 302}
    assert (AuditEvent.objects.count(), User.objects.get(pk=adele.pk).sessions_since) == before
    assert adele.devices.count() == 1


def test_requiring_registration_anew_removes_all_tells_all_and_asks_at_once(contoso: Org) -> None:
    adele, chief = contoso.user("adele"), desk(contoso, "chief")
    give_email(adele)
    give_app(adele)
    Device.objects.filter(user=adele).update(created_at=timezone.now() - timedelta(days=30))
    theirs, under_way = signed_in(contoso, adele), begun(contoso, ADELE)
    prove_email(under_way)
    assert where(under_way) == "/reset/password/"
    mail.outbox.clear()
    assert do(chief, adele, "require-registration").status_code == 302
    assert not adele.devices.exists() and where(under_way) != "/reset/password/"
    assert theirs.get("/security-info/").status_code == 302
    run_jobs()
    assert {one.to[0] for one in mail.outbox} == {"adele@home.example", "adele@post.example"}
    assert all("removed every method" in str(one.body) and "/object/" in str(one.body) for one in mail.outbox)
    event = AuditEvent.objects.get(activity="registration_required")
    assert (event.actor, event.subject) == ("chief@contoso.example", ADELE)
    assert event.data == {"removed": ["app_code", "email"], "with_password": False}
    browser = contoso.browser()
    sign_in(browser, ADELE)
    assert browser.get("/security-info/").headers["location"] == "/register/"  # the policy asks nobody
    asked = browser.get("/register/")
    assert asked.context["may_skip"] is False
    assert browser.post("/register/").status_code == 200  # it can't be put off
    assert browser.get("/security-info/").headers["location"] == "/register/"
    give_app(adele)
    assert browser.get("/register/").status_code == 302
    assert not contoso.user("adele").must_register
    assert not Challenge.objects.filter(user=adele, consumed_at=None).exclude(purpose="object").exists()


def test_where_the_password_may_be_known_it_goes_too(contoso: Org) -> None:
    adele, chief = contoso.user("adele"), desk(contoso, "chief")
    give_app(adele)
    do(chief, adele, "require-registration", option="on")
    assert not contoso.user("adele").has_usable_password()
    sign_in(contoso.browser(), ADELE)
    assert AuditEvent.objects.filter(activity="sign_in_failed", subject=ADELE).exists()
    assert AuditEvent.objects.get(activity="password_disowned").actor == "chief@contoso.example"


def test_one_method_is_removed_and_no_other_persons(contoso: Org) -> None:
    adele, bo, chief = contoso.user("adele"), contoso.user("bo"), desk(contoso, "chief")
    mine, theirs = give_email(adele), give_email(bo, "bo@home.example")
    asked = chief.get(f"{PEOPLE}{adele.pk}/remove-method/?device={mine.pk}")
    assert "last method" in asked.content.decode() and Device.objects.filter(pk=mine.pk).exists()
    do(chief, adele, "remove-method", device=str(theirs.pk))
    do(chief, adele, "remove-method", device="x")
    assert Device.objects.filter(pk__in=[mine.pk, theirs.pk]).count() == 2
    do(chief, adele, "remove-method", device=str(mine.pk))
    assert not Device.objects.filter(pk=mine.pk).exists() and Device.objects.filter(pk=theirs.pk).exists()
    run_jobs()
    assert "adele@home.example" in {one.to[0] for one in mail.outbox}


def test_sessions_end(contoso: Org) -> None:
    adele, chief = contoso.user("adele"), desk(contoso, "chief")
    theirs = signed_in(contoso, adele)
    do(chief, adele, "end-sessions")
    assert theirs.get("/security-info/").headers["location"].startswith("/sign-in/")
    assert AuditEvent.objects.get(activity="sessions_ended").actor == "chief@contoso.example"


def test_disabled_and_enabled(contoso: Org) -> None:
    adele, chief = contoso.user("adele"), desk(contoso, "chief")
    theirs = signed_in(contoso, adele)
    do(chief, adele, "disable")
    assert not contoso.user("adele").is_active
    assert theirs.get("/security-info/").status_code == 302
    assert "Enable the account" in {str(one["words"]) for one in page(chief, adele)["buttons"]}
    do(chief, adele, "enable")
    assert contoso.user("adele").is_active


WHAT = ["require-registration", "end-sessions", "disable", "enable", "start-reset", "invite", "release"]


@pytest.mark.parametrize("what", [*WHAT, "remove-method"])
def test_not_to_a_stronger_role(contoso: Org, what: str) -> None:
    chief = contoso.user("chief")
    give_email(chief)
    helper = desk(contoso, "bo", Role.AUTHENTICATION_ADMINISTRATOR)
    assert do(helper, chief, what).status_code == 403
    event = AuditEvent.objects.get(activity="desk_refused")
    assert (event.actor, event.data["page"]) == ("bo@contoso.example", f"admin:registration_user_{what}")
    assert contoso.user("chief").is_active and chief.devices.count() == 1


@pytest.mark.parametrize("what", [one for one in WHAT if one != "end-sessions"])
def test_not_to_oneself(contoso: Org, what: str) -> None:
    chief = desk(contoso, "chief")
    assert do(chief, contoso.user("chief"), what).status_code == 403


def test_no_link_is_shown_for_who_has_methods(contoso: Org) -> None:
    """It would ask for none of them: a dishonest help desk would take the account."""
    adele, helper = contoso.user("adele"), desk(contoso, "bo", Role.HELPDESK_ADMINISTRATOR)
    give_app(adele)
    people.change(adele, {"primary_address": ""}, actor="tests")
    User.objects.filter(pk=adele.pk).update(password="!")
    answer = do(helper, adele, "invite")
    assert answer.status_code == 200 and "start a password reset instead" in unescape(answer.content.decode())
    assert not Challenge.objects.filter(user=adele, purpose="activate").exists()


def test_no_link_is_mailed_past_the_methods_of_who_had_a_password(contoso: Org) -> None:
    """A user administrator gives somebody an address, objects there to their next password, and would be mailed the link."""
    adele = contoso.user("adele")
    give_app(adele)
    User.objects.filter(pk=adele.pk).update(password="!", password_changed_at=timezone.now())
    people.change(adele, {"primary_address": "mine@post.example"}, actor="tests")
    AuditEvent.objects.filter(activity="user_changed").update(at=timezone.now() - people.NEW_FOR)
    for role in (Role.USER_ADMINISTRATOR, Role.HELPDESK_ADMINISTRATOR, Role.PASSWORD_ADMINISTRATOR):
        people.change(contoso.user("bo"), {"roles": [role]}, actor="tests")
        Device.objects.filter(user=contoso.user("bo")).delete()
        answer = do(desk(contoso, "bo"), adele, "invite")
        assert answer.status_code == 200 and "start a password reset instead" in unescape(
            answer.content.decode()
        )
    assert not Challenge.objects.filter(user=adele, purpose="activate").exists()
    assert do(desk(contoso, "chief"), adele, "invite").status_code == 302


def test_nobody_is_invited_to_an_address_that_was_just_given(contoso: Org) -> None:
    """Whoever may change an address, or hold a link in their hands, may not yet come into an account that somebody had."""
    adele = contoso.user("adele")
    User.objects.filter(pk=adele.pk).update(password="!", password_changed_at=timezone.now())
    people.change(adele, {"primary_address": "mine@post.example"}, actor="tests")
    helper, chief = desk(contoso, "bo", Role.USER_ADMINISTRATOR), desk(contoso, "chief")
    for address in ("mine@post.example", ""):
        User.objects.filter(pk=adele.pk).update(primary_address=address)
        answer = do(helper, adele, "invite")
        assert answer.status_code == 200 and "may give one out" in unescape(answer.content.decode())
        assert not Challenge.objects.filter(user=adele, purpose="activate").exists()
    User.objects.filter(pk=adele.pk).update(primary_address="mine@post.example")
    assert (
        do(chief, adele, "invite").status_code == 302
    )  # as a code that is enough alone: an address is not all there is
    AuditEvent.objects.filter(activity="user_changed").update(at=timezone.now() - people.NEW_FOR)
    assert do(helper, adele, "invite").status_code == 302
    User.objects.filter(pk=adele.pk).update(password_changed_at=None, primary_address="")
    assert do(helper, adele, "invite").status_code == 302  # nobody has had it: as on the day it was added


# --- Roles ------------------------------------------------------------------------------------------------------------


def roles_page(browser: Browser) -> dict[str, Any]:
    return {one["value"]: one for one in browser.get(f"{PEOPLE}roles/").context["roles"]}


def test_who_has_which_role_and_what_it_may_do(contoso: Org, fabrikam: Org) -> None:
    with entered(fabrikam.row):
        people.change(fabrikam.user("bo"), {"roles": [Role.REPORTS_READER]}, actor="tests")
    with entered(contoso.row):
        shown = roles_page(desk(contoso, "bo", Role.HELPDESK_ADMINISTRATOR))
        assert next(iter(shown)) == "global_administrator" and "owner" not in shown
        assert [str(one) for one in shown["global_administrator"]["holders"]] == ["chief@contoso.example"]
        assert [str(one) for one in shown["helpdesk_administrator"]["holders"]] == ["bo@contoso.example"]
        assert shown["reports_reader"]["holders"] == []
        assert "Start a password reset for somebody" in shown["helpdesk_administrator"]["may"]
        assert "Audit log: see" in shown["reports_reader"]["may"]
        assert not any(one["grantable"] for one in shown.values())


def test_a_global_administrator_grants_and_takes(contoso: Org) -> None:
    chief, adele = desk(contoso, "chief"), contoso.user("adele")
    chief.post(f"{PEOPLE}roles/grant/", {"role": "reports_reader", "sign_in_name": " Adele@Contoso.example"})
    assert contoso.user("adele").roles == ["reports_reader"]
    chief.post(f"{PEOPLE}roles/take/", {"role": "reports_reader", "user": str(adele.pk)})
    assert contoso.user("adele").roles == []
    changes = AuditEvent.objects.filter(activity="user_changed", subject=ADELE, actor="chief@contoso.example")
    assert changes.count() == 2
    gone = chief.post(
        f"{PEOPLE}roles/grant/", {"role": "reports_reader", "sign_in_name": "nobody@x.example"}, follow=True
    )
    assert "There is nobody called" in gone.content.decode()


@pytest.mark.parametrize(
    ("by", "role"),
    [
        (Role.USER_ADMINISTRATOR, "reports_reader"),
        (Role.PRIVILEGED_AUTHENTICATION_ADMINISTRATOR, "global_administrator"),
        (Role.GLOBAL_ADMINISTRATOR, "owner"),
        (Role.GLOBAL_ADMINISTRATOR, "emperor"),
        (Role.GLOBAL_ADMINISTRATOR, ""),
    ],
)
def test_nobody_grants_what_they_may_not(contoso: Org, by: Role, role: str) -> None:
    browser = desk(contoso, "bo", by)
    for page_, data in (("grant", {"sign_in_name": ADELE}), ("take", {"user": contoso.user("chief").pk})):
        assert browser.post(f"{PEOPLE}roles/{page_}/", {"role": role, **data}).status_code == 403
    assert contoso.user("adele").roles == [] and contoso.user("chief").roles == ["global_administrator"]


def test_ones_own_role_is_another_administrators_to_change(contoso: Org) -> None:
    chief = desk(contoso, "chief")
    mine = {"role": "global_administrator", "user": str(contoso.user("chief").pk)}
    chief.post(f"{PEOPLE}roles/take/", mine)
    assert contoso.user("chief").roles == ["global_administrator"]


@pytest.mark.parametrize("values", [{"roles": []}, {"roles": ["reports_reader"]}, {"is_active": False}, None])
def test_the_last_global_administrator_stays(contoso: Org, values: dict[str, Any] | None) -> None:
    """Whoever asks: no page of today's lets anybody come so far, and tomorrow's must not either."""
    chief, bo = contoso.user("chief"), contoso.user("bo")
    people.change(bo, {"roles": ["global_administrator"], "is_active": False}, actor="tests")

    def take() -> None:
        if values is None:
            people.remove(chief, actor=bo)
        else:
            people.change(chief, values, actor=bo)

    with pytest.raises(PersonProblem, match="Somebody has to be left"):
        take()
    assert contoso.user("chief").roles == ["global_administrator"] and contoso.user("chief").is_active
    people.change(bo, {"is_active": True}, actor="tests")
    take()


def test_the_page_says_so_where_it_is_tried(contoso: Org) -> None:
    """Two Global Administrators take it from each other: the second is refused."""
    bo = contoso.user("bo")
    people.change(bo, {"roles": ["global_administrator"]}, actor="tests")
    browser = desk(contoso, "bo")
    chief = contoso.user("chief")
    browser.post(f"{PEOPLE}roles/take/", {"role": "global_administrator", "user": str(chief.pk)})
    assert contoso.user("chief").roles == []
    people.change(chief, {"roles": ["global_administrator"], "is_active": False}, actor="tests")
    with pytest.raises(PersonProblem):
        people.change(contoso.user("bo"), {"roles": []}, actor=chief)
