"""The list of people: found, narrowed and exported by what the rules say, in as many statements for fifty as for one."""

import csv
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.hashers import make_password
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from registration import configuring, people, people_many, standing
from registration.judged import Standings
from registration.models import AuditEvent, Group, User
from registration.origin import NOWHERE
from registration.people_filters import CapableFilter, RegisteredFilter
from registration.people_many import Act
from registration.roles import Role
from tenants import hosts
from tenants.context import entered
from tenants.models import JournalEntry
from tests.building import Browser, Org, give_app, give_email, run_jobs
from tests.registration.steps import proved
from tests.registration.test_census import crowd  # noqa: F401  # a fixture
from tests.registration.test_people_desk import PEOPLE, desk

ADELE, BO, CHIEF = (f"{name}@contoso.example" for name in ("adele", "bo", "chief"))


def found(browser: Browser, query: str) -> set[str]:
    """Return whom the list shows."""
    page = browser.get(f"{PEOPLE}?{query}")
    assert page.status_code == 200
    return {str(user) for user in page.context["cl"].result_list}


@pytest.fixture
def chief(contoso: Org) -> Browser:
    """chief at the desk; adele has an address, and bo does not."""
    give_email(contoso.user("adele"))
    return desk(contoso, "chief")


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("registered=yes", {ADELE}),  # chief has one method of the two that an administrator needs
        ("registered=no", {BO, CHIEF}),
        ("capable=yes", {ADELE}),
        ("administrator=yes", {CHIEF}),
        ("administrator=no", {ADELE, BO}),
        ("is_active__exact=0", set()),
        ("is_active__exact=1", {ADELE, BO, CHIEF}),
        ("source__exact=directory", set()),
        ("password_state=must_change", {BO}),
        ("password_state=expired", {ADELE}),
        ("password_state=none", set()),
        ("locked=yes", {BO}),
        ("locked=no", {ADELE, CHIEF}),
        ("q=ADEL", {ADELE}),
        ("q=bo@post", {BO}),
        ("q=argon", set()),
        ("group=nonsense", set()),
        ("registered=perhaps", {ADELE, BO, CHIEF}),
    ],
)
def test_filters(contoso: Org, chief: Browser, query: str, names: set[str]) -> None:
    now = timezone.now()
    configuring.configure({"password_lifetime_days": 90}, actor="tests")
    User.objects.filter(sign_in_name=ADELE).update(password_changed_at=now - timedelta(days=91))
    User.objects.filter(sign_in_name=BO).update(
        must_change=True, reset_blocked_until=now + timedelta(hours=1)
    )
    hosts.forget()
    assert found(chief, query) == names


def test_by_group(contoso: Org, chief: Browser, fabrikam: Org) -> None:
    with entered(contoso.row):
        pilot = Group.objects.get(name="Pilot")
        assert found(chief, f"group={pilot.pk}") == {ADELE}
    assert found(desk(fabrikam, "chief"), f"group={pilot.pk}") == set()


def test_where_they_stand(contoso: Org, chief: Browser) -> None:
    configuring.configure({"scope": "selected"}, actor="tests")
    give_email(contoso.user("bo"))
    hosts.forget()
    shown = {str(user): user.shown_as for user in chief.get(PEOPLE).context["cl"].result_list}
    assert shown == {ADELE: (True, True), BO: (True, False), CHIEF: (False, False)}


@pytest.mark.parametrize("scope", ["all", "selected", "none"])
@pytest.mark.parametrize("required", [1, 2])
def test_the_filters_find_whom_the_rules_mean(crowd: list[User], scope: str, required: int) -> None:  # noqa: F811
    configuring.configure({"scope": scope, "required": required}, actor="tests")
    rules = Standings()
    for narrowing, test in ((RegisteredFilter, rules.registered), (CapableFilter, rules.capable)):
        for yes in (True, False):
            one = narrowing.__new__(narrowing)
            shown = {user.pk for user in one.narrowed(User.objects.all(), yes=yes)}
            assert shown == {user.pk for user in crowd if test(standing.person(user)) == yes}


def statements(browser: Browser) -> int:
    """Return how many statements the list takes, narrowed by what the rules say."""
    with CaptureQueriesContext(connection) as queries:
        browser.get(f"{PEOPLE}?registered=no")
    return len(queries)


def test_as_many_statements_for_fifty_as_for_three(contoso: Org, chief: Browser) -> None:
    chief.get(PEOPLE)
    few = statements(chief)
    User.objects.bulk_create(
        User(sign_in_name=f"p{number}@contoso.example", password=make_password(None)) for number in range(47)
    )
    assert statements(chief) == few <= 18


@pytest.mark.parametrize(
    "lookup", ["devices__kind=email", "groups__name=Pilot", "roles__overlap=x", "last_login=1"]
)
def test_nothing_else_can_be_asked(contoso: Org, chief: Browser, lookup: str) -> None:
    assert chief.get(f"{PEOPLE}?{lookup}").status_code == 400


