"""The pages that interrupt somebody who has signed in: register what is missing, and look at what is registered again."""

from datetime import datetime
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from registration import enrolling, interrupting, interrupts, lifetime, people
from registration import policy as rules
from registration.method import Method, registry
from registration.models import User
from registration.origin import origin
from registration.proof import person


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def register(request: HttpRequest) -> HttpResponse:
    """Offer the strongest method that is missing, the others behind it, and to put it off while that is possible.

    Adding one is done by security info's own pages; who comes back from there is sent here again until enough are registered.
    """
    user, now = person(request), timezone.now()
    if request.method == "POST" and _may_skip(user, user.asked_to_register_at, now):
        people.put_off_registering(user, origin=origin(request))
        interrupting.settle(request)
        return redirect(interrupting.onward(request))
    since = people.ask_to_register(user, now)
    found = interrupting.facts(user)
    asked, who = found.asked, found.person
    offered = [_shown(registry()[kind]) for kind in interrupts.offers(asked, who)]
    missing = rules.missing(asked.policy, who, asked.traits, asked.lacking)
    context = {
        "best": offered[:1],
        "others": offered[1:],
        "missing": missing,
        "steps": _steps(rules.gates(asked.policy, who), missing),
        "may_skip": _may_skip(user, since, now),
        "days": lifetime.days_left(since + interrupts.SKIPPABLE, now),
    }
    return render(request, "people/register.html", context)


@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def reconfirm(request: HttpRequest) -> HttpResponse:
    """Show the registered methods, masked, and ask whether they are still right; changing them is security info's."""
    user = person(request)
    if request.method == "POST":
        interrupting.settle(request)
        if request.POST.get("action") == "change":
            interrupting.onward(request)
            return redirect("security-info")
        people.review(user, origin=origin(request))
        return redirect(interrupting.onward(request))
    rows = [
        {
            "name": row.method.name,
            "icon": row.method.icon,
            "detail": row.masked if row.masked != row.method.name else "",
        }
        for row in enrolling.registered(user)
    ]
    return render(request, "people/reconfirm.html", {"devices": rows})


def _may_skip(user: User, first_asked: datetime | None, now: datetime) -> bool:
    """Say whether it can be put off: not where an administrator asked for it."""
    return not user.must_register and interrupts.may_skip(first_asked, now)


def _steps(required: int, missing: int) -> list[tuple[str, str]]:
    """Return the methods that are asked for and how far each is; nothing where it is one."""
    names = [_("First method"), _("Second method")] if required > 1 else []
    here = required - missing
    return [(name, "done" if n < here else "current" if n == here else "") for n, name in enumerate(names)]


def _shown(method: Method) -> dict[str, Any]:
    return {
        "kind": method.kind,
        "name": method.name,
        "description": method.description,
        "icon": method.icon,
    }
