"""Reminders to who may reset and has not registered: to whom, how often, by whom, in which language, at what cost."""

from datetime import timedelta

import pytest
from django.core import mail
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from licensing import subscribing
from registration import configuring, people, reminding
from registration.models import AuditEvent, Group, Policy, User
from registration.roles import Role
from tenants import hosts
from tenants.context import entered
from tenants.models import Organization
from tests.building import Browser, Org, give_app, give_email, run_jobs
from tests.registration.steps import proved
from tests.registration.test_lifetime import waiting
from tests.tenants.branding.queries import asked

DAY = timedelta(days=1)
PAGE = "/admin/registration/user/remind/"
ADELE, BO, CHIEF = "adele@post.example", "bo@post.example", "chief@post.example"


def policy(**values: object) -> None:
    """Change the policy of the entered organization."""
    configuring.configure(values, actor="tests")
    hosts.forget()


def mailed() -> list[str]:
    """Run the jobs, and return who was written to."""
    mail.outbox = []
    run_jobs()
    subjects = ("way back into your", "Weg zurück in Ihr Konto")
    assert all(any(words in str(one.subject) for words in subjects) for one in mail.outbox)
    return sorted(one.to[0] for one in mail.outbox)


def by_clock() -> list[str]:
    """Let the clock call, and return who was written to."""
    reminding.look.enqueue()
    return mailed()


def desk(org: Org, role: Role = Role.GLOBAL_ADMINISTRATOR) -> Browser:
    """Return the browser of chief in this role, who has passed the second factor."""
    chief = org.user("chief")
    people.change(chief, {"roles": [role.value]}, actor="tests")
    return proved(org, chief, chief.devices.filter(kind="app_code").first() or give_app(chief))


def test_never_is_the_default(contoso: Org) -> None:
    assert Policy.objects.get().remind_days == 0
    assert by_clock() == []


@pytest.mark.parametrize("days", [1, 6, 365])
def test_how_often_is_one_of_a_few(contoso: Org, days: int) -> None:
    with pytest.raises(ValidationError):
        configuring.configure({"remind_days": days}, actor="tests")
    with pytest.raises(IntegrityError), transaction.atomic():
        Policy.objects.update(remind_days=days)


def test_each_week_until_they_have_registered(contoso: Org, monkeypatch: pytest.MonkeyPatch) -> None:
    policy(remind_days=7)
    give_email(contoso.user("chief"))
    User.objects.filter(sign_in_name__startswith="chief@").update(is_active=False)
    start, days = timezone.now(), []
    for day in range(23):
        moment = start + day * DAY - timedelta(minutes=day % 3)  # the clock is early on some days
        monkeypatch.setattr(timezone, "now", lambda moment=moment: moment)
        if day == 10:
            give_app(contoso.user("bo"))
        if sent := by_clock():
            days.append((day, sent))
    assert days == [(0, [ADELE, BO]), (7, [ADELE, BO]), (14, [ADELE]), (21, [ADELE])]


def test_what_the_mail_says_and_in_which_language(contoso: Org) -> None:
    policy(remind_days=7)
    people.speak(contoso.user("adele"), "de")
    by_clock()
    german = next(one for one in mail.outbox if one.to == [ADELE])
    english = next(one for one in mail.outbox if one.to == [BO])
    assert "Guten Tag Adele," in str(german.body)
    assert "Hello Bo," in str(english.body)
    assert "you could not reset it yourself yet" in str(english.body)
    assert "http://contoso.localhost:8000/security-info/" in str(english.body)
    assert "/security-info/" in str(english.message())


def test_who_is_not_reminded(contoso: Org) -> None:
    policy(scope="selected", required=2, methods=["app_code", "email"], remind_days=7)
    group = Group.objects.create(name="All of Pilot")
    group.groups.add(Group.objects.get(name="Pilot"))
    Group.objects.update(may_reset=False)
    Group.objects.filter(name="All of Pilot").update(may_reset=True)
    for name in ("one", "half", "late", "none", "off"):
        user = people.add(f"{name}@contoso.example", actor="tests", primary_address=f"{name}@post.example")
        user.set_password("Correct-Horse-7")
        user.save()
        user.groups.add(group)
    give_app(contoso.user("one"))
    give_email(contoso.user("one"))
    give_email(contoso.user("half"), "half@home.example")
    User.objects.filter(sign_in_name__in=["half@contoso.example", "none@contoso.example"]).update(
        primary_address=""
    )
    late = contoso.user("late")
    late.set_unusable_password()
    late.save()
    User.objects.filter(sign_in_name__startswith="off@").update(is_active=False)
    # adele is in a group within the selected one, half is written to at the address that they have, chief is an administrator
    assert by_clock() == [ADELE, CHIEF, "half@home.example"]


def test_administrators_who_may_not_reset_are_not_reminded(contoso: Org) -> None:
    policy(remind_days=7, administrators_may_reset=False)
    assert by_clock() == [ADELE, BO]


@pytest.mark.parametrize(
    "values", [{"scope": "none"}, {"methods": []}, {"methods": ["email"], "required": 2}]
)
def test_nobody_is_reminded_of_what_they_cannot_do(contoso: Org, values: dict[str, object]) -> None:
    User.objects.filter(sign_in_name__startswith="chief@").update(is_active=False)
    policy(remind_days=7, **values)
    assert by_clock() == []
    assert reminding.waiting() == 0


