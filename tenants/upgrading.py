"""Bring every schema to the migrations on disk: look first, render once, then run the same text in each schema.

A no-op with `migrate_schemas` costs a third of a second for each schema, a look at all of them one query; and a change
rendered once runs 190 times as fast as migrating schema by schema (reference/stack.md 4.2).
"""

import logging
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache

from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.db import connection, transaction
from django.db.migrations.loader import MigrationLoader
from psycopg import sql

from tenants import template
from tenants.context import PUBLIC, entered
from tenants.models import Organization
from tenants.recording import is_plain_sql, migrate_here, recorded, script

logger = logging.getLogger(__name__)
Migration = tuple[str, str]
_AT_ONCE = 500  # schemas in one look: each takes a lock in PostgreSQL's table of max_locks_per_transaction


class IncompleteSchema(Exception):
    """A schema lacks a table, so that `search_path` would answer with the provider's rows."""


def upgrade(say: Callable[[str], None] = logger.info) -> None:
    """Migrate public, then each organization that is behind, and prepare the SQL of the next new one."""
    call_command("migrate_schemas", shared=True, interactive=False, verbosity=0)
    call_command("createcachetable", "shared_cache", verbosity=0)
    _refuse({schema: names for schema, names in incomplete().items() if "django_migrations" in names})
    for missing, organizations in behind().items():
        say(f"{len(organizations)} organizations lack {len(missing)} migrations")
        _bring(list(missing), organizations)
    template.prepared()
    refuse_incomplete()


def behind() -> dict[tuple[Migration, ...], list[Organization]]:
    """Return the organizations that lack migrations, grouped by what they lack."""
    organizations = list(Organization.objects.exclude(schema_name=PUBLIC))
    wanted = set(MigrationLoader(None).disk_migrations)
    groups: dict[tuple[Migration, ...], list[Organization]] = defaultdict(list)
    for start in range(0, len(organizations), _AT_ONCE):
        some = organizations[start : start + _AT_ONCE]
        applied = _applied(organization.schema_name for organization in some)
        for organization in some:
            if missing := tuple(sorted(wanted - applied[organization.schema_name])):
                groups[missing].append(organization)
    return dict(groups)


@cache
def tables() -> frozenset[str]:
    """Return the tables that each organization's schema has, those between two models included."""
    apps_here = [apps.get_app_config(app) for app in _organization_apps()]
    models = [model for app in apps_here for model in app.get_models(include_auto_created=True)]
    return frozenset(model._meta.db_table for model in models) | {"django_migrations"}


def incomplete(only: Sequence[str] = ()) -> dict[str, list[str]]:
    """Return the tables that are missing, by schema, in all of them or only in these; a schema that is gone lacks all."""
    schemas = list(only) or [
        PUBLIC,
        *Organization.objects.exclude(schema_name=PUBLIC).values_list("schema_name", flat=True),
    ]
    with connection.cursor() as cursor:
        cursor.execute(
            "select schemaname, array_agg(tablename::text) from pg_tables where schemaname = any(%s) group by 1",
            [schemas],
        )
        there = {schema: set(names) for schema, names in cursor.fetchall()}
    missing = {schema: sorted(tables() - there.get(schema, set())) for schema in schemas}
    return {schema: names for schema, names in missing.items() if names}


def refuse_incomplete(only: Sequence[str] = ()) -> None:
    """Raise `IncompleteSchema` when a schema lacks a table; asked when a server starts, and when a host is looked up."""
    _refuse(incomplete(only))


def _refuse(missing: Mapping[str, Sequence[str]]) -> None:
    if missing:
        schema, lacks = next(iter(missing.items()))
        raise IncompleteSchema(
            f"{len(missing)} schemas lack tables, {schema} lacks {', '.join(lacks)}. Run `manage.py upgrade` before serving."
        )


def _organization_apps() -> list[str]:
    names = set(settings.TENANT_APPS)
    return [config.label for config in apps.get_app_configs() if config.name in names]


def _applied(schemas: Iterable[str]) -> dict[str, set[Migration]]:
    there: dict[str, set[Migration]] = {schema: set() for schema in schemas}
    part = sql.SQL("select {} , app, name from {}")
    parts = [part.format(sql.Literal(name), sql.Identifier(name, "django_migrations")) for name in there]
    if parts:
        with connection.cursor() as cursor:
            cursor.execute(sql.SQL(" union all ").join(parts))
            for schema, app, name in cursor.fetchall():
                there[schema].add((app, name))
    return there


def _bring(missing: list[Migration], organizations: list[Organization]) -> None:
    """Migrate the first organization for real, and repeat what that said in the others; each in its own transaction."""
    first, *others = organizations
    with entered(first), transaction.atomic(), recorded() as statements:
        migrate_here()
    same = is_plain_sql(missing)
    for organization in others:
        with entered(organization), transaction.atomic():
            if same:
                with connection.cursor() as cursor:
                    cursor.execute(script(statements))
            else:
                migrate_here()
