"""The signed-in change: who knows the current password chooses another, in every edition."""

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from licensing.editions import Feature
from licensing.guards import required
from registration import audit, choosing, interrupting, passwords, standing
from registration.audit import Activity
from registration.codes import Limit
from registration.facts import password_state
from registration.forms import ChangePasswordForm
from registration.models import User
from registration.origin import Origin, origin
from registration.passwords import Refused
from registration.proof import person
from resets import notices
from resets.budgets import CHANGE
from tenants import refusing
from tenants.shield import throttle


class WrongPassword(Exception):
    """The current password is not the one that was typed."""


@transaction.atomic
def change(user: User, current: str, new: str, *, origin: Origin) -> None:
    """Set a new password for somebody who knows the current one. Raises `WrongPassword` and `passwords.Refused`."""
    if not user.check_password(current):
        raise WrongPassword
    passwords.set_password(
        user, new, activity=Activity.PASSWORD_CHANGED, actor=user, origin=origin, method="password"
    )
    notices.password_changed(user, standing.policy_row(), origin)


@never_cache
@sensitive_post_parameters()
@login_required
@required(Feature.CHANGE_PASSWORD)
@require_http_methods(["GET", "POST"])
def password(request: HttpRequest) -> HttpResponse:
    """Ask for the current password and a new one; the session goes on under a new key, all others end."""
    user, here = person(request), origin(request)
    form = ChangePasswordForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        if wait := _wait(user):
            form.add_error("current", ValidationError(wait, code=Limit.TOO_OFTEN))
            return _page(request, user, form)
        try:
            change(user, form.cleaned_data["current"], form.cleaned_data["new_password"], origin=here)
        except WrongPassword:
            audit.record(
                Activity.PASSWORD_CHANGED,
                actor=user,
                subject=user,
                origin=here,
                reason="wrong_password",
                failed=True,
                reference=refusing.reference(request),
            )
            words = _("That is not your current password.")
            form.add_error("current", ValidationError(words, code="wrong_password"))
        except Refused as refused:
            throttle.release(CHANGE, str(user.pk))  # the current password was right
            audit.record(
                Activity.PASSWORD_CHANGED,
                actor=user,
                subject=user,
                origin=here,
                reason=refused.reason,
                failed=True,
                reference=refusing.reference(request),
            )
            form.refuse(refused.violations)
        else:
            throttle.release(CHANGE, str(user.pk))
            update_session_auth_hash(request, user)
            messages.success(
                request,
                _("Your password is changed. Wherever else you were signed in, you are now signed out."),
            )
            return redirect("security-info")
    return _page(request, user, form)


def _page(request: HttpRequest, user: User, form: ChangePasswordForm) -> HttpResponse:
    reason = interrupting.REASONS.get(password_state(user), "")
    context = {"form": form, "reason": reason, **choosing.shown(user, activity=Activity.PASSWORD_CHANGED)}
    return render(request, "people/change_password.html", context)


def _wait(user: User) -> str:
    verdict = throttle.spend(CHANGE, str(user.pk))
    minutes = max(1, -(-int(verdict.retry_after.total_seconds()) // 60))
    wait = ngettext("Please wait %(minutes)d minute.", "Please wait %(minutes)d minutes.", minutes) % {
        "minutes": minutes
    }
    return "" if verdict.allowed else wait
