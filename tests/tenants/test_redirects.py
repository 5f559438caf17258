"""Nobody is sent to another host: by no address of the URL map, no name by which a page may take a target, no trick.

Targets are read as browsers read them: tabs and line ends fall away, a backslash is a slash.
"""

import ast
import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any
from urllib.parse import urljoin, urlsplit

import pytest
from django.conf import settings
from django.http import QueryDict

from tests.building import PASSWORD, Browser, Org, app_code, browser_of, sign_in
from tests.isolation import source
from tests.isolation.addresses import Route, examples, routes
from tests.isolation.conftest import _furnished, had  # noqa: F401  # fixtures
from tests.isolation.forms import forms
from tests.isolation.furnished import Furnished

ADELE, HOST = "adele@contoso.example", "contoso.localhost"
#: By these names a page may be told where to go next, here or in a package that it uses.
NAMES = ("next", "redirect_to", "redirect", "return", "return_to", "url", "to", "continue", "_popup_redirect")
#: What views read of an address or a form, and whether it is where to go next.
READ: Mapping[str, str] = MappingProxyType(
    {
        "next": "where to go next: an address of this host, or none",
        "action": "which button",
        "agent": "an agent's id",
        "method": "a method's kind or a device's id",
        "language": "a language",
        "PARAMETER": "a language",
        "username": "a name to begin with",
        "sign_in_name": "a name",
        "key": "a captcha's key",
        "v": "a version",
        "message": "what a phone says",
        "signature": "that a phone said it",
        "_reset": "a language whose own words go",
        "f'{PREFIX}language'": "a language of a preview",
        "group": "a part of a list",
        "changed": "whether a list is narrowed to what was changed",
        "q": "a name to look for",
        "str(self.parameter_name)": "what a filter narrows to",
        "SEEN": "a digest of what a preview showed",
        "before": "from where a list goes on",
        "after": "from where a list goes on",
        "format": "what kind of file",
        "name": "what a filter narrows to",
        "on": "an id of a row of the same organization",
        "again": "an id of what was asked for before",
        "select_across": "whether all of a list are meant",
        "option": "a choice of a page of its own",
        "role": "a role",
        "user": "an id of somebody",
        "days": "a range",
        "minutes": "a number",
        "standing": "which people are meant",
        "table": "which table is meant",
        "feature": "which kind of event is meant",
        "ticket": "what opens a visit, once",
    }
)
EVIL = [
    "https://evil.example/",
    "http://evil.example",
    "//evil.example/",
    "///evil.example",
    "////evil.example/x",
    "/\\evil.example",
    "\\\\evil.example",
    "\\/\\/evil.example",
    "https:evil.example",
    "https:/evil.example",
    "https:///evil.example",
    "http:\\\\evil.example",
    "/\t/evil.example",
    "/\n/evil.example",
    "\t//evil.example",
    " //evil.example",
    "\x08//evil.example",
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "java\tscript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "vbscript:x",
    "ftp://contoso.localhost/",
    "https://contoso.localhost.evil.example/",
    "https://contoso.localhost@evil.example/",
    "https://evil.example#contoso.localhost",
    "https://evil.example\\@contoso.localhost/",
    "https://fabrikam.localhost/",
    "//fabrikam.localhost/admin/",
    "http://contoso.localhost:81/",
    "／／evil.example",
    "//evil。example",
    "https://еvil.example/",
    "//[::1]/",
    "//0x7f000001/",
    "/%0d%0aLocation:%20https://evil.example",
    "/\r\nLocation: https://evil.example",
    "?next=//evil.example",
    "foo",  # a word that begins with no slash is the name of a view to Django, where there is one
    "security-info-change",
    "security-info",
]


#: One target of each kind, and whether each form of a page is tried with it, too, beside the page itself.
KINDS: Mapping[str, bool] = MappingProxyType(
    {
        "https://evil.example/": False,
        "//evil.example/": True,
        "/\\evil.example": False,
        "javascript:alert(1)": False,
        "foo": True,
    }
)


def leads_away(answer: Any) -> str:
    """Return where an answer sends the browser, when that is not this host."""
    header = str(answer.headers.get("Location", ""))
    for target in (header, str(answer.headers.get("Refresh", "")).partition("url=")[2]):
        read = re.sub(r"[\t\r\n]", "", target).strip("".join(map(chr, range(33)))).replace("\\", "/")
        if read.startswith("//") or "\r" in header or "\n" in header:
            return target
        there = urlsplit(urljoin(f"http://{HOST}/somewhere/", read))
        if (there.scheme, there.netloc) != ("http", HOST):
            return target
    return ""


