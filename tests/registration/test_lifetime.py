"""A password that has ended: changed at sign-in by who knows it, in every edition; told of in time."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core import mail
from django.core.exceptions import ValidationError
from django.db import DataError, IntegrityError, connection, transaction
from django.utils import timezone

from registration import configuring, expiring, lifetime, people
from registration.lifetime import State
from registration.models import Policy, User
from tenants import hosts
from tenants.context import entered
from tenants.models import Organization
from tests.building import PASSWORD, Browser, Org, app_code, give_app, run_jobs, sign_in
from tests.journeys.people import choose_password, prove_app
from tests.registration.steps import proved, signed_in
from tests.resets.steps import NEW, begun
from tests.tenants.branding.queries import asked

CHANGED, DAY = datetime(2026, 2, 1, 9, tzinfo=UTC), timedelta(days=1)
SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("days", "must_change", "later", "expected"),
    [
        (None, False, 9000 * DAY, State.VALID),
        (None, True, 0 * DAY, State.MUST_CHANGE),
        (1, False, 0 * DAY, State.SOON),
        (1, False, DAY - SECOND, State.SOON),
        (1, False, DAY, State.EXPIRED),
        (730, False, 716 * DAY - SECOND, State.VALID),
        (730, False, 716 * DAY, State.SOON),
        (730, False, 730 * DAY, State.EXPIRED),
        (30, True, 900 * DAY, State.MUST_CHANGE),
    ],
)
def test_the_life_of_a_password(
    days: int | None, must_change: bool, later: timedelta, expected: State
) -> None:
    found = lifetime.state(changed_at=CHANGED, days=days, must_change=must_change, now=CHANGED + later)
    assert found is expected


def aged(user: User, days: float) -> User:
    """Let a password have been chosen so many days ago."""
    User.objects.filter(pk=user.pk).update(password_changed_at=timezone.now() - days * DAY)
    return user


def lives(days: int | None) -> None:
    """Give the passwords of the entered organization a lifetime."""
    configuring.configure({"password_lifetime_days": days}, actor="tests")
    hosts.forget()


def change(browser: Browser, current: str = PASSWORD, new: str = NEW) -> Any:
    return browser.post("/password/", {"current": current, "new_password": new, "confirm": new})


def test_never_is_the_default(contoso: Org) -> None:
    assert Policy.objects.get().password_lifetime_days is None
    aged(contoso.user("adele"), 5000)
    assert signed_in(contoso, contoso.user("adele")).get("/security-info/").status_code == 200


@pytest.mark.parametrize("days", [0, 731, -1])
def test_a_lifetime_has_bounds(contoso: Org, days: int) -> None:
    with pytest.raises(ValidationError):
        configuring.configure({"password_lifetime_days": days}, actor="tests")
    with pytest.raises((IntegrityError, DataError)), transaction.atomic():
        Policy.objects.update(password_lifetime_days=days)


@pytest.mark.parametrize("schema", ["contoso", "fabrikam", "public"])
def test_an_expired_password_is_changed_at_sign_in(db: None, schema: str) -> None:
    org = Org(schema)
    with entered(org.row):
        lives(30)
        adele = aged(org.user("adele"), 30)
        browser = org.browser()
        sign_in(browser, adele.sign_in_name)
        assert browser.get("/security-info/?page=1").headers["location"] == "/password/"
        page = browser.get("/password/")
        assert "has expired" in page.content.decode()
        assert 'href="/security-info/"' not in page.content.decode()
        assert change(browser).headers["location"] == "/security-info/"
        assert browser.get("/security-info/").headers["location"] == "/security-info/?page=1"
        assert browser.get("/security-info/?page=1").status_code == 200
        assert sign_in(org.browser(), adele.sign_in_name, NEW).status_code == 302


def test_nothing_else_can_be_done(contoso: Org) -> None:
    chief = contoso.user("chief")
    browser = proved(contoso, chief, give_app(chief))
    assert browser.get("/admin/").status_code == 200
    people.change(chief, {"must_change": True}, actor="tests")
    shut = [
        "/",
        "/admin/",
        "/admin/registration/user/",
        "/security-info/",
        "/security-info/add/email/",
        "/verify/",
    ]
    for path in [*shut, "/sign-in/again/", "/register/", "/register/still-right/", "/security-info/confirm/"]:
        assert browser.get(path).headers["location"] == "/password/", path
        assert browser.post(path).headers["location"] == "/password/", path
    page = browser.get("/password/").content.decode()
    assert "asked to choose a new password" in page
    assert (
        browser.post("/language/", {"language": "de", "next": "/password/"}).headers["location"]
        == "/password/"
    )
    assert browser.get("/brand.css").status_code == 200
    assert browser.post("/sign-out/").headers["location"] == "/sign-in/"
    assert "_auth_user_id" not in browser.session


@pytest.mark.parametrize("history", [0, 1, 3])
@pytest.mark.parametrize("why", ["must_change", "expired"])
def test_a_wrong_or_the_same_password_frees_nobody(contoso: Org, why: str, history: int) -> None:
    """Also where the organization refuses no former password."""
    adele = contoso.user("adele")
    configuring.configure({"history": history}, actor="tests")
    if why == "expired":
        lives(30)
        aged(adele, 30)
    else:
        people.change(adele, {"must_change": True}, actor="tests")
    browser = signed_in(contoso, adele)
    told = re.findall(
        r'data-rule="same_as_before" data-number="(\d)"', browser.get("/password/").content.decode()
    )
    assert told == [str(max(history, 1))]
    for current, new in (("wrong", NEW), (PASSWORD, PASSWORD), (PASSWORD, "short")):
        assert change(browser, current, new).status_code == 200
        assert browser.get("/").headers["location"] == "/password/"
    change(browser)
    assert browser.get("/").headers["location"] == "/security-info/"
    assert not contoso.user("adele").must_change


def test_a_password_that_has_ended_does_not_return_by_a_reset(contoso: Org) -> None:
    """One that was forgotten may, under Entra's rules."""
    adele = contoso.user("adele")
    give_app(adele)
    people.change(adele, {"must_change": True}, actor="tests")
    browser = begun(contoso, adele.sign_in_name)
    prove_app(browser, app_code())
    refused = choose_password(browser, PASSWORD)
    assert [one.code for one in refused.context["form"].errors.as_data()["new_password"]] == [
        "same_as_before"
    ]
    assert contoso.user("adele").must_change
    assert choose_password(browser, NEW).headers["location"] == "/reset/done/"


