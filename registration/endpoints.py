"""The addresses that methods bring with them: a phone that answers, a carrier that reports."""

from typing import cast

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt, csrf_protect

from registration.method import registry


@csrf_exempt
def endpoint(request: HttpRequest, kind: str, name: str) -> HttpResponse:
    """Serve a method's own view. It is protected like every other, unless the view itself is exempt: a phone has no form."""
    method = registry().get(kind)
    view = method.endpoints().get(name) if method else None
    if view is None:
        raise Http404
    guarded = view if getattr(view, "csrf_exempt", False) else csrf_protect(view)
    return cast(HttpResponse, guarded(request))
