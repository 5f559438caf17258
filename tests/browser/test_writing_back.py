"""In a real browser: a password that is reset on a phone opens the domain a moment later, and what hinders it is said."""

from collections.abc import Callable
from datetime import timedelta

from django.utils import timezone

from resets.writeback.models import Agent, Job
from tests.browser.sites import Desktop
from tests.directory.controller import PASSWORD
from tests.directory.fixtures import connect_domain
from tests.directory.hybrid import Hybrid, connect, waiting

__all__ = ["connect", "connect_domain", "waiting"]
NEW = "Quite-Another-9"
PHONE = {"viewport": {"width": 320, "height": 640}}
Open = Callable[..., Desktop]
Look = Callable[[Desktop, str], None]


def test_the_new_password_opens_the_domain(desktop: Open, look: Look, connect: Hybrid) -> None:
    connect.agent().await_alive()
    there, user = connect.person()
    home = user.sign_in_name.replace("contoso", "home")
    page = desktop("contoso", **PHONE).begin_reset(user.sign_in_name)
    page.prove_email(home).at("Choose a new password").says("Only unlock my account")
    look(page, "reset-password-domain")
    page.choose_password(NEW).at("Your password is changed")
    assert there.opens(NEW) and not there.opens(PASSWORD)
    assert there.gets_ticket(NEW) and not there.gets_ticket(PASSWORD)

    page.press("Sign in").sign_in(user.sign_in_name, NEW).at("One more proof")
    there.lock()
    again = desktop("contoso", color_scheme="dark").begin_reset(user.sign_in_name)
    again.prove_email(home).at("Choose a new password").press("Only unlock my account")
    again.at("Your account is unlocked").says("Your password is as it was")
    look(again, "reset-unlocked-dark")
    assert there.opens(NEW)


def test_what_hinders_it_is_said_on_its_own_page(desktop: Open, look: Look, connect: Hybrid) -> None:
    running = connect.agent().await_alive()
    there, user = connect.person()
    home = user.sign_in_name.replace("contoso", "home")
    page = desktop("contoso", locale="ar", **PHONE).open("/reset/")
    page.page.locator("input[name=sign_in_name]").fill(user.sign_in_name)
    page.solve().page.locator("main button[type=submit]").first.click()
    page.page.wait_for_url("**/reset/verify/")
    english = desktop("contoso").begin_reset(user.sign_in_name).prove_email(home).at("Choose a new password")
    there.do("set", attribute="adminCount", value="1")
    english.choose_password(NEW).at("An administrator has to help")
    assert Job.objects.get().code == "protected_account"

    running.stop()
    later = desktop("contoso", **PHONE).begin_reset(user.sign_in_name)
    Agent.objects.update(seen_at=timezone.now() - timedelta(minutes=5))
    later.prove_email(home).at("Your organization's directory can't be reached").says("Nothing was changed")
    look(later, "reset-away-phone")
    assert not there.opens(NEW) and there.opens(PASSWORD)
