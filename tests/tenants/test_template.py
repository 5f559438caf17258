"""The prepared SQL makes the schema that real migrations make, and says when it is out of date."""

from pathlib import Path

import pytest
from django.db import connection, transaction

from tenants import template
from tenants.models import PreparedSchema
from tenants.recording import migrate_here
from tests.building import Org

COLUMNS = """
select c.relname::text, a.attname::text, format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attidentity::text,
  replace(coalesce(pg_get_expr(d.adbin, d.adrelid), ''), %(schema)s, '')
from pg_attribute a join pg_class c on c.oid = a.attrelid left join pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum
where c.relnamespace = %(schema)s::regnamespace and c.relkind = 'r' and a.attnum > 0 and not a.attisdropped order by 1, 2"""
CONSTRAINTS = """
select conrelid::regclass::text, conname::text, contype::text, condeferrable, condeferred,
  replace(pg_get_constraintdef(oid), %(schema)s || '.', '')
from pg_constraint where connamespace = %(schema)s::regnamespace order by 2"""
INDEXES = """
select tablename::text, indexname::text, replace(indexdef, %(schema)s || '.', '')
from pg_indexes where schemaname = %(schema)s order by 2"""
SEQUENCES = (
    "select sequencename::text, data_type::text from pg_sequences where schemaname = %(schema)s order by 1"
)


def catalogue(query: str, schema: str) -> list[tuple[object, ...]]:
    """Ask the catalogue of PostgreSQL about a schema."""
    with connection.cursor() as cursor:
        cursor.execute(query, {"schema": schema})
        return [tuple(str(part).replace(f"{schema}.", "") for part in row) for row in cursor.fetchall()]


@pytest.fixture
def migrated(provider: Org) -> str:
    """Return a schema that was made by migrations, one by one."""
    with connection.cursor() as cursor:
        cursor.execute("create schema by_migrations")
    connection.set_schema("by_migrations", include_public=False)  # type: ignore[attr-defined]
    with transaction.atomic():
        migrate_here()
    connection.check_constraints()
    connection.set_schema_to_public()  # type: ignore[attr-defined]
    return "by_migrations"


def test_both_make_the_same_schema(migrated: str) -> None:
    template.fill("by_text")
    for query in (COLUMNS, CONSTRAINTS, INDEXES, SEQUENCES):
        by_text = catalogue(query, "by_text")
        assert by_text == catalogue(query, migrated)
    assert len(catalogue(COLUMNS, "by_text")) > 80


def test_both_remember_the_same_migrations(migrated: str) -> None:
    template.fill("by_text")
    applied = [
        catalogue(f"select app, name from {schema}.django_migrations order by 1, 2", schema)
        for schema in ("by_text", migrated)
    ]
    assert applied[0] == applied[1]
    assert ("registration", "0001_initial") in applied[0]


def test_it_is_made_once(provider: Org) -> None:
    PreparedSchema.objects.all().delete()
    first = template.prepared()
    assert template.prepared() == first
    assert PreparedSchema.objects.get().fingerprint == template.fingerprint()


def test_another_state_of_the_migrations_makes_another(
    provider: Org, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = template.fingerprint()
    monkeypatch.setattr(Path, "read_bytes", lambda self: b"changed")
    assert template.fingerprint() != before
    template.prepared()
    assert PreparedSchema.objects.get().fingerprint == template.fingerprint()


def test_making_it_leaves_nothing_behind(provider: Org) -> None:
    PreparedSchema.objects.all().delete()
    template.prepared()
    assert catalogue("select nspname::text from pg_namespace where nspname = 'rekey_scratch'", "x") == []


def test_its_text_names_no_schema(provider: Org) -> None:
    text = template.prepared()
    assert "rekey_scratch" not in text
    assert '"public".' not in text
