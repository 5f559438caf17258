"""One more proof: a signed-in person proves a registered method, for the desk or for their security info."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from allauth.account.internal.flows.login import record_authentication
from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from registration import audit, enrolling, guessing, proof, verification
from registration import state as states
from registration.audit import Activity
from registration.budgets import PROVE, wait_to_send
from registration.codes import Limit
from registration.enrolling import Problem, Registered
from registration.guessing import TooOften
from registration.licences import why_not
from registration.looking import has_come
from registration.method import State, Words, registry
from registration.models import Challenge
from registration.origin import origin
from registration.proof import binding, person
from registration.purpose import Purpose
from registration.verification import Outcome
from registration.wording import PROBLEMS, once_more, too_often
from tenants import refusing
from tenants.links import inward
from tenants.shield import throttle

_SESSION, _WAY = "proving", "proving_way"
_OVER = {
    Outcome.EXPIRED: _lazy("That code can't be used any more. Please ask for a new one."),
    Outcome.DENIED: PROBLEMS[Problem.DENIED],
}


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def verify(request: HttpRequest) -> HttpResponse:
    """Offer the person's methods, ask for the chosen one's code, and go on to where they came from."""
    options = _options(request)
    action = request.POST.get("action", "")
    waiting = _waiting(request, options)
    if (come := has_come(request, waiting[0] if waiting else None)) is not None:
        return come
    if waiting is None:
        _tell_of_expiry(request)
    if action == "back":
        request.session.pop(_SESSION, None)
        return redirect(request.get_full_path())
    if action in {"choose", "resend"}:
        chosen = _chosen(request, options) if action == "choose" else waiting and waiting[1]
        if chosen is not None and not (wait := _wait_before(request, chosen)):
            _ask(request, chosen, _way(request, chosen))
            if action == "resend":
                messages.info(request, once_more(chosen.method))
        elif chosen is not None:
            refusing.tell(request, too_often(wait), Limit.TOO_OFTEN)
        return redirect(request.get_full_path())
    only = options[0] if len(options) == 1 else None
    if waiting is None and only and only.method.answers_at_once and request.method == "GET":
        waiting = _ask(request, only, {}), only
    if waiting is None:
        default = person(request).default_method
        first = next((str(row.device.pk) for row in options if row.method.kind == default), "")
        for_desk = _is_for_desk(request)
        mine = [
            row for row in enrolling.registered(person(request)) if row.method.second_factor or not for_desk
        ]
        context = {
            "options": [_option(row) for row in options],
            "none_usable": not options and bool(mine),
            "opens": _opening() if for_desk else [],
            "first": first,
        }
        return render(request, "people/verify.html", context)
    return _take(request, *waiting, options=options)


def _take(
    request: HttpRequest, asked: Challenge, row: Registered, *, options: list[Registered]
) -> HttpResponse:
    """Take the answer that was typed, or look whether the one from elsewhere has come."""
    method, action = row.method, request.POST.get("action", "")
    form = method.answer_form(verification.drawn(asked))(request.POST if action == "answer" else None)
    if method.waits or (action == "answer" and form.is_valid() and not _too_many(request, asked, form)):
        try:
            outcome = _answer(request, asked, "" if method.waits else method.typed(form.cleaned_data))
        except TooOften as refused:
            form.add_error(None, ValidationError(too_often(refused.wait), code=Limit.TOO_OFTEN))
            outcome = Outcome.WAITING
        if outcome is Outcome.PASSED:
            return redirect(_next(request))
        if outcome is Outcome.WRONG and not method.waits:
            form.add_error("code", ValidationError(str(method.wrong), code=Outcome.WRONG))
        elif outcome is not Outcome.WAITING:
            request.session.pop(_SESSION, None)
            wrong = {Outcome.WRONG: method.wrong}
            refusing.tell(request, {**_OVER, **wrong}.get(outcome, _OVER[Outcome.EXPIRED]), outcome)
            return redirect(request.get_full_path())
    if asked.long and method.long_prompt:
        form["code"].help_text = str(method.long_prompt)
    context = {"options": options, "chosen": _shown(row), "answering": method, "form": form}
    if method.waits:
        context |= method.waiting(verification.drawn(asked))
    return render(request, "people/verify.html", context)


def _next(request: HttpRequest) -> str:
    return inward(request, request.GET.get("next", ""), resolve_url("security-info"))


def _is_for_desk(request: HttpRequest) -> bool:
    return _next(request).startswith(resolve_url("admin:index"))


def _opening() -> list[Words]:
    """Return the methods that open a desk, by their names."""
    return [method.name for method in registry().values() if method.second_factor and not why_not(method)]


def _options(request: HttpRequest) -> list[Registered]:
    """Return the methods that prove enough, the person's default first; for the desk only a second factor."""
    rows = enrolling.registered(person(request))
    enough = proof.sufficient({row.method.kind for row in rows})
    desk = _is_for_desk(request)
    found = [
        row
        for row in rows
        if row.method.kind in enough and (row.method.second_factor or not desk) and not why_not(row.method)
    ]
    return sorted(found, key=lambda row: row.method.kind != person(request).default_method)


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


