"""Every address of the URL map, with what is Contoso's, at another organization: refused, nothing told, nothing written.

Tried with Contoso's own session, by an outsider, and by the other organization's administrator, by GET and by each form that
the same page has at Contoso. Generated from the URL map: a route is covered when it is added.
"""

import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any
from urllib.parse import urlsplit
from weakref import WeakKeyDictionary

import pytest

from tests.building import Browser, browser_of
from tests.isolation import catalogue
from tests.isolation.addresses import (
    BODIES,
    NOBODYS,
    NOT_KNOWN,
    URLCONF,
    Route,
    endpoints,
    examples,
    is_known,
    routes,
)
from tests.isolation.forms import forms
from tests.isolation.furnished import Furnished
from tests.isolation.rows import MARK

#: Routes that answer an outsider with more than a refusal, each with the reason. Nothing is told or written there either.
OPEN: Mapping[str, str] = MappingProxyType(
    {
        "language/": "anybody chooses a language, and goes back to the page they came from",
        "sign-in/": "the page on which anybody begins",
        "reset/": "the page on which anybody begins",
        "reset/help/": "the page on which whoever was given a code begins",
        "reset/kiosk/": "the page on which anybody begins, at a screen that others use",
        "reset/kiosk/stay/": "to where this browser's reset stands, when it has one",
        "reset/kiosk/over/": "clears this browser's screen",
        "brand.css": "the host's own colours",
        "authenticator/": "the host's own page for phones, which knows nobody",
        "authenticator/sw.js": "the script of that page",
        "authenticator/manifest.webmanifest": "how that page is installed, in the host's own look",
        "captcha/<slug:kind>": "a challenge of the host's own; of Contoso's key there is no picture (test_media)",
        "find/": "anybody is led from their sign-in name to where it signs in",
        "csp-report/": "any browser reports",
        "inbox/": "the demo's, for the whole installation on a developer's machine",
    }
)
#: Routes that take something which is the same everywhere: no id of Contoso's.
SAME = frozenset({"security-info/add/<slug:kind>/", "admin/branding/brandtext/<str:key>/preview/"})
#: Pages of a row that are not there at Contoso either, each with the reason.
NOWHERE: Mapping[str, str] = MappingProxyType(
    {
        r"admin/.*/history/$": "the history is in the audit trail",
        r"admin/branding/(brand|brandtext)/.*/delete/$": "a part of the organization",
        r"admin/registration/(policy|passwordprotection|securityquestions|telephony)/.*/delete/$": "a part of it",
        r"admin/registration/(properties|authenticationmethods|registration|notifications)/.*/delete/$": "a part of it",
        r"admin/registration/onpremises/.*/delete/$": "a part of it",
        r"admin/registration/(customization|administratorpolicy|licence)/.*/delete/$": "a part of it",
        r"admin/registration/auditsettings/.*/delete/$": "a part of it",
        r"admin/registration/peopleimport/.*/delete/$": "it is cancelled, and forgotten by itself",
        r"admin/(registration/(auditevent|phonemessage)|resets/reset)/.*/delete/$": "what happened stays",
        r"admin/writeback/onpremisesdomain/.*/delete/$": "it is removed on its page, which says what that means",
        r"admin/writeback/job/.*/delete/$": "what happened stays",
        r"agent/v1/": "an agent's signature opens it (tests/resets/writeback/test_api.py)",
        r"admin/\(": "no page",
        r"inbox/": "no mail of this name",
        r"carriers/": "a carrier's signature opens it (tests/registration/telephony/test_hooks.py)",
        **({} if endpoints() else {r"methods/": "no method serves addresses of its own yet"}),
    }
)
#: Rows of these are the provider's own: its desk shows them, Contoso's too.
PROVIDERS = ("admin/tenants/", "admin/licensing/")
#: What a refused try may leave behind: at the host that refused it, and what counts tries.
LEFT = ("{0}.django_session", "{0}.registration_auditevent", "public.tenants_counter", "public.shared_cache")
#: What an administrator's use of their own pages may leave behind.
OWN = (
    "{0}",
    "public.tenants_counter",
    "public.shared_cache",
    "public.procrastinate_jobs",
    "public.procrastinate_events",
)
#: Where one is sent who is refused.
AWAY = frozenset(
    {"/", "/sign-in/", "/sign-out/", "/reset/", "/verify/", "/password/", "/security-info/"}
    | {f"/admin/{page}" for page in ("", "login/", "logout/")}
)
HOSTS = [(host, route) for host in URLCONF for route in routes(URLCONF[host])]
WITH_ID = [route for route in routes(URLCONF["fabrikam"]) if route.takes]
Post = tuple[str, dict[str, list[str]]]


