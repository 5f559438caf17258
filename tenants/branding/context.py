"""The brand, for every page."""

from typing import cast

from django.http import HttpRequest

from tenants import hosts
from tenants.branding.facts import BrandFacts
from tenants.context import current


def here() -> BrandFacts:
    """Return the look of the organization that is being served. Raises `LookupError` where none is."""
    return cast(BrandFacts, hosts.fact(current(), "brand"))


def brand(request: HttpRequest) -> dict[str, BrandFacts | None]:
    """Give templates `brand`; None where no organization is being served."""
    try:
        return {"brand": here()}
    except LookupError:
        return {"brand": None}
