"""What a desk does for one person's way in: say how their password stands, release a blocked reset, send a new one-time link.

Buttons in the person's form, each to an address of its own that takes a POST: also for roles that may not change the person.
"""

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, URLResolver, path, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from registration import activation, lifetime, people, roles
from registration.facts import password_state, rules
from registration.lifetime import State
from registration.method import registry
from registration.models import User
from registration.origin import origin
from registration.proof import person
from tenants.desks import DeskModelAdmin

_BUTTON = "border border-base-200 dark:border-base-700 font-medium inline-block mt-2 px-3 py-2 rounded-default cursor-pointer"


class PersonCare(DeskModelAdmin):
    """The part of a person's page that is about getting in."""

    def get_urls(self) -> list[URLPattern | URLResolver]:
        """Add the two buttons' addresses."""
        each = (("release", self._release), ("invite", self._invite))
        mine = [
            path(f"<uuid:pk>/{name}/", self.admin_site.admin_view(view), name=f"registration_user_{name}")
            for name, view in each
        ]
        return [*mine, *super().get_urls()]

    @display(description=_("password"))
    def show_password(self, obj: User) -> SafeString:
        """Say how the password stands, and what can be done about it."""
        lines: list[str | Promise] = [_how_it_stands(obj)]
        buttons = []
        blocked = bool(obj.reset_blocked_until and obj.reset_blocked_until > timezone.now())
        if blocked:
            until = date_format(timezone.localtime(obj.reset_blocked_until), "DATETIME_FORMAT")
            lines.append(
                _(
                    "They said that a change of their password was not theirs. Nobody can reset it before %(until)s (UTC),"
                    " unless you release it."
                )
                % {"until": until}
            )
        waits = people.is_waiting(obj)
        if waits:
            lines.append(
                _(
                    "Too many tries were made in their name, perhaps not by them. They may have to wait, or type longer codes,"
                    " unless you release it. Make sure first that it is they who ask you."
                )
            )
        if blocked or waits:
            buttons.append(("release", _("Let them reset again now")))
        if not obj.has_usable_password() and obj.is_active:
            buttons.append(("invite", _("Send a new one-time link")))
        shown = [
            (_BUTTON, reverse(f"admin:registration_user_{name}", args=[obj.pk]), words)
            for name, words in buttons
        ]
        return format_html(
            "{}{}",
            format_html_join("", "<div>{}</div>", ((line,) for line in lines)),
            format_html_join(
                " ",
                '<button type="submit" class="{}" formaction="{}" formmethod="post" formnovalidate>{}</button>',
                shown,
            ),
        )

    def _release(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        user = _of(request, pk, roles.RELEASE_RESET)
        people.release_reset(user, actor=person(request), origin=origin(request))
        messages.success(request, gettext("%(name)s can reset their password again.") % {"name": user})
        return redirect("admin:registration_user_change", user.pk)

    def _invite(self, request: HttpRequest, pk: UUID) -> HttpResponse:
        """Send somebody who has no password a one-time link to choose one: the desk chooses and sees none (ASVS 6.4.6)."""
        user = _of(request, pk, roles.RESET_FOR)
        if user.has_usable_password() or not user.is_active:
            raise PermissionDenied
        invite(request, user)
        return redirect("admin:registration_user_change", user.pk)


def invite(request: HttpRequest, user: User) -> None:
    """Make a one-time link, and say where it went, masked where that is their own; without any address it is shown once."""
    link = activation.invite(user, actor=person(request), origin=origin(request))
    sent = gettext("The one-time link for %(name)s was mailed to %(address)s.")
    shown = gettext("Hand this one-time link to %(name)s; it is shown only now: %(link)s")
    to = activation.address(user)
    seen = to if to == user.primary_address else registry()["email"].masked({"address": to})
    messages.info(request, (sent if to else shown) % {"name": user, "address": seen, "link": link})


def _of(request: HttpRequest, pk: UUID, action: str) -> User:
    """Return the person of a button that was pressed, weighed for itself."""
    user = get_object_or_404(User, pk=pk)
    if request.method != "POST" or not roles.may_for(
        person(request).roles_in_force, action, user.roles_in_force
    ):
        raise PermissionDenied
    return user


def _how_it_stands(user: User) -> str | Promise:
    if not user.has_usable_password():
        return _("None: they can't sign in with one.")
    state = password_state(user)
    if state is State.MUST_CHANGE:
        return _("Must be changed at the next sign-in.")
    if state is State.EXPIRED:
        return _("Expired: must be changed at the next sign-in.")
    end = lifetime.expires_at(user.password_since, rules().lifetime_days)
    if end is None or user.source != User.Source.CLOUD:
        return _("In use.")
    return _("In use until %(date)s.") % {"date": date_format(end, "DATE_FORMAT")}