def test_every_route_has_an_example() -> None:
    for _host, route in HOSTS:
        assert is_known(route), NOT_KNOWN % route
    assert endpoints() == set(BODIES), (
        "Add what is posted to this address of a method's own to BODIES in tests/isolation/addresses.py."
    )


@pytest.mark.parametrize("route", WITH_ID, ids=str)
def test_the_example_opens_at_contoso(had: Furnished, route: Route) -> None:
    """Else its refusal elsewhere would prove nothing."""
    for path in examples(route, had):
        body = BODIES[path](had) if path in BODIES else {}
        opens = any(
            answer.status_code == 200
            for answer in (had.browser().get(path, follow=True), had.browser().post(path, body, follow=True))
        )
        assert opens is not any(re.match(one, route.path) for one in NOWHERE), path


@pytest.mark.parametrize(("host", "route"), HOSTS, ids=str)
def test_contosos_session_opens_nothing(had: Furnished, host: str, route: Route) -> None:
    for path in examples(route, had):
        sent = posts(had, path)
        before = catalogue.state()
        for browser in (had.browser(host), browser_of(host)):
            for answer in asked(browser, path, sent):
                assert is_refusal(answer) or route.path in OPEN, (
                    f"{said(answer)}: answered, not refused. If anybody may see it, say why in OPEN in "
                    "tests/isolation/test_addresses.py."
                )
                assert told(answer) == []
        assert catalogue.written(before, but=[one.format(host) for one in LEFT]) == []


@pytest.mark.parametrize(("host", "route"), HOSTS, ids=str)
def test_another_administrator_is_told_nothing(had: Furnished, host: str, route: Route) -> None:
    if host == "public" and route.path.startswith(PROVIDERS):
        return  # its own
    browser = had.administrator(host)
    for path in examples(route, had):
        foreign = is_foreign(route)
        sent = [one for one in posts(had, path) if foreign or carries_id(one)]
        before = catalogue.state()
        for answer in asked(browser, path, sent, follow=True):
            assert told(answer) == []
            assert answer.status_code < 500
            assert not foreign or is_refusal(answer) or urlsplit(answer.request["PATH_INFO"]).path in AWAY, (
                said(answer)
            )
        assert catalogue.written(before, but=[one.format(host) for one in (LEFT if foreign else OWN)]) == []


def is_foreign(route: Route) -> bool:
    """Say whether a route takes an id of Contoso's."""
    return bool(set(route.takes) - set(NOBODYS)) and route.path not in SAME and route.path not in OPEN


def carries_id(sent: Post) -> bool:
    """Say whether a form holds an id of Contoso's, such as a chosen row: such a one writes nothing elsewhere."""
    return any(_ID.search(value) for values in sent[1].values() for value in values)


_ID = re.compile(r"^(?:[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}|\d{12,})$")


def asked(browser: Browser, path: str, sent: list[Post], *, follow: bool = False) -> Iterator[Any]:
    """Look at an address, and post each form."""
    yield browser.get(path, follow=follow)
    for target, values in sent:
        yield browser.post(target, values, follow=follow)


def is_refusal(answer: Any) -> bool:
    """Say whether an answer opens nothing: an error, or the way to a page on which one proves who one is."""
    if answer.status_code in {301, 302}:
        return urlsplit(answer.headers["location"]).path in AWAY
    return answer.status_code in {400, 401, 403, 404, 405, 410}


def said(answer: Any) -> tuple[object, ...]:
    """Return what a failure should show of an answer."""
    request = answer.request
    return request["REQUEST_METHOD"], request["PATH_INFO"], answer.status_code, answer.headers.get("location")


def told(answer: Any) -> list[str]:
    """Return where an answer has a word of Contoso's."""
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    parts = {
        "body": content.decode("utf-8", "replace"),
        "headers": str(answer.headers),
        "cookies": str(answer.cookies),
    }
    return [name for name, text in parts.items() if MARK in text.lower()]


def posts(had: Furnished, path: str) -> list[Post]:
    """Return what the forms of a page post at Contoso, and an empty post to the page itself."""
    if path in BODIES:
        return [(path, BODIES[path](had))]
    return [(path, {}), *shown(had, path)]


def shown(had: Furnished, path: str) -> list[Post]:
    """Return what the forms of a page post at Contoso; looked at once for all who try them elsewhere."""
    known = _SHOWN.setdefault(had, {})
    if path not in known:
        page = had.browser().get(path)
        html = page.content.decode() if page.headers.get("Content-Type", "").startswith("text/html") else ""
        known[path] = [way for form in forms(html, path) for way in form.sent() if way[0] != "/language/"]
    return known[path]


_SHOWN: WeakKeyDictionary[Furnished, dict[str, list[Post]]] = WeakKeyDictionary()
