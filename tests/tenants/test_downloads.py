"""Lists as files: what opens them reckons nothing, and each page is of the organization that it was asked for in."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import connection
from django.utils import translation
from django.utils.translation import gettext, gettext_lazy

from registration.models import User
from tenants import downloads
from tenants.cells import FORMULA, guarded, unguarded
from tenants.context import current_schema, entered
from tenants.models import Organization
from tests.building import Org


def text(answer: Any) -> str:
    return str(answer.getvalue().decode())


def names() -> Iterator[tuple[str, str]]:
    """Yield where each line is read, and whom is found there."""
    for number in range(3):
        yield current_schema(), User.objects.order_by("sign_in_name")[number].sign_in_name


def test_a_table_as_a_spreadsheet_opens_it(contoso: Org) -> None:
    answer = downloads.as_csv("a-1.csv", ["=a", gettext_lazy("Name")], [[1, "x,y"], [None, "+49 1"]])
    assert text(answer) == "\ufeff'=a,Name\r\n1,\"x,y\"\r\n,'+49 1\r\n"
    assert answer.headers == {
        "Content-Type": "text/csv; charset=utf-8",
        "Content-Disposition": 'attachment; filename="a-1.csv"',
        "Cache-Control": "no-store",
    }


@pytest.mark.parametrize("first", FORMULA)
def test_what_begins_a_formula_is_text_and_is_read_back(first: str) -> None:
    assert guarded(f"{first}1") == f"'{first}1"
    assert unguarded(guarded(f"{first}1")) == f"{first}1"


def test_objects_as_lines(contoso: Org) -> None:
    answer = downloads.as_json_lines("a.jsonl", [{"name": "Zoë\n"}, {"name": "=1"}])
    assert [json.loads(line) for line in text(answer).splitlines()] == [{"name": "Zoë\n"}, {"name": "=1"}]
    assert answer.headers["Content-Type"] == "application/x-ndjson; charset=utf-8"
    assert text(downloads.as_json_lines("a.jsonl", [])) == ""


def test_two_files_at_once_are_each_of_their_own(
    contoso: Org, fabrikam: Org, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They take turns on one connection, and leave nothing entered between their pages."""
    monkeypatch.setattr(downloads, "PAGE", 1)
    files: list[Iterator[bytes]] = []
    for org in (contoso, fabrikam):
        with entered(org.row):
            files.append(iter(downloads.as_csv("a.csv", ["schema", "name"], names()).streaming_content))  # type: ignore[arg-type]  # not an asynchronous one
    connection.set_schema_to_public()  # type: ignore[attr-defined]  # django-tenants' own
    lines = []
    for _page in range(4):
        for file in files:
            lines.append(next(file).decode().strip("\ufeff\r\n"))
            assert current_schema() == "public"
    assert lines[2:] == [
        f"{org.schema},{name}@{org.domain}"
        for name in ("adele", "bo", "chief")
        for org in (contoso, fabrikam)
    ]
    assert [list(file) for file in files] == [[b""], [b""]]


def test_each_page_is_in_the_language_that_was_asked_in(contoso: Org) -> None:
    with translation.override("de"):
        answer = downloads.as_csv("a.csv", [], ([gettext("Name"), gettext("Yes")] for _line in range(1)))
        yes = gettext("Yes")
    assert yes != "Yes"
    assert text(answer).splitlines()[1].endswith(f",{yes}")


@pytest.mark.parametrize(
    "end",
    [lambda found: found.update(state=Organization.State.SUSPENDED), lambda found: found.delete()],
    ids=["suspended", "erased"],
)
def test_a_file_ends_where_its_organization_does(
    contoso: Org, monkeypatch: pytest.MonkeyPatch, end: Callable[[Any], object]
) -> None:
    """Its tables would be answered for by the provider's."""
    monkeypatch.setattr(downloads, "PAGE", 1)
    pages = iter(downloads.as_csv("a.csv", ["schema", "name"], names()))
    assert [next(pages).count(b","), next(pages).count(b",")] == [1, 1]
    end(Organization.objects.filter(schema_name="contoso"))
    assert list(pages) == []
