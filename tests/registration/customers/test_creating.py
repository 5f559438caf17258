"""An organization made by a job, with its progress: all of it or nothing, shown at any time, no link in any row or job."""

import json
import re
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.db import connection
from django.utils import timezone

from registration.customers import administrators, creating
from registration.customers.creating import Wanted
from registration.models import User
from registration.roles import Role
from tenants import provisioning, template
from tenants.context import entered
from tenants.models import Creation, JournalEntry, Organization
from tests.building import Org, run_jobs
from tests.registration.customers.desks import LIST, act_of, at_the_desk

GOOD = {
    "name": "Northwind",
    "slug": "northwind",
    "host": "",
    "sign_in_name": "northwind.example",
    "edition": "p2",
    "trial_ends": "2030-01-31",
    "seats": "12",
    "administrator": "Kim@northwind.example",
    "address": "",
}
WANTED = Wanted("Northwind", "northwind", "northwind.example", "kim@northwind.example", "p1")


def jobs_of() -> str:
    """Return every job and everything that was asked for, as texts."""
    with connection.cursor() as cursor:
        cursor.execute("select coalesce(json_agg(args)::text, '') from public.procrastinate_jobs")
        (jobs,) = cursor.fetchone()
    return str(jobs) + json.dumps([*Creation.objects.values_list("wanted", "problem")])


def test_it_is_made_by_the_job_and_the_page_shows_how_far(provider: Org) -> None:
    browser = at_the_desk(provider, Role.OPERATOR)
    page = browser.post(f"{LIST}add/", GOOD).headers["location"]
    assert not Organization.objects.filter(schema_name="northwind").exists()
    waiting = browser.get(page)
    assert (waiting.context["pending"], {state for _words, state in waiting.context["steps"]}) == (
        True,
        {"later"},
    )
    assert run_jobs() == ["registration.create_organization", "tenants.glance"]
    done = browser.get(page)
    assert (done.context["pending"], {state for _words, state in done.context["steps"]}) == (False, {"done"})
    made = Organization.objects.get(schema_name="northwind")
    assert [*made.domains.values_list("domain", flat=True)] == ["northwind.localhost"]
    assert (made.subscription.edition, str(made.subscription.trial_ends), made.subscription.seats) == (
        "p2",
        "2030-01-31",
        12,
    )
    with entered(made):
        assert User.objects.get().sign_in_name == "kim@northwind.example"
    entry = JournalEntry.objects.get(event="organization_created", schema="northwind")
    assert entry.actor == "chief@localhost"
    assert Creation.objects.get().wanted == {"name": "Northwind", "slug": "northwind"}


def test_a_link_is_shown_once_where_there_is_no_address_and_kept_nowhere(provider: Org) -> None:
    browser = at_the_desk(provider, Role.OPERATOR)
    page = browser.post(f"{LIST}add/", GOOD).headers["location"]
    run_jobs()
    assert browser.get(page).context["mailed"] is False
    shown = browser.post(f"{page}link/")
    (link,) = re.findall(
        r"http://northwind\.localhost:8000/activate/[\w-]+/([\w-]+)/", shown.content.decode()
    )
    assert "no-store" in shown.headers["Cache-Control"]
    assert link not in browser.get(page).content.decode()
    assert link not in jobs_of() + json.dumps([*JournalEntry.objects.values_list("data", flat=True)])
    assert browser.get(f"{page}link/").status_code == 405
    assert mail.outbox == []
    with entered(Organization.objects.get(schema_name="northwind")):  # once they have come, there is none
        user = User.objects.get()
        user.set_password("Correct-Horse-7")
        user.save()
    assert browser.post(f"{page}link/").status_code == 404


def test_a_link_goes_to_the_address_alone(provider: Org) -> None:
    browser = at_the_desk(provider, Role.OPERATOR)
    page = browser.post(f"{LIST}add/", {**GOOD, "address": "kim@post.example"}).headers["location"]
    run_jobs()
    assert browser.get(page).context["mailed"] is True
    (sent,) = mail.outbox
    assert sent.to == ["kim@post.example"]
    (link,) = re.findall(r"/activate/[\w-]+/([\w-]+)/", str(sent.body))
    assert link not in jobs_of() + browser.get(page).content.decode()
    again = browser.post(f"{page}link/")
    assert (again.status_code, "/activate/" in again.content.decode()) == (302, False)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "a\r\nBcc: x"}, "name"),
        ({"slug": "Contoso!"}, "slug"),
        ({"slug": "contoso"}, "slug"),
        ({"host": "fabrikam.localhost"}, "host"),
        ({"sign_in_name": "contoso.example"}, "sign_in_name"),
        ({"administrator": "kim@contoso.example"}, "administrator"),
        ({"administrator": "kim"}, "administrator"),
        ({"edition": "p3"}, "edition"),
        ({"edition": "free"}, "trial_ends"),
        ({"seats": "0"}, "seats"),
        ({"address": "kim"}, "address"),
    ],
)
def test_a_refusal_stands_beside_its_field_before_anything_is_asked(
    provider: Org, wrong: dict[str, str], field: str
) -> None:
    answer = at_the_desk(provider, Role.OWNER).post(f"{LIST}add/", {**GOOD, **wrong})
    assert answer.status_code == 200
    assert field in answer.context["form"].errors
    assert (Creation.objects.count(), run_jobs()) == (0, [])


