"""Which organization am I: decided by what stands after the @, the same work and page for whatever is typed."""

import re
from dataclasses import replace
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from licensing import subscribing
from registration import configuring
from registration.customers import finding
from tenants import naming, provisioning
from tenants.context import entered
from tests.building import Org

DESTINATION = re.compile(r'<meta http-equiv="refresh"[^>]*>|<p class="lead">.*?</div>', re.DOTALL)


def asked(provider: Org, name: str) -> tuple[int, str, list[str]]:
    """Return status, body and statements of a fresh browser that types a name; what differs in each page is left out."""
    browser = provider.browser()
    browser.get("/find/")
    with CaptureQueriesContext(
        connection,
    ) as queries:
        answer = browser.post("/find/", {"sign_in_name": name})
    said = [re.sub(r"'[^']*'", "?", one["sql"]) for one in queries.captured_queries]
    assert answer.headers["Cache-Control"].startswith("max-age=0")
    return answer.status_code, _steady(answer), said


def _steady(answer: Any) -> str:
    return re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", answer.content.decode())


@pytest.mark.parametrize("name", ["adele@contoso.example", "Nobody@CONTOSO.example ", "@contoso.example."])
def test_everybody_of_a_name_is_led_to_its_host(provider: Org, name: str) -> None:
    status, body, _said = asked(provider, name)
    assert status == 200
    assert body.count('href="http://contoso.localhost:8000/sign-in/"') == 1
    assert "adele" not in body
    assert "fabrikam" not in body


def test_somebody_and_nobody_are_answered_alike_to_the_byte(provider: Org) -> None:
    assert asked(provider, "adele@contoso.example") == asked(provider, "nobody@contoso.example")


def test_a_name_that_nobody_has_costs_the_same_and_is_answered_by_the_same_page(provider: Org) -> None:
    known, unknown = asked(provider, "adele@contoso.example"), asked(provider, "adele@else.example")
    assert (known[0], known[2]) == (unknown[0], unknown[2])
    assert DESTINATION.sub("", known[1]) == DESTINATION.sub("", unknown[1])
    assert "localhost:8000" not in unknown[1]


def test_an_organization_that_is_suspended_and_a_name_that_is_not_verified_are_unknown(provider: Org) -> None:
    unknown = asked(provider, "adele@else.example")
    naming.add_sign_in_name(Org("contoso").row, "contoso.test", actor="tests")
    provisioning.suspend(Org("fabrikam").row, actor="tests")
    assert asked(provider, "adele@contoso.test") == unknown
    assert asked(provider, "adele@fabrikam.example") == unknown


def test_it_leads_to_the_primary_host(provider: Org) -> None:
    added = naming.add_host(Org("contoso").row, "help.localhost", actor="tests")
    assert "help.localhost" not in asked(provider, "a@contoso.example")[1]
    naming.make_primary(added, actor="tests")
    assert 'href="http://help.localhost:8000/sign-in/"' in asked(provider, "a@contoso.example")[1]


@pytest.mark.parametrize(
    "name", ["", "adele", "adele@", "@", "contoso.example", "a" * 200 + "@contoso.example"]
)
def test_what_has_no_name_after_the_at_is_asked_again(provider: Org, name: str) -> None:
    answer = provider.browser().post("/find/", {"sign_in_name": name})
    assert answer.status_code == 200
    assert list(answer.context["form"].errors) == ["sign_in_name"]


def test_a_network_that_reads_all_customers_off_has_to_wait(
    provider: Org, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(finding, "FIND", replace(finding.FIND, limit=2))
    browser = provider.browser()
    for _time in range(2):
        assert browser.post("/find/", {"sign_in_name": "a@contoso.example"}).context["host"]
    refused = browser.post("/find/", {"sign_in_name": "a@contoso.example"})
    assert list(refused.context["form"].errors) == ["__all__"]
    assert "contoso.localhost" not in refused.content.decode()


def test_it_is_linked_where_people_begin_and_is_nowhere_at_an_organization(provider: Org) -> None:
    with entered(provider.row):
        configuring.configure({"scope": "all", "methods": ["app_code"]}, actor="tests")
        subscribing.assign(provider.row, edition="p2", actor="tests")
    for page in ("/sign-in/", "/reset/"):
        assert 'href="/find/"' in provider.browser().get(page).content.decode()
        assert "/find/" not in Org("contoso").browser().get(page).content.decode()
    assert Org("contoso").browser().get("/find/").status_code == 404
