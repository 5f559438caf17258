"""A new organization by the prepared SQL of an empty one, against the same as django-tenants makes it: by its migrations."""

from itertools import count
from unittest.mock import patch

from django.db import connection

from benchmarks.comparing import Result, in_turns
from tenants import provisioning, template
from tenants.models import Organization

FLOOR = 5.0
ROUNDS = 8
_numbers = count()


def measure() -> Result:
    """Create organizations, rows and all, in turns by either way."""
    template.prepared()
    fast, slow = in_turns(_create, _create_by_migrations, ROUNDS)
    details = f"{fast:.2f} s by prepared SQL, {slow:.2f} s by migrations"
    return Result("creating an organization", slow / fast, FLOOR, details)


def _create() -> None:
    slug = f"made-{next(_numbers)}"
    provisioning.create(slug, name=slug, sign_in_name=f"{slug}.example", actor="benchmark")


def _create_by_migrations() -> None:
    with patch.object(template, "fill", _migrate):
        _create()


def _migrate(schema: str) -> None:
    Organization(schema_name=schema).create_schema(verbosity=0)
    connection.set_schema_to_public()  # type: ignore[attr-defined]  # django-tenants' own method
