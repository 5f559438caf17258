"""From a Host header to an organization: warm without a query, and neutral where nobody is."""

import time
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from tenants import hosts
from tests.building import Browser, Org
from tests.tenants.branding.queries import asked

NAMES = [
    "contoso.localhost",
    "contoso.localhost:8000",
    "CONTOSO.LocalHost",
    "contoso.localhost.",
    "Contoso.localhost.:81",
]
NOBODY = [
    "nobody.localhost",
    "contoso.localhost.evil.example",
    "evilcontoso.localhost",
    "127.0.0.1",
    "[::1]",
    "[::1]:8000",
    "contoso_x.localhost",
    "contoso.localhost, fabrikam.localhost",
    "contoso.localhost@evil.example",
    "evil.example/contoso.localhost",
    "",
    " ",
    "%",
    "ｃontoso.localhost",
    "a" * 5000,
    "contoso.localhost:99999999",
    "contoso.localhost:x",
]


@pytest.mark.parametrize("name", NAMES)
def test_however_it_is_written(contoso: Org, name: str) -> None:
    page = Browser(headers={"host": name}).get("/sign-in/")
    assert (page.status_code, served(page)) == (200, "contoso")


@pytest.mark.parametrize("name", NOBODY)
@pytest.mark.parametrize("path", ["/", "/sign-in/", "/admin/", "/inbox/", "/brand.css"])
def test_a_host_that_nobody_has(contoso: Org, name: str, path: str) -> None:
    browser = Browser(headers={"host": name})
    page = browser.get(path)
    if name == "contoso.localhost:99999999":  # a port is no part of the name
        return
    text = page.content.decode()
    assert (page.status_code, page.headers["cache-control"]) == (404, "no-store")
    assert not any(word in text for word in ("Contoso", "Fabrikam", "/brand.css?", "--brand"))
    assert not browser.cookies


def served(page: Any) -> str:
    """Return the schema that answered."""
    return str(page.wsgi_request.tenant.schema_name)


def test_forwarded_hosts_are_not_believed(contoso: Org) -> None:
    page = contoso.browser(**{"x-forwarded-host": "fabrikam.localhost"}).get("/sign-in/")
    assert served(page) == "contoso"


def test_warm_it_costs_no_query(contoso: Org) -> None:
    browser = contoso.browser()
    browser.get("/sign-in/")
    with asked() as queries:
        assert browser.get("/sign-in/").status_code == 200
    assert queries == []


def test_it_is_looked_up_again_after_ten_seconds(contoso: Org, monkeypatch: pytest.MonkeyPatch) -> None:
    hosts.find("contoso.localhost")
    now = time.monotonic()
    monkeypatch.setattr("tenants.hosts.time.monotonic", lambda: now + hosts.SECONDS - 1)
    with asked() as warm:
        hosts.find("contoso.localhost")
    monkeypatch.setattr("tenants.hosts.time.monotonic", lambda: now + hosts.SECONDS + 1)
    with asked() as cold:
        hosts.find("contoso.localhost")
    assert (len(warm), len(cold)) == (0, 2)


def test_inventing_names_fills_nothing(contoso: Org) -> None:
    for number in range(20):
        hosts.find(f"nobody{number}.localhost")
    assert hosts._hosts == {}


def test_a_request_leaves_the_organization_it_served(contoso: Org, fabrikam: Org) -> None:
    Client(headers={"host": "contoso.localhost"}).get("/sign-in/")
    assert connection.schema_name == "public"  # type: ignore[attr-defined]
    Client(headers={"host": "nobody.localhost"}).get("/sign-in/")
    assert connection.schema_name == "public"  # type: ignore[attr-defined]


def test_a_browser_speaks_to_one_after_the_other(contoso: Org, fabrikam: Org, provider: Org) -> None:
    for org in (contoso, fabrikam, provider, contoso):
        assert served(org.browser().get("/sign-in/")) == org.schema
