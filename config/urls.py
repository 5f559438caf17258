"""The addresses that every host has: people's pages, a desk, and in the demo the inbox."""

from django.conf import settings
from django.urls import URLPattern, URLResolver, include, path

from tenants import reports
from tenants.desks import Desk


def addresses(desk: Desk) -> list[URLPattern | URLResolver]:
    """Return the addresses of a host with this desk."""
    found: list[URLPattern | URLResolver] = [
        path("", include("registration.urls")),
        path("", include("resets.urls")),
        path("agent/v1/", include("resets.writeback.urls")),
        path("", include("tenants.branding.urls")),
        path("", include("tenants.shield.urls")),
        path("csp-report/", reports.collect, name="csp-report"),
        path("admin/", desk.urls),
    ]
    if settings.REKEY_DEMO:
        found.append(path("inbox/", include("config.demo.urls")))
    return found
