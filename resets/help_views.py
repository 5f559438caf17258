"""The pages by which somebody begins a reset that an administrator started for them: by a link, by a code, or by both.

Whoever types a wrong code, an unknown name, or one that has no ticket, is answered alike.
"""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from registration import tickets
from registration import wording as registration_wording
from registration.codes import Link
from registration.origin import origin
from registration.people import NAME_MOST
from registration.proof import binding
from resets import browser, flow, kiosk
from resets.forms import NamedTicketForm, TicketForm
from resets.helping import Help
from resets.journey import Entry, Stop
from resets.models import Reset
from resets.pages import render
from tenants import refusing

_SESSION = "ticket"
_WRONG = "wrong_ticket"


@never_cache
@require_http_methods(["GET"])
def follow(request: HttpRequest, ticket: UUID, token: str) -> HttpResponse:
    """Take the token out of the address before a page is shown; a mail scanner that opens the link spends nothing."""
    if not tickets.way_of(ticket, token):  # nothing is kept for a link that opens nothing
        return _spent(request)
    request.session[_SESSION] = [str(ticket), token]
    response = redirect("reset-help")
    response["Referrer-Policy"] = "no-referrer"
    return response


@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def begin(request: HttpRequest) -> HttpResponse:
    """Begin: by a click where a link was followed, with the code where one belongs to it; else by name and code."""
    pk, token = request.session.get(_SESSION) or ("", "")
    way = tickets.way_of(UUID(pk), token) if pk else ""
    if pk and not way:
        request.session.pop(_SESSION, None)
        return _spent(request)
    posted = (
        request.method == "POST" and request.POST.get("action") != "stay"
    )  # a kiosk's page, to stay as it is
    fresh = {"sign_in_name": request.POST.get("sign_in_name", "")[:NAME_MOST]}
    form = (
        None
        if way == Help.MAILED
        else (TicketForm if way else NamedTicketForm)(request.POST if posted else None, initial=fresh)
    )
    if posted and (form is None or form.is_valid()):
        given = form.cleaned_data if form else {}
        name = pk or given["sign_in_name"]
        entry, here = Entry.KIOSK if kiosk.here(request) else Entry.WEB, origin(request)
        may = flow.may_try_ticket(name, here)
        if may.allowed:
            reset = _started(request, pk, token, given, entry)
            if reset is not None:
                request.session.pop(_SESSION, None)
                browser.hold(request, reset, entry)
                return redirect("reset-verify")
            flow.refuse_ticket("" if pk else name, _WRONG, origin=here, entry=entry)
        elif may.first:
            flow.refuse_ticket("" if pk else name, Stop.TOO_OFTEN, origin=here, entry=entry)
        if form is None:
            return _spent(request)
        wrong = _("That is not right, or it can't be used any more. Ask the help desk for a new code.")
        form.add_error(None, wrong if may.allowed else registration_wording.too_often(may.retry_after))
    return render(request, "resets/help.html", {"form": form, "linked": bool(way)})


def _started(request: HttpRequest, pk: str, token: str, given: dict[str, str], entry: Entry) -> Reset | None:
    code, mine, here = given.get("code", ""), binding(request), origin(request)
    if pk:
        return flow.start_by_link(UUID(pk), token, code, binding=mine, origin=here, entry=entry)
    return flow.start_by_code(given["sign_in_name"], code, binding=mine, origin=here, entry=entry)


def _spent(request: HttpRequest) -> HttpResponse:
    refusing.refuse(request, Link.TICKET_SPENT)
    words = {
        "title": _("This link can't be used any more"),
        "text": _("It was used already, or it is too old. Ask the help desk for a new one."),
        "code": "link_spent",
    }
    return render(request, "people/message.html", words, status=410)
