"""Addresses that leave the page: in a mail, on a command line. Never made from a request's Host header (ASVS, FP11)."""

from django.conf import settings
from django.urls import reverse

from tenants.context import current, is_provider
from tenants.models import Domain


def absolute(name: str, *args: object) -> str:
    """Return the full address of a page on the entered organization's primary host."""
    path = reverse(
        name, urlconf=settings.PUBLIC_SCHEMA_URLCONF if is_provider() else settings.ROOT_URLCONF, args=args
    )
    host = Domain.objects.filter(tenant=current(), is_primary=True).values_list("domain", flat=True).get()
    return f"http://{host}:{settings.REKEY_PORT}{path}" if settings.REKEY_DEMO else f"https://{host}{path}"
