"""The pages of a person's security info: see, add, confirm, change, remove, and choose which is asked for first."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.safestring import mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from registration import enrolling, standing, verification
from registration import policy as rules
from registration import state as states
from registration.budgets import PROVE, wait_to_send
from registration.codes import Limit
from registration.enrolling import EnrolmentProblem, Problem
from registration.licences import lacking, why_not
from registration.looking import has_come
from registration.method import Method, Unacceptable, registry, traits
from registration.models import Challenge, Device, User
from registration.origin import origin
from registration.proof import accept, binding, person, recent_proof_required
from registration.purpose import Purpose
from registration.wording import PROBLEMS, once_more, too_often
from tenants import refusing
from tenants.context import current
from tenants.shield import throttle

_SESSION = "enrolment"


@never_cache
@recent_proof_required
@require_http_methods(["GET"])
def overview(request: HttpRequest) -> HttpResponse:
    """Show what the person registered, what they may add, and whether it is enough."""
    user = person(request)
    mine = enrolling.registered(user)
    row = standing.policy_row()
    asked, who = standing.policy(row), standing.person(user, row)
    allowed = rules.methods_for(asked, who, traits(), lacking())
    counts = [row.method.kind for row in mine]
    status = {
        "registered": rules.is_registered(asked, who, traits(), lacking()),
        "required": rules.gates(asked, who),
        "missing": rules.missing(asked, who, traits(), lacking()),
        "allowed": [registry()[kind].name for kind in allowed],
    }
    addable = [
        _offer(method, counts.count(kind) if kind in who.registered else 0)
        for kind in allowed
        if (method := registry().get(kind)) and not (method.most == 1 and kind in who.registered)
    ]
    choosable = enrolling.defaults(mine)
    devices = [
        {
            "id": row.device.pk,
            "name": row.method.name,
            "label": row.label if row.label != row.method.name else "",
            "icon": row.method.icon,
            "added": row.device.created_at,
            "last_used": row.device.last_used_at,
            "changeable": row.method.changeable and not row.fixed and not why_not(row.method),
            "removable": not row.fixed,
            "note": PROBLEMS[Problem.FIXED] if row.fixed else "",
            "default": row.method.kind in choosable and row.method.kind == user.default_method,
            "may_be_default": row.method.kind in choosable and row.method.kind != user.default_method,
        }
        for row in mine
    ]
    return render(
        request, "people/security_info.html", {"devices": devices, "addable": addable, "status": status}
    )


@never_cache
@recent_proof_required
@require_http_methods(["GET", "POST"])
def add(request: HttpRequest, kind: str) -> HttpResponse:
    """Take what a method asks for, and send its code."""
    user = person(request)
    row = standing.policy_row()
    if kind not in rules.methods_for(standing.policy(row), standing.person(user, row), traits(), lacking()):
        raise Http404
    return _begin(request, registry()[kind], instead_of=None)


@never_cache
@recent_proof_required
@require_http_methods(["GET", "POST"])
def change(request: HttpRequest, device: int) -> HttpResponse:
    """Put another in the place of one's own device."""
    own = _own(request, device)
    method = registry()[own.kind]
    if not method.changeable or method.fixed(states.of(own)) or why_not(method):
        raise Http404
    return _begin(request, method, instead_of=own.pk)


@never_cache
@recent_proof_required
@require_http_methods(["GET", "POST"])
def confirm(request: HttpRequest) -> HttpResponse:
    """Take the code that confirms what was begun in this session."""
    asked = _waiting(request)
    if (come := has_come(request, asked)) is not None:
        return come
    if asked is None:
        refusing.tell(request, PROBLEMS[Problem.EXPIRED], Problem.EXPIRED)
        return redirect("security-info")
    user, method = person(request), registry()[asked.kind]
    sends = method.sends and method.sends_to_confirm
    if request.POST.get("action") == "resend" and sends:
        return _again(request, asked, method)
    form = method.answer_form(verification.drawn(asked))(request.POST if request.method == "POST" else None)
    typed = request.method == "POST" and not method.waits and form.is_valid()
    if method.waits or (typed and not _waits(form, throttle.wait((PROVE, (str(user.pk), _SESSION))))):
        text = method.typed(form.cleaned_data) if typed else ""
        result = enrolling.confirm(user, asked.pk, text, binding=binding(request), origin=origin(request))
        if isinstance(result, Device):
            throttle.release(PROVE, str(user.pk), _SESSION)
            return _added(request, method, result)
        if result is Problem.WRONG and not method.waits:
            form.add_error("code", ValidationError(str(method.wrong), code=Problem.WRONG))
        elif result is not Problem.WAITING:
            refusing.tell(request, PROBLEMS[result], result)
            return redirect("security-info")
    context = {"method": method, "form": form, "step": "confirm", "resend": sends}
    return render(request, "people/enrol.html", context | _setup(user, method, asked))


@never_cache
@recent_proof_required
@require_http_methods(["GET", "POST"])
def remove(request: HttpRequest, device: int) -> HttpResponse:
    """Remove one's own device, after one look at what that costs."""
    own, user = _own(request, device), person(request)
    method = registry()[own.kind]
    if method.fixed(states.of(own)):
        raise Http404
    if request.method == "POST":
        enrolling.remove(user, own, actor=user, origin=origin(request))
        update_session_auth_hash(request, user)
        messages.success(request, _("Removed: %(method)s.") % {"method": method.name})
        return redirect("security-info")
    row = next(one for one in enrolling.registered(user) if one.device.pk == own.pk)
    label = row.label if row.label != method.name else ""
    return render(
        request,
        "people/remove.html",
        {"device": {"name": method.name, "label": label}, "warning": _warning(request, own)},
    )


