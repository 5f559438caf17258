"""The pages of a reset, of nobody, for whoever looks at how they would look."""

from datetime import timedelta

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from registration import choosing
from registration.audit import Activity
from registration.forms import NewPasswordForm
from registration.method import registry
from registration.models import User
from registration.policy import Code
from resets.forms import StartForm
from resets.journey import Stop
from resets.texts import STOPPED, UNAVAILABLE
from resets.wording import STOPPED as REASONS
from tenants.branding.previews import Drawn, contribute
from tenants.branding.saying import say

_STAYS = timedelta(minutes=15)


def _start(request: HttpRequest, about: str) -> Drawn:
    form = StartForm()
    del form.fields["captcha"]  # a challenge would be made for it
    return "resets/start.html", {"form": form, "steps": _steps(0)}


def _gate(request: HttpRequest, about: str) -> Drawn:
    if about == "reset-gate.code":
        email = registry()["email"]
        context = {"answering": email, "form": email.answer_form({})(), "options": ["email", "app_code"]}
    else:
        kinds = ["email"] if about == "reset-gate.only" else ["app_code", "email"]
        context = {"options": [_option(kind) for kind in kinds], "choice": kinds[0]}
    return "resets/gate.html", {**context, **_frame(1)}


def _password(request: HttpRequest, about: str) -> Drawn:
    rules = choosing.shown(User(), activity=Activity.PASSWORD_RESET)
    return "resets/password.html", {"form": NewPasswordForm(), **rules, **_frame(2)}


def _done(request: HttpRequest, about: str) -> Drawn:
    kiosk = {"seconds": 120, "minutes": 2, "held": False} if about == "reset-done.kiosk" else None
    return "resets/done.html", {"kiosk": kiosk, "unlocked": about.startswith("reset-done.unlocked")}


def _stopped(request: HttpRequest, about: str) -> Drawn:
    code = _code(about, STOPPED.key) or Stop.EXPIRED.value
    words = {part: say(f"{STOPPED.key}.{code}.{part}") for part in ("title", "text")}
    again = code not in REASONS or REASONS[code].again
    return "resets/stopped.html", {**words, "again": again, "code": code, "reference": "ABCD-1234"}


def _unavailable(request: HttpRequest, about: str) -> Drawn:
    code = _code(about, UNAVAILABLE.key)
    code = Code.POLICY_NONE.value if code in {"", "heading"} else code
    return "resets/unavailable.html", {"text": say(f"{UNAVAILABLE.key}.{code}"), "code": code}


def _code(about: str, section: str) -> str:
    """Return the code in a text's key; empty where it is about another page."""
    return about.removeprefix(f"{section}.").partition(".")[0] if about.startswith(f"{section}.") else ""


def _option(kind: str) -> dict[str, object]:
    method = registry()[kind]
    return {
        "kind": kind,
        "name": method.name,
        "detail": "",
        "icon": method.icon,
        "form": method.choice_form()(prefix=kind),
    }


def _frame(step: int) -> dict[str, object]:
    return {"steps": _steps(step), "deadline": timezone.now() + _STAYS}


def _steps(here: int) -> list[tuple[str, str]]:
    names = [_now("Who you are"), _now("Proof"), _now("New password")]
    return [(name, "done" if n < here else "current" if n == here else "") for n, name in enumerate(names)]


contribute("reset_start", _("Reset: who it is"), _start, usual=True)
contribute("reset_gate", _("Reset: proof"), _gate, usual=True)
contribute("reset_password", _("Reset: new password"), _password, usual=True)
contribute("reset_done", _("Reset: done"), _done, usual=True)
contribute("reset_stopped", _("Reset: ended without a new password"), _stopped)
contribute("reset_unavailable", _("Reset: not available"), _unavailable)
