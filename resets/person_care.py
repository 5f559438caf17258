"""What this room adds to a person's page on the desk: starting a reset for them, and their last resets."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from registration import caring, roles
from registration import wording as registration_wording
from registration.caring import Care, Panel
from registration.models import User
from registration.origin import origin
from registration.proof import person
from resets import starting
from resets.desk import outcome
from resets.helping import Refusal
from resets.models import Reset
from resets.starting import NotNow
from resets.wording import HELP, NO_HELP
from tenants.links import absolute

_LAST = 5


def _does(request: HttpRequest, user: User) -> list[str | Promise]:
    found = starting.plan(user, actor=person(request))
    if isinstance(found, Refusal):
        return []
    return [
        HELP[found.help] % {"address": found.shown},
        _("They choose the password themselves: you neither see nor set it."),
        _("They are told at each of their addresses who started it, and can object."),
    ]


def _hindrance(request: HttpRequest, user: User) -> str | Promise:
    found = starting.plan(user, actor=person(request))
    return NO_HELP[found] if isinstance(found, Refusal) else ""


def _start(request: HttpRequest, user: User) -> HttpResponse | None:
    if wait := starting.may_start(user, actor=person(request)):
        messages.error(request, registration_wording.too_often(wait))
        return None
    try:
        plan, ticket = starting.start(user, actor=person(request), origin=origin(request))
    except NotNow as refused:
        messages.error(request, str(NO_HELP[refused.why]))
        return None
    if not ticket.code:
        text = gettext("A link to begin the reset was mailed to %(address)s. It works once, within an hour.")
        messages.success(request, text % {"address": plan.shown})
        return redirect("admin:registration_user_change", user.pk)
    context = {
        "title": gettext("Reset for %(name)s") % {"name": user},
        "person": user,
        "code": ticket.code,
        "help": plan.help,
        "address": plan.shown,
        "until": ticket.expires_at,
        "page": absolute("reset-help"),
    }
    return TemplateResponse(request, "desk/reset_started.html", context)


def _rows(user: User) -> list[tuple[str | Promise, str | Promise]]:
    found = Reset.objects.filter(user=user).order_by("-created_at")[:_LAST]
    return [
        (
            date_format(timezone.localtime(one.created_at), "DATETIME_FORMAT"),
            f"{outcome(one)} · {one.reference}",
        )
        for one in found
    ]


def _all(user: User) -> str:
    return f"{reverse('admin:resets_reset_changelist')}?q={user.sign_in_name}"


caring.offer(
    Care(
        name="start-reset",
        action=roles.RESET_FOR,
        title=_("Start a password reset"),
        does=_does,
        hindrance=_hindrance,
        perform=_start,
        first=True,
    )
)
caring.show(Panel(action="resets.view_reset", title=_("Last resets"), rows=_rows, link=_all))
