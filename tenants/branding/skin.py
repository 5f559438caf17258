"""The desk's skin in the organization's look; the settings of unfold name these functions."""

from django.http import HttpRequest

from tenants.branding import colours
from tenants.branding.context import here


def logo(request: HttpRequest) -> str | None:
    """Return the logo's address; None lets the skin show the organization's name."""
    return here().logo_url or None


def primary(request: HttpRequest) -> dict[str, str]:
    """Return the shades of the organization's colour."""
    return colours.shades(here().palette.fill)