def test_an_edition_without_reset_reminds_nobody_and_says_why(contoso: Org, fabrikam: Org) -> None:
    with entered(contoso.row):
        assert reminding.waiting() == 3
    policy(remind_days=7)
    assert by_clock() == []
    browser = desk(fabrikam)
    page = browser.get(PAGE).content.decode()
    assert "Your organization&#x27;s edition does not include this." in page
    assert "Send" not in page
    browser.post(PAGE)
    assert mailed() == []
    assert not AuditEvent.objects.filter(activity="registration_reminded").exists()


def test_a_scope_of_none_is_said_too(contoso: Org) -> None:
    policy(scope="none")
    assert "Password reset is enabled for nobody." in desk(contoso).get(PAGE).content.decode()


def test_the_desk_says_how_many_and_then_does_it(contoso: Org, fabrikam: Org) -> None:
    with entered(fabrikam.row):
        subscribing.assign(fabrikam.row, edition="p1", actor="tests")
        hosts.forget()
    with entered(contoso.row):
        give_app(contoso.user("bo"))
        browser = desk(contoso)
        give_email(contoso.user("chief"))
        assert f'href="{PAGE}"' in browser.get("/admin/registration/user/").content.decode()
        page = browser.get(PAGE).content.decode()
        assert "1 person may reset and has not registered enough methods." in page
        assert "Send 1 mail" in page
        assert mailed() == []  # looking sends nothing
        assert browser.post(PAGE).headers["location"] == "/admin/registration/user/"
        assert "1 person is reminded by mail." in browser.get("/admin/registration/user/").content.decode()
        assert mailed() == [ADELE]
        event = AuditEvent.objects.get(activity="registration_reminded")
        assert (event.actor, event.data) == ("chief@contoso.example", {"people": 1})
        assert AuditEvent.objects.filter(activity="notice_sent", data={"notice": "reminder"}).count() == 1
        page = browser.get(PAGE).content.decode()
        assert "0 people may reset" in page
        assert "Send" not in page
        browser.post(PAGE)
        assert mailed() == []
        assert contoso.user("bo").reminded_at is None
    with entered(fabrikam.row):
        assert not User.objects.exclude(reminded_at=None).exists()
        assert reminding.waiting() == 3


@pytest.mark.parametrize("role", [Role.HELPDESK_ADMINISTRATOR, Role.REPORTS_READER])
def test_not_everybody_at_the_desk_may(contoso: Org, role: Role) -> None:
    browser = desk(contoso, role)
    assert PAGE not in browser.get("/admin/registration/user/").content.decode()
    assert [browser.get(PAGE).status_code, browser.post(PAGE).status_code] == [403, 403]
    assert mailed() == []


def test_the_clock_and_the_desk_heed_each_other(contoso: Org) -> None:
    policy(remind_days=30)
    assert len(by_clock()) == 3
    assert reminding.waiting() == 0
    User.objects.update(reminded_at=timezone.now() - 8 * DAY)
    assert by_clock() == []
    assert reminding.waiting() == 3
    event = AuditEvent.objects.get(activity="registration_reminded")
    assert (event.actor, event.data) == ("system", {"people": 3, "days": 30})


def test_who_registers_before_the_mail_goes_gets_none(contoso: Org) -> None:
    policy(remind_days=7)
    reminding.look.work()
    give_app(contoso.user("adele"))
    User.objects.filter(sign_in_name__startswith="bo@").update(is_active=False)
    assert mailed() == [CHIEF]


def test_a_suspended_organization_reminds_nobody(contoso: Org) -> None:
    policy(remind_days=7)
    Organization.objects.filter(schema_name="contoso").update(state="suspended")
    with entered(contoso.row):
        reminding.look.work()
    assert waiting("registration.reminder") == []


@pytest.mark.parametrize("count", [3, 30])
def test_it_costs_the_same_for_few_and_for_many(contoso: Org, count: int) -> None:
    policy(remind_days=7)
    User.objects.bulk_create(
        User(sign_in_name=f"p{n}@contoso.example", password="hash", primary_address=f"p{n}@post.example")
        for n in range(count)
    )
    reminding.waiting()  # warm
    with asked() as counting:
        assert reminding.waiting() == count + 3
    with asked() as looking:
        reminding.look.work()
    # The policy and one count; the policy three times, a page of people, the note, the jobs, and what is written down.
    assert len(counting) == 2
    assert len([sql for sql in looking if "SAVEPOINT" not in sql]) == 7
    assert len(waiting("registration.reminder")) == count + 3


def test_pages(contoso: Org, monkeypatch: pytest.MonkeyPatch) -> None:
    policy(remind_days=7)
    monkeypatch.setattr(reminding, "PAGE", 2)
    reminding.look.work()
    assert len(waiting("registration.reminder")) == 3
    reminding.look.work()
    assert len(waiting("registration.reminder")) == 3


def test_the_clock_calls_for_each_organization(contoso: Org) -> None:
    with asked() as queries:
        reminding.look_everywhere(timestamp=0)
    assert len(queries) == 2
    assert sorted(waiting("registration.reminding")) == ["contoso", "fabrikam", "public"]


def test_roles_of_another_kind_of_organization_make_nobody_an_administrator(contoso: Org) -> None:
    """An operator's role means nothing here, so one method is enough for bo."""
    policy(remind_days=7)
    User.objects.filter(sign_in_name__startswith="bo@").update(roles=["owner"])
    give_app(contoso.user("bo"))
    give_app(contoso.user("chief"))
    assert by_clock() == [ADELE, CHIEF]
