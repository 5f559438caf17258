"""The organization's style sheet and pictures, each under an address that changes with what it holds."""

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import condition, require_safe

from tenants.branding import app_icon
from tenants.branding.context import here
from tenants.branding.models import Brand

_FOR_EVER = "public, max-age=31536000, immutable"


def _etag(request: HttpRequest) -> str:
    return f'"{here().css_version}"'


@require_safe
@condition(etag_func=_etag)
def stylesheet(request: HttpRequest) -> HttpResponse:
    """Answer with the organization's colours; an address with the right version may be kept for ever."""
    facts = here()
    response = HttpResponse(facts.css, content_type="text/css; charset=utf-8")
    response["Cache-Control"] = _FOR_EVER if request.GET.get("v") == facts.css_version else "no-cache"
    return response


@require_safe
def logo(request: HttpRequest, digest: str) -> HttpResponse:
    """Answer with the logo, when the digest is this organization's."""
    return _picture("logo", digest, here().logo_digest)


@require_safe
def logo_dark(request: HttpRequest, digest: str) -> HttpResponse:
    """Answer with the logo for dark pages, when the digest is this organization's."""
    return _picture("logo_dark", digest, here().logo_dark_digest)


@require_safe
def icon(request: HttpRequest, digest: str) -> HttpResponse:
    """Answer with the browser's icon, when the digest is this organization's."""
    return _picture("icon", digest, here().icon_digest)


@require_safe
def installed_icon(request: HttpRequest, version: str, size: int) -> HttpResponse:
    """Answer with the icon of the installed page, when this organization's looks so."""
    if version != app_icon.version() or size not in app_icon.SIZES:
        raise Http404
    return _shown("app", app_icon.drawn(size))


def _picture(name: str, digest: str, mine: str) -> HttpResponse:
    if digest != mine:
        raise Http404
    png = Brand.objects.filter(**{f"{name}_digest": digest}).values_list(name, flat=True).first()
    if png is None:
        raise Http404
    return _shown(name, bytes(png))


def _shown(name: str, png: bytes) -> HttpResponse:
    """Answer with a picture that can do nothing but be looked at, whatever it may be taken for."""
    response = HttpResponse(png, content_type="image/png")
    response["Cache-Control"] = _FOR_EVER
    response["Content-Disposition"] = f'inline; filename="{name}.png"'
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["X-Content-Type-Options"] = "nosniff"
    return response
