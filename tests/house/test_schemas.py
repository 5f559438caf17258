"""The catalogue of PostgreSQL: what stands in an organization's schema, why, and that nothing of it leads out."""

from typing import Any

import pytest
from django.db import connection

from tenants.upgrading import incomplete, tables
from tests.building import Org

MOST = 25
#: Every table of an organization, with the reason it is there. A new one is a decision: 1 MB for each organization.
TABLES = {
    "branding_brand": "its logo, colours and help desk: one row",
    "branding_brandtext": "its texts, one row for each place, a column for each language",
    "django_migrations": "how far its schema has come",
    "django_session": "who is signed in",
    "registration_auditevent": "what happened to whose way in",
    "registration_challenge": "proofs that are asked for, and one-time links",
    "registration_device": "what its people proved to have, of every method",
    "registration_formerpassword": "hashes that may not return, where that is asked for",
    "registration_group": "groups of people",
    "registration_group_groups": "groups within groups",
    "registration_peopleimport": "people from a file on their way in, sealed, in parts; forgotten after two days",
    "registration_phonemessage": "text messages and calls, what became of each and what it cost",
    "registration_policy": "what it asks of its people: one row",
    "registration_telephony": "its carrier, sealed, and what a month may cost: one row",
    "registration_user": "its people",
    "registration_user_groups": "who is in which group",
    "resets_reset": "ways back in, under way and ended",
    "writeback_account": "whose account in a directory is whose",
    "writeback_agent": "agents, their public keys and how they are",
    "writeback_job": "what is to be done in directories, sealed to agents, and what was answered",
    "writeback_onpremisesdomain": "its directories, and what was read of each",
}
SCHEMAS = ["contoso", "fabrikam"]


def rows(query: str, *params: Any) -> list[tuple[object, ...]]:
    """Ask the catalogue."""
    with connection.cursor() as cursor:
        cursor.execute(query, params)
        return list(cursor.fetchall())


@pytest.mark.parametrize("schema", SCHEMAS)
def test_tables(contoso: Org, schema: str) -> None:
    found = {name for (name,) in rows("select tablename::text from pg_tables where schemaname = %s", schema)}
    (relations,) = rows("select count(*) from pg_class where relnamespace = %s::regnamespace", schema)[0]
    (indexes,) = rows("select count(*) from pg_indexes where schemaname = %s", schema)[0]
    for name, reason in TABLES.items():
        print(f"{name:28} {reason}")
    print(f"{len(found)} tables, {indexes} indexes, {relations} relations in {schema}")
    assert found == set(TABLES)
    assert len(found) <= MOST


def test_the_list_of_the_check_is_this_one(contoso: Org) -> None:
    assert tables() == set(TABLES)
    assert incomplete() == {}


def test_no_foreign_key_crosses_schemas(contoso: Org) -> None:
    crossing = rows(
        "select conrelid::regclass::text, conname, confrelid::regclass::text from pg_constraint"
        " join pg_class here on here.oid = conrelid join pg_class there on there.oid = confrelid"
        " where contype = 'f' and here.relnamespace <> there.relnamespace"
    )
    assert crossing == []
    within = rows(
        "select count(*) from pg_constraint where contype = 'f' and connamespace = 'contoso'::regnamespace"
    )
    assert within[0][0] == 18


def test_in_public_nothing_of_an_organization_refers_to_what_is_shared(contoso: Org) -> None:
    """There the tables of an organization stand beside the shared ones. Two borrowed tables, empty both, refer to people."""
    found = rows(
        "select conrelid::regclass::text, confrelid::regclass::text from pg_constraint"
        " where contype = 'f' and connamespace = 'public'::regnamespace"
    )
    pairs = {(str(here).removeprefix("public."), str(there).removeprefix("public.")) for here, there in found}
    assert {pair for pair in pairs if (pair[0] in TABLES) != (pair[1] in TABLES)} == {
        ("account_emailaddress", "registration_user"),
        ("django_admin_log", "registration_user"),
    }


def test_nothing_else_reaches_out_of_a_schema(contoso: Org) -> None:
    """No view, trigger, function or default of an organization's schema names another schema."""
    assert rows("select 1 from pg_views where schemaname = any(%s)", SCHEMAS) == []
    assert rows("select 1 from pg_proc where pronamespace = any(%s::regnamespace[])", SCHEMAS) == []
    assert (
        rows(
            "select 1 from pg_trigger t join pg_class c on c.oid = tgrelid where not tgisinternal"
            " and relnamespace = any(%s::regnamespace[])",
            SCHEMAS,
        )
        == []
    )
    defaults = rows(
        "select column_default from information_schema.columns where table_schema = 'contoso' and column_default is not null"
    )
    assert not any("public" in str(default) or "fabrikam" in str(default) for (default,) in defaults)
