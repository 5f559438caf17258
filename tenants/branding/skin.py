"""The desk's skin in the organization's look; the settings of unfold name these functions."""

from django.http import HttpRequest
from django.templatetags.static import static

from tenants.branding import colours
from tenants.branding.context import here


def logo(request: HttpRequest) -> str | None:
    """Return the logo's address; None lets the skin show the organization's name."""
    return here().logo_url or None


def icon(request: HttpRequest) -> str:
    """Return the icon's address, or an empty picture, so that browsers look for none."""
    return here().icon_url or "data:,"


def sheet(request: HttpRequest) -> str:
    """Return the address of what we set right in the skin."""
    return static("desk.css")


def primary(request: HttpRequest) -> dict[str, str]:
    """Return the shades of the organization's colour."""
    return colours.shades(here().palette.fill)


def on_dark(request: HttpRequest) -> dict[str, str]:
    """Return the shade of it in which text can be read on a dark page; desk.css says where it is used."""
    return {"text": here().palette.dark.text}


def script(request: HttpRequest) -> str:
    """Return the address of what no style sheet can set right in the skin."""
    return static("desk.js")
