"""An import: checked without writing, written by the rules of one person's page, gone on with wherever it was cut off."""

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.core import mail
from django.db import connection
from django.db.models import QuerySet
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from registration import audit
from registration import people as flows
from registration.importing import flow, writing
from registration.importing.parsing import Fault, Unreadable, read
from registration.models import AuditEvent, Device, Group, PeopleImport, User
from registration.roles import Role
from tenants.context import entered
from tenants.models import JournalEntry
from tests.building import Org, give_email, run_jobs
from tests.registration.importing.files import FROM, checked, file, imported, people, wrong


def written() -> QuerySet[AuditEvent]:
    """Return what was written down since the organization was built."""
    return AuditEvent.objects.exclude(activity="policy_changed")


def names(org: Org) -> set[str]:
    """Return everybody's sign-in name."""
    with entered(org.row):
        return set(User.objects.values_list("sign_in_name", flat=True))


def test_a_dry_run_writes_nothing(contoso: Org) -> None:
    before, chief = list(User.objects.order_by("pk").values()), contoso.user("chief")
    whole = checked(
        chief,
        "new@contoso.example,New,Pilot,,",
        "adele@contoso.example,Other,,,",
        "bo@contoso.example,Bo,,yes,",
    )
    assert (whole.state, whole.data["checked"]) == (
        "checked",
        {"parts": 1, "added": 1, "changed": 1, "unchanged": 1, "wrong": 0},
    )
    assert list(User.objects.order_by("pk").values()) == before
    assert not written().exists()


def test_added_and_changed_as_on_the_page(contoso: Org, fabrikam: Org) -> None:
    others = names(fabrikam)
    with entered(contoso.row):
        Group.objects.create(name="Sales")
        adele = contoso.user("adele")
        whole = imported(
            contoso.user("chief"),
            "New@Contoso.example,New,Pilot|Sales,,User Administrator",
            "adele@contoso.example,Adele V.,Sales,no,",
            "bo@contoso.example,,none,,",
            head="sign-in name,name,groups,enabled,roles",
        )
        assert whole.data["imported"] == {"parts": 1, "added": 1, "changed": 1, "unchanged": 1, "wrong": 0}
        new, after = contoso.user("new"), contoso.user("adele")
        assert (new.name, new.roles, new.has_usable_password()) == ("New", ["user_administrator"], False)
        assert {group.name for group in new.groups.all()} == {"Pilot", "Sales"}
        assert (after.name, after.is_active, after.sessions_since) == (
            "Adele V.",
            False,
            adele.sessions_since + 1,
        )
        assert after.password == adele.password
        assert [group.name for group in after.groups.all()] == ["Sales"]
        events = {event.activity: event for event in written()}
        assert events["user_added"].data == {"roles": ["user_administrator"]}
        assert events["user_changed"].data == {
            "name": {"before": "Adele", "after": "Adele V."},
            "is_active": {"before": True, "after": False},
            "groups": {"before": ["Pilot"], "after": ["Sales"]},
        }
        assert events["people_imported"].data == {
            "lines": 3,
            "added": 1,
            "changed": 1,
            "unchanged": 1,
            "wrong": 0,
        }
        assert {(event.actor, event.address) for event in events.values()} == {
            ("chief@contoso.example", FROM.address)
        }
        assert not PeopleImport.objects.exclude(sealed=None).exists()
    assert names(fabrikam) == others


