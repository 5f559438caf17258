"""The main job, as a person does it: in a real browser, with a real authenticator, and mail that is really read."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.core import mail
from django.utils import translation
from django.utils.translation import gettext
from playwright.sync_api import Locator, expect

from config import settings as served
from registration import configuring, people
from registration.roles import Role
from tenants.shield.captchas.characters import _nonce, letters
from tests.browser.sites import Desktop, administrator, code_in_mail, oathtool
from tests.building import KEY, PASSWORD, Org, app_code, give_app, give_email, run_jobs

NEW = "Quite-Another-9"
Open = Callable[..., Desktop]


@pytest.fixture(autouse=True)
def _as_served(settings: Any) -> None:
    """Let the captcha cost what it costs people."""
    settings.ALTCHA_CHALLENGE = served.ALTCHA_CHALLENGE


def test_two_methods_then_a_new_password(desktop: Open, contoso: Org) -> None:
    configuring.configure({"required": 2}, actor="tests")
    give_app(contoso.user("chief"))
    adele = desktop("contoso").sign_in("adele@contoso.example").at("Security info").says("Add 2 methods.")
    key = adele.add_app()
    adele.says("Add one more method.").add_email("adele@home.example").says("You're ready.").sign_out()

    adele.begin_reset("adele@contoso.example")
    adele.prove_app(oathtool(key, steps=1)).says("ad•••@home.example")
    adele.prove_email("adele@home.example").at("Choose a new password")
    mail.outbox = []
    adele.choose_password(NEW).at("Your password is changed").press("Sign in")
    adele.sign_in("adele@contoso.example", NEW).at("Enter your code")

    run_jobs()
    assert sorted(one.to[0] for one in mail.outbox) == ["adele@home.example", "adele@post.example"]
    assert {one.subject for one in mail.outbox} == {"Your Contoso password was reset"}
    assert _trail(desktop, "chief", "adele") == [
        "Signed in | Password",
        "Reset password (self-service) | Authenticator app, Email",
        "Self-service password reset flow activity progress | Email",
        "Self-service password reset flow activity progress | Authenticator app",
        "User started password reset |",
        "Signed out |",
        "User registered all required security info |",
        "User registered security info | Email",
        "User started security info registration | Email",
        "User registered security info | Authenticator app",
        "User started security info registration | Authenticator app",
        "Signed in | Password",
    ]


def test_an_administrator_proves_two_where_others_prove_one(desktop: Open, contoso: Org) -> None:
    configuring.configure({"required": 1, "notify_administrators": True}, actor="tests")
    people.change(contoso.user("bo"), {"roles": [Role.GLOBAL_ADMINISTRATOR]}, actor="tests")
    give_app(contoso.user("bo"))
    chief = desktop("contoso").sign_in("chief@contoso.example").at("Security info").says("Add 2 methods.")
    key = chief.add_app()
    chief.says("Add one more method.").add_email("chief@home.example").says("You're ready.").sign_out()

    chief.begin_reset("chief@contoso.example").says(
        "Step 2 of 3"
    )  # as for anybody: the page does not tell a role
    chief.prove_email("chief@home.example").at("Prove it's you").says("Step 3 of 4")
    chief.open("/reset/password/").at("Prove it's you")
    chief.prove_app(oathtool(key, steps=1)).at("Choose a new password")
    mail.outbox = []
    chief.choose_password(NEW).at("Your password is changed").press("Sign in")
    chief.sign_in("chief@contoso.example", NEW).at("Enter your code")

    run_jobs()
    told = {(one.to[0], one.subject) for one in mail.outbox}
    assert {to for to, _subject in told} == {"chief@home.example", "chief@post.example", "bo@post.example"}
    assert len({subject for to, subject in told if to != "bo@post.example"}) == 1
    assert "Reset password (self-service) | Email, Authenticator app" in _trail(desktop, "bo", "chief")


def test_free_cannot_reset_but_can_change(desktop: Open, fabrikam: Org) -> None:
    bo = desktop("fabrikam").open("/sign-in/").press("Can't access your account?")
    bo.at("Password reset is not available here")
    expect(bo.page.locator("input:not([type=hidden])")).to_have_count(0)  # told before any name is typed
    bo.press("Back to sign-in").sign_in("bo@fabrikam.example").press("Change Password")
    bo.fill("Current password", PASSWORD).fill("New password", NEW).fill("New password again", NEW)
    bo.press("Change password").at("Security info").says("Your password is changed.").sign_out()
    bo.sign_in("bo@fabrikam.example").at("Sign in")
    bo.sign_in("bo@fabrikam.example", NEW).at("Security info")


def test_a_german_browser_gets_german(desktop: Open, german: None, contoso: Org) -> None:
    configuring.configure({"required": 2}, actor="tests")
    give_app(contoso.user("adele"))
    give_email(contoso.user("adele"))
    adele = desktop("contoso", locale="de-DE").open("/sign-in/").at(_in_german("Sign in"))
    expect(adele.page.locator("html")).to_have_attribute("lang", "de")
    adele.press(_in_german("Can't access your account?")).at(_in_german("Get back into your account"))
    adele.fill(_in_german("Sign-in name"), "adele@contoso.example").solve()
    adele.press(_in_german("Next")).at(_in_german("Prove it's you"))
    adele.choose(_in_german("Authenticator app")).fill(_in_german("Code"), app_code())
    adele.press(_in_german("Continue")).choose(_in_german("Email"))
    adele.fill(_in_german("The full address"), "adele@home.example").press(_in_german("Continue"))
    adele.at(_in_german("Enter your code")).fill(_in_german("Code"), code_in_mail("adele@home.example"))
    expected = _in_german("Your %(organization)s verification code") % {"organization": "Contoso"}
    assert mail.outbox[-1].subject == expected
    adele.press(_in_german("Continue")).at(_in_german("Choose a new password"))
    adele.fill(_in_german("New password"), NEW).fill(_in_german("New password again"), NEW)
    adele.press(_in_german("Save password")).at(_in_german("Your password is changed"))


@pytest.fixture
def german() -> Iterator[None]:
    """Translate into German in the test too, where it looks its words up."""
    with translation.override("de"):
        yield


def _in_german(words: str) -> str:
    found = gettext(words)
    assert found != words or words == "Code", f"not in the German catalogue: {words}"
    return found


def test_by_keyboard_alone(desktop: Open, contoso: Org) -> None:
    give_app(contoso.user("adele"))
    give_email(contoso.user("adele"))
    adele = desktop("contoso").open("/sign-in/")
    page, keys = adele.page, adele.page.keyboard
    expect(page.get_by_label("Sign-in name")).to_be_focused()
    _tab_to(adele, page.get_by_role("link", name="Can't access your account?"))
    keys.press("Enter")
    adele.at("Get back into your account")
    keys.press("Tab")
    expect(page.get_by_role("link", name="Skip to content")).to_be_in_viewport()
    _tab_to(adele, page.get_by_label("Sign-in name"))
    keys.type("adele@contoso.example")
    keys.press("Enter")  # before the captcha is done: the form waits for it

    adele.at("Prove it's you")
    _tab_to(adele, page.get_by_role("radio", name="App notification"))
    keys.press("ArrowDown")
    expect(page.get_by_role("radio", name="Authenticator app")).to_be_checked()
    keys.press("ArrowDown")
    expect(page.get_by_role("radio", name="Email")).to_be_checked()
    _tab_to(adele, page.get_by_label("The full address"))
    keys.type("adele@home.example")
    keys.press("Enter")
    adele.at("Enter your code")
    expect(page.get_by_label("Code")).to_be_focused()
    keys.type(code_in_mail("adele@home.example"))
    keys.press("Enter")

    adele.at("Choose a new password")
    _tab_to(adele, page.get_by_label("New password", exact=True))
    keys.type("adele")
    _tab_to(adele, page.get_by_role("button", name="Show password").first)
    keys.press("Space")
    expect(page.get_by_label("New password", exact=True)).to_have_attribute("type", "text")
    _tab_to(adele, page.get_by_role("button", name="Save password"))
    keys.press("Enter")
    adele.says("This field is required.")
    _tab_to(adele, page.get_by_label("New password", exact=True))
    keys.type(NEW)
    _tab_to(adele, page.get_by_label("New password again", exact=True))
    keys.type(NEW)
    keys.press("Enter")
    adele.at("Your password is changed")
    keys.press("Tab")
    keys.press("Enter")  # to the content, over everything that stands on each page
    keys.press("Tab")
    expect(page.get_by_role("main").get_by_role("link", name="Sign in")).to_be_focused()


def _tab_to(one: Desktop, wanted: Locator) -> None:
    """Press Tab until this has the focus, and see it there."""
    for _press in range(30):
        one.page.keyboard.press("Tab")
        if wanted.evaluate("(it) => it === document.activeElement"):
            assert wanted.evaluate(
                "(it) => [it, it.parentElement].some((at) => getComputedStyle(at).outlineStyle !== 'none')"
            ), f"the focus is not seen on {wanted}"
            return
    raise AssertionError(f"Tab does not reach {wanted}")


def test_without_a_script(desktop: Open, contoso: Org) -> None:
    adele = desktop("contoso", java_script_enabled=False).sign_in("adele@contoso.example").at("Security info")
    adele.add_email("adele@home.example").says("You're ready.").press("Change Password")
    adele.fill("Current password", PASSWORD).fill("New password", NEW).fill("New password again", NEW)
    adele.press("Change password").says("Your password is changed.").sign_out()

    adele.press("Can't access your account?").at("Get back into your account")
    why = adele.page.locator(
        "#id_captcha_hint"
    )  # found by its id: inside noscript, playwright reads no names
    expect(why).to_contain_text("With JavaScript switched on there is nothing to read.")
    expect(adele.page.locator("altcha-widget")).to_be_hidden()
    adele.page.locator("#id_captcha_text").fill(_read(adele))
    adele.fill("Sign-in name", "adele@contoso.example")
    adele.press("Next").at("Prove it's you")
    adele.prove_email("adele@home.example").at("Choose a new password")
    adele.choose_password("Yet-Another-9").at("Your password is changed").press("Sign in")
    adele.sign_in("adele@contoso.example", "Yet-Another-9").at("One more proof")
    adele.choose("Email").press("Continue").at("Enter your code")
    adele.fill("Code", code_in_mail("adele@home.example")).press("Continue").at("Security info")


def _read(one: Desktop) -> str:
    """Read the captcha's picture, as eyes do."""
    expect(one.page.locator("img.captcha-picture")).to_be_visible()
    nonce = _nonce(one.page.locator("[name=captcha_key]").get_attribute("value") or "")
    assert nonce is not None
    return letters(nonce)


def _trail(desktop: Open, reader: str, who: str) -> list[str]:
    """Let an administrator read what somebody did, the newest first: each activity with its method."""
    log = administrator(desktop, "contoso", f"{reader}@contoso.example", KEY)
    log.open("/admin/registration/auditevent/")
    rows = log.page.locator("#result_list tbody tr")
    mine = rows.filter(has=log.page.locator(".field-actor", has_text=f"{who}@contoso.example"))
    cells = [(row.locator(".field-show_activity"), row.locator(".field-show_method")) for row in mine.all()]
    return [f"{activity.inner_text()} | {method.inner_text()}".strip() for activity, method in cells]
