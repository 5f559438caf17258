"""A dead end as a person meets it: a page with a code and a reference, and the same two where the help desk looks.

Pages that succeed pay nothing for it. What is shown says nothing of who was named: the code follows from what anybody could
have met, and the reference is random, or that of the wait or the reset that has been told of already.
"""

import logging
import secrets
from collections.abc import Callable, Iterable
from enum import StrEnum

from django.contrib import messages
from django.dispatch import Signal
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template import loader
from django.views.decorators.csrf import requires_csrf_token

from tenants.codes import Page
from tenants.refusals import Shown, code_of

logger = logging.getLogger("tenants.refusals")

#: Sent once for each page that refuses somebody of an organization, to be written down. Takes request, why, shown.
refused = Signal()
_SHOWN, _REFERENCE = "rekey.refused", "rekey.reference"  # no header makes a key with a dot in it


def reference(request: HttpRequest) -> str:
    """Return this request's reference, made when it is first asked for: its page and its audit event say the same."""
    made: str = request.META.setdefault(_REFERENCE, new_reference())
    return made


def new_reference() -> str:
    """Make a reference: short enough to be read out, and long enough to be one of its own among those of a year."""
    return secrets.token_hex(4).upper()


def show(request: HttpRequest, why: StrEnum, as_reference: str = "") -> Shown:
    """Have this request's page say why; whoever refuses has written it down with the same reference."""
    found = Shown(code_of(why), as_reference or reference(request))
    request.META[_SHOWN] = found
    return found


def shown(request: HttpRequest) -> Shown | None:
    """Return what this request's page says of a refusal, if it refuses."""
    found: Shown | None = request.META.get(_SHOWN)
    return found


def refer(request: HttpRequest, to: str) -> None:
    """Have this request's page name a reference that is there already, should it refuse anything."""
    request.META[_REFERENCE] = to


def reference_if_any(request: HttpRequest) -> str:
    """Return the reference that this request has been given, if it has."""
    return str(request.META.get(_REFERENCE, ""))


def refuse(request: HttpRequest, why: StrEnum) -> Shown:
    """Have this request's page say why, and write that down in the log and, by a signal, in the audit trail."""
    found = show(request, why)
    log(found)
    refused.send(sender=Shown, request=request, why=why, shown=found)
    return found


def tell(request: HttpRequest, words: object, why: StrEnum) -> None:
    """Have the next page say why something was not done, with its code."""
    messages.error(request, str(words), extra_tags=code_of(why))


def log(found: Shown, level: int = logging.INFO) -> None:
    """Write a line that is found by what the person reads out."""
    logger.log(level, "refused: code=%s reference=%s", found.code, found.reference)


def codes_of(errors: Iterable[object]) -> list[str]:
    """Return the codes of a form's errors, each once; what a person simply corrects has none.

    Takes what `ErrorDict.as_data()` has as its values.
    """
    found = [code_of(getattr(error, "code", None)) for errors_of in errors for error in _each(errors_of)]
    return [*dict.fromkeys(code for code in found if code)]


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Answer what the browser sent and no page can take (Django's handler400)."""
    return _page(request, Page.BAD_REQUEST, "400.html", 400)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Answer who may not see a page or do a thing (handler403)."""
    return _page(request, Page.DESK_FORBIDDEN if is_desk(request) else Page.FORBIDDEN, "403.html", 403)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Answer at an address where nothing is (handler404)."""
    return _page(request, Page.NOT_FOUND, "404.html", 404)


@requires_csrf_token
def form_too_old(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer a form without a token that counts (CSRF_FAILURE_VIEW)."""
    return _page(request, Page.FORM_TOO_OLD, "403_csrf.html", 403)


class NotAllowedMiddleware:
    """Answer with a page whoever opens an address that only takes forms; views say so with nothing at all."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Put a page in the place of an empty one."""
        response = self.get_response(request)
        if response.status_code != 405 or response.streaming or response.content:
            return response
        page = _page(request, Page.NOT_ALLOWED, "405.html", 405)
        page["Allow"] = response.headers.get("Allow", "")
        return page


def broken(request: HttpRequest) -> HttpResponse:
    """Answer when something broke (handler500): leaning on nothing, so without the database and the organization's look."""
    found = show(request, Page.BROKEN, new_reference())
    log(found, logging.ERROR)
    return HttpResponse(loader.get_template("500.html").render({"refused": found}), status=500)


def is_desk(request: HttpRequest) -> bool:
    """Say whether it is a desk's page that was asked for."""
    page = request.resolver_match
    return page is not None and "admin" in page.namespaces


def _page(request: HttpRequest, why: Page, template: str, status: int) -> HttpResponse:
    """Render a page that refuses; where a view has said why already, that is what it says."""
    if shown(request) is None:
        refuse(request, why)
    response = render(request, template, status=status)
    response["Cache-Control"] = "no-store"
    return response


def _each(errors: object) -> Iterable[object]:
    return errors if isinstance(errors, Iterable) else ()