def test_it_sees_what_leads_away() -> None:
    class Answer:
        def __init__(self, target: str) -> None:
            self.headers = {"Location": target}

    words = {"foo", "security-info-change", "security-info"}
    fine = {"／／evil.example", "/%0d%0aLocation:%20https://evil.example", "?next=//evil.example", *words}
    assert {evil for evil in EVIL if not leads_away(Answer(evil))} == fine
    assert not leads_away(Answer("/security-info/"))
    assert not leads_away(Answer("http://contoso.localhost/x"))


def asked(browser: Browser, path: str, evil: str, *, every_form: bool) -> Iterator[Any]:
    """Look at an address with a bad target by every name, post to it, and send the forms that it answers with."""
    query = QueryDict(mutable=True)
    query.update(dict.fromkeys(NAMES, evil))
    full = f"{path}{'&' if '?' in path else '?'}{query.urlencode()}"
    page = browser.get(full)
    yield page
    yield browser.post(full, dict(query.items()))
    if every_form and page.status_code == 200 and page.headers["Content-Type"].startswith("text/html"):
        for form in forms(page.content.decode(), full):
            for target, values in form.sent():
                if "evil" not in urlsplit(target).netloc:
                    yield browser.post(target, {**values, **dict(query.items())})


@pytest.mark.parametrize("route", routes(settings.ROOT_URLCONF), ids=str)
def test_no_address_leads_away(had: Furnished, route: Route) -> None:  # noqa: F811  # the fixture
    for path in examples(route, had):
        for browser in (browser_of("contoso"), had.browser()):
            for evil, every_form in KINDS.items():
                for answer in asked(browser, path, evil, every_form=every_form):
                    assert leads_away(answer) == "", (answer.request["REQUEST_METHOD"], path)


@pytest.mark.parametrize("evil", EVIL)
def test_no_trick_leads_away_after_signing_in(contoso: Org, evil: str) -> None:
    browser = contoso.browser()
    query = QueryDict(mutable=True)
    query["next"] = evil
    answer = browser.post(
        f"/sign-in/?{query.urlencode()}", {"login": ADELE, "password": PASSWORD, "next": evil}
    )
    assert answer.status_code == 302
    assert leads_away(answer) == ""
    for form in (
        {"login": ADELE, "password": PASSWORD, "next": evil},
        {"login": ADELE, "password": PASSWORD},
    ):
        again = contoso.browser().post(f"/sign-in/?{query.urlencode()}", form)
        assert leads_away(again) == ""


@pytest.mark.parametrize("evil", EVIL)
def test_no_trick_leads_away_from_the_language(contoso: Org, evil: str) -> None:
    answer = contoso.browser().post("/language/", {"language": "de", "next": evil})
    assert answer.status_code == 302
    assert leads_away(answer) == ""


@pytest.mark.parametrize("evil", EVIL)
def test_no_trick_leads_away_after_one_more_proof(had: Furnished, evil: str) -> None:  # noqa: F811  # the fixture
    query = QueryDict(mutable=True)
    query["next"] = evil
    for path, form in (
        ("/verify/", {"action": "answer", "code": app_code(steps=1), "next": evil}),
        ("/sign-in/again/", {"password": PASSWORD, "next": evil}),
        ("/sign-out/", {"next": evil}),
        ("/admin/logout/", {"next": evil}),
    ):
        answer = had.browser().post(f"{path}?{query.urlencode()}", form)
        assert answer.status_code == 302, path
        assert leads_away(answer) == "", path


@pytest.mark.parametrize(
    "path",
    ["//evil.example/", "/\\evil.example/", "///evil.example", "//evil.example/sign-in", "/%5cevil.example"],
)
def test_no_path_is_taken_for_a_host(contoso: Org, path: str) -> None:
    browser = contoso.browser()
    for one in (browser.get(path), browser.generic("GET", path)):
        assert leads_away(one) == ""
    sign_in(browser, ADELE)
    assert leads_away(browser.generic("GET", path)) == ""


def test_a_target_of_this_host_is_kept(contoso: Org) -> None:
    """Else the others would prove nothing."""
    form = {"login": ADELE, "password": PASSWORD}
    assert contoso.browser().post("/sign-in/?next=/password/", form).headers["location"] == "/password/"
    chosen = contoso.browser().post("/language/", {"language": "de", "next": "/reset/?username=a"})
    assert chosen.headers["location"] == "/reset/?username=a"


def test_whatever_a_view_reads_is_known() -> None:
    found = set()
    for tree in source.trees().values():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in {
                "request.GET.get",
                "request.POST.get",
            }:
                name = node.args[0]
                found.add(name.value if isinstance(name, ast.Constant) else ast.unparse(name))
    assert found - set(READ) == set(), (
        "A view reads this of an address or a form. Say in READ in tests/tenants/test_redirects.py what it is; "
        "where it is a target, add its name to NAMES."
    )