def act(browser: Browser, what: str, *whom: User, **more: Any) -> Any:
    """Choose people and what is done to them."""
    chosen = {"action": what, "_selected_action": [str(user.pk) for user in whom], **more}
    return browser.post(PEOPLE, chosen)


def test_disable_many_each_weighed(contoso: Org, fabrikam: Org) -> None:
    with entered(contoso.row):
        people.change(contoso.user("bo"), {"roles": [Role.USER_ADMINISTRATOR]}, actor="tests")
        bo, adele, boss = (contoso.user(name) for name in ("bo", "adele", "chief"))
        helper = desk(contoso, "bo")
        everybody = (bo, adele, boss, fabrikam.user("adele"))
        shown = act(helper, "disable", *everybody)
        assert (list(shown.context["many"].able), shown.context["refused"]) == ([adele.pk], [BO, CHIEF])
        assert contoso.user("adele").is_active
        done = act(helper, "disable", *everybody, confirmed="1")
        assert done.status_code == 302
        after = contoso.user("adele")
        assert (after.is_active, after.sessions_since) == (False, adele.sessions_since + 1)
        assert contoso.user("chief").is_active and contoso.user("bo").is_active
        event = AuditEvent.objects.get(activity="user_changed", subject=ADELE)
        assert (event.actor, event.data) == (BO, {"is_active": {"before": True, "after": False}})
        page = helper.get(PEOPLE).content.decode()
        assert f"Left out, since you may not change them: {BO}, {CHIEF}" in page
    assert fabrikam.user("adele").is_active


def test_nobody_disables_the_last_who_can_grant_roles(contoso: Org, chief: Browser) -> None:
    """Two Global Administrators disable each other at once: the second click finds the first one's work."""
    people.change(contoso.user("bo"), {"roles": [Role.GLOBAL_ADMINISTRATOR]}, actor="tests")
    bo, boss = contoso.user("bo"), contoso.user("chief")
    User.objects.filter(pk=bo.pk).update(is_active=False)
    adele = contoso.user("adele").pk
    count = people_many.do(Act.DISABLE, [adele, boss.pk], group=None, actor=bo, origin=NOWHERE)
    assert (count, contoso.user("adele").is_active, contoso.user("chief").is_active) == (1, False, True)
    User.objects.filter(pk=bo.pk).update(is_active=True)
    assert people_many.do(Act.DISABLE, [boss.pk], group=None, actor=bo, origin=NOWHERE) == 1


def test_an_operator_who_is_disabled_stands_in_the_journal(provider: Org) -> None:
    with entered(provider.row):
        bo = provider.user("bo")
        people.change(bo, {"roles": [Role.SUPPORT]}, actor="tests")
        people_many.do(Act.DISABLE, [bo.pk], group=None, actor=provider.user("chief"), origin=NOWHERE)
    entry = JournalEntry.objects.filter(event="operator_changed").latest("at")
    assert (entry.actor, entry.data) == (
        "chief@localhost",
        {"operator": "bo@localhost", "before": {"is_active": True}, "after": {"is_active": False}},
    )


def test_into_a_group_and_out_of_it(contoso: Org, chief: Browser) -> None:
    sales, adele, bo = Group.objects.create(name="Sales"), contoso.user("adele"), contoso.user("bo")
    assert act(chief, "add_to_group", adele, bo, confirmed="1").context["form"].errors.as_data().keys() == {
        "group"
    }
    act(chief, "add_to_group", adele, bo, confirmed="1", group=str(sales.pk))
    assert {str(user) for user in sales.people.all()} == {ADELE, BO}
    event = AuditEvent.objects.get(activity="user_changed", subject=ADELE)
    assert event.data == {"groups": {"before": ["Pilot"], "after": ["Pilot", "Sales"]}}
    act(chief, "remove_from_group", adele, confirmed="1", group=str(sales.pk))
    act(chief, "remove_from_group", adele, confirmed="1", group=str(sales.pk))
    assert {str(user) for user in sales.people.all()} == {BO}
    assert AuditEvent.objects.filter(activity="user_changed").count() == 3


def test_remind_those_who_lack_methods(contoso: Org, chief: Browser) -> None:
    act(chief, "remind", contoso.user("adele"), contoso.user("bo"), confirmed="1")
    run_jobs()
    assert [one.to for one in mail.outbox] == [["bo@post.example"]]
    act(chief, "remind", contoso.user("bo"), confirmed="1")
    run_jobs()
    assert len(mail.outbox) == 1  # not again within a week


@pytest.mark.parametrize(
    ("role", "actions"),
    [
        (Role.REPORTS_READER, set()),
        (Role.HELPDESK_ADMINISTRATOR, set()),
        (Role.AUTHENTICATION_ADMINISTRATOR, {"remind"}),
        (Role.USER_ADMINISTRATOR, {"enable", "disable", "add_to_group", "remove_from_group", "remind"}),
    ],
)
def test_who_may_what(contoso: Org, role: Role, actions: set[str]) -> None:
    browser, adele = desk(contoso, "bo", role), contoso.user("adele")
    form = browser.get(PEOPLE).context["action_form"]
    offered = {name for name, _words in form.fields["action"].choices if name} if form else set()
    assert offered == actions
    for name in {str(one) for one in people_many.Act} - actions:
        act(browser, name, adele, confirmed="1")
    act(browser, "delete_selected", adele, post="yes")
    assert contoso.user("adele").is_active
    assert not AuditEvent.objects.filter(subject=ADELE).exists()


