"""The authenticator as a browser loads it: the page, what wakes it, and how it is installed. The same for everybody."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from registration.authenticator import KIND, api, phones, vapid
from tenants.branding import app_icon
from tenants.branding.context import here


@never_cache
@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """Show the page. It knows nobody: who somebody is stands in their phone alone."""
    about = {
        "audience": phones.audience(),
        "now": phones.now(),
        "vapid": vapid.public_keys()[0],
        "worker": reverse("authenticator:worker"),
        "endpoints": {name: reverse("method-endpoint", args=[KIND, name]) for name in api.ENDPOINTS},
        "words": _words(),
    }
    context = {"about": about, "icon": app_icon.url(min(app_icon.SIZES))}
    return render(request, "authenticator/page.html", context)


@never_cache
@require_safe
def worker(request: HttpRequest) -> HttpResponse:
    """Serve the script that a push wakes. It stands beside the page, so that it rules over that and nothing else."""
    words = {"title": _("Is it you?"), "body": _("Open the authenticator to answer, or to say no.")}
    return render(
        request, "authenticator/sw.js", {"words": words}, content_type="text/javascript; charset=utf-8"
    )


@never_cache
@require_safe
def manifest(request: HttpRequest) -> JsonResponse:
    """Tell a browser how the page is installed: under the organization's name, with its look."""
    brand, start = here(), reverse("authenticator:page")
    icons = [
        {"src": app_icon.url(size), "sizes": f"{size}x{size}", "type": "image/png", "purpose": "any maskable"}
        for size in app_icon.SIZES
    ]
    values = {
        "id": start,
        "name": _("%(organization)s authenticator") % {"organization": brand.name},
        "short_name": brand.name,
        "start_url": start,
        "scope": start,
        "display": "standalone",
        "background_color": brand.palette.light.page,
        "theme_color": brand.palette.fill,
        "icons": icons,
    }
    return JsonResponse(values, content_type="application/manifest+json")


def _words() -> dict[str, str]:
    """Return what the page's scripts say. What they need not put together stands in the template."""
    return {
        "none": _("Pair this phone, and it asks you when somebody wants to get into your account."),
        "vault": _(
            "This browser can't keep keys here. Open the page in another one, not in a private window."
        ),
        "reset": _("Reset the password of %(name)s"),
        "prove": _("Sign-in check for %(name)s"),
        "browser": pgettext("browser on system", "%(browser)s on %(system)s"),
        "some_browser": _("A browser that we don't know"),
        "no_address": _("Unknown"),
        "phone": _("Phone"),
        "ready": _("Ready"),
        "waits": _("Almost there: go on at your other screen."),
        "gone": _("Not registered any more"),
        "offline": _("No connection. We keep trying."),
        "approved": _("Approved. Go on at your other screen."),
        "wrong": _("That is not the number. The request has ended; you can ask again at your other screen."),
        "denied": _("Denied. Nobody gets in by this request, and we wrote to your addresses about it."),
        "over": _("This request is over. Nothing was approved."),
        "number": _("Type the two digits that the other screen shows."),
        "paired": _("This phone is paired. Go on at your other screen."),
        "removed": _("Removed from this phone."),
        "failed": _("That did not work. Try again."),
        "code": _("Type the code that the other screen shows: ten letters and digits."),
        "key": _("That is no key. Type the letters and digits that the other screen shows, or its link."),
        "added": _("Added. Type its code at the other screen to confirm it."),
        "pushed": _("Notifications are on."),
        "unpushed": _("Notifications can't be turned on here. Keep this page open when you need it."),
        "seconds": _("%(number)s seconds left"),
        "remove": pgettext("from this phone", "Remove"),
        "remove_whose": _("Remove %(name)s"),
        "remove_sure": _("Remove for good"),
        "again": _("Pair again"),
    }
