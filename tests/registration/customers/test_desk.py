"""The provider's list of organizations and the page of one: by role, by filter, and at a cost that does not grow."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from licensing import subscribing
from licensing.models import Subscription
from registration import audit, configuring, people
from registration.audit import Activity
from registration.customers import acts, erasing
from registration.customers.standing import read
from registration.roles import Role
from tenants import glances, hosts, provisioning
from tenants.context import entered
from tenants.glances import Standing
from tenants.models import Domain, Glance, JournalEntry, Organization, SignInName
from tests.building import Org, give_app, give_email, run_jobs
from tests.registration.customers.desks import LIST, act_of, at_the_desk, page_of

REASON = "ticket 4711"


def named(answer: Any) -> list[str]:
    """Return which organizations a list shows."""
    return [one.name for one in answer.context["cl"].result_list]


def look_at_all() -> None:
    """Have all looked at, as the clock does."""
    glances.look_at_all()
    run_jobs()


def statements(browser: Client, address: str) -> int:
    """Return how many statements a page costs."""
    hosts.forget()
    browser.get(address)
    with CaptureQueriesContext(connection) as queries:
        assert browser.get(address).status_code == 200
    return len(queries)


def test_what_stands_at_a_glance_is_what_is_so(provider: Org) -> None:
    with entered(Org("contoso").row):
        give_email(Org("contoso").user("adele"))
        for name in ("adele", "bo"):
            audit.record(Activity.PASSWORD_RESET, actor="tests", subject=Org("contoso").user(name))
        audit.record(Activity.CODE_NOT_SENT, actor="tests", failed=True)
        people.change(Org("contoso").user("bo"), {"is_active": False}, actor="tests")
        seen = read()
    assert (seen.scope, seen.people, seen.registered, seen.percent, seen.failed) == ("all", 2, 1, 50, 1)
    look_at_all()
    glance = Glance.objects.get(organization__schema_name="contoso")
    assert (glance.scope, glance.percent, glance.failed, glance.last_reset_at) == (
        "all",
        50,
        1,
        seen.last_reset_at,
    )
    other = Glance.objects.get(organization__schema_name="fabrikam")
    assert (other.percent, other.failed, other.last_reset_at) == (0, 0, None)


def test_a_job_of_another_organization_and_of_a_suspended_one_keeps_nothing(provider: Org) -> None:
    contoso, fabrikam = Org("contoso").row, Org("fabrikam").row
    glances.look.task.func(schema="fabrikam", organization=str(contoso.pk))
    provisioning.suspend(fabrikam, actor="tests")
    glances.look.task.func(schema="fabrikam", organization=str(fabrikam.pk))
    assert not Glance.objects.exists()
    look_at_all()
    assert {one.organization.schema_name for one in Glance.objects.all()} == {"contoso", "public"}


def test_a_change_of_who_may_reset_is_seen_soon(contoso: Org) -> None:
    configuring.configure({"scope": "none"}, actor="tests")
    assert run_jobs() == ["tenants.glance"]
    assert contoso.row.glance.scope == "none"


def test_the_list_costs_the_same_however_many_there_are(provider: Org) -> None:
    browser = at_the_desk(provider, Role.SUPPORT)
    look_at_all()
    page = page_of("contoso")
    before = [
        statements(browser, address)
        for address in (LIST, page, f"{LIST}?q=contoso&edition=p1", f"{LIST}operators/")
    ]
    for number in range(3):
        made = provisioning.create(
            f"more{number}", name=f"More {number}", sign_in_name=f"more{number}.example", actor="t"
        )
        subscribing.assign(made, edition="p2", actor="t", seats=5)
    look_at_all()
    after = [
        statements(browser, address)
        for address in (LIST, page, f"{LIST}?q=contoso&edition=p1", f"{LIST}operators/")
    ]
    assert after == before
    assert all(count < 25 for count in after), after


def test_filters_and_search(provider: Org) -> None:
    today = timezone.now().date()
    Subscription.objects.filter(organization__schema_name="contoso").update(
        trial_ends=today + timedelta(days=30)
    )
    look_at_all()
    Glance.objects.filter(organization__schema_name="contoso").update(percent=50, failed=2)
    provisioning.suspend(Org("fabrikam").row, actor="tests", reason=REASON)
    browser = at_the_desk(provider, Role.SUPPORT)
    own = provider.row.name
    wanted = {
        "edition=p1": ["Contoso"],
        "edition=free": ["Fabrikam"],
        "edition=none": [own],
        "edition=p9": ["Contoso", "Fabrikam", own],
        "trial=soon": ["Contoso"],
        "trial=ended": [],
        "trial=on": ["Contoso"],
        "state__exact=suspended": ["Fabrikam"],
        "reset=all": ["Contoso", "Fabrikam"],
        "reset=off": [own],
        "registered=low": ["Fabrikam", own],
        "registered=high": ["Contoso"],
        "failed=some": ["Contoso"],
        "q=contoso.example": ["Contoso"],
        "q=fabrikam.localhost": ["Fabrikam"],
        "q=Contoso&reset=off": [],
        "o=-4": ["Contoso", "Fabrikam", own],
    }
    found = {query: sorted(named(browser.get(f"{LIST}?{query}"))) for query in wanted}
    assert found == {query: sorted(names) for query, names in wanted.items()}
    Subscription.objects.filter(organization__schema_name="contoso").update(
        trial_ends=today - timedelta(days=1)
    )
    assert named(browser.get(f"{LIST}?trial=ended")) == ["Contoso"]
    assert named(browser.get(f"{LIST}?trial=soon")) == []


def test_every_column_sorts(provider: Org) -> None:
    look_at_all()
    browser = at_the_desk(provider, Role.SUPPORT)
    for column in range(1, 11):
        assert len(named(browser.get(f"{LIST}?o={column}"))) == 3


@pytest.mark.parametrize("lookup", ["glance__percent=1", "subscription__edition=p1", "name__startswith=C"])
def test_nothing_else_is_looked_up(provider: Org, lookup: str) -> None:
    assert at_the_desk(provider, Role.OWNER).get(f"{LIST}?{lookup}").status_code == 400


#: Each act with what is typed, and the permission of it by role: owner, operator, support.
TRIED: dict[str, tuple[dict[str, str], str]] = {
    "rename": ({"name": "Contoso Limited"}, "WE"),
    "suspend": ({"reason": REASON}, "WE"),
    "resume": ({"reason": REASON}, "WE"),
    "erase": ({"typed": "Contoso"}, "W"),
    "add-host": ({"host": "more.localhost"}, "WE"),
    "verify-host": ({}, "WE"),
    "vouch-host": ({"reason": REASON}, "WE"),
    "primary-host": ({}, "WE"),
    "remove-host": ({}, "WE"),
    "add-name": ({"sign_in_name": "more.example"}, "WE"),
    "verify-name": ({}, "WE"),
    "vouch-name": ({"reason": REASON}, "WE"),
    "remove-name": ({}, "WE"),
    "invite": ({"sign_in_name": "new@contoso.example"}, "WE"),
    "send-link": ({}, "WE"),
    "look": ({}, "WES"),
}
ROLES = {"W": Role.OWNER, "E": Role.OPERATOR, "S": Role.SUPPORT}


def address_of(what: str) -> str:
    """Return an act's address, with a row of Contoso's that it is about."""
    row: Any = ""
    if acts.ACTS[what].on is Domain:
        row = Domain.objects.get(tenant=Org("contoso").row).pk
    elif acts.ACTS[what].on is SignInName:
        row = SignInName.objects.get(organization=Org("contoso").row).pk
    elif what == "send-link":
        row = Org("contoso").user("chief").pk
    return act_of("contoso", what, row)


def state() -> tuple[Any, ...]:
    """Return everything that an act could have changed."""
    return (
        [*Organization.objects.order_by("pk").values()],
        [*Domain.objects.order_by("pk").values()],
        [*SignInName.objects.order_by("pk").values()],
        JournalEntry.objects.exclude(event="operator_changed").count(),
    )


def test_every_act_is_tried() -> None:
    assert set(TRIED) == set(acts.ACTS)


@pytest.mark.parametrize("letter", ROLES)
def test_what_each_role_may_do(provider: Org, letter: str) -> None:
    """By the button and by a direct post; whoever may not changes nothing."""
    browser = at_the_desk(provider, ROLES[letter])
    shown = browser.get(page_of("contoso")).content.decode()
    for what, (typed, may) in TRIED.items():
        address = address_of(what)
        if letter in may:
            assert browser.get(address).status_code == 200, what
            continue
        assert f"/do/{what}/" not in shown, what
        before = state()
        assert (browser.get(address).status_code, browser.post(address, typed).status_code) == (403, 403), (
            what
        )
        assert state() == before, what


def test_support_reads_everything(provider: Org) -> None:
    browser = at_the_desk(provider, Role.SUPPORT)
    for address in (
        LIST,
        page_of("contoso"),
        f"{LIST}operators/",
        "/admin/tenants/journalentry/",
        "/admin/tenants/domain/",
    ):
        assert browser.get(address).status_code == 200
    assert browser.get(page_of("contoso").replace("change", "delete")).status_code == 403


def test_an_organization_has_none_of_it(provider: Org) -> None:
    chief = at_the_desk(Org("contoso"), Role.GLOBAL_ADMINISTRATOR)
    outsider = provider.browser()
    before = state()
    addresses = [
        LIST,
        page_of("contoso"),
        f"{LIST}operators/",
        f"{LIST}look/",
        "/admin/tenants/journalentry/export/csv/",
    ]
    for address in [*addresses, *map(address_of, TRIED)]:
        assert (chief.get(address).status_code, chief.post(address, {"reason": REASON}).status_code) == (
            404,
            404,
        )
        for answer in (outsider.get(address), outsider.post(address, {"reason": REASON})):
            assert answer.status_code == 302
            assert answer.headers["location"].startswith("/admin/login/")
    assert state() == before


def test_a_row_of_another_organization_is_not_there(provider: Org) -> None:
    browser = at_the_desk(provider, Role.OWNER)
    domain = Domain.objects.get(tenant=Org("fabrikam").row)
    name = SignInName.objects.get(organization=Org("fabrikam").row)
    for what, row in (
        ("remove-host", domain.pk),
        ("vouch-host", domain.pk),
        ("remove-name", name.pk),
        ("primary-host", "x"),
    ):
        assert browser.post(act_of("contoso", what, row), {"reason": REASON}).status_code == 404
    assert browser.get(act_of("contoso", "remove-host")).status_code == 404
    assert browser.get(act_of("contoso", "unheard-of")).status_code == 404
    assert browser.get(f"{LIST}not-an-id/change/").status_code == 404


def test_suspended_with_a_reason_and_resumed(provider: Org) -> None:
    browser = at_the_desk(provider, Role.OPERATOR)
    assert "reason" in browser.post(act_of("contoso", "suspend"), {"reason": " "}).context["form"].errors
    assert browser.post(act_of("contoso", "suspend"), {"reason": REASON}).status_code == 302
    hosts.forget()
    assert Org("contoso").browser().get("/sign-in/").status_code == 403
    assert Org("fabrikam").browser().get("/sign-in/").status_code == 200
    entry = JournalEntry.objects.get(event="organization_suspended")
    assert (entry.actor, entry.schema, entry.data) == (
        "chief@localhost",
        "contoso",
        {"before": {"state": "active"}, "after": {"state": "suspended"}, "reason": REASON},
    )
    assert browser.post(act_of("contoso", "resume"), {"reason": REASON}).status_code == 302
    hosts.forget()
    assert Org("contoso").browser().get("/sign-in/").status_code == 200
    refused = browser.post(act_of("public", "suspend"), {"reason": REASON})
    assert refused.context["form"].non_field_errors()


def test_the_page_leads_through_a_host_of_ones_own(provider: Org) -> None:
    browser = at_the_desk(provider, Role.OPERATOR)
    browser.post(act_of("contoso", "add-host"), {"host": "reset.contoso.example"})
    host = Domain.objects.get(domain="reset.contoso.example")
    page = browser.get(act_of("contoso", "verify-host", host.pk)).content.decode()
    assert "_rekey.reset.contoso.example" in page
    assert "rekey-verification=" in page
    refused = browser.post(act_of("contoso", "primary-host", host.pk))
    assert refused.context["form"].non_field_errors()
    browser.post(act_of("contoso", "vouch-host", host.pk), {"reason": REASON})
    browser.post(act_of("contoso", "primary-host", host.pk))
    assert Domain.objects.get(tenant=Org("contoso").row, is_primary=True).pk == host.pk


def test_erased_by_typing_its_name_and_kept_by_whoever_resumes_it(
    provider: Org, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = at_the_desk(provider, Role.OWNER)
    refused = browser.post(act_of("contoso", "erase"), {"typed": "Fabrikam"})
    assert list(refused.context["form"].errors) == ["typed"]
    assert run_jobs() == []
    assert browser.post(act_of("contoso", "erase"), {"typed": "Contoso"}).status_code == 302
    assert run_jobs() == []  # other servers may serve it still
    pk = str(Org("contoso").row.pk)
    assert Org("contoso").row.state == "suspended"
    browser.post(act_of("contoso", "resume"), {"reason": REASON})
    erasing.erase(organization=pk, actor="chief@localhost")
    assert Org("contoso").row.state == "active"
    browser.post(act_of("contoso", "suspend"), {"reason": REASON})
    erasing.erase(organization=pk, actor="chief@localhost")  # late: it is suspended for something else now
    assert Org("contoso").row.state == "suspended"
    browser.post(act_of("contoso", "erase"), {"typed": "Contoso"})
    erasing.erase(organization=pk, actor="chief@localhost")
    assert [*Organization.objects.order_by("schema_name").values_list("schema_name", flat=True)] == [
        "fabrikam",
        "public",
    ]
    entry = JournalEntry.objects.get(event="organization_erased")
    assert (entry.actor, entry.data["before"]["hosts"]) == ("chief@localhost", ["contoso.localhost"])
    erasing.erase(organization=pk, actor="chief@localhost")  # again: nothing
    refused = browser.post(act_of("public", "erase"), {"typed": provider.row.name})
    assert refused.context["form"].non_field_errors()


def test_the_button_has_all_looked_at(provider: Org) -> None:
    browser = at_the_desk(provider, Role.SUPPORT)
    assert browser.get(f"{LIST}look/").status_code == 405
    browser.post(f"{LIST}look/")
    assert run_jobs() == ["tenants.glance_all", *["tenants.glance"] * 3]
    browser.post(act_of("contoso", "look"))
    assert run_jobs() == ["tenants.glance"]


def test_operators_are_seen_with_their_roles_and_a_change_is_journalled(provider: Org) -> None:
    browser = at_the_desk(provider, Role.OWNER)
    give_app(provider.user("bo"), key="MFRGGZDFMZTWQ2LKMFRGGZDFMZTWQ2LK")
    people.change(provider.user("bo"), {"roles": ["support"]}, actor="kim")
    entry = JournalEntry.objects.filter(event="operator_changed").latest("at")
    assert (entry.actor, entry.schema, entry.data) == (
        "kim",
        "public",
        {"operator": "bo@localhost", "before": {"roles": []}, "after": {"roles": ["support"]}},
    )
    seen = browser.get(f"{LIST}operators/").context["operators"]
    assert [(one.user.sign_in_name, [*map(str, one.roles)]) for one in seen] == [
        ("bo@localhost", ["Support"]),
        ("chief@localhost", ["Owner"]),
    ]
    people.remove(provider.user("bo"), actor="kim")
    people.add("new@localhost", actor="kim", granted=(Role.OPERATOR,))
    people.change(provider.user("adele"), {"is_active": False}, actor="kim")  # who is none
    events = JournalEntry.objects.filter(actor="kim").order_by("at").values_list("event", flat=True)
    assert [*events] == ["operator_changed", "operator_removed", "operator_added"]


def test_roles_of_a_customer_are_no_matter_of_the_journal(contoso: Org) -> None:
    people.change(contoso.user("bo"), {"roles": ["reports_reader"]}, actor="kim")
    assert not JournalEntry.objects.filter(actor="kim").exists()


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.SUPPORT])
def test_only_an_owner_grants(provider: Org, role: Role) -> None:
    browser = at_the_desk(provider, role)
    assert browser.get(f"{LIST}operators/").context["may_add"] is False
    bo = provider.user("bo")
    browser.post(f"/admin/registration/user/{bo.pk}/change/", {"roles": ["owner"], "is_active": "on"})
    assert (
        browser.post(
            "/admin/registration/user/add/", {"sign_in_name": "x@localhost", "roles": ["owner"]}
        ).status_code
        == 403
    )
    assert provider.user("bo").roles == []


def test_rounded_down() -> None:
    assert (Standing(people=1000, registered=999).percent, Standing(people=7, registered=7).percent) == (
        99,
        100,
    )
