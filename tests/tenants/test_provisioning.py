"""Organizations made, refused, renamed, suspended and erased: each wholly or not at all."""

from typing import Any

import pytest
from django.core import mail
from django.db import connection
from django.db.models import QuerySet

from licensing.models import Subscription
from licensing.subscribing import SubscriptionProblem
from registration.models import Policy, User
from registration.onboarding import onboard
from registration.people import PersonProblem
from tenants import hosts, provisioning
from tenants.branding.models import Brand
from tenants.context import current_schema, entered
from tenants.models import Domain, JournalEntry, Organization, SignInName
from tenants.provisioning import ProvisioningProblem
from tests.building import Org, run_jobs

GOOD: dict[str, Any] = {
    "slug": "northwind",
    "name": "Northwind",
    "sign_in_name": "northwind.example",
    "edition": "p1",
    "administrator": "chief@northwind.example",
    "actor": "tests",
}


def state() -> tuple[object, ...]:
    """Return everything that a half-made organization would have changed."""
    tables: list[QuerySet[Any]] = [Organization.objects.all(), Domain.objects.all(), SignInName.objects.all()]
    counts = [table.count() for table in [*tables, Subscription.objects.all(), JournalEntry.objects.all()]]
    with connection.cursor() as cursor:
        cursor.execute("select array_agg(nspname::text order by nspname) from pg_namespace")
        schemas = cursor.fetchone()
        cursor.execute("select count(*) from public.procrastinate_jobs")
        return (*counts, schemas, cursor.fetchone(), current_schema())


def made(**values: Any) -> Organization:
    """Make an organization that differs from the good one."""
    return onboard(**{**GOOD, **values}).organization


def test_all_of_it_is_made(provider: Org) -> None:
    organization = made(host="help.northwind.example")
    assert organization.schema_name == "northwind"
    assert list(organization.domains.values_list("domain", "is_primary")) == [
        ("help.northwind.example", True)
    ]
    assert list(organization.sign_in_names.values_list("name", flat=True)) == ["northwind.example"]
    assert organization.subscription.edition == "p1"
    with entered(organization):
        assert (Policy.objects.get().scope, Brand.objects.count()) == ("none", 1)
        chief = User.objects.get()
        assert (chief.sign_in_name, chief.roles) == ("chief@northwind.example", ["global_administrator"])
        assert not chief.has_usable_password()
    events = JournalEntry.objects.filter(schema="northwind").values_list("event", flat=True)
    assert set(events) == {"organization_created", "subscription_assigned"}


HUGE = "a" * 100_000
REFUSED: list[tuple[str, type[Exception], dict[str, str]]] = [
    ("slug", ProvisioningProblem, {"slug": slug})
    for slug in (
        "",
        "a",
        "A1",
        "9lives",
        "a--b",
        "a-",
        "-a",
        "a_b",
        "a b",
        "a.b",
        "a\n",
        "ü-ber",
        "a" * 41,
        HUGE,
        'a";--',
    )
]
REFUSED += [
    ("slug", ProvisioningProblem, {"slug": slug})
    for slug in (
        "public",
        "information-schema",
        "pg-catalog",
        "pg-toast",
        "rekey-scratch",
        "www",
        "localhost",
        "contoso",
    )
]
REFUSED += [
    ("host", ProvisioningProblem, {"host": host})
    for host in (
        "a b",
        "-a.example",
        "a..b",
        "a.example/x",
        "a.example:80",
        "ü.example",
        HUGE,
        "contoso.localhost",
        "localhost",
        "CONTOSO.localhost.",
        "a\x00.example",
    )
]
REFUSED += [
    ("sign_in_name", ProvisioningProblem, {"sign_in_name": name})
    for name in ("", "@", "a b.example", HUGE, "contoso.example", "Contoso.Example", "localhost")
]
REFUSED += [
    ("name", ProvisioningProblem, {"name": name}) for name in ("", "   ", "a" * 101, HUGE, "a\x00b", "a\nb")
]
REFUSED += [("edition", SubscriptionProblem, {"edition": edition}) for edition in ("", "p3", "P1", HUGE)]
REFUSED += [
    ("sign_in_name", PersonProblem, {"administrator": name})
    for name in (
        "",
        "chief",
        "@northwind.example",
        "chief@contoso.example",
        "a" * 65 + "@northwind.example",
        HUGE,
    )
]
REFUSED += [("primary_address", PersonProblem, {"address": address}) for address in ("x", "a@b", HUGE)]


@pytest.mark.parametrize(
    ("field", "problem", "values"), REFUSED, ids=[f"{field}-{n}" for n, (field, _p, _v) in enumerate(REFUSED)]
)
def test_refused_and_nothing_half_made(
    provider: Org, field: str, problem: type[Exception], values: dict[str, str]
) -> None:
    before = state()
    with pytest.raises(problem) as refused:
        made(**values)
    assert refused.value.field == field  # type: ignore[attr-defined]
    assert 0 < len(str(refused.value)) < 400
    assert state() == before


