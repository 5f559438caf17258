"""The signed-in change: who knows the current password chooses another, in every edition.

Where the account lives in a directory, that judges the current password and takes the new one, and here it is written when the
directory has said yes.
"""

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.contrib.auth import HASH_SESSION_KEY, update_session_auth_hash
from django.contrib.auth.decorators import login_required
from django.contrib.sessions.backends.db import SessionStore
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
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
from registration.models import NOBODY, User
from registration.origin import Origin, origin
from registration.passwords import Refused
from registration.proof import person
from resets import notices, writing_back
from resets.budgets import CHANGE
from resets.journey import Written
from resets.writeback import accounts, codes, homes, queue, standing_words
from resets.writeback.codes import Outcome, Refusal
from resets.writeback.domain_rules import DomainRules
from resets.writeback.homes import Hindrance
from resets.writeback.models import Account, Job
from resets.writeback.queue import Away
from tenants import refusing
from tenants.shield import throttle

_HINDERED_TITLE = _lazy("Your password can't be changed here now")
_UNKNOWN = _lazy(
    "The directory did not answer, so we don't know whether your password was changed. Try the new one in a few minutes."
)


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


def submit(account: Account, current: str, new: str, *, session: str, origin: Origin) -> Job:
    """Have the directory change a password. Raises `passwords.Refused` and `queue.Away`.

    `session` is the key of the one that asks, which goes on when all others end (ASVS 7.2.4).
    """
    user = account.user
    hashed = passwords.prepared(
        user, new, activity=Activity.PASSWORD_CHANGED, floor=writing_back.rules_of(account).floor
    )
    told = {"address": origin.address, "network": origin.network, "agent": origin.agent}
    secret = {"password": User.normal(new), "old": User.normal(current)}
    after = {"hash": hashed, "session": session, "origin": told}
    return queue.submit(account, Job.Operation.CHANGE, secret=secret, after=after)


@transaction.atomic
def settle(job: Job, after: Mapping[str, Any]) -> None:
    """Act on what a directory answered to a change."""
    if job.account is None:
        return
    user, here = job.account.user, Origin(**after["origin"])
    data = {**writing_back.directory(job), "answer": job.code}
    if job.state == Job.State.DONE:
        passwords.set_prepared(
            user,
            after["hash"],
            activity=Activity.PASSWORD_CHANGED,
            actor=user,
            origin=here,
            method="password",
            data=data,
        )
        _keep(after["session"], user)
        notices.password_changed(user, standing.policy_row(), here)
        return
    audit.record(
        Activity.PASSWORD_CHANGED,
        actor=user,
        subject=user,
        origin=here,
        reason=_answer(job),
        failed=True,
        data=data,
    )


@never_cache
@sensitive_post_parameters()
@login_required
@required(Feature.CHANGE_PASSWORD)
@require_http_methods(["GET", "POST"])
def password(request: HttpRequest) -> HttpResponse:
    """Ask for the current password and a new one; the session goes on under a new key, all others end."""
    user, here = person(request), origin(request)
    account = accounts.of(user)
    if account is not None:
        return _in_directory(request, account)
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


@never_cache
@login_required
@require_http_methods(["GET"])
def wait(request: HttpRequest) -> HttpResponse:
    """Wait for the directory's answer to a change, and say what came of it."""
    user = person(request)
    awaited = str(request.session.get(_JOB) or NOBODY)
    found = Job.objects.filter(pk=awaited, account__user=user).first()
    if found is None:
        return redirect("password")
    job = queue.look(found.pk)
    if not job.is_over:
        return render(request, "people/change_waiting.html")
    del request.session[_JOB]
    return _ended(request, user, job)


#: Where the session keeps which job it awaits, and what the directory said last.
_JOB, _REFUSED = "change.job", "change.refused"


