"""What `manage.py check --database default` looks at, with ids of our own."""

from typing import Any

from django.core.checks import CheckMessage, Error, Tags, register

from tenants.upgrading import incomplete


@register(Tags.database)
def every_schema_is_complete(**_kwargs: Any) -> list[CheckMessage]:
    """tenants.E001: a schema lacks a table, so that `search_path` would answer with the provider's rows."""
    return [
        Error(
            f"The schema {schema} lacks {', '.join(tables)}.",
            hint="Run `manage.py upgrade` before serving.",
            id="tenants.E001",
        )
        for schema, tables in incomplete().items()
    ]
