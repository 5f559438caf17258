"""The prepared SQL of an empty organization: made once for each state of the migrations, kept in public.

Running the migrations takes 19 times as long as running their text (reference/stack.md 4.1), and cannot stand in one
transaction with the rows that name the organization.
"""

import hashlib
from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.db import connection, transaction
from django.db.migrations.loader import MigrationLoader
from psycopg import sql

from tenants.models import PreparedSchema
from tenants.recording import migrate_here, recorded, script

_SCRATCH = "rekey_scratch"


def fingerprint() -> str:
    """Return a digest of all migrations on disk and of the list of apps that stand in an organization's schema."""
    digest = hashlib.sha256(repr(settings.TENANT_APPS).encode())
    loader = MigrationLoader(None)
    for key, migration in sorted(loader.disk_migrations.items()):
        path = Path(apps.get_app_config(key[0]).path, "migrations", f"{migration.name}.py")
        digest.update(repr(key).encode() + path.read_bytes())
    return digest.hexdigest()


def prepared() -> str:
    """Return the SQL for the migrations on disk, making it first where it is not there yet."""
    key = fingerprint()
    kept = PreparedSchema.objects.filter(fingerprint=key).first()
    if kept is None:
        PreparedSchema.objects.all().delete()
        kept, _made = PreparedSchema.objects.get_or_create(fingerprint=key, defaults={"sql": _render()})
    return kept.sql


def fill(schema: str) -> None:
    """Make a schema and its tables; part of the caller's transaction."""
    text = prepared()
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL("create schema {}").format(sql.Identifier(schema)))
        cursor.execute(sql.SQL("set local search_path to {}").format(sql.Identifier(schema)))
        cursor.execute(text)
        cursor.execute("set local search_path to public")
    connection.set_schema_to_public()  # type: ignore[attr-defined]  # so that the path is set afresh


def _render() -> str:
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(f"create schema {_SCRATCH}")
        connection.set_schema(_SCRATCH, include_public=False)  # type: ignore[attr-defined]
        try:
            with recorded() as statements:
                migrate_here()
        finally:
            connection.set_schema_to_public()  # type: ignore[attr-defined]
            transaction.set_rollback(True)
    return script(statements)
