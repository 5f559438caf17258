"""A schema that is behind is found by a look and brought up; one that is incomplete is refused by name."""

import pytest
from django.core.management import call_command
from django.db import connection

from tenants import checks, upgrading
from tenants.models import Organization
from tenants.upgrading import IncompleteSchema
from tests.building import Org
from tests.tenants.branding.queries import asked

#: All that the room of resets has had, and the one within it, the oldest first.
LACKED = (
    ("resets", "0001_initial"),
    ("resets", "0002_reset_entry"),
    ("resets", "0003_reset_whom"),
    ("resets", "0004_helped"),
    ("resets", "0005_directory"),
    ("writeback", "0001_initial"),
)


def execute(statement: str) -> list[tuple[object, ...]]:
    """Do something to the database by hand."""
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return list(cursor.fetchall()) if cursor.description else []


def put_back(schema: str) -> None:
    """Bring a schema to where it was before resets had a table."""
    for table in ("job", "account", "agent", "onpremisesdomain"):
        execute(f"drop table {schema}.writeback_{table}")
    execute(f"drop table {schema}.resets_reset")
    execute(f"delete from {schema}.django_migrations where app in ('resets', 'writeback')")


def columns(schema: str) -> list[tuple[object, ...]]:
    """Return the columns of a schema's resets."""
    return execute(
        "select column_name::text, data_type::text, is_nullable::text from information_schema.columns"
        f" where table_schema = '{schema}' and table_name = 'resets_reset' order by 1"
    )


def test_nobody_is_behind(provider: Org) -> None:
    with asked() as queries:
        assert upgrading.behind() == {}
    assert len(queries) == 2


def test_who_is_behind_is_found(provider: Org) -> None:
    put_back("fabrikam")
    found = upgrading.behind()
    assert {
        missing: [one.schema_name for one in organizations] for missing, organizations in found.items()
    } == {LACKED: ["fabrikam"]}


def test_all_who_are_behind_are_brought_up(provider: Org) -> None:
    before = columns("contoso")
    for schema in ("contoso", "fabrikam"):
        put_back(schema)
    said: list[str] = []
    upgrading.upgrade(said.append)
    assert said == [f"2 organizations lack {len(LACKED)} migrations"]
    assert upgrading.behind() == {}
    assert columns("contoso") == columns("fabrikam") == before
    assert len(before) > 10


def test_the_providers_own_rows_stay(provider: Org) -> None:
    people = execute("select count(*) from public.registration_user")
    put_back("contoso")
    upgrading.upgrade(lambda text: None)
    assert execute("select count(*) from public.registration_user") == people


@pytest.mark.parametrize("table", sorted(upgrading.tables()))
def test_a_missing_table_is_named(provider: Org, table: str) -> None:
    execute(f"drop table fabrikam.{table} cascade")
    with pytest.raises(IncompleteSchema, match=f"fabrikam lacks {table}"):
        upgrading.refuse_incomplete()
    (error,) = checks.every_schema_is_complete(databases=["default"])
    assert (error.id, table in error.msg) == ("tenants.E001", True)
    assert checks.every_schema_is_complete(databases=None) == []


@pytest.mark.parametrize("damage", ["drop schema fabrikam cascade", "drop table fabrikam.django_migrations"])
def test_an_upgrade_of_a_broken_schema_names_it(provider: Org, damage: str) -> None:
    execute(damage)
    with pytest.raises(IncompleteSchema, match="fabrikam lacks"):
        upgrading.upgrade(lambda text: None)


def test_the_command(provider: Org, capsys: pytest.CaptureFixture[str]) -> None:
    put_back("contoso")
    call_command("upgrade")
    assert capsys.readouterr().out.splitlines() == [
        f"1 organizations lack {len(LACKED)} migrations",
        "Every schema is complete.",
    ]
    assert Organization.objects.count() == 3


def test_a_look_at_many_takes_few_queries(provider: Org, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(upgrading, "_AT_ONCE", 1)
    put_back("fabrikam")
    with asked() as queries:
        assert list(upgrading.behind()) == [LACKED]
    assert len(queries) == 3
