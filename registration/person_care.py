"""A person's page on the desk, as Entra's "Authentication methods" of a user: where they stand, and what can be done for them.

What can be done is a registry (`registration.caring`). Each has a page of its own that says what it does and takes a POST,
also for roles that may not change the person.
"""

import functools
from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, URLResolver, path
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from registration import activation, caring, enrolling, people, person_page, reregistering, roles
from registration.caring import Care, Words
from registration.method import registry
from registration.models import Device, User
from registration.origin import origin
from registration.people import PersonProblem
from registration.proof import person
from registration.roles_desk import RolesDesk

Perform = Callable[[HttpRequest, User], None]


class PersonCare(RolesDesk):
    """The part of a person's page that is about getting in."""

    change_form_outer_before_template = "desk/person.html"

    class Media:
        css = {"all": ["desk-person.css"]}

    def get_urls(self) -> list[URLPattern | URLResolver]:
        """Add an address for each thing that can be done for a person."""
        mine = [
            path(
                f"<uuid:pk>/{care.name}/",
                self.admin_site.admin_view(functools.partial(self._care, name=care.name)),
                name=f"registration_user_{care.name}",
            )
            for care in caring.cares()
        ]
        remove = path(
            "<uuid:pk>/remove-method/",
            self.admin_site.admin_view(self._remove),
            name="registration_user_remove-method",
        )
        return [*mine, remove, *super().get_urls()]

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: Any = None,
    ) -> HttpResponse:
        """Show where the person stands; say what the flow refused."""
        try:
            answer: HttpResponse = super().changeform_view(request, object_id, form_url, extra_context)
        except PersonProblem as problem:
            messages.error(request, str(problem))
            return redirect(request.get_full_path())
        if isinstance(answer, TemplateResponse) and answer.context_data is not None:
            user = answer.context_data.get("original")
            if isinstance(user, User):
                answer.context_data["care"] = person_page.shown(user, by=person(request), request=request)
        return answer

    def _care(self, request: HttpRequest, pk: UUID, name: str) -> HttpResponse:
        """Say what it does, and do it."""
        care = next(one for one in caring.cares() if one.name == name)
        user = _of(request, pk, care.action, own=care.own)
        if not care.applies(user):
            messages.info(request, gettext("There is nothing to do here now."))
            return redirect("admin:registration_user_change", user.pk)
        why_not = care.hindrance(request, user)
        if request.method != "POST" or why_not:
            return self._asked(
                request,
                user,
                care.title,
                [] if why_not else care.does(request, user),
                why_not=why_not,
                option=care.option,
                option_help=care.option_help,
                grave=care.grave,
            )
        try:
            answer = care.perform(request, user)
        except PersonProblem as problem:
            messages.error(request, str(problem))
            answer = None
        if isinstance(answer, TemplateResponse):
            answer.context_data = {**self._frame(request), **(answer.context_data or {})}
        return answer or redirect("admin:registration_user_change", user.pk)

    def _remove(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Take one method away, of this person and of nobody else."""
        user = _of(request, pk, "registration.delete_device", own=False)
        asked = (request.POST if request.method == "POST" else request.GET).get("device", "")
        rows = [row for row in enrolling.registered(user) if str(row.device.pk) == asked]
        if not rows:
            messages.error(request, gettext("This method is not there any more."))
            return redirect("admin:registration_user_change", user.pk)
        row = rows[0]
        if request.method == "POST":
            enrolling.remove(user, row.device, actor=person(request), origin=origin(request))
            messages.success(request, gettext("%(method)s was removed.") % {"method": row.method.name})
            return redirect("admin:registration_user_change", user.pk)
        named = row.method.name if row.masked == row.method.name else f"{row.method.name}: {row.masked}"
        does: list[Words] = [
            gettext("This is removed: %(method)s.") % {"method": named},
            _("They are signed out everywhere, and told at each of their addresses, this one included."),
        ]
        if len(enrolling.registered(user)) == 1:
            does.append(
                _(
                    "It is their last method. Whoever knows their password can then sign in and register methods of their own."
                )
            )
        return self._asked(request, user, gettext("Remove a method"), does, grave=True, device=row.device.pk)

    def _asked(
        self, request: HttpRequest, user: User, title: Words, does: list[Words], **more: Any
    ) -> HttpResponse:
        words = {"title": gettext("%(what)s: %(name)s") % {"what": title, "name": user}, "button": title}
        context = {**self._frame(request), **words, "original": user, "does": does, **more}
        return TemplateResponse(request, "desk/care.html", context)

    def _frame(self, request: HttpRequest) -> dict[str, Any]:
        return {**self.admin_site.each_context(request), "opts": self.model._meta}


def invite(request: HttpRequest, user: User) -> None:
    """Make a one-time link, and say where it went, masked where that is their own; without any address it is shown once."""
    link = activation.invite(user, actor=person(request), origin=origin(request))
    sent = gettext("The one-time link for %(name)s was mailed to %(address)s.")
    shown = gettext("Hand this one-time link to %(name)s; it is shown only now: %(link)s")
    to = activation.address(user)
    seen = to if to == user.primary_address else registry()["email"].masked({"address": to})
    messages.info(request, (sent if to else shown) % {"name": user, "address": seen, "link": link})


def _of(request: HttpRequest, pk: UUID, action: str, *, own: bool) -> User:
    """Return the person whom something is done for, weighed for itself; not oneself, where that makes no sense."""
    user = get_object_or_404(User, pk=pk)
    mine = person(request)
    if not roles.may_for(mine.roles_in_force, action, user.roles_in_force) or (user == mine and not own):
        raise PermissionDenied
    return user


def _said(request: HttpRequest, text: str, user: User) -> None:
    messages.success(request, text % {"name": user})


def _release(request: HttpRequest, user: User) -> None:
    people.release_reset(user, actor=person(request), origin=origin(request))
    _said(request, gettext("%(name)s can reset their password again."), user)


def _reregister(request: HttpRequest, user: User) -> None:
    reregistering.require(
        user,
        with_password=request.POST.get("option") == "on",
        actor=person(request),
        origin=origin(request),
    )
    _said(request, gettext("%(name)s registers their methods anew when they sign in next."), user)


def _end_sessions(request: HttpRequest, user: User) -> None:
    people.end_all_sessions(user, actor=person(request), origin=origin(request))
    _said(request, gettext("%(name)s is signed out everywhere."), user)


def _disable(request: HttpRequest, user: User) -> None:
    people.change(user, {"is_active": False}, actor=person(request), origin=origin(request))
    _said(request, gettext("%(name)s is disabled."), user)


def _enable(request: HttpRequest, user: User) -> None:
    people.change(user, {"is_active": True}, actor=person(request), origin=origin(request))
    _said(request, gettext("%(name)s is enabled."), user)


def _has_no_password(user: User) -> bool:
    return not user.has_usable_password() and user.is_active


def _uninvitable(request: HttpRequest, user: User) -> Words:
    """Say why no link is sent or shown: it would be enough alone for somebody of whom a reset asks their methods.

    Who has had a password owns the account. A link that asks for none of their methods, or that is shown, or mailed where an
    administrator has just said, is what a code that is enough alone is (`resets.helping`), and takes the same role.
    """
    to = activation.address(user)
    has_methods = Device.objects.filter(user=user, confirmed=True).exists()
    used = user.password_changed_at is not None
    may_pass = roles.may_for(person(request).roles_in_force, roles.ISSUE_PASS, user.roles_in_force)
    if has_methods and not to:
        return _(
            "They have methods and no address. The link would be shown to you and ask for none of them: start a password"
            " reset instead."
        )
    if has_methods and used and not may_pass:
        return _(
            "They have methods, and the link would ask for none of them: start a password reset instead."
        )
    reaches_them = to and not (to == user.primary_address and people.has_new_address(user))
    if not used or reaches_them or may_pass:
        return ""
    return _(
        "They have registered nothing and have no primary address, or it was changed within a day. A code would be enough"
        " alone: only an Authentication Administrator or a Global Administrator may give one out."
    )


def _told(*sentences: Words) -> Callable[[HttpRequest, User], list[Words]]:
    return lambda _request, _user: list(sentences)


for _care in (
    Care(
        name="require-registration",
        action=roles.REQUIRE_REGISTRATION,
        title=_("Require re-registration"),
        does=_told(
            _(
                "Every method that they registered is removed, and they are signed out everywhere. At their next sign-in"
                " they register methods anew, before anything else; they can't put it off."
            ),
            _(
                "Until then their password alone lets them in, and lets whoever knows it register methods of their own. They"
                " are told at each of their addresses, and can object."
            ),
        ),
        perform=_reregister,
        option=_("Somebody else may know their password"),
        option_help=_(
            "It then opens nothing any more. Start a password reset for them afterwards. Default: no."
        ),
        grave=True,
    ),
    Care(
        name="end-sessions",
        action=roles.END_SESSIONS,
        title=_("End all sessions"),
        does=_told(
            _("They are signed out in every browser, and sign in again with their password."),
            _("Nothing else changes: their password and their methods stay."),
        ),
        perform=_end_sessions,
        own=True,
    ),
    Care(
        name="release",
        action=roles.RELEASE_RESET,
        title=_("Let them reset again now"),
        does=_told(
            _(
                "What keeps them waiting ends: too many tries in their name, or a reset that they said was not theirs."
            ),
            _("Make sure first that it is they who ask you: somebody else may have made these tries."),
        ),
        perform=_release,
        applies=lambda user: person_page.is_blocked(user) or people.is_waiting(user),
    ),
    Care(
        name="invite",
        action=roles.RESET_FOR,
        title=_("Send a new one-time link"),
        does=_told(
            _(
                "They have no password. A link by which they choose one is mailed to them; where they have no address, it is"
                " shown to you, once. It works once, within 72 hours, and earlier links end."
            ),
        ),
        perform=invite,
        applies=_has_no_password,
        hindrance=_uninvitable,
    ),
    Care(
        name="disable",
        action="registration.change_user",
        title=_("Disable the account"),
        does=_told(
            _("They can neither sign in nor reset, and are signed out everywhere."),
            _("Nothing is deleted: you can enable the account again."),
        ),
        perform=_disable,
        applies=lambda user: user.is_active,
        grave=True,
    ),
    Care(
        name="enable",
        action="registration.change_user",
        title=_("Enable the account"),
        does=_told(_("They can sign in and reset again, with the password and the methods that they have.")),
        perform=_enable,
        applies=lambda user: not user.is_active,
    ),
):
    caring.offer(_care)
