"""`search_path` falls through to public: what an organization's own table does not answer must be answered by nobody."""

import pytest
from django.contrib.admin.sites import AdminSite
from django.db import connection
from django.db.models import Model

from registration.audit import Activity, record
from registration.models import AuditEvent, Group, User
from tenants import desks, hosts
from tenants.branding.models import Brand
from tenants.context import entered
from tests.building import Browser, Org, give_app, sign_in
from tests.registration.steps import proved

LISTS = ["user", "group", "auditevent"]


@pytest.fixture
def chiefs(fabrikam: Org) -> Browser:
    """Return the browser of Fabrikam's administrator, at the desk."""
    chief = fabrikam.user("chief")
    return proved(fabrikam, chief, give_app(chief))


def models_of(site: AdminSite) -> set[str]:
    """Return the paths of what a desk shows."""
    return {f"/admin/{model._meta.app_label}/{model._meta.model_name}/" for model in site._registry}


@pytest.mark.parametrize("model", LISTS)
def test_a_list_holds_the_organizations_own_rows(fabrikam: Org, chiefs: Browser, model: str) -> None:
    page = chiefs.get(f"/admin/registration/{model}/")
    own = {User: 3, Group: 1, AuditEvent: AuditEvent.objects.count()}
    assert page.status_code == 200
    shown = page.context.get("cl")
    if shown is None:  # the audit log is a list of its own
        assert len(page.context["events"]) == own[AuditEvent]
    else:
        assert shown.result_count == own[shown.model]
    text = page.content.decode()
    assert "contoso.example" not in text
    assert "@localhost" not in text


@pytest.mark.parametrize("host", ["contoso", "public"])
def test_another_organizations_rows_have_no_page(fabrikam: Org, chiefs: Browser, host: str) -> None:
    with entered(Org(host).row):
        adele, group = Org(host).user("adele"), Group.objects.get()
        event = record(Activity.SIGNED_IN, actor=adele, subject=adele)
        rows: list[Model] = [adele, group, event, Brand.objects.get()]
    for row in rows:
        page = chiefs.get(f"/admin/{row._meta.app_label}/{row._meta.model_name}/{row.pk}/change/")
        assert page.headers["location"] == "/admin/"  # "There is no such object", says the desk


def test_the_provider_has_more_and_only_its_own(fabrikam: Org) -> None:
    more = models_of(desks.provider_desk) - models_of(desks.organization_desk)
    assert more >= {
        "/admin/tenants/organization/",
        "/admin/tenants/domain/",
        "/admin/licensing/subscription/",
    }
    assert models_of(desks.organization_desk) - models_of(desks.provider_desk) == set()


def test_what_is_the_providers_is_not_on_an_organizations_desk(fabrikam: Org, chiefs: Browser) -> None:
    for path in models_of(desks.provider_desk) - models_of(desks.organization_desk):
        assert chiefs.get(path).status_code == 404
        assert chiefs.get(f"{path}add/").status_code == 404


def test_what_django_brings_is_on_no_desk(fabrikam: Org, chiefs: Browser) -> None:
    for path in (
        "auth/group/",
        "auth/permission/",
        "contenttypes/contenttype/",
        "sessions/session/",
        "admin/logentry/",
    ):
        assert chiefs.get(f"/admin/{path}").status_code == 404


def test_the_history_of_no_row_is_shown(fabrikam: Org, chiefs: Browser) -> None:
    pk = fabrikam.user("adele").pk
    assert chiefs.get(f"/admin/registration/user/{pk}/history/").status_code == 404


@pytest.mark.parametrize(
    ("table", "path"),
    [
        ("registration_user", "/admin/registration/user/"),
        ("registration_user", "/security-info/"),
        ("registration_auditevent", "/admin/registration/auditevent/"),
        ("registration_group", "/admin/registration/group/"),
        ("registration_user_groups", "/admin/registration/user/"),
        ("registration_policy", "/reset/"),
        ("django_session", "/admin/"),
    ],
)
def test_a_table_that_is_missing_is_not_answered_by_the_provider(
    fabrikam: Org, chiefs: Browser, table: str, path: str
) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"drop table fabrikam.{table} cascade")
    hosts.forget()
    page = chiefs.get(path)
    assert page.status_code == 503
    assert "localhost" not in page.content.decode().replace("fabrikam.localhost", "")


def test_a_schema_that_is_gone_is_not_answered_by_the_provider(fabrikam: Org) -> None:
    with connection.cursor() as cursor:
        cursor.execute("drop schema fabrikam cascade")
    browser = fabrikam.browser()
    assert browser.get("/sign-in/").status_code == 503
    assert sign_in(browser, "chief@localhost").status_code == 503
    assert not browser.cookies
