"""The page behind a one-time link in a notice: what was changed, and "That wasn't me"."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.dateparse import parse_datetime
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from registration import objecting
from registration.codes import Link
from registration.method import registry
from registration.objection_links import Change
from registration.origin import origin
from tenants import refusing
from tenants.branding.saying import say

_SESSION = "objection"


@never_cache
@require_http_methods(["GET"])
def follow(request: HttpRequest, challenge: UUID, token: str) -> HttpResponse:
    """Take the token out of the address before a page is shown; a mail scanner that opens the link spends nothing."""
    if objecting.find(challenge, token) is None:  # nothing is kept for a link that opens nothing
        return _spent(request)
    request.session[_SESSION] = [str(challenge), token]
    response = redirect("object")
    response["Referrer-Policy"] = "no-referrer"
    return response


@never_cache
@require_http_methods(["GET", "POST"])
def confirm(request: HttpRequest) -> HttpResponse:
    """Say what was changed; a click on the page objects, and the next page says what has been done."""
    pk, token = request.session.get(_SESSION) or ("", "")
    found = objecting.find(UUID(pk), token) if pk else None
    if found is None:
        return _spent(request)
    user, change = found
    done = False
    if request.method == "POST":
        request.session.pop(_SESSION, None)
        if objecting.object_to(UUID(pk), token, origin=origin(request)) is None:
            return _spent(request)
        done = True
    context = {
        "sign_in_name": user.sign_in_name,
        "change": change.change or change.event,
        "method": _name(change),
        "at": parse_datetime(change.at),
        "about_password": objecting.is_about_password(change),
        "done": done,
    }
    return render(request, "people/objection.html", context)


def _name(change: Change) -> object:
    method = registry().get(change.kind)
    return method.name if method else ""


def _spent(request: HttpRequest) -> HttpResponse:
    refusing.refuse(request, Link.OBJECTION_SPENT)
    words = {
        "title": say("objection.dead-heading"),
        "text": say("objection.dead"),
        "code": "link_spent",
    }
    return render(request, "people/message.html", words, status=410)
