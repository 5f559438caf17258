"""An administrator sees how resets go, finds why one failed, takes the log away, and keeps it for longer."""

import csv
import os
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from playwright.sync_api import expect

from registration.models import AuditEvent, Policy
from tests.browser.looks import NARROW, keep
from tests.browser.sites import Desktop, administrator
from tests.building import KEY, Org, give_app, give_email
from tests.registration.happened import happened

Open = Callable[..., Desktop]
USAGE = "/admin/registration/usage/"


def test_from_the_numbers_to_the_reason(desktop: Open, contoso: Org) -> None:
    adele = contoso.user("adele")
    give_app(contoso.user("chief"))
    give_email(adele)
    for days in range(30):
        ago = timedelta(days=days, minutes=1)
        happened("reset_started", adele, ago=ago, times=3 + days % 5)
        happened("reset_gate", adele, ago=ago, times=2 + days % 5, method="email")
        happened("reset_gate", adele, ago=ago, method="app_code", reason="wrong")
        happened("password_reset", adele, ago=ago, times=2 + days % 5, method="email")
        happened("security_info_registered", adele, ago=ago, times=days % 3, method="app_code")
    happened("reset_stopped", adele, reason="too_many_tries", data={"reference": "1A2B3C4D", "entry": "web"})
    one = administrator(desktop, "contoso", "chief@contoso.example", KEY)
    page = one.page
    page.locator("#nav-sidebar-apps").get_by_role("link", name="Usage & insights").click()
    expect(page.get_by_role("img", name="Resets over time")).to_be_visible()
    expect(page.get_by_text("150 were started, 1 ended without a new password.")).to_be_visible()
    page.get_by_label("Minutes for each call").fill("10")
    page.get_by_role("button", name="Count").click()
    expect(page.get_by_text("20 h 0 min")).to_be_visible()
    page.locator("summary").first.click()
    expect(page.get_by_role("row", name="Time Succeeded Failed").first).to_be_visible()
    page.get_by_role("link", name="Passwords reset").click()
    page.locator("tr", has_text="Too many tries were wrong.").get_by_role("link").click()
    page.get_by_role("link", name="All events with it").click()
    expect(page.locator("#result_list tbody tr")).to_have_count(1)
    with page.expect_download() as download:
        page.get_by_role("button", name="Export as CSV").click()
    text = Path(download.value.path()).read_text(encoding="utf-8-sig")
    (row,) = csv.DictReader(text.splitlines())
    assert (row["Target"], row["Reference"]) == (adele.sign_in_name, "1A2B3C4D")
    assert AuditEvent.objects.get(activity="audit_exported").data["filters"] == {
        "q": adele.sign_in_name,
        "reference": "1A2B3C4D",
    }
    page.locator("p", has_text="Events are kept for").get_by_role("link", name="Audit log settings").click()
    page.get_by_label("Days that audit events are kept").fill("90")
    page.get_by_role("button", name="Save and continue editing").click()
    expect(page.get_by_text("Events are kept for 90 days.")).to_be_visible()
    assert Policy.objects.get().audit_days == 90
    if os.environ.get("PICTURES"):
        _keep_all(one)


def _keep_all(one: Desktop) -> None:
    """Keep what the pages look like with something on them."""
    event = AuditEvent.objects.get(activity="policy_changed", actor="chief@contoso.example")
    pages = {
        "usage": USAGE,
        "usage-90": f"{USAGE}?days=90",
        "events": f"{USAGE}events/",
        "audit": "/admin/registration/auditevent/",
        "event": f"/admin/registration/auditevent/{event.pk}/change/",
    }
    wide = one.page.viewport_size
    for name, path in pages.items():
        for look in ("light", "dark", "narrow", "rtl"):
            one.page.emulate_media(color_scheme="dark" if look == "dark" else "light")
            one.page.set_viewport_size(NARROW if look == "narrow" else wide)  # type: ignore[arg-type]  # typed dicts
            one.open(path)
            if look == "rtl":
                one.page.evaluate("() => { document.documentElement.dir = 'rtl'; }")
            keep(one.page, f"insights-{name}-{look}")
