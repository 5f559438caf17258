"""The journal on the provider's desk: words for every entry, found, read, and taken away as a file that computes nothing."""

import ast
import csv
import io
import json
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from registration.roles import Role
from tenants import hosts, journal
from tenants.journal_words import known, words
from tenants.models import JournalEntry
from tests.building import Org
from tests.isolation import source
from tests.registration.customers.desks import at_the_desk

LIST = "/admin/tenants/journalentry/"


@pytest.fixture
def _written(provider: Org) -> None:
    JournalEntry.objects.all().delete()
    contoso, fabrikam = Org("contoso").row, Org("fabrikam").row
    data = {"before": {"name": "Contoso"}, "after": {"name": "Contoso Limited"}, "reason": "they asked"}
    journal.record("organization_renamed", actor="kim@localhost", organization=contoso, data=data)
    journal.record("organization_suspended", actor="=cmd|' /C calc'!A0", organization=fabrikam, data={})
    journal.record("unheard_of", actor="kim@localhost", organization=fabrikam, data={"what": "<script>"})


def found(browser: Any, query: str) -> list[str]:
    """Return the activities that a list shows, the newest first, without what the visit itself wrote."""
    rows = browser.get(f"{LIST}?{query}").context["cl"].result_list
    return [one.event for one in rows if one.event != "operator_changed"]


def test_every_entry_that_the_source_writes_has_words() -> None:
    written = set()
    for file, tree in source.trees().items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in {
                "journal.record",
                "operators.note",
                "_write",
            }:
                first = node.args[0] if node.args else None
                if isinstance(first, ast.Constant) and file.startswith(
                    ("tenants", "licensing", "registration")
                ):
                    written.add(str(first.value))
    assert {"organization_created", "subscription_assigned", "operator_added", "host_added"} <= written
    assert written - {code for code, _words in known()} == set(), "Add its words to tenants/journal_words.py."


@pytest.mark.usefixtures("_written")
def test_filters(provider: Org) -> None:
    browser = at_the_desk(provider, Role.SUPPORT)
    everything = ["unheard_of", "organization_suspended", "organization_renamed"]
    today = timezone.now().date()
    tomorrow = today + timedelta(days=1)
    assert found(browser, "") == everything
    assert found(browser, "event=organization_renamed") == ["organization_renamed"]
    assert found(browser, "schema=fabrikam") == everything[:2]
    assert found(browser, "actor=kim@localhost") == ["unheard_of", "organization_renamed"]
    assert found(browser, "q=contoso") == ["organization_renamed"]
    assert found(browser, f"since={tomorrow}") == []
    assert found(browser, f"until={tomorrow}") == everything
    assert found(browser, f"since={today}&until={today}") == everything
    assert found(browser, f"until={today - timedelta(days=1)}") == []
    left_out = browser.get(f"{LIST}?since=&until={tomorrow}")
    assert left_out.headers["location"] == f"{LIST}?until={tomorrow}"
    for wrong in ("since=soon", "data__contains=x", "event__startswith=o"):
        assert browser.get(f"{LIST}?{wrong}").status_code in {302, 400}


@pytest.mark.usefixtures("_written")
def test_one_entry_reads_well(provider: Org) -> None:
    browser = at_the_desk(provider, Role.SUPPORT)
    renamed = JournalEntry.objects.get(event="organization_renamed")
    page = browser.get(f"{LIST}{renamed.pk}/change/").content.decode()
    assert (
        '<th scope="row" dir="auto">name</th><td dir="auto">Contoso</td><td dir="auto">Contoso Limited</td>'
        in page
    )
    assert "they asked" in page
    odd = JournalEntry.objects.get(event="unheard_of")
    assert "&lt;script&gt;" in browser.get(f"{LIST}{odd.pk}/change/").content.decode()
    assert words("unheard_of") == "unheard_of"
    for verb in ("delete", "history"):
        assert browser.post(f"{LIST}{odd.pk}/{verb}/", {"post": "yes"}).status_code in {403, 404}
    assert JournalEntry.objects.filter(pk=odd.pk).exists()


@pytest.mark.usefixtures("_written")
def test_as_a_table_that_computes_nothing(provider: Org) -> None:
    browser = at_the_desk(provider, Role.SUPPORT)
    answer = browser.get(f"{LIST}export/csv/?schema=fabrikam")
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="journal-')
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    text = answer.getvalue().decode()
    rows = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))
    assert rows[0] == ["at", "activity", "event", "organization", "schema", "actor", "details"]
    assert [row[1:6] for row in rows[1:]] == [
        ["unheard_of", "unheard_of", "Fabrikam", "fabrikam", "kim@localhost"],
        ["Organization suspended", "organization_suspended", "Fabrikam", "fabrikam", "'=cmd|' /C calc'!A0"],
    ]
    entry = JournalEntry.objects.get(event="journal_exported")
    assert (entry.actor, entry.schema, entry.data) == (
        "chief@localhost",
        "public",
        {"format": "csv", "filters": {"schema": "fabrikam"}, "entries": 2},
    )


@pytest.mark.usefixtures("_written")
def test_as_lines_of_json(provider: Org) -> None:
    browser = at_the_desk(provider, Role.SUPPORT)
    lines = browser.get(f"{LIST}export/jsonl/?event=organization_renamed").getvalue().decode().splitlines()
    (one,) = map(json.loads, lines)
    assert (one["activity"], one["actor"], one["details"]["reason"]) == (
        "Organization renamed",
        "kim@localhost",
        "they asked",
    )
    assert browser.get(f"{LIST}export/xlsx/").status_code == 404
    assert browser.post(f"{LIST}export/csv/").status_code == 405


@pytest.mark.usefixtures("_written")
def test_a_file_costs_the_same_however_many_entries(provider: Org) -> None:
    browser = at_the_desk(provider, Role.SUPPORT)
    counts = []
    hosts.forget()
    browser.get(f"{LIST}export/csv/").getvalue()
    for _time in range(2):
        with CaptureQueriesContext(connection) as queries:
            browser.get(f"{LIST}export/csv/").getvalue()
        counts.append(len(queries))
        for _more in range(5):
            journal.record("organization_renamed", actor="kim", organization=Org("contoso").row)
    assert counts[0] == counts[1]


def test_an_organization_has_no_journal(contoso: Org) -> None:
    browser = at_the_desk(contoso, Role.GLOBAL_ADMINISTRATOR)
    for address in (LIST, f"{LIST}export/csv/", f"{LIST}export/jsonl/"):
        assert browser.get(address).status_code == 404
