"""Debian's Chromium on the organizations' own hosts, served by Django in this process."""

import os
import shutil
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, expect

from tests.browser import looks
from tests.browser.sites import Desktop

FLAGS = [
    "--headless",
    "--no-sandbox",  # containers have no user namespaces, and no page here is a stranger's
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
]
#: The documentation's pictures are drawn only when asked for, so that a run leaves the tree as it was.
expect.set_options(timeout=15_000)  # as long as anything else; a page that waits asks every three seconds
collect_ignore = [] if os.environ.get("PICTURES") else ["test_pictures.py"]
CHROMIUM = shutil.which("chromium")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark what drives Chromium, and skip it with a reason where there is none."""
    for item in items:
        if item.path.parent.name == "browser":
            item.add_marker("browser")
            if CHROMIUM is None:
                item.add_marker(
                    pytest.mark.skip(reason="drives chromium, which is not on PATH: apt install chromium")
                )


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """Start Debian's build, so that nothing is downloaded."""
    return {**browser_type_launch_args, "executable_path": CHROMIUM, "args": FLAGS}


@pytest.fixture
def desktop(live_server: Any, browser: Browser) -> Iterator[Callable[..., Desktop]]:
    """Return fresh browsers on an organization's host: `desktop("contoso", locale="de-DE")`.

    At the end of the test each of them must have an empty console: it tells what the content security policy refused.
    """
    opened: list[tuple[BrowserContext, Desktop]] = []
    port = int(live_server.url.rpartition(":")[2])

    def make(schema: str, **choices: Any) -> Desktop:
        context = browser.new_context(
            **{"locale": "en-US", "viewport": {"width": 1280, "height": 860}, **choices}
        )
        context.set_default_timeout(15_000)
        opened.append((context, Desktop(context.new_page(), schema, port)))
        return opened[-1][1]

    yield make
    noise = []
    for context, one in opened:
        noise += one.noise
        context.close()
    assert noise == []


@pytest.fixture
def look() -> Iterator[Callable[[Desktop, str], None]]:
    """Return what looks at a page; whatever is wrong with any of a test's pages is told together at its end."""
    found: list[str] = []
    yield lambda one, name: found.extend(looks.look(one.page, name))
    assert found == []
