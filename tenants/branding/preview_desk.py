"""The part of a desk's page that shows how people's pages would look: a frame, and what is asked of it.

`static/preview.js` posts the form as it stands, and puts the answer into a frame that may do nothing. Without a script the
button opens the same page beside this one. No page of people may be framed for that.
"""

from collections.abc import Iterable
from typing import Any, cast

from csp.constants import UNSAFE_INLINE
from csp.decorators import csp_update
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import get_language, get_language_info

from tenants.branding import previews
from tenants.branding.facts import BrandFacts
from tenants.branding.previews import Asked
from tenants.branding.replaceable import Words
from tenants.branding.standing_still import DARK, LIGHT
from tenants.desks import Desk, View

PREFIX = "preview_"
Pages = list[tuple[str, Words]]


def languages() -> list[str]:
    """Return the languages that people can choose, and that texts can be written in."""
    return [code for code, _name in settings.LANGUAGES if code in settings.MODELTRANSLATION_LANGUAGES]


def named(code: str) -> str:
    """Return the name of a language in itself."""
    return str(get_language_info(code)["name_local"].capitalize())


def panel(address: str, pages: Pages, *, width: str = "desktop") -> SafeString:
    """Return the frame with its choices; they stand in the page's form and are posted with it."""
    shown = get_language()
    return render_to_string(
        "desk/preview.html",
        {
            "address": address,
            "pages": pages,
            "width": width,
            "languages": [(code, named(code), code == shown) for code in languages()],
        },
    )


def served(site: Desk, view: View) -> View:
    """Serve a preview at a desk: in a sandbox of its own, with its styles inside, and without what the skin may do."""
    return cast(View, csp_update({"style-src": [UNSAFE_INLINE], "sandbox": True})(site.admin_view(view)))


def shown(
    request: HttpRequest, facts: BrandFacts, pages: Iterable[tuple[str, Words]], about: str = ""
) -> HttpResponse:
    """Answer with the page that is asked for; the first one where none is. It is kept by nobody."""
    asked = _asked(request, [key for key, _name in pages])
    response = HttpResponse(previews.look(request, asked, facts, about=about))
    response["Cache-Control"] = "no-store"
    return response


def _asked(request: HttpRequest, pages: list[str]) -> Asked:
    given: Any = request.POST or request.GET

    def choice(name: str, among: list[str]) -> str:
        chosen = given.get(PREFIX + name, "") or among[0]
        if chosen not in among:
            raise Http404
        return str(chosen)

    if not pages:
        raise Http404
    spoken = languages()
    own = get_language() or settings.LANGUAGE_CODE
    order = sorted(spoken, key=lambda code: code != own)
    return Asked(choice("page", pages), choice("scheme", [LIGHT, DARK]), choice("language", order))
