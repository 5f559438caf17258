"""The pages of a reset. Each parses and answers; `resets.flow` decides and writes.

One address for each step, and each sends whoever is elsewhere to where they are: the back button, a second tab and a replayed
form find the reset as it stands.
"""

import functools
from collections.abc import Callable
from enum import StrEnum
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from registration import choosing, enrolling, verification
from registration import wording as registration_wording
from registration.audit import Activity
from registration.codes import Limit
from registration.forms import NewPasswordForm
from registration.guessing import TooOften
from registration.method import Method, registry
from registration.models import Challenge, User
from registration.origin import origin
from registration.passwords import Refused
from registration.verification import Outcome
from resets import browser, codes, flow, kiosk, wording, writing_back
from resets.flow import Standing
from resets.forms import StartForm
from resets.journey import Entry, Step, Stop, Written
from resets.pages import render
from resets.writeback import codes as directory_codes
from resets.writeback import homes, queue, standing_words
from resets.writeback.domain_rules import DomainRules
from resets.writeback.homes import Hindrance
from resets.writeback.queue import Away
from tenants import refusing
from tenants.branding.saying import say

_PAGES = {
    Step.GATE: "reset-verify",
    Step.WAITING: "reset-wait",
    Step.PASSWORD: "reset-password",
    Step.WRITING: "reset-wait",
    Step.UNKNOWN: "reset-stopped",
    Step.DONE: "reset-done",
    Step.STOPPED: "reset-stopped",
}
StepView = Callable[[HttpRequest, Standing], HttpResponse]


def _page(*steps: Step) -> Callable[[StepView], Callable[[HttpRequest], HttpResponse]]:
    """Make a view of this browser's reset that serves these steps, and sends elsewhere whoever is at another."""

    def decorate(view: StepView) -> Callable[[HttpRequest], HttpResponse]:
        @functools.wraps(view)
        def served(request: HttpRequest) -> HttpResponse:
            at = browser.find(request)
            if at is None:
                return redirect("reset")
            refusing.refer(request, at.reset.reference)
            if _is_kiosk(at) != kiosk.here(request) or (_is_kiosk(at) and at.stopped == Stop.EXPIRED):
                return redirect(kiosk.START)  # which forgets it
            if _is_kiosk(at) and request.method == "POST" and at.step is not Step.STOPPED:
                flow.touch(at.reset)
            return view(request, at) if at.step in steps else redirect(_PAGES[at.step])

        return never_cache(sensitive_post_parameters()(require_http_methods(["GET", "POST"])(served)))

    return decorate


@never_cache
@require_http_methods(["GET", "POST"])
def start(request: HttpRequest, entry: Entry = Entry.WEB) -> HttpResponse:
    """Ask who it is, and whether it is a person. A kiosk begins at an empty screen each time."""
    if entry is Entry.KIOSK and request.method == "GET":
        browser.forget(request)
    if code := flow.unavailable():
        refusing.refuse(request, codes.reason(code))
        words = {"text": say(f"reset-unavailable.{code}"), "code": code}
        return render(request, "resets/unavailable.html", words, status=403)
    if request.POST.get("action") == "stay":  # a kiosk's page without a script, that is to stay as it is
        form = StartForm(initial={"sign_in_name": request.POST.get("sign_in_name", "")[:113]})
        return render(request, "resets/start.html", {"form": form, "steps": _steps(None)})
    form = StartForm(request.POST or None, initial={"sign_in_name": request.GET.get("username", "")[:113]})
    if request.method == "POST" and form.is_valid():
        name, here = form.cleaned_data["sign_in_name"], origin(request)
        may = flow.may_start(name, here)
        if may.allowed:
            browser.begin(request, name, entry)
            return redirect("reset-verify")
        if may.first:
            flow.refuse_start(name, origin=here, entry=entry, reference=may.reference)
        refusing.refer(request, may.reference)
        form.add_error(None, _error(registration_wording.too_often(may.retry_after), Stop.TOO_OFTEN))
    return render(request, "resets/start.html", {"form": form, "steps": _steps(None)})


@_page(Step.GATE)
def verify(request: HttpRequest, at: Standing) -> HttpResponse:
    """Take one proof."""
    action, here = request.POST.get("action", ""), origin(request)
    asked = at.reset.challenge
    method = registry()[asked.kind] if asked is not None else None
    if action == "abandon":
        flow.abandon(at.reset, origin=here)
        return redirect("account_login")
    typed_next = method is not None and not method.waits and not method.answers_at_once
    if asked is not None and method is not None and typed_next and action not in {"choose", "back"}:
        return _enter_answer(request, at, asked, method)
    return _choose(request, at)