@never_cache
@require_POST
@recent_proof_required
def make_default(request: HttpRequest, device: int) -> HttpResponse:
    """Ask for this method of one's own first from now on."""
    own, user = _own(request, device), person(request)
    try:
        enrolling.make_default(user, own, origin=origin(request))
    except EnrolmentProblem as problem:
        refusing.tell(request, PROBLEMS[problem.code], problem.code)
    else:
        name = registry()[own.kind].name
        messages.success(request, _("We ask you for this first from now on: %(method)s.") % {"method": name})
    return redirect("security-info")


def _setup(user: User, method: Method, asked: Challenge) -> dict[str, Any]:
    """Return what the page shows while a new device is confirmed."""
    shown = dict(
        method.setup(verification.waiting_state(asked), sign_in_name=user.sign_in_name, issuer=current().name)
    )
    if "qr" in shown:
        shown["qr"] = mark_safe(shown["qr"])  # noqa: S308  # segno's own SVG, in which it escaped the title
    return {**shown, **method.waiting(verification.drawn(asked))} if method.waits else shown


def _offer(method: Method, have: int) -> dict[str, Any]:
    full = have >= method.most
    why: str | Promise = PROBLEMS[Problem.TOO_MANY] if full else ""
    return {
        "kind": method.kind,
        "name": method.name,
        "description": method.description,
        "icon": method.icon,
        "reason_unavailable": why,
    }


def _own(request: HttpRequest, device: int) -> Device:
    return get_object_or_404(Device, pk=device, user=person(request), confirmed=True)


def _begin(request: HttpRequest, method: Method, *, instead_of: int | None) -> HttpResponse:
    form = method.enrol_form()(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid() and not _waits(form, _wait_to_send(request, method)):
        try:
            asked = enrolling.begin(
                person(request),
                method.kind,
                form.cleaned_data,
                binding=binding(request),
                language=get_language() or "",
                origin=origin(request),
                instead_of=instead_of,
            )
        except Unacceptable as problem:
            text = ValidationError(str(problem.text), code=problem.code)
            form.add_error(problem.field or next(iter(form.fields)), text)
        except EnrolmentProblem as problem:
            refusing.tell(request, PROBLEMS[problem.code], problem.code)
            return redirect("security-info")
        else:
            if isinstance(asked, Device):
                return _added(request, method, asked)
            request.session[_SESSION] = str(asked.pk)
            return redirect("security-info-confirm")
    return render(request, "people/enrol.html", {"method": method, "form": form, "step": "begin"})


def _added(request: HttpRequest, method: Method, device: Device) -> HttpResponse:
    """Say that it is there, in the one session that is left (ASVS 7.4.3)."""
    request.session.pop(_SESSION, None)
    update_session_auth_hash(request, person(request))
    if method.proves_again:
        accept(request, device)  # its code was typed just now: another would prove no more
    messages.success(request, _("Added: %(method)s.") % {"method": method.name})
    return redirect("security-info")


def _wait_to_send(request: HttpRequest, method: Method) -> timedelta:
    """Count one more code to be sent, and say how long to wait first; what sends nothing costs nothing."""
    sends = method.sends and method.sends_to_confirm
    return wait_to_send(str(person(request).pk), costs=method.costs) if sends else timedelta()


def _waits(form: forms.Form, wait: timedelta) -> bool:
    """Say so on the form when a budget is used up."""
    if wait:
        form.add_error(None, ValidationError(too_often(wait), code=Limit.TOO_OFTEN))
    return bool(wait)


def _waiting(request: HttpRequest) -> Challenge | None:
    if not (pk := request.session.get(_SESSION)):
        return None
    mine = Challenge.objects.filter(user=person(request), purpose=Purpose.ENROL, binding=binding(request))
    still = mine.filter(consumed_at=None, expires_at__gt=timezone.now()).exclude(sealed=None)
    return still.filter(pk=UUID(pk)).first()


def _again(request: HttpRequest, asked: Challenge, method: Method) -> HttpResponse:
    if wait := _wait_to_send(request, method):
        refusing.tell(request, too_often(wait), Limit.TOO_OFTEN)
        return redirect("security-info-confirm")
    newer = verification.challenge(
        method.kind,
        user=person(request),
        state=verification.waiting_state(asked),
        purpose=Purpose.ENROL,
        binding=binding(request),
        language=get_language() or "",
        device=asked.device,
    )
    request.session[_SESSION] = str(newer.pk)
    messages.info(request, once_more(method))
    return redirect("security-info-confirm")


def _warning(request: HttpRequest, own: Device) -> str:
    """Say so when, without this device, the person could not reset any more."""
    user = person(request)
    row = standing.policy_row()
    left = standing.person(user, row)
    if not Device.objects.filter(user=user, kind=own.kind).exclude(pk=own.pk).exists():
        left = replace(left, registered=left.registered - {own.kind})
    enough = rules.is_registered(standing.policy(row), left, traits(), lacking())
    return "" if enough else _("Without it you can't reset a forgotten password yourself.")
