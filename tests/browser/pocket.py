"""Chromium as a phone: a profile of its own that outlives the browser, and the authenticator page open in it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Playwright, expect

from tests.browser.conftest import CHROMIUM, FLAGS
from tests.browser.sites import Desktop
from tests.building import run_jobs
from tests.registration.authenticator.phone import ROOT

PAGE = "/authenticator/"
VIEWPORT = {"width": 390, "height": 780}
#: What tests read of the vault; nothing of ours reads a private key, since nothing can.
_VAULT = """async () => {
    const done = (asked) => new Promise((found) => { asked.onsuccess = () => found(asked.result); });
    const vault = await done(indexedDB.open("authenticator", 1));
    const all = (store) => done(vault.transaction(store).objectStore(store).getAll());
    const keys = [
        ...(await all("accounts")).map((it) => [it.pair.privateKey, "pkcs8"]),
        ...(await all("codes")).map((it) => [it.secret, "raw"]),
    ];
    return Promise.all(keys.map(([key, form]) => crypto.subtle.exportKey(form, key).then(
        () => [key.extractable, "exported"], (refused) => [key.extractable, refused.name])));
}"""


class Pocket(Desktop):
    """A phone's browser."""

    context: BrowserContext

    def _listen(self, message: ConsoleMessage) -> None:
        """Keep errors; that a phone is told no is an answer, and the browser says of each that it was one."""
        told_no = message.text.startswith("Failed to load resource") and ROOT in message.location["url"]
        if not told_no:
            super()._listen(message)

    def ready(self) -> Self:
        """Wait until the page's scripts are done with what stands in the browser."""
        expect(self.page.locator("body[data-ready]")).to_be_attached()
        return self

    def open_page(self, path: str = PAGE) -> Self:
        """Open the authenticator."""
        self.open(path)
        return self.ready()

    def pair(self, code: str, name: str = "Pixel") -> Self:
        """Type a code and a name."""
        self.fill("Code of the other screen", code).fill("Name of this phone", name)
        self.page.get_by_role("button", name="Pair", exact=True).click()
        return self

    def state(self, text: str) -> Self:
        """Wait until the page says what came of something."""
        expect(self.page.locator("#status")).to_have_text(text)
        return self

    def asked(self) -> Self:
        """Let the job ring, and wait for the question."""
        run_jobs()
        expect(self.page.locator("#ask")).to_be_visible()
        return self

    def approve(self, number: str) -> Self:
        """Type a number and approve."""
        return self._typed(number)

    def keys(self) -> list[list[Any]]:
        """Return of each key that is kept whether it can be exported, and what trying that says."""
        found: list[list[Any]] = self.page.evaluate(_VAULT)
        return found

    def _typed(self, number: str) -> Self:
        self.fill("The number on your other screen", number).press("Approve")
        return self


@contextmanager
def pocket(playwright: Playwright, profile: Path, schema: str, port: int, **choices: Any) -> Iterator[Pocket]:
    """Start a phone's browser on a profile, which is found again by the next one."""
    context = playwright.chromium.launch_persistent_context(
        str(profile),
        executable_path=CHROMIUM,
        args=FLAGS,
        viewport=VIEWPORT,  # type: ignore[arg-type]  # a typed dict of its own
        locale="en-US",
        **choices,
    )
    context.set_default_timeout(15_000)
    page: Page = context.new_page()
    one = Pocket(page, schema, port)
    one.context = context
    try:
        yield one
    finally:
        context.close()
    assert one.noise == []
