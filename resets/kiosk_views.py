"""What a kiosk has besides the pages of a reset: staying at one, and clearing the screen."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from resets import browser, flow, kiosk
from resets.journey import Step


@never_cache
@require_POST
def stay(request: HttpRequest) -> HttpResponse:
    """Keep the reset open a while longer, and go back to where it stands."""
    at = browser.find(request)
    if at is not None and at.step is not Step.STOPPED:
        flow.touch(at.reset)
    return redirect("reset-verify")


@never_cache
@require_safe
def over(request: HttpRequest) -> HttpResponse:
    """Clear the screen for whoever comes next, the language that was chosen included."""
    browser.forget(request)
    response = redirect(kiosk.START)
    response.delete_cookie(settings.LANGUAGE_COOKIE_NAME, samesite="Lax")
    return response