def test_errors_by_line(contoso: Org) -> None:
    chief = contoso.user("chief")
    lines = [
        ("ok@contoso.example,Fine,,,", None),
        ("adele,,,,", "not_a_sign_in_name"),
        (",Nobody,,,", "no_sign_in_name"),
        ("adele@fabrikam.example,,,,", "not_ours"),
        ("OK@contoso.example,Again,,,", "duplicate"),
        ("a1@contoso.example,x,Nothing,,", "no_such_group"),
        ("a2@contoso.example,x,,perhaps,", "not_yes_or_no"),
        ("a3@contoso.example,x,,,emperor", "no_such_role"),
        ("a4@contoso.example,x,,,owner", "no_such_role"),
        ("a5@contoso.example,x,,,,more", "too_many_cells"),
        (f"a6@contoso.example,{'x' * 151},,,", "too_long"),
        ("a7@contoso.example,x\x00y,,,", "unprintable"),
        ("chief@contoso.example,,,no,", "oneself"),
        ("chief@contoso.example,,,,none", "oneself"),
        ("a8@contoso.example,Fine too,,,", None),
    ]
    whole = imported(chief, *(line for line, _flaw in lines))
    found = wrong(whole)
    expected = [(number, flaw) for number, (_line, flaw) in enumerate(lines, 2) if flaw]
    expected[-1] = (15, "duplicate")  # chief's second line says the same name
    assert [(line, flaw) for line, flaw, _column in found] == expected
    assert whole.data["imported"]["added"] == 2
    assert names(contoso) >= {"ok@contoso.example", "a8@contoso.example"}


def test_other_columns(contoso: Org) -> None:
    head = "sign-in name,primary address,language,must change"
    whole = imported(
        contoso.user("chief"),
        "a@contoso.example,a@post.example,de,yes",
        "b@contoso.example,nowhere,,",
        "c@contoso.example,,fr,",
        "adele@contoso.example,none,none,ja",
        head=head,
    )
    assert wrong(whole) == [(3, "not_an_address", "primary address"), (4, "not_a_language", "language")]
    new, adele = contoso.user("a"), contoso.user("adele")
    assert (new.primary_address, new.language, new.must_change) == ("a@post.example", "de", True)
    assert (adele.primary_address, adele.must_change) == ("", True)


def test_the_weaker_does_not_change_the_stronger_nor_grant(contoso: Org) -> None:
    bo = contoso.user("bo")
    flows.change(bo, {"roles": [Role.USER_ADMINISTRATOR]}, actor="tests")
    flows.change(contoso.user("adele"), {"roles": [Role.AUTHENTICATION_ADMINISTRATOR]}, actor="tests")
    bo.refresh_from_db()
    whole = imported(
        bo,
        "chief@contoso.example,Mallory,,,",
        "adele@contoso.example,,none,,",
        "new@contoso.example,New,,,global_administrator",
        "bo@contoso.example,,,,global_administrator",
        "chief@contoso.example,,,,",
        "adele@contoso.example,Adele,,yes,",
        "plain@contoso.example,Plain,,,",
    )
    assert [(line, flaw) for line, flaw, _column in wrong(whole)] == [
        (2, "may_not_change"),
        (3, "may_not_change"),
        (4, "may_not_grant"),
        (5, "oneself"),
        (6, "duplicate"),
        (7, "duplicate"),
    ]
    assert (contoso.user("chief").name, contoso.user("chief").roles) == ("", ["global_administrator"])
    assert contoso.user("bo").roles == ["user_administrator"]
    assert contoso.user("plain").name == "Plain"


def test_what_is_the_same_needs_no_right(contoso: Org) -> None:
    """So that an export can be imported again by whoever may not touch all that stands in it."""
    bo = contoso.user("bo")
    flows.change(bo, {"roles": [Role.USER_ADMINISTRATOR]}, actor="tests")
    bo.refresh_from_db()
    whole = checked(
        bo, "chief@contoso.example,,,yes,Global Administrator", "bo@contoso.example,Bo,,1,User administrator"
    )
    assert whole.data["checked"] == {"parts": 1, "added": 0, "changed": 0, "unchanged": 2, "wrong": 0}


def test_who_lost_the_right_imports_no_further(contoso: Org) -> None:
    chief = contoso.user("chief")
    whole = checked(chief, *people(range(3)))
    flow.begin(whole.pk, links=False, actor=chief)
    flows.change(chief, {"roles": [Role.REPORTS_READER]}, actor="tests")
    run_jobs()
    whole.refresh_from_db()
    assert (whole.state, names(contoso) & {"p0@contoso.example"}) == ("stopped", set())
    event = AuditEvent.objects.get(activity="people_imported")
    assert (event.status, event.reason) == ("failure", "stopped")


