"""Whose data is being served: the organization that the connection has entered."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, cast

from django.db import connection
from django_tenants.utils import tenant_context

if TYPE_CHECKING:
    from tenants.models import Organization

PUBLIC = "public"


def current_schema() -> str:
    """Return the schema's name; it goes into every salt, cache key and path."""
    return cast(str, connection.schema_name)  # type: ignore[attr-defined]  # django-tenants' own attribute


def current() -> "Organization":
    """Return the organization that was entered by its row, the provider's own included.

    Raises `LookupError` when a schema was entered by name alone: such a name may be gone, and `search_path` would then
    answer with the provider's rows (reference/integrations.md 0).
    """
    organization = connection.tenant  # type: ignore[attr-defined]
    if not hasattr(organization, "pk"):
        raise LookupError(f"schema {current_schema()} was not entered by its organization's row")
    return cast("Organization", organization)


def is_provider() -> bool:
    """Say whether the provider's own organization is being served."""
    return current_schema() == PUBLIC


@contextmanager
def entered(organization: "Organization") -> Iterator["Organization"]:
    """Serve this organization within the block, and the one before it afterwards."""
    with tenant_context(organization):
        yield organization
