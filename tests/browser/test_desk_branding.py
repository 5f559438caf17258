"""The desk's branding as an administrator uses it: the look changes before it is saved, and a mail says what was written."""

import re
from collections.abc import Callable
from typing import Any

from django.core import mail
from playwright.sync_api import FrameLocator, Page, expect

from registration.models import AuditEvent
from tenants import hosts
from tenants.branding.models import Brand, BrandText
from tests.browser.looks import keep
from tests.browser.sites import Desktop, administrator
from tests.building import KEY, Org, give_app, give_email, run_jobs
from tests.journeys.people import ask_email, begin_reset

Open = Callable[..., Desktop]


def framed(page: Page) -> FrameLocator:
    """Return what the preview shows."""
    return page.frame_locator(".desk-preview iframe:not([data-going])")


def test_the_look_changes_before_it_is_saved_and_a_mail_says_what_was_written(
    desktop: Open, contoso: Org
) -> None:
    give_app(contoso.user("chief"))
    give_email(contoso.user("adele"))
    one = administrator(desktop, "contoso", "chief@contoso.example", KEY).open("/admin/branding/brand/")
    page = one.page
    button = framed(page).get_by_text("Sign in", exact=True).last
    expect(button).to_have_css("background-color", "rgb(51, 85, 209)")
    page.locator("#id_fill").fill("#b91c1c")
    expect(button).to_have_css("background-color", "rgb(185, 28, 28)")
    page.get_by_label("Page", exact=True).select_option("reset_start")
    expect(framed(page).get_by_role("heading", name="Get back into your account")).to_be_visible()
    page.locator("#preview-language").select_option("de")
    page.get_by_label("Colours", exact=True).select_option("dark")
    expect(framed(page).get_by_role("heading", name="Zurück in Ihr Konto")).to_be_visible()
    expect(framed(page).locator("body")).to_have_css("color", "rgb(238, 240, 244)")
    page.get_by_label("Screen", exact=True).select_option("phone")
    expect(framed(page).locator("body")).to_be_visible()
    expect(page.locator(".desk-preview iframe")).to_have_count(1)
    keep(page, "desk-branding-phone-dark")
    assert Brand.objects.get().fill == "#3355d1"

    one.open("/admin/branding/brandtext/")
    page.get_by_label("Search in the texts", exact=True).fill("verification code")
    page.locator(".desk-texts-filter").get_by_role("button", name="Search", exact=True).click()
    keep(page, "desk-branding-search")
    page.locator("#result_list").get_by_role("link", name="Text", exact=True).first.click()
    page.get_by_role("textbox").first.fill("Contoso's code, without it")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator(".desk-text-wrong")).to_contain_text("%(code)s")
    keep(page, "desk-branding-refused")
    page.locator("#text_en").fill("Here it is <b>:\n\n%(code)s")
    expect(framed(page).get_by_text("Here it is <b>:")).to_be_visible()
    page.get_by_role("button", name="Send me a test").click()
    expect(page.locator("body")).to_contain_text("A test is on its way to your address.")
    keep(page, "desk-branding-test")
    mail.outbox = []
    assert run_jobs() == ["branding.trial"]
    (test,) = mail.outbox
    assert (test.to, "[A test, with made-up values]" in test.subject) == (["chief@post.example"], True)
    assert "Here it is <b>:\n\n123456" in test.body
    assert BrandText.objects.count() == 0
    page.get_by_role("button", name="Save", exact=True).click()
    page.wait_for_url("**/brandtext/")
    assert BrandText.objects.get().written() == {"en": "Here it is <b>:\n\n%(code)s"}

    real = _real_mail(contoso)
    assert re.search(r"Here it is <b>:\n\n\d{6}\n\nIt lasts 5 minutes\.", real.body)
    assert "Here it is &lt;b&gt;:" in str(real.alternatives[0][0])
    done = AuditEvent.objects.filter(activity__in=["branding_tried", "branding_changed"]).order_by("at")
    assert [event.activity for event in done] == ["branding_tried", "branding_changed"]


def _real_mail(org: Org) -> Any:
    """Return the mail that a reset sends."""
    hosts.forget()
    browser = org.browser()
    begin_reset(browser, "adele@contoso.example")
    ask_email(browser, "adele@home.example")
    run_jobs()
    return mail.outbox[-1]