def test_only_who_had_it_checked_begins_it_and_once(contoso: Org) -> None:
    chief = contoso.user("chief")
    whole = checked(chief, *people(range(2)))
    flows.change(contoso.user("bo"), {"roles": [Role.GLOBAL_ADMINISTRATOR]}, actor="tests")
    with pytest.raises(flow.ImportProblem):
        flow.begin(whole.pk, links=False, actor=contoso.user("bo"))
    flow.begin(whole.pk, links=False, actor=chief)
    with pytest.raises(flow.ImportProblem):
        flow.begin(whole.pk, links=False, actor=chief)
    with pytest.raises(flow.ImportProblem):
        flow.begin(uuid4(), links=False, actor=chief)


def test_a_link_for_each_new_person_who_has_an_address(contoso: Org) -> None:
    head = "sign-in name,primary address"
    whole = imported(
        contoso.user("chief"),
        "a@contoso.example,a@post.example",
        "b@contoso.example,",
        "bo@contoso.example,other@post.example",
        head=head,
        links=True,
    )
    run_jobs()
    assert {one.to[0] for one in mail.outbox if "/activate/" in str(one.body)} == {"a@post.example"}
    assert whole.data["imported"]["links"] == 1


class Killed(BaseException):
    """The process is gone."""


def dying(monkeypatch: pytest.MonkeyPatch, after: int) -> None:
    """Let the process die when it writes the events of so many batches, in the middle of each transaction."""
    left = [after]
    write = audit.write

    def mortal(drafts: Any) -> None:
        left[0] -= 1
        if left[0] < 0:
            raise Killed
        write(drafts)

    monkeypatch.setattr(audit, "write", mortal)


@pytest.mark.parametrize("after", [0, 1, 3])
@pytest.mark.parametrize("where", ["within", "between"])
def test_killed_and_gone_on_with_nothing_is_done_twice(
    contoso: Org, monkeypatch: pytest.MonkeyPatch, after: int, where: str
) -> None:
    monkeypatch.setattr(flow, "PART", 3)
    chief = contoso.user("chief")
    whole = checked(chief, *people(range(14)), "adele@contoso.example,Adele V.,none,,")
    flow.begin(whole.pk, links=False, actor=chief)
    with monkeypatch.context() as dead:
        if where == "within":
            dying(dead, after)
        else:
            steps = iter(range(after))
            going: Callable[[Any], bool] = flow._step
            dead.setattr(flow, "_step", lambda pk: going(pk) if next(steps, None) is not None else kill())
        with pytest.raises(Killed):
            flow.work.work(pk=str(whole.pk))
    part_way = User.objects.filter(sign_in_name__startswith="p").count()
    assert part_way == 3 * after
    flow.work.work(pk=str(whole.pk))
    flow.work.work(pk=str(whole.pk))  # a job that comes too late
    whole.refresh_from_db()
    assert (whole.state, whole.data["imported"]) == (
        "done",
        {"parts": 5, "added": 14, "changed": 1, "unchanged": 0, "wrong": 0},
    )
    assert User.objects.filter(sign_in_name__startswith="p").count() == 14
    counted = Counter(written().values_list("activity", flat=True))
    assert counted == {"user_added": 14, "user_changed": 1, "people_imported": 1}


def kill() -> bool:
    """Die."""
    raise Killed