def test_what_is_refused_later_is_shown_and_can_be_mended(provider: Org) -> None:
    """Somebody else was quicker."""
    browser = at_the_desk(provider, Role.OPERATOR)
    page = browser.post(f"{LIST}add/", GOOD).headers["location"]
    provisioning.create("northwind", name="Other", sign_in_name="other.example", actor="tests")
    before = Organization.objects.count()
    run_jobs()
    failed = browser.get(page)
    assert (failed.context["pending"], str(failed.context["field"])) == (False, "Short name")
    assert "taken by another organization" in failed.context["problem"]
    assert Organization.objects.count() == before
    again = browser.get(f"{LIST}add/?again={page.split('/')[-2]}")
    assert again.context["form"].initial["administrator"] == GOOD["administrator"]
    entry = JournalEntry.objects.get(event="organization_refused")
    assert (entry.schema, entry.data) == (
        "public",
        {"name": "Northwind", "slug": "northwind", "field": "slug"},
    )


def test_a_person_who_cannot_be_is_named_by_the_pages_own_field(provider: Org) -> None:
    asked = creating.ask(
        Wanted("Northwind", "northwind", "northwind.example", f"{'k' * 65}@northwind.example", "p1"),
        actor="tests",
    )
    run_jobs()
    asked.refresh_from_db()
    assert (asked.state, asked.field) == ("failed", "administrator")
    assert not Organization.objects.filter(schema_name="northwind").exists()