def test_a_mail_goes_to_the_first_administrator_alone(provider: Org) -> None:
    done = onboard(**GOOD, address="chief@post.example")
    mail.outbox = []
    run_jobs()
    (one,) = mail.outbox
    assert (one.to, done.link in one.body) == (["chief@post.example"], True)


def test_two_at_once_cannot_both_find_a_name_free(provider: Org) -> None:
    made()
    with connection.cursor() as cursor:
        cursor.execute(
            "select count(*) from pg_locks where locktype = 'advisory' and pid = pg_backend_pid() and granted"
        )
        assert cursor.fetchone()[0] >= 1


def test_rename(contoso: Org) -> None:
    provisioning.rename(contoso.row, name="  Contoso Limited ", actor="an operator")
    assert contoso.row.name == "Contoso Limited"
    entry = JournalEntry.objects.get(event="organization_renamed")
    data = {"before": {"name": "Contoso"}, "after": {"name": entry.organization}}
    assert (entry.actor, entry.schema, entry.data) == ("an operator", "contoso", data)


@pytest.mark.parametrize("name", ["", " ", "a" * 101, "a\r\nBcc: x"])
def test_a_bad_name_is_refused(contoso: Org, name: str) -> None:
    with pytest.raises(ProvisioningProblem) as refused:
        provisioning.rename(contoso.row, name=name, actor="tests")
    assert (refused.value.field, contoso.row.name) == ("name", "Contoso")


def test_suspended_has_a_page_of_its_own(fabrikam: Org, contoso: Org) -> None:
    provisioning.suspend(contoso.row, actor="tests")
    browser = contoso.browser()
    for path in ("/", "/sign-in/", "/reset/", "/admin/", "/nothing/"):
        page = browser.get(path)
        assert (page.status_code, page.headers["cache-control"]) == (403, "no-store")
    assert "Contoso" not in page.content.decode()
    assert not browser.cookies
    assert fabrikam.browser().get("/sign-in/").status_code == 200
    provisioning.resume(contoso.row, actor="tests")
    hosts.forget()  # on commit, in this process; within ten seconds in others
    assert browser.get("/sign-in/").status_code == 200


def test_suspended_reads_german(contoso: Org) -> None:
    provisioning.suspend(contoso.row, actor="tests")
    page = contoso.browser(**{"accept-language": "de"}).get("/")
    assert '<html lang="de"' in page.content.decode()


@pytest.mark.django_db(transaction=True)
def test_a_suspension_counts_at_once_in_this_process() -> None:
    contoso = Org("contoso")
    browser = contoso.browser()
    assert browser.get("/sign-in/").status_code == 200
    provisioning.suspend(contoso.row, actor="tests")
    assert browser.get("/sign-in/").status_code == 403
    provisioning.resume(contoso.row, actor="tests")
    assert browser.get("/sign-in/").status_code == 200
    provisioning.erase(contoso.row, actor="tests")
    assert browser.get("/sign-in/").status_code == 404


@pytest.mark.parametrize("act", [provisioning.suspend, provisioning.resume, provisioning.erase])
def test_the_providers_own_stays(provider: Org, act: Any) -> None:
    with pytest.raises(ProvisioningProblem):
        act(provider.row, actor="tests")
    assert provider.row.state == "active"


def erase(organization: Organization) -> None:
    """Erase, as in a transaction of its own."""
    connection.check_constraints()
    connection.set_schema_to_public()  # type: ignore[attr-defined]
    provisioning.erase(organization, actor="an operator")


def test_erased_is_gone_and_the_other_untouched(contoso: Org, fabrikam: Org) -> None:
    pk = contoso.row.pk
    erase(contoso.row)
    with connection.cursor() as cursor:
        cursor.execute("select nspname::text from pg_namespace where nspname in ('contoso', 'fabrikam')")
        assert cursor.fetchall() == [("fabrikam",)]
    for model in (Domain, SignInName, Subscription):
        assert not model.objects.filter(**{"tenant" if model is Domain else "organization": pk}).exists()
    with entered(fabrikam.row):
        assert User.objects.count() == 3
    entry = JournalEntry.objects.get(event="organization_erased")
    assert (entry.actor, entry.schema, entry.organization) == ("an operator", "contoso", "Contoso")


def test_a_schemas_name_is_never_used_twice(provider: Org) -> None:
    names = []
    for _time in range(3):
        organization = made()
        names.append(organization.schema_name)
        erase(organization)
    assert names == ["northwind", "northwind_2", "northwind_3"]


def test_the_provider_is_made_once(provider: Org) -> None:
    before = state()
    assert provisioning.create_provider(name="Another", actor="tests") == provider.row
    assert state() == before
