"""The small pages of people: home, language, first password."""

from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from registration import activation, audit, choosing, people
from registration.audit import Activity
from registration.codes import Link
from registration.forms import NewPasswordForm
from registration.models import User
from registration.origin import origin
from registration.passwords import Refused
from tenants import refusing, speaking
from tenants.branding.saying import say
from tenants.links import inward

_SESSION = "activation"


@login_required
def home(request: HttpRequest) -> HttpResponse:
    """Go to what a person who is signed in looks after here."""
    return redirect("security-info")


@require_POST
def language(request: HttpRequest) -> HttpResponse:
    """Keep the language that was chosen: in a cookie, and for somebody signed in also for their mail."""
    chosen = request.POST.get("language", "")
    response = redirect(inward(request, request.POST.get("next", ""), "/"))
    if chosen in dict(settings.LANGUAGES):
        speaking.remember(response, chosen)
        if isinstance(request.user, User):
            people.speak(request.user, chosen)
    return response


@never_cache
@require_http_methods(["GET"])
def activate(request: HttpRequest, challenge: UUID, token: str) -> HttpResponse:
    """Take the token out of the address before a page is shown, so that no page that links on can leak it."""
    if activation.find(challenge, token) is None:  # nothing is kept for a link that opens nothing
        return _spent(request)
    request.session[_SESSION] = [str(challenge), token]
    response = redirect("activate-password")
    response["Referrer-Policy"] = "no-referrer"
    return response


@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def activate_password(request: HttpRequest) -> HttpResponse:
    """Choose the first password; the link is spent by it."""
    pk, token = request.session.get(_SESSION) or ("", "")
    user = activation.find(UUID(pk), token) if pk else None
    if user is None:
        return _spent(request)
    form = NewPasswordForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            done = activation.activate(
                UUID(pk), token, form.cleaned_data["new_password"], origin=origin(request)
            )
        except Refused as refused:
            audit.record(
                Activity.ACTIVATED,
                actor=user,
                subject=user,
                origin=origin(request),
                reason=refused.reason,
                failed=True,
                reference=refusing.reference(request),
            )
            form.refuse(refused.violations)
        else:
            request.session.flush()
            if done is None:
                return _spent(request)
            messages.success(request, _("Your password is saved. Sign in with it."))
            return redirect("account_login")
    # No "no-referrer" here: the address holds no token any more, and browsers would send the form with "Origin: null".
    return render(
        request,
        "people/activate.html",
        {
            "form": form,
            "sign_in_name": user.sign_in_name,
            **choosing.shown(user, activity=Activity.ACTIVATED),
        },
    )


def _spent(request: HttpRequest) -> HttpResponse:
    refusing.refuse(request, Link.ACTIVATION_SPENT)
    words = {
        "title": say("activate.dead-heading"),
        "text": say("activate.dead"),
        "code": "link_spent",
    }
    return render(request, "people/message.html", words, status=410)