def test_cancelled_between_parts(contoso: Org, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(flow, "PART", 3)
    chief = contoso.user("chief")
    whole = checked(chief, *people(range(9)))
    flow.begin(whole.pk, links=False, actor=chief)
    assert flow._step(whole.pk)
    flow.cancel(whole.pk, actor=chief, origin=FROM)
    run_jobs()
    assert User.objects.filter(sign_in_name__startswith="p").count() == 3
    assert not PeopleImport.objects.exclude(sealed=None).exists()
    event = AuditEvent.objects.get(activity="people_imported")
    assert (event.reason, event.data["added"], event.data["lines"]) == ("cancelled", 3, 9)
    with pytest.raises(flow.ImportProblem):
        flow.cancel(whole.pk, actor=chief, origin=FROM)


def test_nothing_of_it_stands_in_clear_and_it_is_forgotten(contoso: Org) -> None:
    whole = flow.take(file(*people(range(3), name="Zirconia")), actor=contoso.user("chief"), origin=FROM)
    with connection.cursor() as cursor:
        cursor.execute("select string_agg(t::text, ' ') from registration_peopleimport t")
        (stored,) = cursor.fetchone()
        cursor.execute("select string_agg(args::text, ' ') from public.procrastinate_jobs")
        (jobs,) = cursor.fetchone()
    assert "irconia" not in stored + jobs and b"irconia".hex() not in stored + jobs
    flow.forget.work(pk=str(whole.pk))
    assert not PeopleImport.objects.exists()


def test_few_statements_however_many_lines(contoso: Org) -> None:
    chief, counted = contoso.user("chief"), []
    for lines in (people(range(2)), people(range(2, 60))):
        whole = flow.take(file(*lines), actor=chief, origin=FROM)
        with_writes = checked_by_steps(whole, chief)
        counted.append(with_writes)
    assert counted[0] == counted[1] <= 16


def checked_by_steps(whole: PeopleImport, chief: User) -> int:
    """Return how many statements a part takes to be imported, the last step apart."""
    while flow._step(whole.pk):
        pass
    flow.begin(whole.pk, links=False, actor=chief)
    with CaptureQueriesContext(connection) as found:
        flow._step(whole.pk)
    return len(found)


HEAD = "sign-in name,email,mobile phone"


def test_security_info_of_new_people_and_of_others(contoso: Org) -> None:
    give_email(contoso.user("bo"), "bo@home.example")
    Device.objects.update(created_at=timezone.now() - timedelta(days=30))
    whole = imported(
        contoso.user("chief"),
        "new@contoso.example,new@home.example,",
        "adele@contoso.example,adele@home.example,",
        "bo@contoso.example,BO@home.example,",
        "chief@contoso.example,chief@home.example,",
        "x@contoso.example,x@contoso.example,",
        "y@contoso.example,,0151 23456789",
        head=HEAD,
    )
    assert wrong(whole) == [
        (5, "oneself", "email"),
        (6, "not_accepted", "email"),
        (7, "unavailable", "mobile phone"),  # no carrier is set up
    ]
    assert whole.data["imported"] == {"parts": 1, "added": 1, "changed": 1, "unchanged": 1, "wrong": 3}
    assert Device.objects.filter(confirmed=True, kind="email").count() == 3
    run_jobs()
    told = Counter(one.to[0] for one in mail.outbox)
    assert told == {"adele@post.example": 1, "adele@home.example": 1}
    assert Counter(AuditEvent.objects.filter(method="email").values_list("activity", "subject")) == {
        ("admin_registered_security_info", "new@contoso.example"): 1,
        ("admin_registered_security_info", "adele@contoso.example"): 1,
    }


def test_what_they_registered_themselves_does_not_give_way(contoso: Org) -> None:
    for number in (1, 2):
        give_email(contoso.user("adele"), f"adele{number}@home.example")
    whole = imported(contoso.user("chief"), "adele@contoso.example,mallory@else.example,", head=HEAD)
    assert wrong(whole) == [(2, "too_many", "email")]
    assert Device.objects.filter(user=contoso.user("adele")).count() == 2


@pytest.mark.parametrize("role", [Role.USER_ADMINISTRATOR])
def test_who_may_add_no_device_pre_sets_none(contoso: Org, role: Role) -> None:
    bo = contoso.user("bo")
    flows.change(bo, {"roles": [role]}, actor="tests")
    bo.refresh_from_db()
    whole = imported(
        bo,
        "adele@contoso.example,mallory@else.example,",
        "new@contoso.example,mallory@else.example,",
        head=HEAD,
    )
    assert [(line, flaw) for line, flaw, _column in wrong(whole)] == [
        (2, "may_not_register"),
        (3, "may_not_register"),
    ]
    assert not Device.objects.exists()
    assert not User.objects.filter(sign_in_name="new@contoso.example").exists()


def test_a_file_leaves_somebody_who_can_grant_roles(contoso: Org) -> None:
    """Two take it from each other: the one whose file is written last finds the other gone, and is refused."""
    chief, bo = contoso.user("chief"), contoso.user("bo")
    flows.change(bo, {"roles": ["global_administrator"]}, actor="tests")
    User.objects.filter(pk=bo.pk).update(
        is_active=False
    )  # as another's file, or click, has it a moment before
    bo = contoso.user("bo")
    for line, column in (
        ("chief@contoso.example,,,no,", "enabled"),
        ("chief@contoso.example,,,,none", "roles"),
    ):
        rows = list(read(file(line)).rows)
        for writes in (False, True):
            outcome = writing.batch(rows, {}, actor=bo, origin=FROM, writes=writes)
            assert [(one.flaw.value, one.column.value) for _line, _name, one in outcome.wrong] == [
                ("nobody_left_to_grant", column)
            ]
    assert (contoso.user("chief").is_active, contoso.user("chief").roles) == (True, ["global_administrator"])
    User.objects.filter(pk=bo.pk).update(is_active=True)
    outcome = writing.batch(rows, {}, actor=bo, origin=FROM, writes=True)
    assert (outcome.changed, contoso.user("chief").roles) == (1, [])
    assert chief.pk != bo.pk


def test_an_operator_who_comes_by_a_file_stands_in_the_journal(provider: Org) -> None:
    """Else an owner could make one, or disable one, past the page that the other owners watch."""
    with entered(provider.row):
        imported(
            provider.user("chief"),
            "new@localhost,New,,,Support",
            "bo@localhost,,,,Operator",
        )
    found = JournalEntry.objects.filter(event__startswith="operator_", actor="chief@localhost")
    assert {(one.event, one.data["operator"], str(one.data["after"])) for one in found} == {
        ("operator_added", "new@localhost", "{'roles': ['support']}"),
        ("operator_changed", "bo@localhost", "{'roles': ['operator']}"),
    }


def test_a_primary_address_that_a_file_changes_is_new_for_a_day(contoso: Org) -> None:
    """A reset would be mailed to it: who writes it there must not have it stand for its owner."""
    adele = contoso.user("adele")
    assert flows.has_new_address(adele) is False
    imported(
        contoso.user("chief"), "adele@contoso.example,mine@post.example", head="sign-in name,primary address"
    )
    assert written().get(activity="user_changed").data == {
        "primary_address": {"before": "adele@post.example", "after": "mine@post.example"}
    }
    assert flows.has_new_address(adele) is True
    assert flows.has_new_address(contoso.user("bo")) is False


def test_as_many_wait_as_may_and_no_more(contoso: Org, fabrikam: Org) -> None:
    def take(org: Org) -> PeopleImport:
        return flow.take(file("p1@contoso.example,P,,,"), actor=org.user("chief"), origin=FROM)

    with entered(contoso.row):
        first, *_others = [take(contoso) for _number in range(flow.MOST_UNFINISHED)]
        with pytest.raises(Unreadable) as refused:
            take(contoso)
        assert refused.value.fault is Fault.UNFINISHED
        assert PeopleImport.objects.filter(whole=None).count() == flow.MOST_UNFINISHED
    with entered(fabrikam.row):
        take(fabrikam)  # another organization's own
    with entered(contoso.row):
        flow.cancel(first.pk, actor=contoso.user("chief"), origin=FROM)
        take(contoso)
