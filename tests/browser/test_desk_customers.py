"""An operator makes an organization, gives it a name, suspends it; its people find it from the provider's host."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tenants import naming
from tenants.models import Organization, SignInName
from tenants.shield import dns
from tests.browser.looks import NARROW, keep
from tests.browser.sites import Desktop, administrator
from tests.building import KEY, Org, give_app, run_jobs
from tests.nameserver import name_server


def test_an_organization_from_its_making_to_its_first_sign_in_page(
    desktop: Callable[..., Desktop], provider: Org, monkeypatch: pytest.MonkeyPatch
) -> None:
    give_app(provider.user("chief"))
    one = administrator(desktop, "public", "chief@localhost", KEY)
    _make(one)
    _verify_a_name(one, monkeypatch)
    _suspend(one)
    _find(desktop)


def _make(one: Desktop) -> None:
    one.open("/admin/tenants/organization/").press("Create an organization")
    one.at("Create an organization")
    _type(one, "name", "Blue Yonder")
    expect(one.page.get_by_text("Its people will go to")).to_contain_text("blue-yonder.localhost")
    _type(one, "sign_in_name", "blue.example")
    _type(one, "administrator", "kim@blue.example")
    keep(one.page, "customers-new")
    one.press("Create").at("Creating Blue Yonder")
    keep(one.page, "customers-waiting")
    run_jobs()
    expect(one.page.get_by_text("The organization is ready.")).to_be_visible()  # without a click
    keep(one.page, "customers-ready")
    one.press("Show the one-time link").at("The one-time link of kim@blue.example")
    expect(one.page.locator("code")).to_contain_text("http://blue-yonder.localhost:8000/activate/")
    keep(one.page, "customers-link")
    one.press("To the organization").at("Blue Yonder")


def _verify_a_name(one: Desktop, monkeypatch: pytest.MonkeyPatch) -> None:
    one.press("Add a sign-in name").at("Add a sign-in name")
    _type(one, "sign_in_name", "yonder.example")
    one.press("Add").at("Blue Yonder").press("Verify").at("Verify a sign-in name")
    keep(one.page, "customers-verify")
    with name_server() as (server, port):
        monkeypatch.setattr(dns, "servers", lambda: [dns.Server("127.0.0.1", port)])
        one.press("Look now")
        expect(one.page.get_by_role("alert")).to_contain_text("There is no TXT record")
        row = Organization.objects.get(schema_name="blue_yonder")
        server.texts["_rekey.yonder.example"] = [naming.text_of(row, "yonder.example")]
        one.press("Look now").at("Blue Yonder")
    assert SignInName.objects.get(name="yonder.example").verified_at
    keep(one.page, "customers-one")
    one.page.set_viewport_size(NARROW)  # type: ignore[arg-type]  # a typed dict of its own
    keep(one.page, "customers-one-narrow")
    one.page.set_viewport_size({"width": 1280, "height": 860})


def _suspend(one: Desktop) -> None:
    one.press("Suspend").at("Suspend the organization")
    _type(one, "reason", "ticket 4711")
    one.page.locator("form.desk-act").get_by_role("button", name="Suspend").click()
    one.at("Blue Yonder")
    expect(one.page.get_by_text("suspended", exact=True)).to_be_visible()
    one.open("/admin/tenants/journalentry/?event=organization_suspended")
    row = one.page.locator("#result_list tbody tr")
    expect(row).to_contain_text("ticket 4711")
    keep(one.page, "customers-journal")


def _find(desktop: Callable[..., Desktop]) -> None:
    adele = desktop("public").open("/sign-in/")
    adele.press("Find your organization's sign-in page").at("Find your sign-in page")
    keep(adele.page, "customers-find")
    adele.fill("Sign-in name", "adele@blue.example").press("Next").at("Your sign-in page")  # suspended
    keep(adele.page, "customers-unknown")
    expect(adele.page.get_by_text("We know no organization")).to_be_visible()


def _type(one: Desktop, name: str, text: str) -> None:
    one.page.locator(f"#id_{name}").fill(text)