def _tell_of_expiry(request: HttpRequest) -> None:
    """Say that nobody answered in time, once."""
    pk = request.session.pop(_SESSION, None)
    asked = Challenge.objects.filter(pk=UUID(pk), user=person(request)).first() if pk else None
    method = registry().get(asked.kind) if asked is not None else None
    if method is not None and method.waits:
        messages.warning(request, str(method.late))


def _chosen(request: HttpRequest, options: list[Registered]) -> Registered | None:
    return next((row for row in options if str(row.device.pk) == request.POST.get("method")), None)


def _wait_before(request: HttpRequest, row: Registered) -> timedelta:
    """Count one more code to be sent, and say how long to wait first; what sends nothing costs nothing."""
    return wait_to_send(str(person(request).pk), costs=row.method.costs) if row.method.sends else timedelta()


def _way(request: HttpRequest, row: Registered) -> State:
    """Return the way that was chosen just now, or the last time where nothing is chosen."""
    if request.POST.get("action") == "choose":
        form = row.method.way_form()(request.POST, prefix=str(row.device.pk))
        request.session[_WAY] = dict(row.method.chosen(form.cleaned_data)) if form.is_valid() else {}
    way: State = request.session.get(_WAY, {})
    return way


def _ask(request: HttpRequest, row: Registered, way: State) -> Challenge:
    asked = verification.challenge(
        row.method.kind,
        user=person(request),
        state=row.method.reached(states.of(row.device), way),
        purpose=Purpose.PROVE,
        binding=binding(request),
        language=get_language() or "",
        device=row.device,
        long=guessing.is_long(str(person(request).pk), Purpose.PROVE),
        origin=origin(request),
    )
    request.session[_SESSION] = str(asked.pk)
    return asked


def _too_many(request: HttpRequest, asked: Challenge, form: forms.Form) -> bool:
    """Count one more try, and say so on the form when there have been too many."""
    verdict = throttle.spend(PROVE, str(person(request).pk), asked.kind)
    if not verdict.allowed:
        form.add_error(None, ValidationError(too_often(verdict.retry_after), code=Limit.TOO_OFTEN))
    return not verdict.allowed


def _answer(request: HttpRequest, asked: Challenge, text: str) -> Outcome:
    user = person(request)
    counted = guessing.count(asked, str(user.pk))
    judged = verification.answer(asked.pk, text, purpose=Purpose.PROVE, binding=binding(request))
    if judged.outcome is Outcome.WAITING:
        return judged.outcome
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
        if counted:
            guessing.forgive(str(user.pk), Purpose.PROVE)
        guessing.forget_waits(str(user.pk), Purpose.PROVE)
        request.session.pop(_SESSION, None)
        proof.accept(request, judged.device)
        record_authentication(request, user, method=asked.kind, reauthenticated=True)
    return judged.outcome


def _option(row: Registered) -> dict[str, Any]:
    return {**_shown(row), "form": row.method.way_form()(prefix=str(row.device.pk))}


def _shown(row: Registered) -> dict[str, Any]:
    detail = row.masked if row.masked != row.method.name else ""
    return {
        "id": row.device.pk,
        "kind": row.method.kind,
        "name": row.method.name,
        "detail": detail,
        "icon": row.method.icon,
    }
