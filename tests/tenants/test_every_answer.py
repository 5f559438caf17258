"""What every answer of the URL map tells the browser, whoever asks; a new page is held to it by being there."""

import re
from typing import Any, TypeAlias

import pytest
from django.conf import settings
from django.db import connection
from django.test import RequestFactory

from tenants.desks import organization_desk
from tests.building import Browser, browser_of
from tests.isolation.addresses import LIST, Route, examples, routes
from tests.isolation.conftest import _furnished, had, undone  # noqa: F401  # fixtures
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
#: Lists that are none of Django's: they read what their own forms ask, and nothing else of an address.
OWN_LISTS = frozenset(
    {"admin/branding/brandtext/", "admin/registration/auditevent/", "admin/registration/usage/"}
)
EVERY = routes(settings.ROOT_URLCONF)
Answers: TypeAlias = list[tuple[Browser, Any]]
COOKIES = ("session", "csrf", "kiosk", "language")
#: Values that no cookie of ours has: PostgreSQL takes no text with a NUL.
ODD = ('"\\000abcdefghijklm"', '"abcdefghijkl\\000"', '"\\377"', "x" * 3000, '"', "=;")
#: Look-ups of Django's that no filter of a desk asks; one with a regular expression could keep the database busy.
LOOKUPS = ("regex", "iregex", "startswith", "contains", "year__gt", "gt", "range", "lower__regex", "nothing")


@pytest.fixture(scope="module", params=EVERY, ids=str)
def route(request: pytest.FixtureRequest) -> Route:
    """Each route; all that is asked of one comes together, since it is answered once."""
    found: Route = request.param
    return found


@pytest.fixture(scope="module")
def answers(
    route: Route,
    _furnished: Furnished,  # noqa: F811  # a fixture
    django_db_blocker: Any,
) -> Answers:
    """Return what an outsider and an administrator get, asked by a page of another site."""
    found = []
    with django_db_blocker.unblock(), undone():
        connection.set_tenant(_furnished.org.row)  # type: ignore[attr-defined]
        for path in examples(route, _furnished):
            for browser in (browser_of("contoso"), _furnished.browser()):
                found.append((browser, browser.get(path, headers=FOREIGN)))
    return found


def test_the_policy(route: Route, answers: Answers) -> None:
    for _browser, answer in answers:
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


def test_nothing_else_that_a_browser_might_do(route: Route, answers: Answers) -> None:
    for _browser, answer in answers:
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["X-Frame-Options"] == "DENY"
        assert answer.headers["Referrer-Policy"] in {"same-origin", "no-referrer"}
        assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin"
        assert not [name for name in answer.headers if name.lower().startswith("access-control-")]
        kind = answer.headers["Content-Type"].replace('"', "")
        assert "charset=utf-8" in kind or not kind.startswith("text/")


def test_no_script_or_style_stands_in_a_page_of_people(route: Route, answers: Answers) -> None:
    if route.path.startswith(("admin/", "inbox/")):
        return
    for _browser, answer in answers:
        if answer.headers["Content-Type"].startswith("text/html"):
            assert INLINE.findall(answer.content.decode()) == []


def test_what_is_somebodys_is_not_kept(route: Route, answers: Answers) -> None:
    """Neither by the browser nor by anything between; what is the same for all may be."""
    for browser, answer in answers:
        kept = answer.headers.get("Cache-Control", "")
        if "public" in kept:
            assert route.path.startswith("brand")
            assert "Set-Cookie" not in answer.headers
            assert not answer.cookies
        elif browser.cookies and answer.status_code == 200 and not route.path.startswith(SAME_FOR_ALL):
            assert "no-store" in kept, kept


def test_cookies(route: Route, answers: Answers) -> None:
    for _browser, answer in answers:
        for cookie in answer.cookies.values():
            assert (cookie["path"], cookie["domain"]) == ("/", "")
            assert cookie["samesite"] == "Lax" or not cookie.value  # one that is taken back
            assert cookie["httponly"] or not cookie.value
            assert len(cookie.OutputString()) < 4096


def test_no_cookie_is_too_odd(had: Furnished, route: Route) -> None:  # noqa: F811
    for path in examples(route, had):
        plain = browser_of("contoso").get(path).status_code
        for odd in ODD:
            browser = browser_of("contoso")
            sent = "; ".join(f"{getattr(settings, f'{one.upper()}_COOKIE_NAME')}={odd}" for one in COOKIES)
            assert browser.get(path, headers={"cookie": sent}).status_code == plain, odd


def test_no_length_is_too_odd(had: Furnished, route: Route) -> None:  # noqa: F811
    for path in examples(route, had):
        for length in ("abc", "-1", "9" * 5000, "", "1.5"):
            answer = browser_of("contoso").post(path, {}, CONTENT_LENGTH=length)
            assert answer.status_code < 500


@pytest.mark.parametrize("listed", [one for one in EVERY if LIST.match(one.path)], ids=str)
def test_a_list_answers_what_its_filters_ask(had: Furnished, listed: Route) -> None:  # noqa: F811
    """And nothing else that an address might ask of it."""
    app, model = LIST.findall(listed.path)[0]
    page = next(
        one for kind, one in organization_desk._registry.items() if kind._meta.label_lower == f"{app}.{model}"
    )
    browser = had.browser()
    if browser.get(f"/{listed.path}").status_code != 200:
        return  # one row alone, or none that this person may see
    asks = RequestFactory().get("/")
    for field in page.model._meta.fields:
        assert not [how for how in LOOKUPS if page.lookup_allowed(f"{field.name}__{how}", "(", asks)]
        name = f"{field.name}__{LOOKUPS[0]}"
        answer = browser.get(f"/{listed.path}", {name: "("})
        if listed.path in OWN_LISTS:
            assert (answer.status_code, name in answer.content.decode()) == (200, False), name
        else:
            assert answer.status_code == 400, name
