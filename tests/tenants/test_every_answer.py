"""What every answer of the URL map tells the browser, whoever asks; a new page is held to it by being there."""

import re
from typing import Any

import pytest
from django.conf import settings

from tenants.desks import organization_desk
from tests.building import Browser, browser_of
from tests.isolation.addresses import LIST, Route, examples, routes
from tests.isolation.conftest import _furnished, had  # noqa: F401  # fixtures
from tests.isolation.furnished import Furnished

DIRECTIVES = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data:",
    "font-src": "'self'",
    "connect-src": "'self'",
    "worker-src": "'self'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
    "base-uri": "'none'",
    "object-src": "'none'",
    "report-uri": "/csp-report/",
}
#: The desks' skin evaluates expressions and sets inline styles; theirs is relaxed so far, and no further.
RELAXED = {"script-src": "'self' 'unsafe-eval'", "style-src": "'self' 'unsafe-inline'"}
#: Scripts and styles that stand in a page; the policy would not run them.
INLINE = re.compile(
    r"<script(?![^>]*\bsrc=)(?![^>]*application/json)[^>]*>|<style|\s(?:on[a-z]+|style)=[\"']", re.IGNORECASE
)
FOREIGN = {"origin": "https://evil.example", "sec-fetch-site": "cross-site"}
#: What is the same for whoever asks: an organization's look, and the words of the desks' scripts.
SAME_FOR_ALL = ("brand", "admin/jsi18n/")
EVERY = routes(settings.ROOT_URLCONF)
COOKIES = ("session", "csrf", "kiosk", "language")
#: Values that no cookie of ours has: PostgreSQL takes no text with a NUL.
ODD = ('"\\000abcdefghijklm"', '"abcdefghijkl\\000"', '"\\377"', "x" * 3000, '"', "=;")
#: Look-ups of Django's that no filter of a desk asks; one with a regular expression could keep the database busy.
LOOKUPS = ("regex", "iregex", "startswith", "contains", "year__gt", "gt", "range", "lower__regex", "nothing")


def answers(had: Furnished, route: Route) -> list[tuple[Browser, Any]]:  # noqa: F811  # what the fixture returns
    """Return what an outsider and an administrator get, asked by a page of another site."""
    found = []
    for path in examples(route, had):
        for browser in (browser_of("contoso"), had.browser()):
            found.append((browser, browser.get(path, headers=FOREIGN)))
    return found


@pytest.mark.parametrize("route", EVERY, ids=str)
def test_the_policy(had: Furnished, route: Route) -> None:  # noqa: F811
    for _browser, answer in answers(had, route):
        policy = answer.headers["Content-Security-Policy"]
        if answer.headers["Content-Type"] == "image/png" and route.path.startswith("brand/"):
            assert policy == "default-src 'none'; sandbox"
            continue
        if route.path.startswith("inbox/"):
            continue  # the demo's
        found = dict(one.split(" ", 1) for one in policy.split("; ") if " " in one)
        may = RELAXED if route.path.startswith("admin/") else {}
        for name, value in DIRECTIVES.items():
            assert found[name] in {value, may.get(name, value)}, name
        assert set(found) - set(DIRECTIVES) <= {"sandbox", "media-src", "manifest-src"}


@pytest.mark.parametrize("route", EVERY, ids=str)
def test_nothing_else_that_a_browser_might_do(had: Furnished, route: Route) -> None:  # noqa: F811
    for _browser, answer in answers(had, route):
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["X-Frame-Options"] == "DENY"
        assert answer.headers["Referrer-Policy"] in {"same-origin", "no-referrer"}
        assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin"
        assert not [name for name in answer.headers if name.lower().startswith("access-control-")]
        kind = answer.headers["Content-Type"].replace('"', "")
        assert "charset=utf-8" in kind or not kind.startswith("text/")


@pytest.mark.parametrize("route", EVERY, ids=str)
def test_no_script_or_style_stands_in_a_page_of_people(had: Furnished, route: Route) -> None:  # noqa: F811
    if route.path.startswith(("admin/", "inbox/")):
        return
    for _browser, answer in answers(had, route):
        if answer.headers["Content-Type"].startswith("text/html"):
            assert INLINE.findall(answer.content.decode()) == []


@pytest.mark.parametrize("route", EVERY, ids=str)
def test_what_is_somebodys_is_not_kept(had: Furnished, route: Route) -> None:  # noqa: F811
    """Neither by the browser nor by anything between; what is the same for all may be."""
    for browser, answer in answers(had, route):
        kept = answer.headers.get("Cache-Control", "")
        if "public" in kept:
            assert route.path.startswith("brand")
            assert "Set-Cookie" not in answer.headers
            assert not answer.cookies
        elif browser.cookies and answer.status_code == 200 and not route.path.startswith(SAME_FOR_ALL):
            assert "no-store" in kept, kept


@pytest.mark.parametrize("route", EVERY, ids=str)
def test_cookies(had: Furnished, route: Route) -> None:  # noqa: F811
    for _browser, answer in answers(had, route):
        for cookie in answer.cookies.values():
            assert (cookie["path"], cookie["domain"]) == ("/", "")
            assert cookie["samesite"] == "Lax" or not cookie.value  # one that is taken back
            assert cookie["httponly"] or not cookie.value
            assert len(cookie.OutputString()) < 4096


@pytest.mark.parametrize("route", EVERY, ids=str)
def test_no_cookie_is_too_odd(had: Furnished, route: Route) -> None:  # noqa: F811
    for path in examples(route, had):
        plain = browser_of("contoso").get(path).status_code
        for odd in ODD:
            browser = browser_of("contoso")
            sent = "; ".join(f"{getattr(settings, f'{one.upper()}_COOKIE_NAME')}={odd}" for one in COOKIES)
            assert browser.get(path, headers={"cookie": sent}).status_code == plain, odd


@pytest.mark.parametrize("route", EVERY, ids=str)
def test_no_length_is_too_odd(had: Furnished, route: Route) -> None:  # noqa: F811
    for path in examples(route, had):
        for length in ("abc", "-1", "9" * 5000, "", "1.5"):
            answer = browser_of("contoso").post(path, {}, CONTENT_LENGTH=length)
            assert answer.status_code < 500


@pytest.mark.parametrize("route", [one for one in EVERY if LIST.match(one.path)], ids=str)
def test_a_list_answers_what_its_filters_ask(had: Furnished, route: Route) -> None:  # noqa: F811
    """And nothing else that an address might ask of it."""
    app, model = LIST.findall(route.path)[0]
    page = next(
        one for kind, one in organization_desk._registry.items() if kind._meta.label_lower == f"{app}.{model}"
    )
    browser = had.browser()
    if browser.get(f"/{route.path}").status_code != 200:
        return  # one row alone, or none that this person may see
    for field in page.model._meta.fields:
        for how in LOOKUPS:
            answer = browser.get(f"/{route.path}", {f"{field.name}__{how}": "("})
            assert answer.status_code == 400, (field.name, how)
