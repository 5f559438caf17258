"""What every page is looked at for: axe's rules of WCAG 2.2 AA, light and dark, and whether it fits a narrow phone.

axe finds perhaps a third of what WCAG asks; the journeys by keyboard and without a script are the rest of it.
"""

import os
from pathlib import Path
from typing import Any

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa"]
PICTURES = Path(__file__).parents[2] / ".rekey" / "pictures"
NARROW = {"width": 320, "height": 640}
#: A colour that is still on its way to another would be measured as it is. One that is cancelled has arrived, too; within what
#: is folded up none ever arrives.
_STILL = """() => Promise.allSettled(
    document.getAnimations().filter((it) => it instanceof CSSTransition && it.effect.target.checkVisibility())
        .map((it) => it.finished)
)"""
#: What axe cannot decide by itself, by how it begins, and why it is right.
EXPLAINED = {
    "sign-in-languages: narrow: undecided: color-contrast ": "the open menu lies over it",
}


def axe(page: Page) -> dict[str, list[str]]:
    """Return the rules that a page breaks, and those that axe cannot decide, each with where."""
    page.evaluate(_STILL)
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(AXE_SCRIPT)  # evaluating is not under the page's content security policy
    found = page.evaluate(
        "(tags) => axe.run(document, {runOnly: {type: 'tag', values: tags}, resultTypes: ['violations', 'incomplete']})",
        TAGS,
    )
    return {
        kind: [f"{rule['id']} {node['target'][0]}" for rule in found[kind] for node in rule["nodes"]]
        for kind in ("violations", "incomplete")
    }


def look(page: Page, name: str) -> list[str]:
    """Look at a page in both colour schemes, on a narrow phone, and from right to left; return what is wrong with it.

    axe is asked twice, light and wide, dark and narrow: so each of its rules sees every colour and every width.
    """
    wide: Any = page.viewport_size
    page.emulate_media(color_scheme="light")
    found = [f"light: {it}" for it in _told(axe(page))]
    keep(page, f"{name}-light")
    page.emulate_media(color_scheme="dark")
    keep(page, f"{name}-dark")
    page.set_viewport_size(NARROW)  # type: ignore[arg-type]  # a typed dict of its own
    found += [f"narrow: {it}" for it in (*_told(axe(page)), *_overflow(page))]
    page.emulate_media(color_scheme="light")
    keep(page, f"{name}-narrow")
    direction = page.evaluate("() => document.documentElement.dir")
    page.evaluate("() => { document.documentElement.dir = 'rtl'; }")
    found += [f"right to left: {it}" for it in _overflow(page)]
    keep(page, f"{name}-rtl")
    page.evaluate("(before) => { document.documentElement.dir = before; }", direction)
    page.set_viewport_size(wide)
    return [said for it in found if not (said := f"{name}: {it}").startswith(tuple(EXPLAINED))]


def _told(found: dict[str, list[str]]) -> list[str]:
    return found["violations"] + [f"undecided: {it}" for it in found["incomplete"]]


def _overflow(page: Page) -> list[str]:
    wider = page.evaluate("() => document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return [f"{wider} px wider than the window"] if wider else []


def keep(page: Page, name: str) -> None:
    """Keep a picture of it, when PICTURES is set."""
    if os.environ.get("PICTURES"):
        PICTURES.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=PICTURES / f"{name}.png", full_page=True)
