"""The desk's page "Roles and administrators": who has which role, what each may do, and granting and taking them."""

from collections import defaultdict
from typing import Any
from uuid import UUID

from django.apps import apps
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, URLResolver, path
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from registration import people, roles
from registration.labels import ACTIONS, ROLES, ROLES_ABOUT, VERBS
from registration.models import User
from registration.origin import origin
from registration.people import PersonProblem
from registration.proof import person
from registration.roles import Role
from tenants.context import is_provider
from tenants.desks import DeskModelAdmin

#: How many holders of one role are shown; more than that is a finding in itself.
SHOWN = 100
PAGE = "admin:registration_role_changelist"


class RolesDesk(DeskModelAdmin):
    """The page of roles, beside that of people."""

    def get_urls(self) -> list[URLPattern | URLResolver]:
        """Add the page, and the two addresses that its forms post to."""
        mine = [
            path("roles/", self.admin_site.admin_view(self._roles), name="registration_role_changelist"),
            path("roles/grant/", self.admin_site.admin_view(self._grant), name="registration_role_grant"),
            path("roles/take/", self.admin_site.admin_view(self._take), name="registration_role_take"),
        ]
        return [*mine, *super().get_urls()]

    def _roles(self, request: HttpRequest) -> HttpResponse:
        """Show every role with its holders."""
        by = person(request)
        if not by.has_perm(roles.VIEW_ROLES):
            raise PermissionDenied
        valid, grantable = roles.valid_roles(is_provider()), roles.grantable(by.roles_in_force)
        holders = _holders(valid)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.model._meta,
            "title": gettext("Roles and administrators"),
            "roles": [_shown(role, holders[role], grantable=role in grantable) for role in valid],
            "highest": ROLES[roles.highest(provider=is_provider())],
            "may_grant": bool(grantable),
            "me": by,
        }
        return TemplateResponse(request, "desk/roles.html", context)

    def _grant(self, request: HttpRequest) -> HttpResponse:
        """Grant a role to who has this sign-in name."""
        role, name = _wanted(request), request.POST.get("sign_in_name", "").strip().lower()
        user = User.objects.filter(sign_in_name=name).first()
        if user is None:
            messages.error(request, gettext("There is nobody called “%(name)s” here.") % {"name": name[:113]})
            return redirect(PAGE)
        _change(request, user, [*user.roles, role] if role not in user.roles else user.roles)
        return redirect(PAGE)

    def _take(self, request: HttpRequest) -> HttpResponse:
        """Take a role from somebody."""
        role = _wanted(request)
        try:
            user = get_object_or_404(User, pk=UUID(request.POST.get("user", "")))
        except ValueError:
            raise PermissionDenied from None
        _change(request, user, [one for one in user.roles if one != role])
        return redirect(PAGE)


def words(action: str) -> tuple[str, str]:
    """Return an action in words: what it is about, and what is done there."""
    if action in ACTIONS:
        return "", str(ACTIONS[action])
    app_label, _dot, rest = action.partition(".")
    verb, _line, model = rest.partition("_")
    return capfirst(str(apps.get_model(app_label, model)._meta.verbose_name_plural)), str(VERBS[verb])


def may(role: Role) -> list[str]:
    """Return what a role may do, in words: a line for each page with its verbs, then what is no page."""
    pages: dict[str, list[str]] = defaultdict(list)
    others = []
    verbs = list(VERBS)
    for action in sorted(roles.TABLE[role], key=lambda one: _order(one, verbs)):
        about, verb = words(action)
        if about:
            pages[about].append(verb)
        else:
            others.append(verb)
    told = [
        gettext("%(page)s: %(verbs)s") % {"page": page, "verbs": ", ".join(doing)}
        for page, doing in pages.items()
    ]
    return [*sorted(told), *others]


def _order(action: str, verbs: list[str]) -> tuple[str, int]:
    verb, _line, model = action.partition(".")[2].partition("_")
    return model, verbs.index(verb) if verb in verbs else len(verbs)


def _holders(valid: tuple[Role, ...]) -> dict[str, list[User]]:
    """Return who holds each role, by one statement."""
    found: dict[str, list[User]] = defaultdict(list)
    theirs = User.objects.filter(roles__overlap=[str(role) for role in valid]).order_by("sign_in_name")
    for user in theirs.only("sign_in_name", "name", "roles", "is_active"):
        for role in user.roles:
            found[role].append(user)
    return found


def _shown(role: Role, holders: list[User], *, grantable: bool) -> dict[str, Any]:
    over = [ROLES[other] for other in Role if other in roles.OVER.get(role, ())]
    return {
        "value": role.value,
        "name": ROLES[role],
        "about": ROLES_ABOUT[role],
        "holders": holders[:SHOWN],
        "count": len(holders),
        "more": max(0, len(holders) - SHOWN),
        "may": may(role),
        "over": _over(role, over),
        "grantable": grantable,
    }


def _over(role: Role, over: list[Promise]) -> str | Promise:
    if role not in roles.OVER:
        return _("Acts on nobody's account.")
    names = ", ".join(str(name) for name in over)
    return gettext("Acts on the accounts of people without a role, and of: %(roles)s.") % {"roles": names}


def _wanted(request: HttpRequest) -> Role:
    """Return the role of a form that was posted, when this person may grant it."""
    mine = person(request).roles_in_force
    wanted = request.POST.get("role", "")
    if (
        request.method != "POST"
        or wanted not in roles.grantable(mine)
        or not roles.may(mine, roles.GRANT_ROLES)
    ):
        raise PermissionDenied
    return Role(wanted)


def _change(request: HttpRequest, user: User, after: list[str]) -> None:
    """Change somebody's roles by the flow; say what it refused."""
    by = person(request)
    if user == by:
        messages.error(request, gettext("Another administrator has to change your roles."))
        return
    known = [role for role in after if role in roles.valid_roles(is_provider())]
    try:
        people.change(user, {"roles": known}, actor=by, origin=origin(request))
    except PersonProblem as problem:
        messages.error(request, str(problem))
    else:
        messages.success(request, gettext("The roles of %(name)s were changed.") % {"name": user})