def _in_directory(request: HttpRequest, account: Account) -> HttpResponse:
    """Take a change for the directory; what keeps it from being made is said before anything is typed."""
    user, here = account.user, origin(request)
    if hindrance := homes.hindrance(account) or (Hindrance.AWAY if homes.is_away(account) else None):
        return _hindered(request, hindrance)
    form = ChangePasswordForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        if words := _wait(user):
            form.add_error("current", ValidationError(words, code=Limit.TOO_OFTEN))
            return _page(request, user, form, account)
        current, new = form.cleaned_data["current"], form.cleaned_data["new_password"]
        request.session.pop(_REFUSED, None)
        request.session.save()  # so that the answer finds it
        try:
            job = submit(account, current, new, session=request.session.session_key or "", origin=here)
        except Refused as refused:
            form.refuse(refused.violations)
        except Away:
            return _hindered(request, Hindrance.AWAY)
        else:
            job = writing_back.await_answer(job.pk)
            if job.is_over:
                return _ended(request, user, job)
            request.session[_JOB] = str(job.pk)
            return redirect("password-wait")
    elif code := request.session.pop(_REFUSED, ""):
        field = "current" if code == Refusal.WRONG_CURRENT else "new_password"
        form = ChangePasswordForm({})
        form.errors.clear()
        form.add_error(field, ValidationError(standing_words.refused(code), code=codes.reason(code)))
    return _page(request, user, form, account)


def _ended(request: HttpRequest, user: User, job: Job) -> HttpResponse:
    """Say what came of a change, on the page where one goes on."""
    if job.state == Job.State.DONE:
        throttle.release(CHANGE, str(user.pk))
        user.refresh_from_db()
        update_session_auth_hash(request, user)
        messages.success(
            request,
            _("Your password is changed. Wherever else you were signed in, you are now signed out."),
        )
        return redirect("security-info")
    if job.state == Job.State.UNKNOWN:
        refusing.tell(request, _UNKNOWN, Written.UNKNOWN)
        return redirect("security-info")
    code = _answer(job)
    if code != Refusal.WRONG_CURRENT:
        throttle.release(CHANGE, str(user.pk))  # the current password was right, or was not looked at
    request.session[_REFUSED] = code
    return redirect("password")


def _answer(job: Job) -> str:
    if job.state == Job.State.SUPERSEDED:
        return Outcome.SUPERSEDED
    return Written.UNKNOWN if job.state == Job.State.UNKNOWN else job.code


def _hindered(request: HttpRequest, why: Hindrance) -> HttpResponse:
    """Say why a password cannot be changed here now."""
    refusing.refuse(request, why)
    status = 503 if why is Hindrance.AWAY else 403
    context = {"title": _HINDERED_TITLE, "text": standing_words.HINDERED[why], "tone": "info"}
    return render(request, "people/message.html", context, status=status)


def _keep(key: str, user: User) -> None:
    """Let the session that asked for a change go on: it is bound to the password that has just been replaced."""
    session = SessionStore(key)
    if session.get("_auth_user_id") == str(user.pk):
        session[HASH_SESSION_KEY] = user.get_session_auth_hash()
        session.save()


def _page(
    request: HttpRequest, user: User, form: ChangePasswordForm, account: Account | None = None
) -> HttpResponse:
    reason = interrupting.REASONS.get(password_state(user), "")
    rules = DomainRules() if account is None else writing_back.rules_of(account)
    context = {
        "form": form,
        "reason": reason,
        **choosing.shown(user, activity=Activity.PASSWORD_CHANGED, floor=rules.floor),
        "domain_rules": standing_words.rules(rules),
    }
    return render(request, "people/change_password.html", context)


def _wait(user: User) -> str:
    verdict = throttle.spend(CHANGE, str(user.pk))
    minutes = max(1, -(-int(verdict.retry_after.total_seconds()) // 60))
    wait = ngettext("Please wait %(minutes)d minute.", "Please wait %(minutes)d minutes.", minutes) % {
        "minutes": minutes
    }
    return "" if verdict.allowed else wait
