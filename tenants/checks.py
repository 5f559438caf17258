"""What `manage.py check --database default` looks at, with ids of our own."""

from collections.abc import Sequence
from typing import Any

from django.core.checks import CheckMessage, Error, Tags, register

from tenants.upgrading import incomplete


@register(Tags.database)
def every_schema_is_complete(*, databases: Sequence[str] | None = None, **_kwargs: Any) -> list[CheckMessage]:
    """tenants.E001: a schema lacks a table, so that `search_path` would answer with the provider's rows.

    Looks only when a database is named, as Django's own do: `upgrade` must run where there is nothing yet.
    """
    if not databases:
        return []
    return [
        Error(
            f"The schema {schema} lacks {', '.join(tables)}.",
            hint="Run `manage.py upgrade` before serving.",
            id="tenants.E001",
        )
        for schema, tables in incomplete().items()
    ]
