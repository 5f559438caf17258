"""A person is stopped, reads two lines out, and the help desk finds it; a checklist leads an administrator on."""

import re
from collections.abc import Callable

import pytest
from django.db import connection
from playwright.sync_api import expect

from registration import configuring
from tests.browser.looks import keep
from tests.browser.sites import Desktop, administrator, oathtool
from tests.building import KEY, Org, give_app, give_email

WIDE = {"width": 1280, "height": 860}
PHONE = {"width": 360, "height": 740}


@pytest.fixture
def contoso(db: None) -> Org:
    org = Org("contoso")
    connection.set_tenant(org.row)  # type: ignore[attr-defined]
    return org


def test_who_is_stopped_reads_out_what_the_help_desk_finds(
    desktop: Callable[..., Desktop], contoso: Org
) -> None:
    configuring.configure({"scope": "selected"}, actor="tests")
    give_app(contoso.user("bo"))  # of no selected group
    give_app(contoso.user("chief"))
    bo = desktop("contoso", viewport=PHONE).begin_reset("bo@contoso.example").prove_app(oathtool(KEY))
    bo.at("Password reset is not enabled for you")
    keep(bo.page, "deadends-stopped")
    small = bo.page.locator("dl.dead-end")
    expect(small).to_contain_text("RK-RESET-013")
    reference = small.locator("dd").last.inner_text()
    assert re.fullmatch(r"[0-9A-F]{8}", reference)

    chief = administrator(desktop, "contoso", "chief@contoso.example", KEY)
    chief.page.get_by_role("link", name="Audit log").first.click()
    for read_out in (reference.lower(), "rk-reset-013"):
        search = chief.page.get_by_label("Reference", exact=True)
        search.fill(read_out)
        search.press("Enter")
        chief.page.wait_for_url(f"**reference={read_out}*")
        expect(chief.page.locator("#result_list tbody tr").first).to_contain_text("bo@contoso.example")
    keep(chief.page, "deadends-found")
    chief.open("/admin/registration/user/add/")
    chief.page.locator("#id_sign_in_name").fill("kim@fabrikam.example")
    chief.press("Save")
    expect(chief.page.locator(".errornote").first).to_contain_text("RK-DESK-006")
    keep(chief.page, "deadends-desk-form")


def test_the_checklist_leads_on_is_hidden_and_comes_back(
    desktop: Callable[..., Desktop], contoso: Org
) -> None:
    give_app(contoso.user("chief"))
    chief = administrator(desktop, "contoso", "chief@contoso.example", KEY)
    chief.page.get_by_text("Getting started").wait_for()
    following = chief.page.locator("[aria-current=step]")
    expect(following).to_contain_text("Register two methods of your own")
    give_email(contoso.user("chief"), "chief@home.example")
    chief.open("/admin/")
    expect(following).to_contain_text("Give a link or an address of your help desk")
    for scheme, size in (("light", WIDE), ("dark", WIDE), ("light", PHONE)):
        chief.page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]  # one of its words
        chief.page.set_viewport_size(size)  # type: ignore[arg-type]  # a typed dict of its own
        chief.open("/admin/")
        keep(chief.page, f"deadends-checklist-{scheme}-{size['width']}")
    chief.page.set_viewport_size(WIDE)  # type: ignore[arg-type]
    chief.press("Hide the checklist")
    expect(chief.page.get_by_text("Getting started")).to_have_count(0)
    chief.press("Show the checklist")
    following.get_by_role("link").click()
    chief.page.wait_for_url("**/admin/registration/customization/**")


def test_whoever_has_no_method_is_told_which_opens_the_desk(
    desktop: Callable[..., Desktop], contoso: Org
) -> None:
    give_email(contoso.user("chief"), "chief@home.example")
    chief = desktop("contoso").open("/admin/").at("Sign in").sign_in("chief@contoso.example")
    chief.at("One more proof").says("Authenticator app").says("an email is none of them")
    keep(chief.page, "deadends-door")
