"""`manage.py upgrade` of organizations that lack migrations, against `migrate_schemas`, which migrates each of them.

The SQL of a new organization stays prepared: making it anew takes the same half second however many organizations there are.
"""

from django.core.management import call_command
from django.db import connection, transaction
from psycopg import sql

from benchmarks.comparing import Result, in_turns
from tenants import provisioning, upgrading
from tenants.context import PUBLIC, entered
from tenants.models import Organization

FLOOR = 5.0
ROUNDS = 2
ORGANIZATIONS = 50


def measure() -> Result:
    """Take the tables of resets away from every organization, and bring them back, in turns by either way."""
    while Organization.objects.exclude(schema_name=PUBLIC).count() < ORGANIZATIONS:
        slug = f"behind-{Organization.objects.count()}"
        provisioning.create(slug, name=slug, sign_in_name=f"{slug}.example", actor="benchmark")
    fast, slow = in_turns(_upgrade, _migrate_each, ROUNDS, before=_put_back)
    organizations = Organization.objects.exclude(schema_name=PUBLIC).count()
    details = f"{organizations} organizations: {fast:.2f} s by rendered SQL, {slow:.2f} s by migrating each"
    return Result("bringing organizations up to date", slow / fast, FLOOR, details)


def _upgrade() -> None:
    upgrading.upgrade(lambda _line: None)


def _migrate_each() -> None:
    call_command("migrate_schemas", interactive=False, verbosity=0)


def _put_back() -> None:
    """Let every organization lack the tables of resets."""
    for organization in Organization.objects.exclude(schema_name=PUBLIC):
        with entered(organization), transaction.atomic(), connection.cursor() as cursor:
            table = sql.Identifier(organization.schema_name, "resets_reset")
            cursor.execute(sql.SQL("drop table {}").format(table))
            cursor.execute("delete from django_migrations where app = 'resets'")
