"""A browser on an organization's host, and what a person does in it."""

import re
import subprocess
from collections.abc import Callable
from typing import Any, Self

from django.core import mail
from playwright.sync_api import ConsoleMessage, Locator, Page, Request, expect

from tests.building import HOSTS, PASSWORD, run_jobs

#: Told of every page under such a policy. It is meant for frames: these pages are in none whose sandbox they could take off.
_ABOUT_FRAMES = "An iframe which has both allow-scripts and allow-same-origin"
#: axe asks each frame; a preview's answers nobody. No script of ours sends such messages.
_BY_AXE = "Failed to execute 'postMessage' on 'DOMWindow'"


class Desktop:
    """One browser with one page, whose console is listened to."""

    def __init__(self, page: Page, schema: str, port: int) -> None:
        self.page, self.schema = page, schema
        self.root = f"http://{HOSTS.get(schema, schema)}:{port}"
        self.noise: list[str] = []
        self._asked: set[str] = set()
        page.on("request", self._remember)
        page.on("console", self._listen)
        page.on("pageerror", lambda error: self.noise.append(f"{page.url}: {error}"))

    def _remember(self, request: Request) -> None:
        if request.is_navigation_request():
            self._asked.add(request.url)

    def _listen(self, message: ConsoleMessage) -> None:
        """Keep errors; that a page itself answers 403 or 404 is none."""
        refused = (
            message.text.startswith("Failed to load resource") and message.location["url"] in self._asked
        )
        about_frames = message.text.startswith((_ABOUT_FRAMES, _BY_AXE))
        if message.type in {"error", "warning"} and not refused and not about_frames:
            self.noise.append(f"{self.page.url}: {message.text}")

    def open(self, path: str) -> Self:
        """Go to an address of this host."""
        self.page.goto(self.root + path)
        return self

    def fill(self, label: str, text: str) -> Self:
        """Type into the field of this label."""
        self.page.get_by_label(label, exact=True).fill(text)
        return self

    def press(self, name: str) -> Self:
        """Press the button, or follow the link, of this name."""
        self.named(name).click()
        return self

    def named(self, name: str) -> Locator:
        """Find the button or link of this name."""
        button = self.page.get_by_role("button", name=name, exact=True)
        return button.or_(self.page.get_by_role("link", name=name, exact=True))

    def at(self, heading: str) -> Self:
        """Wait until the page has this heading."""
        expect(self.page.get_by_role("heading", level=1, name=heading, exact=True)).to_be_visible()
        return self

    def says(self, text: str) -> Self:
        """Wait until the page says this."""
        expect(self.page.locator("main")).to_contain_text(text)
        return self

    def sign_in(self, name: str, password: str = PASSWORD) -> Self:
        """Sign in by the page, from wherever it is asked."""
        if self.page.get_by_role("heading", level=1, name="Sign in", exact=True).count() == 0:
            self.open("/sign-in/")
        return self.fill("Sign-in name", name).fill("Password", password).press("Sign in")

    def sign_out(self) -> Self:
        """Sign out by the page."""
        return self.press("Sign out").at("Sign in")

    def begin_reset(self, name: str) -> Self:
        """Follow the link below the sign-in, type a name, and let the browser solve the captcha."""
        self.open("/sign-in/").press("Can't access your account?").at("Get back into your account")
        self.fill("Sign-in name", name).solve().press("Next")
        return self.at("Prove it's you")

    def solve(self) -> Self:
        """Wait until the captcha has computed its answer."""
        expect(self.page.locator("altcha-widget [type=checkbox]")).to_be_checked()
        return self

    def choose(self, method: str) -> Self:
        """Choose a method of the gate, by its name: that covers the whole card."""
        self.page.locator(".choice label", has_text=method).click()
        return self

    def prove_app(self, code: str) -> Self:
        """Prove the authenticator app."""
        return self.choose("Authenticator app").fill("Code", code).press("Continue")

    def prove_email(self, address: str) -> Self:
        """Prove an address: type it, open the mail, type its code."""
        self.choose("Email").fill("The full address", address).press("Continue").at("Enter your code")
        return self.fill("Code", code_in_mail(address)).press("Continue")

    def choose_password(self, password: str) -> Self:
        """Type a new password, twice."""
        self.fill("New password", password).fill("New password again", password)
        return self.press("Save password")

    def add_app(self) -> str:
        """Register an authenticator app by typing the key that the page shows; return that key."""
        self.press("Add Authenticator app").at("Authenticator app").press("Continue")
        self.page.get_by_text("Can't scan it?").click()
        key = self.page.locator("code.key").inner_text().replace(" ", "")
        self.fill("Code", oathtool(key)).press("Confirm").says("Added: Authenticator app.")
        return key

    def add_email(self, address: str) -> Self:
        """Register an address by the code that is sent to it."""
        self.press("Add Email").at("Email").fill("Email address", address).press("Continue")
        self.says("We sent you a code.")
        return self.fill("Code", code_in_mail(address)).press("Confirm").says("Added: Email.")


def oathtool(key: str, *, steps: int = 0) -> str:
    """Return what a real authenticator shows now, or so many steps of 30 seconds later: a code counts once."""
    when = subprocess.check_output(
        ["date", "-u", "-d", f"{30 * steps} seconds", "+%F %T UTC"], text=True
    ).strip()
    return subprocess.check_output(["oathtool", "--totp", "-b", "--now", when, key], text=True).strip()


def code_in_mail(to: str) -> str:
    """Run the jobs, and return the code in the newest mail to an address."""
    run_jobs()
    newest: Any = [one for one in mail.outbox if one.to == [to]][-1]
    (code,) = re.findall(r"\b\d{6}\b", str(newest.body))
    return str(code)


def administrator(
    desktop: Callable[..., Desktop], schema: str, name: str, key: str, **choices: Any
) -> Desktop:
    """Return a browser in which somebody has passed the second factor and is at the desk."""
    one = desktop(schema, **choices).open("/admin/").at("Sign in").sign_in(name).at("Enter your code")
    one.fill("Code", oathtool(key)).press("Continue")
    one.page.wait_for_url("**/admin/")
    return one