def test_who_does_not_know_it_resets(contoso: Org) -> None:
    adele = contoso.user("adele")
    lives(1)
    aged(adele, 2)
    people.change(adele, {"must_change": True}, actor="tests")
    give_app(adele)
    browser = begun(contoso, adele.sign_in_name)
    prove_app(browser, app_code())
    assert choose_password(browser, NEW).headers["location"] == "/reset/done/"
    other = contoso.browser()
    sign_in(other, adele.sign_in_name, NEW)
    assert other.get("/").headers["location"] == "/security-info/"
    assert not contoso.user("adele").must_change


def test_a_wrong_password_tells_nothing_of_it(contoso: Org) -> None:
    lives(1)
    aged(contoso.user("adele"), 2)
    page = sign_in(contoso.browser(), "adele@contoso.example", "wrong")
    assert (page.status_code, "expired" in page.content.decode()) == (200, False)


def test_a_directorys_passwords_live_as_it_says(contoso: Org) -> None:
    lives(1)
    adele = aged(contoso.user("adele"), 5)
    User.objects.filter(pk=adele.pk).update(source=User.Source.DIRECTORY)
    assert signed_in(contoso, adele).get("/").headers["location"] == "/security-info/"


def test_one_organizations_lifetime_is_not_anothers(contoso: Org, fabrikam: Org) -> None:
    with entered(contoso.row):
        lives(1)
    aged(fabrikam.user("adele"), 5)
    assert signed_in(fabrikam, fabrikam.user("adele")).get("/").headers["location"] == "/security-info/"


def test_it_costs_no_query(contoso: Org) -> None:
    lives(30)
    browser = signed_in(contoso, contoso.user("adele"))
    browser.get("/")
    with asked() as queries:
        browser.get("/")
    assert len(queries) == 2  # the session and the person, as before


