"""The kiosk: a screen that others use as well, such as the sign-in screen of Windows, opened at an address of its own.

A browser that comes by that address is marked. From then on nothing but the reset's own pages answers it, none of them leads
anywhere else, and its resets end when nobody touches them. The mark is a cookie of its own and not in the session, since a
session is forgotten at each end, and an address that anybody can open must cost no row.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from csp.constants import NONE
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, resolve_url

from tenants.shield import signing
from tenants.shield.signing import BadSignature

START = "reset-kiosk"
#: How long a browser stays marked after its last page. A kiosk never loses the mark, since its pages go back to the start by
#: themselves long before; somebody's own browser that strayed here, perhaps by a stranger's link, is free again soon.
MARKED = timedelta(minutes=15)
#: What the pages need besides themselves. Anything else that the host serves is somebody's account, or leads to one.
_SERVED = frozenset({"captcha", "csp-report", "language"})
_SERVED_ROOMS = frozenset({"brand"})
#: Sandboxed, with what forms and the captcha need: no window, no download, no dialog of the browser such as printing.
_POLICY = {
    "sandbox": ["allow-forms", "allow-same-origin", "allow-scripts"],
    "media-src": [NONE],
    "manifest-src": [NONE],
}
_PURPOSE = "resets/kiosk"


class KioskMiddleware:
    """Keep a kiosk at the pages of its reset."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Mark the answer, and send to the start where it would be a page that nobody can leave."""
        response = self.get_response(request)
        if not here(request) or _is_served(request):
            return response
        first = _name(request) == START and request.method == "GET"
        if 400 <= response.status_code < 500 and not first:
            response = redirect(START)
        elif response.status_code >= 500:
            response["Refresh"] = f"30; url={resolve_url(START)}"
        if _renews(request):
            response.set_cookie(
                settings.KIOSK_COOKIE_NAME,
                signing.dumps("kiosk", purpose=_PURPOSE),
                max_age=MARKED,
                secure=settings.SESSION_COOKIE_SECURE,
                httponly=True,
                samesite="Lax",
            )
        response._csp_replace = _POLICY  # type: ignore[attr-defined]  # where django-csp looks for it
        return response

    def process_view(self, request: HttpRequest, *_view: Any) -> HttpResponse | None:
        """Answer for every page that is not the reset's."""
        if not here(request) or _is_served(request) or _name(request).startswith("reset-"):
            return None
        return redirect(START)


def here(request: HttpRequest) -> bool:
    """Say whether this browser is a kiosk: it has just come by that entry, or carries this organization's mark."""
    return _name(request) == START or _is_marked(request)


def _is_marked(request: HttpRequest) -> bool:
    mark = request.COOKIES.get(settings.KIOSK_COOKIE_NAME, "")
    try:
        return bool(mark) and signing.loads(mark, purpose=_PURPOSE, max_age=MARKED) == "kiosk"
    except BadSignature:
        return False


def _renews(request: HttpRequest) -> bool:
    """Say whether an answer renews the mark: a page of the form, or what clears the screen.

    Not the start where it is only looked at again: that is where every other page sends to, and whoever tries to sign in on a
    computer of their own would stay marked by trying.
    """
    name = _name(request)
    looked_at = name == START and request.method != "POST" and _is_marked(request)
    return name.startswith("reset-") and not looked_at


def _is_served(request: HttpRequest) -> bool:
    page = request.resolver_match
    return page is not None and (
        page.view_name in _SERVED or bool(_SERVED_ROOMS.intersection(page.namespaces))
    )


def _name(request: HttpRequest) -> str:
    return request.resolver_match.view_name or "" if request.resolver_match else ""
