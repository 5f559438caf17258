"""One more proof: a signed-in person proves a registered method, for the desk or for their security info."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from allauth.account.internal.flows.login import record_authentication
from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from registration import audit, enrolling, proof, verification
from registration import state as states
from registration.audit import Activity
from registration.budgets import ASK, PROVE
from registration.enrolling import Problem, Registered
from registration.forms import CodeForm
from registration.models import Challenge
from registration.origin import origin
from registration.proof import binding, person
from registration.purpose import Purpose
from registration.verification import Outcome
from registration.wording import PROBLEMS, too_often
from tenants.shield import throttle

_SESSION = "proving"


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def verify(request: HttpRequest) -> HttpResponse:
    """Offer the person's methods, ask for the chosen one's code, and go on to where they came from."""
    to, options = _next(request), _options(request)
    action = request.POST.get("action", "")
    waiting = _waiting(request, options)
    if action == "back":
        request.session.pop(_SESSION, None)
        return redirect(request.get_full_path())
    if action in {"choose", "resend"}:
        chosen = _chosen(request, options) if action == "choose" else waiting and waiting[1]
        if chosen is not None and not (wait := _wait_before(request, chosen)):
            _ask(request, chosen)
        elif chosen is not None:
            messages.error(request, too_often(wait))
        return redirect(request.get_full_path())
    if waiting is None and len(options) == 1 and not options[0].method.sends and request.method == "GET":
        waiting = _ask(request, options[0]), options[0]
    if waiting is None:
        return render(request, "people/verify.html", {"options": [_shown(row) for row in options]})
    asked, row = waiting
    form = CodeForm(request.POST if action == "answer" else None)
    if action == "answer" and form.is_valid():
        outcome = _answer(request, asked, form)
        if outcome is Outcome.PASSED:
            return redirect(to)
        if outcome is not Outcome.WRONG:
            request.session.pop(_SESSION, None)
            messages.error(request, _("That code can't be used any more. Please ask for a new one."))
            return redirect(request.get_full_path())
    return render(
        request,
        "people/verify.html",
        {"options": options, "chosen": _shown(row), "form": form, "resend": row.method.sends},
    )


def _next(request: HttpRequest) -> str:
    to = request.GET.get("next", "")
    safe = url_has_allowed_host_and_scheme(
        to, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return to if safe else resolve_url("security-info")


def _options(request: HttpRequest) -> list[Registered]:
    """Return the methods that prove enough; for the desk only a second factor, which a mailbox is not."""
    rows = enrolling.registered(person(request))
    enough = proof.sufficient({row.method.kind for row in rows})
    desk = _next(request).startswith(resolve_url("admin:index"))
    return [row for row in rows if row.method.kind in enough and (row.method.second_factor or not desk)]


def _waiting(request: HttpRequest, options: list[Registered]) -> tuple[Challenge, Registered] | None:
    if not (pk := request.session.get(_SESSION)):
        return None
    mine = Challenge.objects.filter(
        user=person(request),
        purpose=Purpose.PROVE,
        binding=binding(request),
        consumed_at=None,
        expires_at__gt=timezone.now(),
    )
    asked = mine.filter(pk=UUID(pk)).first()
    row = next((row for row in options if asked is not None and row.device.pk == asked.device_id), None)
    return (asked, row) if asked is not None and row is not None else None


def _chosen(request: HttpRequest, options: list[Registered]) -> Registered | None:
    return next((row for row in options if str(row.device.pk) == request.POST.get("method")), None)


def _wait_before(request: HttpRequest, row: Registered) -> timedelta:
    """Count one more code to be sent, and say how long to wait first; what sends nothing costs nothing."""
    verdict = throttle.spend(ASK, str(person(request).pk)) if row.method.sends else None
    return verdict.retry_after if verdict is not None and not verdict.allowed else timedelta()


def _ask(request: HttpRequest, row: Registered) -> Challenge:
    asked = verification.challenge(
        row.method.kind,
        user=person(request),
        state=states.of(row.device),
        purpose=Purpose.PROVE,
        binding=binding(request),
        language=get_language() or "",
        device=row.device,
    )
    request.session[_SESSION] = str(asked.pk)
    return asked


def _answer(request: HttpRequest, asked: Challenge, form: forms.Form) -> Outcome:
    user = person(request)
    verdict = throttle.spend(PROVE, str(user.pk), asked.kind)
    if not verdict.allowed:
        form.add_error("code", too_often(verdict.retry_after))
        return Outcome.WRONG
    judged = verification.answer(
        asked.pk, form.cleaned_data["code"], purpose=Purpose.PROVE, binding=binding(request)
    )
    audit.record(
        Activity.PROVED_AGAIN,
        actor=user,
        subject=user,
        origin=origin(request),
        method=asked.kind,
        failed=not judged.passed,
        reason="" if judged.passed else judged.outcome,
    )
    if judged.device is not None:
        throttle.release(PROVE, str(user.pk), asked.kind)
        request.session.pop(_SESSION, None)
        proof.accept(request, judged.device)
        record_authentication(request, user, method=asked.kind, reauthenticated=True)
    else:
        form.add_error("code", str(PROBLEMS[Problem.WRONG]))
    return judged.outcome


def _shown(row: Registered) -> dict[str, Any]:
    detail = row.masked if row.masked != row.method.name else ""
    return {
        "id": row.device.pk,
        "kind": row.method.kind,
        "name": row.method.name,
        "detail": detail,
        "icon": row.method.icon,
    }
