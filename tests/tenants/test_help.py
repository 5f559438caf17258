"""The way to the help desk stands on every page of people, at one place, with a link or without (WCAG 3.2.6)."""

import re
from html import unescape
from typing import Any

import pytest
from django.conf import settings
from django.template.loader import render_to_string

from tenants import hosts
from tenants.branding import painting
from tests.building import Org, browser_of
from tests.isolation.addresses import Route, examples, routes
from tests.isolation.conftest import _furnished, had  # noqa: F401  # fixtures
from tests.isolation.furnished import Furnished

#: A desk is a tool of those who help; the inbox is the demo's.
NOT_PEOPLES = ("admin/", "inbox/")
LINK = "https://help.contoso.example/"


def order(page: str) -> list[str]:
    """Return in which order help stands among the parts of a page."""
    words = r">Help desk</(?:a|span)>|Ask your organization's help desk\."
    parts = rf"<main\b|</main>|<footer\b|</footer>|(?P<help>{words})|>Privacy</a>|action=\"/language/\""
    return ["help" if found["help"] else found[0] for found in re.finditer(parts, unescape(page))]


def is_page(answer: Any) -> bool:
    """Say whether somebody would read an answer."""
    return bool(answer.content) and answer.headers["Content-Type"].startswith("text/html")


@pytest.mark.parametrize("helpdesk", [LINK, ""], ids=["link", "none"])
@pytest.mark.parametrize(
    "route", [one for one in routes(settings.ROOT_URLCONF) if not one.path.startswith(NOT_PEOPLES)], ids=str
)
def test_every_page_has_it_at_the_same_place(had: Furnished, route: Route, helpdesk: str) -> None:  # noqa: F811
    painting.save_brand({"helpdesk": helpdesk}, pictures={}, actor="tests")
    hosts.forget()
    for path in examples(route, had):
        for browser in (browser_of("contoso"), had.browser()):
            for answer in (browser.get(path), browser.get(f"{path}nothing-is-here")):
                if not is_page(answer):
                    continue
                page = answer.content.decode()
                found = order(page)
                first = found.index("<footer")
                assert found[first : first + 2] == ["<footer", "help"], path
                assert found.count("help") == 1, path
                assert (LINK.partition("//")[2].rstrip("/") in page) is bool(helpdesk), path


@pytest.mark.parametrize(
    "template", ["400.html", "403.html", "403_csrf.html", "404.html", "429.html", "500.html"]
)
def test_so_have_pages_of_what_went_wrong(contoso: Org, template: str) -> None:
    assert order(render_to_string(template))[1:4] == ["</main>", "<footer", "help"]


def test_it_sees_a_page_without_it() -> None:
    assert order("<main></main><footer><a>Privacy</a></footer>") == [
        "<main",
        "</main>",
        "<footer",
        ">Privacy</a>",
        "</footer>",
    ]
