"""The pages of signing in and registering, of nobody, for whoever looks at how they would look."""

from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from registration import choosing
from registration.audit import Activity
from registration.forms import ChangePasswordForm, SignInForm
from registration.method import Method, registry
from registration.models import User
from tenants.branding.previews import Drawn, contribute
from tenants.branding.saying import say


def _sign_in(request: HttpRequest, about: str) -> Drawn:
    return "account/login.html", {"form": SignInForm()}


def _enrol(request: HttpRequest, about: str) -> Drawn:
    if about == "enrol.confirm":
        email = registry()["email"]
        return "people/enrol.html", {"method": email, "step": "confirm", "form": email.answer_form({})()}
    app = registry()["app_code"]
    return "people/enrol.html", {"method": app, "step": "confirm", "qr": " ", "form": app.answer_form({})()}


def _dead(key: str) -> Drawn:
    return "people/message.html", {
        "tone": "info",
        "title": say(f"{key}.dead-heading"),
        "text": say(f"{key}.dead"),
    }


def _activate(request: HttpRequest, about: str) -> Drawn:
    if about.startswith("activate.dead"):
        return _dead("activate")
    return "people/activate.html", {}


def _change(request: HttpRequest, about: str) -> Drawn:
    rules = choosing.shown(User(), activity=Activity.PASSWORD_CHANGED)
    return "people/change_password.html", {"form": ChangePasswordForm(), **rules}


def _register(request: HttpRequest, about: str) -> Drawn:
    methods = list(registry().values())
    shown = [
        {"kind": one.kind, "name": one.name, "description": one.description, "icon": one.icon}
        for one in methods
    ]
    return "people/register.html", {
        "best": shown[:1],
        "others": shown[1:],
        "missing": 1,
        "may_skip": True,
        "days": 14,
    }


def _info(request: HttpRequest, about: str) -> Drawn:
    devices = [] if about == "info.none" else [_device(one) for one in _two()]
    return "people/security_info.html", {"devices": devices, "status": {"registered": True}}


def _reconfirm(request: HttpRequest, about: str) -> Drawn:
    return "people/reconfirm.html", {"devices": [_device(one) for one in _two()]}


def _verify(request: HttpRequest, about: str) -> Drawn:
    if about in {"verify.unusable", "verify.none"}:
        return "people/verify.html", {"none_usable": about == "verify.unusable"}
    options = [{"kind": one.kind, "name": one.name, "icon": one.icon, "detail": ""} for one in _two()]
    return "people/verify.html", {"options": options, "first": options[0]["kind"]}


def _again(request: HttpRequest, about: str) -> Drawn:
    return "account/reauthenticate.html", {"form": SignInForm(), "redirect_field": ""}


def _sign_out(request: HttpRequest, about: str) -> Drawn:
    return "account/logout.html", {"redirect_field": ""}


def _objection(request: HttpRequest, about: str) -> Drawn:
    if about.startswith("objection.dead"):
        return _dead("objection")
    return "people/objection.html", {"about_password": True, "done": about == "objection.done"}


def _two() -> list[Method]:
    return [registry()["app_code"], registry()["email"]]


def _device(method: Method) -> dict[str, Any]:
    label = "ad•••@home.example" if method.kind == "email" else ""
    return {
        "name": method.name,
        "icon": method.icon,
        "label": label,
        "detail": label,
        "added": timezone.now(),
    }


contribute("sign_in", _("Sign-in"), _sign_in, usual=True)
contribute("activate", _("Activating an account"), _activate)
contribute("change", _("Changing the password"), _change)
contribute("register", _("Registration"), _register)
contribute("enrol", _("Adding a method"), _enrol)
contribute("info", _("Security info"), _info)
contribute("reconfirm", _("Looking at what is registered again"), _reconfirm)
contribute("verify", _("Second proof after sign-in"), _verify)
contribute("again", _("Sign-in, once more before something important"), _again)
contribute("sign-out", _("Signing out"), _sign_out)
contribute("objection", _("Objecting to a change"), _objection)
