"""Addresses that leave the page, in a mail, on a command line, and those that somebody hands in and that must not.

What leaves is never made from a request's Host header (ASVS, FP11).
"""

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from tenants.context import current, is_provider
from tenants.models import Domain


def absolute(name: str, *args: object) -> str:
    """Return the full address of a page on the entered organization's primary host."""
    urlconf = settings.PUBLIC_SCHEMA_URLCONF if is_provider() else settings.ROOT_URLCONF
    host = Domain.objects.filter(tenant=current(), is_primary=True).values_list("domain", flat=True).get()
    return on_host(host, name, *args, urlconf=urlconf)


def on_host(host: str, name: str, *args: object, urlconf: str = settings.ROOT_URLCONF) -> str:
    """Return the full address of a page on a host that is an organization's, or of one that the provider's has as well."""
    path = reverse(name, urlconf=urlconf, args=args)
    return f"http://{host}:{settings.REKEY_PORT}{path}" if settings.REKEY_DEMO else f"https://{host}{path}"


def inward(request: HttpRequest, to: str, otherwise: str) -> str:
    """Return where somebody asks to be sent, when that is a path of this host, and otherwise another.

    Only what begins with a slash is a path: Django takes any other word for the name of a view.
    """
    safe = to.startswith("/") and url_has_allowed_host_and_scheme(
        to, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return to if safe else otherwise