@_page(Step.PASSWORD)
def password(request: HttpRequest, at: Standing) -> HttpResponse:
    """Take the new password, twice; where the account lives in a directory, only while that can be reached."""
    if at.home is not None and homes.is_away(at.home):
        return _away(request, at)
    form = NewPasswordForm(request.POST or None)
    try:
        if request.POST.get("action") == "unlock":
            return _further(request, flow.unlock(at.reset, origin=origin(request)))
        if request.method == "POST" and form.is_valid():
            new = form.cleaned_data["new_password"]
            return _further(request, flow.set_password(at.reset, new, origin=origin(request)))
    except Refused as refused:
        flow.refuse_password(at.reset, refused, origin=origin(request))
        form.refuse(refused.violations)
    except Away:
        return _away(request, at)
    rules = DomainRules() if at.home is None else writing_back.rules_of(at.home)
    if at.reset.refused and not form.is_bound:
        refusing.show(request, directory_codes.reason(at.reset.refused), at.reset.reference)
    context = {
        "form": form,
        **choosing.shown(at.reset.user or User(), activity=Activity.PASSWORD_RESET, floor=rules.floor),
        "domain_rules": standing_words.rules(rules),
        "unlockable": at.home is not None and homes.may_unlock(at.home),
        "refused_words": ""
        if form.is_bound or not at.reset.refused
        else standing_words.refused(at.reset.refused),
        "steps": _steps(at),
        "deadline": at.reset.expires_at,
        "sign_in_name": at.reset.user.sign_in_name if at.reset.user else "",
    }
    return render(request, "resets/password.html", context)


def _further(request: HttpRequest, after: Standing) -> HttpResponse:
    """Go where a reset stands; a directory's answer is looked for a moment, so that most need not wait on a page."""
    job = writing_back.open_job(after.reset) if after.step is Step.WRITING else None
    if job is not None:
        writing_back.await_answer(job.pk)
        found = browser.find(request)
        after = found if found is not None else after
    return redirect(_PAGES[after.step])


def _away(request: HttpRequest, at: Standing) -> HttpResponse:
    """Say that the directory cannot be reached, before a password is typed in vain; the reset stays where it is."""
    refusing.refuse(request, Hindrance.AWAY)
    context = {
        "title": say(f"reset-stopped.{Hindrance.AWAY}.title"),
        "text": say(f"reset-stopped.{Hindrance.AWAY}.text"),
        "deadline": at.reset.expires_at,
        "reference": at.reset.reference,
    }
    return render(request, "resets/away.html", context, status=503)


@_page(Step.WAITING, Step.WRITING)
def wait(request: HttpRequest, at: Standing) -> HttpResponse:
    """Wait for a phone, a call or a directory; the page asks again by itself."""
    asked = at.reset.challenge
    if at.step is Step.WRITING or asked is None:
        return _writing(request, at)
    action, method = request.POST.get("action", ""), registry()[asked.kind]
    if action == "abandon":
        flow.abandon(at.reset, origin=origin(request))
        return redirect("account_login")
    if action == "back":
        flow.withdraw(at.reset)
        return redirect("reset-verify")
    if action == "resend" and method.sends:
        _once_more(request, at, method)
        return redirect("reset-wait")
    after, outcome = flow.answer(at.reset, "", origin=origin(request))
    if outcome is not Outcome.WAITING:
        return redirect(_PAGES[after.step])
    context = {
        **method.waiting(verification.drawn(asked)),
        "answering": method,
        "steps": _steps(at),
        "deadline": at.reset.expires_at,
    }
    return render(request, "resets/wait.html", {"options": flow.offered(at), **context})


def _writing(request: HttpRequest, at: Standing) -> HttpResponse:
    """Wait for a directory; one that does not answer in time ends the wait."""
    job = writing_back.open_job(at.reset)
    if job is not None and queue.look(job.pk).is_over:
        found = browser.find(request)
        if found is not None and found.step is not Step.WRITING:
            return redirect(_PAGES[found.step])
    text = (
        _("Your account is being unlocked in your organization's directory.")
        if at.reset.unlocks
        else _("Your new password is on its way to your organization's directory.")
    )
    return render(request, "resets/wait.html", {"text": text, "steps": _steps(at), "soon": True})


@_page(Step.DONE)
def done(request: HttpRequest, at: Standing) -> HttpResponse:
    """Say that it is done. Nobody is signed in by it, and whoever was in this browser no longer is."""
    response = render(request, "resets/done.html", {"unlocked": at.reset.unlocks})
    if kiosk.here(request):
        browser.forget(request)
    elif request.user.is_authenticated:
        browser.keep_only_this(request)
    return response


@_page(Step.STOPPED, Step.UNKNOWN)
def stopped(request: HttpRequest, at: Standing) -> HttpResponse:
    """Say why it has ended, with what the help desk will ask for."""
    if at.step is Step.UNKNOWN:
        words = wording.UNKNOWN
        code = "outcome_unknown"
        refusing.show(request, Written.UNKNOWN)
    else:
        words, code = wording.STOPPED[at.stopped], at.stopped
        refusing.show(request, codes.reason(at.stopped))
    context = {
        "title": say(f"reset-stopped.{code}.title"),
        "text": say(f"reset-stopped.{code}.text"),
        "again": words.again,
        "code": code,
        "reference": at.reset.reference,
    }
    return render(request, "resets/stopped.html", context)


