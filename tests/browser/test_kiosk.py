"""The kiosk form of a reset in a real browser: nothing opens, it asks before its time is up, the next one finds nothing."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.utils import timezone
from playwright.sync_api import expect

from registration import configuring
from resets import journey
from resets.journey import Entry
from resets.models import Reset
from tenants.branding import painting
from tenants.branding.places import Place
from tests.browser.sites import Desktop, code_in_mail
from tests.building import Org, app_code, give_app, give_email

Open = Callable[..., Desktop]
Look = Callable[[Desktop, str], None]
ADELE, HOME, NEW = "adele@contoso.example", "adele@home.example", "Quite-Another-9"
SIZES: dict[str, dict[str, Any]] = {
    "desktop": {},
    "phone": {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True},
}


@pytest.fixture
def painted(contoso: Org) -> Org:
    """Contoso with everything that a brand can put onto a page, and two methods of adele's."""
    painting.save_brand(
        {
            "helpdesk": "mailto:help@contoso.example",
            "privacy": "https://contoso.example/about/privacy",
            "terms": "https://contoso.example/about/terms",
        },
        pictures={},
        actor="tests",
    )
    for place in Place:
        painting.save_text(place, {"en": "Call the help desk on extension 4357."}, actor="tests")
    configuring.configure({"required": 2}, actor="tests")
    give_app(contoso.user("adele"))
    give_email(contoso.user("adele"))
    return contoso


def begin(one: Desktop) -> Desktop:
    """Open the kiosk's start, type a name, and let the captcha be solved."""
    one.open("/reset/kiosk/")
    one.page.locator("#id_sign_in_name").fill(ADELE)
    one.solve().page.locator("#begin .primary").click()
    one.page.wait_for_url("**/reset/verify/")
    return one


def watched(one: Desktop) -> list[object]:
    """Return the list that windows and downloads will stand in, if any are begun."""
    opened: list[object] = []
    one.page.on("popup", lambda window: opened.append(window))  # noqa: PLW0108  # a builtin takes no mark
    one.page.on("download", lambda download: opened.append(download))  # noqa: PLW0108
    return opened


def choose(one: Desktop, method: str) -> None:
    """Choose a method by its kind, whatever the language."""
    one.page.locator(f".choice:has(input[value={method}]) label").first.click()


def send(one: Desktop) -> None:
    """Press the first button of the form."""
    one.page.locator("main form.stack .primary").first.click()


@pytest.mark.parametrize(("size", "locale"), [("desktop", "en-US"), ("phone", "en-US"), ("phone", "ar")])
def test_the_whole_way_at_a_kiosk(desktop: Open, look: Look, painted: Org, size: str, locale: str) -> None:
    one = desktop("contoso", locale=locale, **SIZES[size])
    opened = watched(one)
    name = f"kiosk-{size}-{locale}"
    one.open("/reset/kiosk/").solve()
    look(one, f"{name}-start")
    begin(one)
    expect(one.page.locator("html")).to_have_attribute("dir", "rtl" if locale == "ar" else "ltr")
    look(one, f"{name}-gate")
    choose(one, "app_code")
    one.page.locator("#id_app_code-code").fill(app_code())
    send(one)
    choose(one, "email")
    one.page.locator("#id_email-address").fill(HOME)
    look(one, f"{name}-second")
    send(one)
    expect(one.page.locator("#id_code")).to_be_focused()
    look(one, f"{name}-code")
    one.page.locator("#id_code").fill(code_in_mail(HOME))
    send(one)
    one.page.wait_for_url("**/reset/password/")
    one.page.locator("#id_new_password").press_sequentially("Quite-")
    expect(one.page.locator("[data-rule=too_few_classes]")).to_have_attribute("data-state", "kept")
    one.page.locator("#id_new_password").fill(NEW)
    one.page.locator("#id_confirm").fill(NEW)
    look(one, f"{name}-password")
    send(one)
    one.page.wait_for_url("**/reset/done/")
    look(one, f"{name}-done")
    assert (opened, len(one.page.context.pages)) == ([], 1)
    assert Session.objects.count() == 0

    one.page.go_back()
    one.page.wait_for_url("**/reset/kiosk/")
    expect(one.page.locator("#id_sign_in_name")).to_have_value("")
    one.solve()
    look(one, f"{name}-back")


