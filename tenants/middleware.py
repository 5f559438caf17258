"""Each request enters the organization whose host it asked for, before anything else may look at the database."""

import logging
from collections.abc import Callable

from django.conf import settings
from django.core.exceptions import DisallowedHost
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation

from tenants import hosts, refusing, speaking
from tenants.codes import Page
from tenants.context import PUBLIC
from tenants.models import Organization
from tenants.refusals import Shown, code_of
from tenants.shield.client import announced_length
from tenants.upgrading import IncompleteSchema

logger = logging.getLogger(__name__)


class OrganizationMiddleware:
    """Answer 404 to a host that nobody has, a page of its own for a suspended organization, and serve all others."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Enter the organization, choose its URLs, and leave it again."""
        connection.set_schema_to_public()  # type: ignore[attr-defined]  # django-tenants' own method
        try:
            organization = hosts.find(request.get_host())
        except DisallowedHost:
            organization = None
        except IncompleteSchema:
            logger.exception("refused to serve")
            return _refusal(request, "tenants/suspended.html", Page.INCOMPLETE, 503)
        if organization is None:
            return _refusal(request, "tenants/unknown_host.html", Page.UNKNOWN_HOST, 404)
        if organization.state == Organization.State.SUSPENDED:
            return _refusal(request, "tenants/suspended.html", Page.SUSPENDED, 403)
        most = settings.REKEY_LARGER_REQUESTS.get(request.path_info, settings.REKEY_LARGEST_REQUEST)
        if announced_length(request) > most:
            # Unread: the check of a form's token would take it all in.
            return _refusal(request, "413.html", Page.TOO_LARGE, 413)
        if "%00" in request.META.get("QUERY_STRING", ""):  # no text that PostgreSQL could compare with
            return _refusal(request, "400.html", Page.BAD_REQUEST, 400)
        request.COOKIES = {
            name: value for name, value in request.COOKIES.items() if "\0" not in value
        }  # nor these
        request.tenant = organization  # type: ignore[attr-defined]
        connection.set_tenant(organization)  # type: ignore[attr-defined]
        if organization.schema_name == PUBLIC:
            request.urlconf = settings.PUBLIC_SCHEMA_URLCONF
        try:
            return self.get_response(request)
        finally:
            connection.set_schema_to_public()  # type: ignore[attr-defined]


def _refusal(request: HttpRequest, template: str, why: Page, status: int) -> HttpResponse:
    """Render a page that reads nothing of any organization, in the browser's language; the log has its reference."""
    found = Shown(code_of(why), refusing.new_reference())
    refusing.log(found)
    with translation.override(speaking.asked_for(request) or settings.LANGUAGE_CODE):
        response = render(None, template, {"refused": found}, status=status)
    response["Cache-Control"] = "no-store"
    return response
