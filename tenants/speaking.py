"""In which language a page is answered and a mail is written.

What was chosen comes first, by `?lng=` in an address (as Microsoft Entra calls it) or in the menu; a cookie keeps it.
Then comes the signed-in person's own language, then what the browser asks for, then the organization's, and last ours.
A mail is in its reader's own language, else in that of the page that caused it, else in the organization's.
"""

from collections.abc import Callable
from contextvars import ContextVar
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, QueryDict
from django.urls import Resolver404, ResolverMatch, resolve
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django.utils.translation.trans_real import parse_accept_lang_header

from tenants.branding import own_words
from tenants.branding.context import here

PARAMETER = "lng"
#: Addresses that have no words, and whole rooms of them: a style sheet and pictures are the same in every language.
WORDLESS = frozenset({"captcha", "csp-report"})
WORDLESS_ROOMS = frozenset({"brand"})
_REMEMBERED = 365 * 24 * 60 * 60  # seconds
_LONGEST = 20
_page: ContextVar[str] = ContextVar("language of the page", default="")


def known(code: str) -> str:
    """Return the language of ours that a code means, such as `de` for `de-AT`; empty where it means none."""
    if not 0 < len(code) <= _LONGEST:
        return ""
    try:
        return translation.get_supported_language_variant(code.lower().replace("_", "-"))
    except LookupError:
        return ""


def of_page() -> str:
    """Return the language of the page that is being answered; empty in a job and in a command."""
    return _page.get()


def asked_for(request: HttpRequest) -> str:
    """Return what was chosen, else what the browser asks for; empty where we speak none of it."""
    return _chosen(request) or _browsers(request)


def remember(response: HttpResponse, language: str) -> None:
    """Keep what was chosen in a cookie."""
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        language,
        max_age=_REMEMBERED,
        secure=settings.LANGUAGE_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


class LanguageMiddleware:
    """Answer in the right language. What comes after it sees an address without `?lng=`, so that no link hands it on."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Choose the language, and say what the answer depends on."""
        asked = known(request.GET.get(PARAMETER, ""))
        language = (
            _chosen(request)
            or _persons(request)
            or _browsers(request)
            or known(here().language)
            or settings.LANGUAGE_CODE
        )
        _take_away(request)
        kept = _page.set(language)
        try:
            with translation.override(language), own_words.speaking():
                request.LANGUAGE_CODE = translation.get_language()
                response = self.get_response(request)
        finally:
            _page.reset(kept)
        if not _is_wordless(request.resolver_match):
            patch_vary_headers(response, ("Accept-Language", "Cookie"))
            response.headers.setdefault("Content-Language", language)
        if asked:
            remember(response, asked)
        return response

    def process_view(self, request: HttpRequest, *_view: Any) -> None:
        """Say the default on a desk: an administrator who looks for a word finds it as it is by default."""
        if request.resolver_match is not None and "admin" in request.resolver_match.namespaces:
            own_words.say_nothing_own()


def _chosen(request: HttpRequest) -> str:
    in_cookie = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
    return known(request.GET.get(PARAMETER, "")) or known(in_cookie)


def _persons(request: HttpRequest) -> str:
    """Return the signed-in person's own language; of what has no words, nobody's session is read."""
    if settings.SESSION_COOKIE_NAME not in request.COOKIES:
        return ""
    try:
        page = resolve(request.path_info, getattr(request, "urlconf", None))
    except Resolver404:
        page = None
    user: Any = None if _is_wordless(page) else request.user
    return known(user.language) if user is not None and user.is_authenticated else ""


def _browsers(request: HttpRequest) -> str:
    for code, _weight in parse_accept_lang_header(request.headers.get("Accept-Language", "")):
        if code == "*":
            return ""
        if language := known(code):
            return language
    return ""


def _is_wordless(page: ResolverMatch | None) -> bool:
    return page is not None and (
        page.view_name in WORDLESS or bool(WORDLESS_ROOMS.intersection(page.namespaces))
    )


def _take_away(request: HttpRequest) -> None:
    """Let no view see the parameter: a desk's list takes it for a filter, and a form's `next` would undo a later choice."""
    if PARAMETER not in request.GET:
        return
    left = request.GET.copy()
    del left[PARAMETER]
    request.META["QUERY_STRING"] = left.urlencode()
    request.GET = QueryDict(request.META["QUERY_STRING"])