def test_too_many_at_once(contoso: Org, chief: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(people_many, "MOST", 1)
    act(chief, "disable", contoso.user("adele"), contoso.user("bo"), confirmed="1")
    assert "At most 1 people at once" in chief.get(PEOPLE).content.decode()
    assert contoso.user("adele").is_active


def exported(browser: Browser, query: str = "") -> list[dict[str, str]]:
    """Return the lines of an export."""
    answer: Any = browser.post(f"{PEOPLE}export/?{query}")
    assert answer.status_code == 200
    return list(csv.DictReader(b"".join(answer.streaming_content).decode("utf-8-sig").splitlines()))


def test_the_export_is_what_the_filters_find(contoso: Org, chief: Browser, fabrikam: Org) -> None:
    with entered(contoso.row):
        people.change(contoso.user("adele"), {"name": '=HYPERLINK("x")'}, actor="tests")
        assert "Export 1 person" in chief.get(f"{PEOPLE}?registered=yes").content.decode()
        assert chief.get(f"{PEOPLE}export/?registered=yes").context["count"] == 1
        (line,) = exported(chief, "registered=yes")
        assert {**line, "created": ""} == {
            "sign-in name": ADELE,
            "name": '\'=HYPERLINK("x")',
            "primary address": "adele@post.example",
            "language": "",
            "groups": "Pilot",
            "enabled": "yes",
            "must change": "no",
            "roles": "",
            "source": "cloud",
            "administrator": "no",
            "registered for reset": "yes",
            "enabled for reset": "yes",
            "capable of reset": "yes",
            "methods": "Email",
            "last sign-in": "",
            "created": "",
        }
        assert "home.example" not in str(line)
        event = AuditEvent.objects.get(activity="people_exported")
        assert (event.actor, event.data) == (CHIEF, {"people": 1, "filters": ["registered"]})
        assert [one["sign-in name"] for one in exported(chief)] == [ADELE, BO, CHIEF]


def test_pages_of_an_export(contoso: Org, chief: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("registration.people_export.PAGE", 2)
    monkeypatch.setattr("tenants.downloads.PAGE", 2)
    assert [one["sign-in name"] for one in exported(chief)] == [ADELE, BO, CHIEF]
    assert [one["sign-in name"] for one in exported(chief, "administrator=no")] == [ADELE, BO]


@pytest.mark.parametrize(
    ("role", "status"),
    [(Role.HELPDESK_ADMINISTRATOR, 403), (Role.PASSWORD_ADMINISTRATOR, 403), (Role.REPORTS_READER, 200)],
)
def test_who_may_export(contoso: Org, role: Role, status: int) -> None:
    browser = desk(contoso, "bo", role)
    assert browser.get(f"{PEOPLE}export/").status_code == status
    assert browser.post(f"{PEOPLE}export/").status_code == status


def test_an_export_can_be_imported_again(contoso: Org, chief: Browser) -> None:
    from tests.registration.importing.files import checked

    answer: Any = chief.post(f"{PEOPLE}export/")
    head, *lines = b"".join(answer.streaming_content).decode("utf-8-sig").splitlines()
    whole = checked(contoso.user("chief"), *lines, head=head)
    assert whole.data["checked"] == {"parts": 1, "added": 0, "changed": 0, "unchanged": 3, "wrong": 0}


def test_set_email_and_not_ones_own(contoso: Org) -> None:
    """A pre-set address counts at once; its owner is told at the others, and the audit log tells who did it."""
    user = contoso.user("chief")
    chief = proved(contoso, user, give_app(user))
    bo = contoso.user("bo")
    page = f"{PEOPLE}{bo.pk}/set/email/"
    assert chief.get(page).status_code == 200
    inside = chief.post(page, {"address": "bo@contoso.example"})
    assert [one.code for one in inside.context["form"].errors.as_data()["__all__"]] == ["address_inside"]
    assert chief.post(page, {"address": "bo@home.example"}).status_code == 302
    assert chief.post(page, {"address": "bo@other.example"}).status_code == 302  # in its place
    assert bo.devices.count() == 1
    run_jobs()
    assert {"bo@post.example", "bo@home.example", "bo@other.example"} == {one.to[0] for one in mail.outbox}
    events = AuditEvent.objects.filter(method="email").order_by("at").values_list("activity", "actor")
    assert list(events) == [("admin_registered_security_info", CHIEF), ("admin_updated_security_info", CHIEF)]
    own = chief.post(f"{PEOPLE}{user.pk}/set/email/", {"address": "x@home.example"})
    assert own.headers["location"] == "/security-info/"
    assert not user.devices.filter(kind="email").exists()
