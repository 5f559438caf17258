"""A provider holds a setting, and enters a desk with a reason; the organization sees both."""

import os
from collections.abc import Callable
from typing import Any

from playwright.sync_api import expect

from tenants.context import entered
from tests.browser.looks import keep
from tests.browser.sites import Desktop, administrator
from tests.building import KEY, Org, give_app, run_jobs

Open = Callable[..., Desktop]
PHONE: Any = {"width": 390, "height": 800}


def picture(one: Desktop, name: str) -> None:
    """Keep it in light and dark, and on a phone, where somebody wants to look at it."""
    if not os.environ.get("PICTURES"):
        return
    for scheme in ("light", "dark"):
        one.page.emulate_media(color_scheme=scheme)
        keep(one.page, f"{name}-{scheme}")
    wide: Any = one.page.viewport_size
    one.page.set_viewport_size(PHONE)
    keep(one.page, f"{name}-phone")
    one.page.set_viewport_size(wide)
    one.page.emulate_media(color_scheme="light")


def test_what_the_provider_locks_is_fixed_and_who_enters_is_seen(
    desktop: Open, contoso: Org, provider: Org, settings: Any
) -> None:
    for org in (contoso, provider):
        with entered(org.row):
            give_app(org.user("chief"))
    one = administrator(desktop, "public", "chief@localhost", KEY)
    settings.REKEY_PORT = int(one.root.rpartition(":")[2])
    one.open("/admin/tenants/baseline/add/").page.locator("#id_name").fill("Standard")
    one.page.locator("#id_mode_notify_user").select_option("Locked")
    one.page.locator("#id_mode_required").select_option("At least")
    one.page.get_by_label("Value of “Number of methods required to reset”").select_option("2")
    picture(one, "baseline")
    one.press("Save")
    one.page.wait_for_url("**/admin/tenants/baseline/")
    one.open("/admin/tenants/baselineboard/?q=Contoso")
    one.page.locator("#action-toggle").check()
    one.page.locator("select[name=action]").select_option("Dry run of “Standard”")
    picture(one, "baseline-board")
    one.page.locator("button[name=index]").click()
    run_jobs()
    one.page.reload()
    expect(one.page.get_by_text("Number of methods required to reset: 1 → 2")).to_be_visible()
    picture(one, "baseline-dry-run")
    one.press("Apply to these organizations")
    run_jobs()
    one.page.reload()
    expect(one.page.get_by_text("1 changed")).to_be_visible()

    theirs = administrator(desktop, "contoso", "chief@contoso.example", KEY).open(
        "/admin/registration/authenticationmethods/"
    )
    expect(theirs.page.get_by_text("Your provider asks for 2 or more.")).to_be_visible()
    theirs.open("/admin/registration/notifications/")
    expect(theirs.page.get_by_text("Fixed by your provider: yes.").first).to_be_visible()
    expect(theirs.page.get_by_label("Notify users on password resets")).to_be_disabled()
    picture(theirs, "baseline-fixed")

    one.open(f"/admin/tenants/visit/add/?organization={contoso.row.pk}")
    one.page.locator("#id_reason").fill("INC-4711: nobody gets a mail")
    picture(one, "visit-enter")
    one.press("Enter")
    one.page.wait_for_url("**://contoso.localhost*/admin/")
    expect(one.page.get_by_text("chief@localhost (provider) visits until")).to_be_visible()
    picture(one, "visit")
    one.press("Leave")
    expect(one.page.get_by_role("heading", level=1, name="You have left")).to_be_visible()

    theirs.open("/admin/registration/auditevent/")
    expect(theirs.page.get_by_role("row", name="Provider entered the admin")).to_contain_text(
        "chief@localhost (provider)"
    )
    expect(theirs.page.get_by_role("row", name="Provider left the admin")).to_contain_text("left")
