"""The people's pages in every other language: from right to left where it is read so, and no line too long for a phone."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.sites import Desktop
from tests.building import PASSWORD, Org, give_email

Open = Callable[..., Desktop]
Look = Callable[[Desktop, str], None]


@pytest.mark.parametrize(
    ("locale", "direction", "way_back", "change"),
    [
        ("de-DE", "ltr", "Zurück in Ihr Konto", "Ändern Sie Ihr Kennwort"),
        ("ar-EG", "rtl", "عُد إلى حسابك", "تغيير كلمة المرور"),
    ],
)
def test_a_browser_gets_its_language(
    desktop: Open, look: Look, contoso: Org, locale: str, direction: str, way_back: str, change: str
) -> None:
    give_email(contoso.user("adele"))
    one = desktop("contoso", locale=locale).open("/reset/")
    expect(one.page.locator("html")).to_have_attribute("dir", direction)
    expect(one.page.locator("html")).to_have_attribute("lang", locale[:2])
    one.at(way_back)
    look(one, f"{locale}-reset")
    one.open("/sign-in/")
    look(one, f"{locale}-sign-in")
    one.page.locator("[name=login]").fill("adele@contoso.example")
    one.page.locator("[name=password]").fill(PASSWORD)
    one.page.locator("[name=password]").press("Enter")
    expect(one.page.get_by_role("heading", level=1)).to_be_visible()
    expect(one.page).not_to_have_url(one.root + "/sign-in/")
    look(one, f"{locale}-after-sign-in")
    one.open("/password/").at(change)
    look(one, f"{locale}-password")
