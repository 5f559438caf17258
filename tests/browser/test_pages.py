"""Every page of people: nothing that axe finds, nothing on the console, nothing wider than a phone."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core import mail
from playwright.sync_api import expect

from registration import activation, configuring
from tenants import provisioning
from tenants.branding import painting
from tenants.branding.places import Place
from tests.browser.sites import Desktop, oathtool
from tests.building import KEY, PASSWORD, Org, app_code, give_app, give_email, run_jobs

Open = Callable[..., Desktop]
Look = Callable[[Desktop, str], None]


@pytest.fixture
def painted(contoso: Org) -> Org:
    """Contoso with everything that a brand can put onto a page."""
    painting.save_brand(
        {
            "fill": "#0f766e",
            "helpdesk": "mailto:help@contoso.example",
            "privacy": "https://contoso.example/privacy",
            "terms": "https://contoso.example/terms",
        },
        pictures={},
        actor="tests",
    )
    for place in Place:
        painting.save_text(place, {"en": "Call the help desk on extension 4357."}, actor="tests")
    return contoso


def test_sign_in(desktop: Open, look: Look, painted: Org) -> None:
    one = desktop("contoso").open("/sign-in/")
    look(one, "sign-in")
    one.press("Sign in").says("This field is required.")
    look(one, "sign-in-empty")
    one.sign_in("adele@contoso.example", "wrong").at("Sign in")
    look(one, "sign-in-wrong")
    one.page.locator("details.language summary").click()
    look(one, "sign-in-languages")


def test_reset(desktop: Open, look: Look, painted: Org) -> None:
    configuring.configure({"required": 2}, actor="tests")
    give_app(painted.user("adele"))
    give_email(painted.user("adele"))
    one = desktop("contoso").open("/reset/").solve()
    look(one, "reset-start")
    one.press("Next").says("This field is required.")
    look(one, "reset-start-empty")
    one.fill("Sign-in name", "adele@contoso.example").solve().press("Next").at("Prove it's you")
    look(one, "reset-gate")
    one.choose("Authenticator app")
    look(one, "reset-gate-app")
    one.fill("Code", "000000").press("Continue").says("not right")
    look(one, "reset-gate-wrong")
    one.fill("Code", app_code()).press("Continue").says("ad•••@home.example")
    look(one, "reset-gate-second")
    one.choose("Email").fill("The full address", "adele@home.example").press("Continue").at("Enter your code")
    look(one, "reset-code")
    run_jobs()
    one.fill("Code", _code()).press("Continue").at("Choose a new password")
    look(one, "reset-password")
    one.choose_password("adele").says("at least")
    look(one, "reset-password-refused")
    one.choose_password("Quite-Another-9").at("Your password is changed")
    look(one, "reset-done")


def test_a_reset_that_ends(desktop: Open, look: Look, painted: Org) -> None:
    one = desktop("contoso").begin_reset("nobody@contoso.example")
    for _try in range(5):
        one.prove_app("000000")
    one.page.wait_for_url("**/reset/stopped/")
    look(one, "reset-stopped")


def test_no_reset_here(desktop: Open, look: Look, fabrikam: Org) -> None:
    one = desktop("fabrikam").open("/reset/").at("Password reset is not available here")
    look(one, "reset-unavailable")


def test_security_info(desktop: Open, look: Look, painted: Org) -> None:
    one = desktop("contoso").sign_in("adele@contoso.example").at("Security info")
    look(one, "security-info-empty")
    one.press("Add Email").at("Email")
    look(one, "add-email")
    one.fill("Email address", "adele@contoso.example").press("Continue").says("outside your organization")
    look(one, "add-email-refused")
    one.fill("Email address", "adele@home.example").press("Continue").says("We sent you a code.")
    look(one, "add-email-confirm")
    run_jobs()
    one.fill("Code", _code()).press("Confirm").says("Added: Email.")
    one.press("Add Authenticator app").press("Continue").says("Scan this picture")
    one.page.get_by_text("Can't scan it?").click()
    look(one, "add-app")
    key = one.page.locator("code.key").inner_text().replace(" ", "")
    one.fill("Code", oathtool(key)).press("Confirm").says("Added: Authenticator app.")
    look(one, "security-info-full")
    one.page.locator(".rows a", has_text="Remove").first.click()
    one.says("You can add it again later.")
    look(one, "remove")


def test_last_method(desktop: Open, look: Look, painted: Org) -> None:
    give_app(painted.user("adele"))
    one = desktop("contoso").sign_in("adele@contoso.example").at("Enter your code")
    look(one, "verify-code")
    one.fill("Code", oathtool(KEY)).press("Continue").at("Security info")
    one.page.locator(".rows a", has_text="Remove").first.click()
    one.says("Without it you can't reset")
    look(one, "remove-last")


def test_choose_a_proof(desktop: Open, look: Look, painted: Org) -> None:
    give_app(painted.user("adele"))
    give_app(painted.user("adele"), "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ")
    one = desktop("contoso").sign_in("adele@contoso.example").at("One more proof")
    look(one, "verify-choose")
    give_email(painted.user("bo"), "bo@home.example")
    other = desktop("contoso").sign_in("bo@contoso.example").at("One more proof")
    other.choose("Email").press("Continue").at("Enter your code")
    look(other, "verify-email")


def test_change_password(desktop: Open, look: Look, painted: Org) -> None:
    one = (
        desktop("contoso")
        .sign_in("adele@contoso.example")
        .press("Change Password")
        .at("Change your password")
    )
    look(one, "password")
    one.press("Change password").says("This field is required.")
    look(one, "password-empty")
    one.fill("Current password", "wrong").fill("New password", "abc").fill("New password again", "other")
    one.press("Change password").says("The two are not the same.")
    look(one, "password-differs")
    one.fill("Current password", PASSWORD).fill("New password", "abc").fill("New password again", "abc")
    one.press("Change password").says("at least")
    look(one, "password-refused")


def test_activate(desktop: Open, look: Look, painted: Org) -> None:
    link = activation.invite(painted.user("bo"), actor="tests")
    one = desktop("contoso").open("/activate/" + link.partition("/activate/")[2]).at("Activate your account")
    look(one, "activate")
    one.choose_password("Quite-Another-9").at("Sign in").says("Your password is saved.")
    look(one, "activated")
    one.open("/activate/" + link.partition("/activate/")[2]).at("This link can't be used any more")
    look(one, "activate-spent")


def test_dead_ends(desktop: Open, look: Look, painted: Org) -> None:
    one = desktop("contoso").open("/nothing/").at("Page not found")
    look(one, "404")
    one.sign_in("adele@contoso.example").at("Security info").open("/admin/").at("No access")
    look(one, "403")
    one.open("/sign-out/")
    look(one, "sign-out")
    unknown = desktop("nowhere.localhost").open("/").at("Nothing here")
    look(unknown, "unknown-host")


def test_suspended(desktop: Open, look: Look, fabrikam: Org) -> None:
    provisioning.suspend(fabrikam.row, actor="tests")
    one = desktop("fabrikam").open("/").at("Not available at the moment")
    look(one, "suspended")


def test_another_language(desktop: Open, look: Look, painted: Org) -> None:
    one = desktop("contoso").open("/sign-in/")
    one.page.locator("details.language summary").click()
    one.page.get_by_role("button", name="Deutsch").click()
    expect(one.page.locator("html")).to_have_attribute("lang", "de")
    look(one, "sign-in-german")
    one.page.locator("#id_login").fill("adele@contoso.example")
    one.page.locator("#id_password").fill(PASSWORD)
    one.page.locator("#id_password").press("Enter")
    one.page.wait_for_url("**/security-info/")
    look(one, "security-info-german")


def _code() -> Any:
    return next(word for word in str(mail.outbox[-1].body).split() if word.isdigit() and len(word) == 6)
