"""The brand, for every page."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import cast

from django.http import HttpRequest

from tenants import hosts
from tenants.branding.facts import BrandFacts
from tenants.context import current

#: A look that is tried out, and the schema in which it is.
_tried: ContextVar[tuple[str, BrandFacts] | None] = ContextVar("a look that is tried out", default=None)


def here() -> BrandFacts:
    """Return the look of the organization that is being served. Raises `LookupError` where none is."""
    organization, tried = current(), _tried.get()
    if tried is not None and tried[0] == organization.schema_name:
        return tried[1]
    return cast(BrandFacts, hosts.fact(organization, "brand"))


@contextmanager
def trying(facts: BrandFacts) -> Iterator[None]:
    """Let pages and mails look so within the block: here, in this organization, and nowhere else. Nothing is kept."""
    before = _tried.set((current().schema_name, facts))
    try:
        yield
    finally:
        _tried.reset(before)


def brand(request: HttpRequest) -> dict[str, BrandFacts | None]:
    """Give templates `brand`; None where no organization is being served."""
    try:
        return {"brand": here()}
    except LookupError:
        return {"brand": None}
