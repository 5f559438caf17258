"""Where a browser gets its challenge."""

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe

from tenants.shield.captcha import find
from tenants.shield.client import client_address, network
from tenants.shield.throttle import Budget, spend

CHALLENGES = Budget("captcha/challenge", limit=600, seconds=600)


@require_safe
def captcha_challenge(request: HttpRequest, kind: str) -> HttpResponse:
    """Answer with a challenge of this kind, so many to each network."""
    try:
        captcha = find(kind)
    except LookupError as unknown:
        raise Http404 from unknown
    verdict = spend(CHALLENGES, network(client_address(request)))
    if verdict.allowed:
        response = captcha.challenge(request)
    else:
        wait = str(int(verdict.retry_after.total_seconds()) + 1)
        response = JsonResponse({"error": "too many requests"}, status=429, headers={"Retry-After": wait})
    response["Cache-Control"] = "no-store"
    return response