def test_what_a_script_would_open_stays_shut(desktop: Open, painted: Org) -> None:
    """The policy holds where a page's own words do not: a window, a download, a printer, another program."""
    one = begin(desktop("contoso"))
    opened = watched(one)
    assert one.page.evaluate("() => window.open('/sign-in/') === null")
    for link in ('href="/sign-in/" target="_blank"', 'href="/static/app.css" download="x.css"'):
        one.page.evaluate(
            f"() => document.querySelector('main').insertAdjacentHTML('beforeend', '<a {link}>x</a>')"
        )
        one.page.locator("main > a").last.evaluate("(it) => it.click()")
    assert one.page.evaluate("() => confirm('leave?')") is False
    one.page.wait_for_timeout(500)
    assert (opened, len(one.page.context.pages), one.page.url) == ([], 1, one.root + "/reset/verify/")
    assert len(one.noise) == 4  # the browser says of each that the sandbox refused it
    assert all("sandbox" in line for line in one.noise)
    one.noise.clear()
    one.page.emulate_media(media="print")
    expect(one.page.locator("body")).to_be_hidden()


def test_it_asks_before_its_time_is_up(desktop: Open, look: Look, painted: Org) -> None:
    one = desktop("contoso")
    one.page.clock.install()
    begin(one)
    choose(one, "email")
    question = one.page.get_by_role("alertdialog", name="Are you still there?")
    expect(question).to_be_hidden()
    one.page.locator("#id_email-address").fill("half-typed")
    one.page.clock.run_for(91_000)  # typed since: not asked
    expect(question).to_be_hidden()
    one.page.wait_for_load_state("networkidle")
    Reset.objects.update(expires_at=timezone.now() + timedelta(seconds=20))
    one.page.clock.run_for(91_000)
    expect(question).to_be_visible()
    one.page.clock.resume()
    look(one, "kiosk-question")
    with one.page.expect_response("**/reset/kiosk/stay/"):
        one.page.keyboard.press("Enter")
    expect(question).to_be_hidden()
    expect(one.page.locator("#id_email-address")).to_have_value("half-typed")
    assert Reset.objects.get().expires_at > timezone.now() + timedelta(seconds=100)


def test_unanswered_it_is_cleared(desktop: Open, painted: Org) -> None:
    one = desktop("contoso")
    one.page.clock.install()
    begin(one)
    one.page.clock.run_for(91_000)
    expect(one.page.get_by_role("alertdialog")).to_be_visible()
    one.page.clock.run_for(31_000)
    one.page.wait_for_url("**/reset/kiosk/")
    expect(one.page.locator("#id_sign_in_name")).to_have_value("")
    assert (Session.objects.count(), Reset.objects.get().stopped) == (0, "abandoned")
    one.page.go_back()
    one.page.wait_for_url("**/reset/kiosk/")
    one.page.clock.resume()
    one.solve()


def test_more_time_is_asked_for_by_a_button(desktop: Open, painted: Org) -> None:
    one = begin(desktop("contoso"))
    choose(one, "email")
    one.page.locator("#id_email-address").fill("half-typed")
    Reset.objects.update(expires_at=timezone.now() + timedelta(seconds=20))
    one.press("I need more time").says("The screen stays as it is.")
    expect(one.page.locator("#id_email-address")).to_have_value("half-typed")
    assert Reset.objects.get().expires_at > timezone.now() + timedelta(seconds=100)
    Reset.objects.update(expires_at=timezone.now())
    one.press("I need more time")
    one.page.wait_for_url("**/reset/kiosk/")
    one.solve()


def test_a_kiosk_without_a_script(desktop: Open, painted: Org, monkeypatch: pytest.MonkeyPatch) -> None:
    one = desktop("contoso", java_script_enabled=False).open("/reset/kiosk/")
    one.page.locator("#id_sign_in_name").fill(ADELE)
    one.press("I need more time")
    expect(one.page.locator("#id_sign_in_name")).to_have_value(ADELE)
    monkeypatch.setitem(journey.UNTOUCHED, Entry.KIOSK, timedelta(seconds=2))
    one.open("/reset/kiosk/?username=" + ADELE)
    expect(one.page.locator("#id_sign_in_name")).to_have_value(ADELE)
    one.page.wait_for_url("**/reset/kiosk/", timeout=10_000)
    expect(one.page.locator("#id_sign_in_name")).to_have_value("")