def _is_kiosk(at: Standing) -> bool:
    return at.reset.entry == Entry.KIOSK


def _choose(request: HttpRequest, at: Standing) -> HttpResponse:
    """Let a method be chosen: one asks for the whole address here, another for its code at once."""
    chosen = request.POST.get("method", "") if request.POST.get("action") == "choose" else ""
    forms_by_kind = {
        kind: registry()[kind].choice_form()(request.POST if kind == chosen else None, prefix=kind)
        for kind in flow.offered(at)
    }
    form = forms_by_kind.get(chosen)
    if form is not None and form.is_valid():
        method, here = registry()[chosen], origin(request)
        aim = method.chosen(form.cleaned_data)
        wait = flow.wait_before_challenge(at.reset, chosen, aim, here)
        if wait:
            form.add_error(None, _error(registration_wording.too_often(wait), Limit.TOO_OFTEN))
        else:
            flow.challenge(at.reset, chosen, chosen=aim, language=get_language() or "", origin=here)
            if not method.answers_at_once or _judged(request, at, method, form):
                return redirect("reset-verify")
    elif request.POST.get("action") == "choose" and form is None:
        messages.error(request, _("Choose one of these methods."))
    long = flow.is_long(at.reset)
    options = [_option(at, kind, one, long=long) for kind, one in forms_by_kind.items()]
    context = {
        "unanswered": flow.went_unanswered(at.reset),
        "options": options,
        "choice": chosen or flow.default_of(at),
        "form": form,
        "steps": _steps(at),
        "deadline": at.reset.expires_at,
    }
    return render(request, "resets/gate.html", context)


def _enter_answer(request: HttpRequest, at: Standing, asked: Challenge, method: Method) -> HttpResponse:
    """Take the code that was sent, or send another; or take the answers to what is asked."""
    action = request.POST.get("action", "")
    form = method.answer_form(verification.drawn(asked))(request.POST if action == "answer" else None)
    if action == "resend" and method.sends:
        _once_more(request, at, method)
        return redirect("reset-verify")
    if action == "answer" and form.is_valid() and _judged(request, at, method, form):
        return redirect("reset-verify")
    context = {
        "answering": method,
        "form": form,
        "steps": _steps(at),
        "deadline": at.reset.expires_at,
        "options": flow.offered(at),
    }
    return render(request, "resets/gate.html", context)


def _once_more(request: HttpRequest, at: Standing, method: Method) -> None:
    """Ask once more, at the same address and in the same way."""
    here, aim = origin(request), flow.last_chosen(at.reset)
    if wait := flow.wait_before_challenge(at.reset, method.kind, aim, here):
        refusing.tell(request, registration_wording.too_often(wait), Limit.TOO_OFTEN)
    else:
        flow.challenge(at.reset, method.kind, chosen=aim, language=get_language() or "", origin=here)
        messages.info(request, registration_wording.once_more(method))


def _judged(request: HttpRequest, at: Standing, method: Method, form: forms.Form) -> bool:
    """Judge an answer; say so on the form when it is wrong and another try is left."""
    try:
        after, outcome = flow.answer(at.reset, method.typed(form.cleaned_data), origin=origin(request))
    except TooOften as refused:
        form.add_error(None, _error(registration_wording.too_often(refused.wait), Limit.TOO_OFTEN))
        return False
    if outcome is Outcome.PASSED or after.step is not Step.GATE:
        return True
    expired = registration_wording.PROBLEMS[enrolling.Problem.EXPIRED]
    field = "code" if "code" in form.fields else None
    form.add_error(field, _error(expired if outcome is Outcome.EXPIRED else method.wrong, outcome))
    return False


def _error(words: object, why: StrEnum) -> ValidationError:
    """Return an error of a form whose code stands on the page."""
    return ValidationError(str(words), code=why)


def _option(at: Standing, kind: str, form: forms.Form, *, long: bool) -> dict[str, Any]:
    method = registry()[kind]
    if long and method.long_prompt:
        form["code"].help_text = str(method.long_prompt)
    detail = ""
    if at.reset.passed and at.reset.user is not None:
        mine = [
            row
            for row in enrolling.registered(at.reset.user)
            if row.method.kind == kind and row.masked != method.name
        ]
        detail = ", ".join(row.masked for row in mine)
    return {"kind": kind, "name": method.name, "detail": detail, "icon": method.icon, "form": form}


def _steps(at: Standing | None) -> list[tuple[str, str]]:
    """Return the steps and how far each is. Before the first proof their number is the organization's, not the person's."""
    gates = flow.shown_gates(at)
    proofs = [[], [_("Proof")], [_("First proof"), _("Second proof")]][gates]
    names = [_("Who you are"), *proofs, _("New password")]
    here = (
        0
        if at is None
        else len(names) - 1
        if at.step in {Step.PASSWORD, Step.WRITING}
        else 1 + (gates - at.asked.gates_left if at.reset.passed else 0)
    )
    return [(name, "done" if n < here else "current" if n == here else "") for n, name in enumerate(names)]
