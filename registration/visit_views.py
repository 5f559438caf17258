"""The two addresses of a visit on an organization's host, and who it is whose desk it opens.

A visit opens the desk and nothing else: on every other page its browser is nobody's.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from django.contrib.auth import SESSION_KEY
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from registration import visiting
from registration.origin import origin
from registration.visit_words import ENDS
from registration.visiting import TicketRefused
from registration.visitor import Visitor
from registration.visits import End
from tenants.context import PUBLIC, entered, is_provider
from tenants.links import absolute
from tenants.models import Organization

_DESK = "admin"


def provider_page(name: str) -> str:
    """Return the full address of a page at the provider."""
    with entered(Organization.objects.get(schema_name=PUBLIC)):
        return absolute(name)


def origin_of(address: str) -> str:
    """Return what a browser says of where a page of this address is from.

    >>> origin_of("https://rekey.example/admin/")
    'https://rekey.example'
    """
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"


@never_cache
@sensitive_post_parameters("ticket")
@csrf_exempt
@require_POST
def arrive(request: HttpRequest) -> HttpResponse:
    """Take a ticket that the provider's own page posts, and open the desk for its time.

    The form comes from another host, so it has no token of this one. Its origin, which no other page can say for itself,
    stands for it: nobody else's page puts a browser into a visit. The session that the browser had here is forgotten.
    """
    if is_provider():
        raise Http404
    if request.headers.get("Origin") != origin_of(provider_page("home")):
        raise PermissionDenied
    found = visiting.arrive(str(request.POST.get("ticket", ""))[:100], origin=origin(request))
    if isinstance(found, TicketRefused):
        text = _("Go back to the provider's admin, and enter again.")
        return _said(request, _("You can't enter here by this"), text, "visit_refused")
    request.session.flush()
    request.session[visiting.SESSION] = str(found.pk)
    request.session.set_expiry(timedelta(minutes=found.minutes))
    request.user = AnonymousUser()
    return redirect("admin:index")


@never_cache
@require_POST
def leave(request: HttpRequest) -> HttpResponse:
    """End this session's visit."""
    if is_provider():
        raise Http404
    if visiting.SESSION not in request.session:
        return redirect("home")
    visiting.leave(request, End.LEFT)
    if not request.user.is_authenticated:
        request.session.flush()
    return _said(request, _("You have left"), str(ENDS[End.LEFT]), "visit_left", status=200)


class VisitMiddleware:
    """Let a visitor be who asks for a page of the desk, as long as the visit holds."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass on."""
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *_view: Any) -> HttpResponse | None:
        """Ask, of a page of the desk alone; a session without a visit costs nothing."""
        page = request.resolver_match
        if page is None or _DESK not in page.namespaces or visiting.SESSION not in request.session:
            return None
        if is_provider() or SESSION_KEY in request.session:
            request.session.pop(visiting.SESSION)
            return None
        found = visiting.visitor(request)
        if isinstance(found, Visitor):
            request.user = found  # type: ignore[assignment]  # it answers what the desk asks of one
            return None
        request.session.flush()
        return (
            _said(request, _("Your visit is over"), str(ENDS[found]), f"visit_{found.value}")
            if found
            else None
        )


def _said(request: HttpRequest, title: str, text: str, code: str, *, status: int = 403) -> HttpResponse:
    words = {
        "title": title,
        "text": text,
        "code": code,
        "link": provider_page("admin:index"),
        "link_text": _("To the provider's admin"),
    }
    return render(request, "people/message.html", words, status=status)