def test_an_accident_leaves_nothing_and_says_so(provider: Org, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = creating.ask(WANTED, actor="tests")

    def broken(_schema: str) -> None:
        raise RuntimeError("the disk is full")

    monkeypatch.setattr(template, "fill", broken)
    with pytest.raises(RuntimeError):
        creating.make(creation=str(asked.pk))
    asked.refresh_from_db()
    assert (asked.state, asked.field, asked.problem) == ("failed", "", "")
    assert "disk" not in creating.problem_of(asked)
    assert not Organization.objects.filter(schema_name="northwind").exists()


def test_a_job_that_runs_again_makes_nothing_twice(provider: Org) -> None:
    asked = creating.ask(WANTED, actor="tests")
    for _time in range(2):
        creating.make(creation=str(asked.pk))
    assert JournalEntry.objects.filter(event="organization_created", schema="northwind").count() == 1
    asked.refresh_from_db()
    assert (asked.state, asked.organization is not None) == ("done", True)


def test_what_was_typed_is_forgotten_after_a_month(provider: Org) -> None:
    old = Creation.objects.create(actor="tests", wanted={"name": "Old", "address": "kim@post.example"})
    Creation.objects.filter(pk=old.pk).update(at=timezone.now() - timedelta(days=31))
    asked = creating.ask(WANTED, actor="tests")
    assert [*Creation.objects.all()] == [asked]


@pytest.mark.django_db(transaction=True)
def test_each_step_is_seen_while_it_is_under_way(monkeypatch: pytest.MonkeyPatch) -> None:
    """From another connection, as a page would: the organization itself is not there before the end."""
    asked = creating.ask(WANTED, actor="tests")
    seen: list[tuple[str, int]] = []
    told = creating._teller

    def teller(pk: Any) -> Any:
        tell = told(pk)

        def look(step: str) -> None:
            tell(step)
            aside = connection.copy()
            with aside.cursor() as cursor:
                cursor.execute("select step from public.tenants_creation where id = %s", [pk])
                (now,) = cursor.fetchone()
                cursor.execute(
                    "select count(*) from public.tenants_organization where schema_name = 'northwind'"
                )
                seen.append((now, cursor.fetchone()[0]))
            aside.close()

        return look

    monkeypatch.setattr(creating, "_teller", teller)
    creating.make(creation=str(asked.pk))
    assert seen == [(step, 0) for step in creating.STEPS]
    asked.refresh_from_db()
    assert (asked.state, asked.step) == ("done", "")


def test_support_and_an_organization_make_none(provider: Org) -> None:
    support = at_the_desk(provider, Role.SUPPORT)
    assert support.get(f"{LIST}add/").status_code == 403
    assert support.post(f"{LIST}add/", GOOD).status_code == 403
    asked = creating.ask(WANTED, actor="tests")
    assert support.get(f"{LIST}made/{asked.pk}/").status_code == 403
    assert support.post(f"{LIST}made/{asked.pk}/link/").status_code == 403
    chief = at_the_desk(Org("contoso"), Role.GLOBAL_ADMINISTRATOR)
    for address in (f"{LIST}add/", f"{LIST}made/{asked.pk}/", f"{LIST}made/{asked.pk}/link/"):
        assert (chief.get(address).status_code, chief.post(address, GOOD).status_code) == (404, 404)
    assert Creation.objects.count() == 1


def test_another_administrator_is_the_owners_to_make_and_the_others_are_told(provider: Org) -> None:
    with entered(Org("contoso").row):
        User.objects.filter(sign_in_name="chief@contoso.example").update(password="!")  # nobody has come yet
    wanted = {"sign_in_name": "new@contoso.example", "name": "New", "address": "new@post.example"}
    operator = at_the_desk(provider, Role.OPERATOR)
    assert operator.post(act_of("contoso", "invite"), wanted).status_code == 302
    with entered(Org("contoso").row):
        chief = User.objects.get(sign_in_name="chief@contoso.example")
        chief.set_password("Correct-Horse-7")
        chief.save()
    refused = operator.post(act_of("contoso", "invite"), {**wanted, "sign_in_name": "more@contoso.example"})
    assert list(refused.context["form"].errors) == ["sign_in_name"]
    run_jobs()
    mail.outbox = []
    owner = at_the_desk(provider, Role.OWNER)
    assert (
        owner.post(
            act_of("contoso", "invite"), {**wanted, "sign_in_name": "more@contoso.example"}
        ).status_code
        == 302
    )
    run_jobs()
    assert sorted((one.to[0], "A new administrator" in one.subject) for one in mail.outbox) == [
        ("chief@post.example", True),
        ("new@post.example", False),
    ]
    assert "more@contoso.example" in str(
        next(one.body for one in mail.outbox if one.to == ["chief@post.example"])
    )
    entries = JournalEntry.objects.filter(event="administrator_invited").order_by("at")
    assert [(one.actor, one.schema, one.data["after"]["administrator"]) for one in entries] == [
        ("chief@localhost", "contoso", "new@contoso.example"),
        ("chief@localhost", "contoso", "more@contoso.example"),
    ]


def test_a_link_is_sent_again_to_who_has_not_come_and_to_nobody_else(provider: Org) -> None:
    owner = at_the_desk(provider, Role.OWNER)
    chief, adele = Org("contoso").user("chief"), Org("contoso").user("adele")
    elsewhere = Org("fabrikam").user("chief")
    for pk in (chief.pk, adele.pk, elsewhere.pk):  # has a password; no administrator; another organization's
        refused = owner.post(act_of("contoso", "send-link", pk))
        assert refused.status_code == 200
        assert refused.context["form"].non_field_errors()
    assert run_jobs() == []
    owner.post(
        act_of("contoso", "invite"), {"sign_in_name": "new@contoso.example", "address": "n@post.example"}
    )
    new = Org("contoso").user("new")
    run_jobs()
    mail.outbox = []
    assert owner.post(act_of("contoso", "send-link", new.pk)).status_code == 302
    run_jobs()
    assert [one.to for one in mail.outbox] == [["n@post.example"]]
    operator = at_the_desk(provider, Role.OPERATOR)  # chief has come
    assert operator.post(act_of("contoso", "send-link", new.pk)).context["form"].non_field_errors()


def test_administrators_are_seen_in_a_number_of_queries_that_stays(
    provider: Org, django_assert_num_queries: Any
) -> None:
    owner = at_the_desk(provider, Role.OWNER)
    row = Org("contoso").row
    administrators.of(row)
    with django_assert_num_queries(4):
        before = administrators.of(row)
    for number in range(3):
        wanted = {"sign_in_name": f"n{number}@contoso.example", "address": "n@post.example"}
        owner.post(act_of("contoso", "invite"), wanted)
    with django_assert_num_queries(4):
        after = administrators.of(row)
    assert (len(before), len(after)) == (1, 4)
    assert [(one.sign_in_name, one.has_come, one.registered) for one in after][:2] == [
        ("chief@contoso.example", True, False),
        ("n0@contoso.example", False, False),
    ]