def told() -> list[tuple[str, str]]:
    """Let the clock call, run the jobs, and return who was written to about what."""
    mail.outbox = []
    expiring.look.enqueue()
    run_jobs()
    return sorted((one.to[0], str(one.subject)) for one in mail.outbox)


def test_each_notice_comes_once(contoso: Org, monkeypatch: pytest.MonkeyPatch) -> None:
    lives(30)
    aged(contoso.user("adele"), 0)
    User.objects.exclude(sign_in_name__startswith="adele@").update(is_active=False)
    start, days = timezone.now(), []
    for hour in range(0, 31 * 24, 12):  # called twice a day
        moment = start + timedelta(hours=hour)
        monkeypatch.setattr(timezone, "now", lambda moment=moment: moment)
        if sent := told():
            days.append((hour / 24, [subject for _to, subject in sent]))
    assert days == [
        (16, ["Your Contoso password expires in 14 days"]),
        (23, ["Your Contoso password expires in 7 days"]),
        (29, ["Your Contoso password expires within a day"]),
    ]


def test_who_is_not_told(contoso: Org) -> None:
    lives(30)
    for user in User.objects.all():
        aged(user, 20)
    assert {to for to, _subject in told()} == {"adele@post.example", "bo@post.example", "chief@post.example"}
    User.objects.update(expiry_told_at=None)
    aged(contoso.user("adele"), 31)  # expired already
    bo = contoso.user("bo")
    bo.set_unusable_password()
    bo.save()
    people.change(contoso.user("chief"), {"must_change": True}, actor="tests")
    assert told() == []


def test_a_new_password_is_told_of_anew(contoso: Org) -> None:
    lives(30)
    User.objects.exclude(sign_in_name__startswith="adele@").update(is_active=False)
    aged(contoso.user("adele"), 20)
    assert len(told()) == 1
    assert told() == []
    lives(90)
    assert told() == []
    aged(contoso.user("adele"), 80)
    User.objects.update(expiry_told_at=timezone.now() - 60 * DAY)
    assert len(told()) == 1


def test_whoever_changes_it_before_the_mail_goes_is_not_told(contoso: Org) -> None:
    lives(30)
    adele = aged(contoso.user("adele"), 20)
    expiring.tell.enqueue(user=str(adele.pk))
    aged(adele, 0)
    run_jobs()
    assert mail.outbox == []


def test_the_mail_leads_to_the_change(contoso: Org) -> None:
    lives(30)
    adele = aged(contoso.user("adele"), 29.5)
    expiring.tell.enqueue(user=str(adele.pk))
    run_jobs()
    assert "http://contoso.localhost:8000/password/" in str(mail.outbox[0].body)


@pytest.mark.parametrize("count", [3, 30])
def test_looking_costs_the_same_for_few_and_for_many(
    contoso: Org, monkeypatch: pytest.MonkeyPatch, count: int
) -> None:
    lives(30)
    User.objects.bulk_create(
        User(sign_in_name=f"p{n}@contoso.example", password="hash") for n in range(count)
    )
    User.objects.update(created_at=timezone.now() - 20 * DAY, password_changed_at=None)
    with asked() as queries:
        expiring.look.work()
    work = [sql for sql in queries if "SAVEPOINT" not in sql]
    assert len(work) == 4  # the policy, a page of people, the note, the jobs
    assert len(waiting("registration.expiry_notice")) == count + 3


def test_pages(contoso: Org, monkeypatch: pytest.MonkeyPatch) -> None:
    lives(30)
    monkeypatch.setattr(expiring, "PAGE", 2)
    User.objects.update(created_at=timezone.now() - 20 * DAY)
    expiring.look.work()
    assert len(waiting("registration.expiry_notice")) == 3


def test_the_clock_calls_for_each_organization(contoso: Org) -> None:
    Organization.objects.filter(schema_name="contoso").update(state="suspended")
    with asked() as queries:
        expiring.look_everywhere(timestamp=0)
    assert len(queries) == 2
    assert sorted(waiting("registration.expiring")) == ["contoso", "fabrikam", "public"]


def waiting(name: str) -> list[str]:
    """Return the schemas of the waiting jobs of a name."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select args->>'schema' from public.procrastinate_jobs where task_name = %s and status = 'todo'",
            [name],
        )
        return [schema for (schema,) in cursor.fetchall()]
