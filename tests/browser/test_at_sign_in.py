"""What stands between signing in and where one was going, and the page behind a notice's link, as a person sees them."""

import re
from collections.abc import Callable
from datetime import timedelta

from django.core import mail
from django.utils import timezone

from registration import configuring, people
from registration.models import Device, User
from tests.browser.looks import keep
from tests.browser.sites import Desktop, oathtool
from tests.building import KEY, PASSWORD, Org, give_app, give_email, run_jobs

Open = Callable[..., Desktop]
Look = Callable[[Desktop, str], None]
ADELE, NEW = "adele@contoso.example", "Quite-Another-9"


def test_register_at_sign_in(desktop: Open, look: Look, contoso: Org) -> None:
    configuring.configure({"require_registration": True}, actor="tests")
    one = desktop("contoso").sign_in(ADELE).at("A way back in")
    one.page.locator("details:not(.language) summary").click()
    look(one, "register")
    one.page.get_by_role("link", name="Set it up Authenticator app").click()
    one.at("Authenticator app").press("Continue")
    one.page.locator("summary", has_text="Can't scan it?").click()
    key = str(one.page.locator("code.key").text_content()).replace(" ", "")
    one.fill("Code", oathtool(key)).press("Confirm").at("Security info").says("You're ready")


def test_skip_for_now(desktop: Open, contoso: Org) -> None:
    configuring.configure({"require_registration": True}, actor="tests")
    one = desktop("contoso").sign_in(ADELE).at("A way back in").says("You can skip this for 14 more days.")
    one.press("Skip for now").at("Security info")


def test_is_it_still_right(desktop: Open, look: Look, contoso: Org) -> None:
    configuring.configure({"require_registration": True}, actor="tests")
    give_app(contoso.user("adele"))
    give_email(contoso.user("adele"))
    Device.objects.update(created_at=timezone.now() - timedelta(days=200))
    one = desktop("contoso").sign_in(ADELE).at("Is this still right?")
    look(one, "reconfirm")
    one.press("All of it is right").at("Enter your code")


def test_an_expired_password(desktop: Open, look: Look, contoso: Org) -> None:
    configuring.configure({"password_lifetime_days": 30}, actor="tests")
    User.objects.update(created_at=timezone.now() - timedelta(days=30))
    one = desktop("contoso").sign_in(ADELE).at("Change your password").says("Your password has expired.")
    look(one, "password-expired")
    one.fill("Current password", PASSWORD).fill("New password", NEW).fill("New password again", NEW)
    one.press("Change password").at("Security info")


def test_an_expired_password_that_is_forgotten(desktop: Open, contoso: Org) -> None:
    """Who does not know it any more resets it, and meets no question about its age afterwards."""
    configuring.configure({"password_lifetime_days": 30}, actor="tests")
    User.objects.update(created_at=timezone.now() - timedelta(days=30))
    give_app(contoso.user("adele"))
    one = desktop("contoso").begin_reset(ADELE)
    one.prove_app(oathtool(KEY)).at("Choose a new password")
    one.choose_password(NEW).at("Your password is changed").press("Sign in")
    one.sign_in(ADELE, NEW).at("Enter your code")


def test_that_was_not_me(desktop: Open, look: Look, contoso: Org) -> None:
    people.change(contoso.user("adele"), {"must_change": True}, actor="tests")
    thief = desktop("contoso").sign_in(ADELE).says("You are asked to choose a new password")
    thief.fill("Current password", PASSWORD).fill("New password", NEW).fill("New password again", NEW)
    thief.press("Change password").at("Security info")
    run_jobs()
    path = re.search(r"http://[^/]+(/object/\S+)", str(mail.outbox[-1].body))
    assert path is not None
    owner = desktop("contoso").open(path[1]).at("Was it you?")
    look(owner, "objection")
    owner.press("That wasn't me").at("Thank you for telling us")
    look(owner, "objection-done")
    thief.open("/security-info/").at("Sign in")


def test_the_desk_helps(desktop: Open, look: Look, contoso: Org) -> None:
    adele, chief = contoso.user("adele"), contoso.user("chief")
    give_app(chief)
    people.block_reset(adele, timezone.now() + timedelta(hours=20))
    User.objects.filter(pk=adele.pk).update(password="!")
    one = desktop("contoso").open(f"/admin/registration/user/{adele.pk}/change/").sign_in(chief.sign_in_name)
    one.fill("Code", oathtool(KEY)).press("Continue")
    one.named("Let them reset again now").scroll_into_view_if_needed()
    keep(one.page, "desk-person")
    one.press("Let them reset again now").page.get_by_text("Make sure first that it is they").wait_for()
    one.press("Let them reset again now").page.get_by_text("can reset their password again").wait_for()
    one.press("Send a new one-time link").page.get_by_text("They have no password.").wait_for()
    one.press("Send a new one-time link").page.get_by_text("was mailed to").wait_for()
    one.open("/admin/registration/passwordprotection/").page.get_by_label(
        "days until a password expires"
    ).wait_for()
    keep(one.page, "desk-password-protection")
