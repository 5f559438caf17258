"""What a person's page on the desk shows: where they stand and why, their methods with dates, what happened last."""

from collections.abc import Iterator
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from licensing.editions import Feature
from licensing.guards import decision
from registration import caring, enrolling, lifetime, people, policy, roles, standing
from registration import state as states
from registration.facts import password_state, rules
from registration.labels import POLICY
from registration.licences import lacking, why_not
from registration.lifetime import State
from registration.method import registry, traits
from registration.models import AuditEvent, User
from registration.wording import ACTIVITIES

_LAST = 10
Words = str | Promise


def shown(user: User, *, by: User, request: HttpRequest) -> dict[str, Any]:
    """Return what the page shows of a person to this administrator."""
    return {
        "person": user,
        "facts": [*_facts(user)],
        "notes": [*_notes(user)],
        "methods": _methods(user, by),
        "settable": [*_settable(user, by)],
        "buttons": [*_buttons(user, by)],
        "events": [*_events(user)] if by.has_perm("registration.view_auditevent") else None,
        "all_events": f"{reverse('admin:registration_auditevent_changelist')}?q={user.sign_in_name}",
        "panels": [
            {"title": panel.title, "rows": panel.rows(user), "link": panel.link(user)}
            for panel in caring.panels()
            if by.has_perm(panel.action)
        ],
    }


def is_blocked(user: User) -> bool:
    """Say whether nobody can reset this person's password for now, since they said that a change was not theirs."""
    return bool(user.reset_blocked_until and user.reset_blocked_until > timezone.now())


def _facts(user: User) -> Iterator[tuple[Words, Words, str]]:
    """Give each fact with its answer, and whether that is good, bad or neither."""
    row = standing.policy_row()
    asked, person = standing.policy(row), standing.person(user, row)
    allows, lacks = decision(Feature.RESET_PASSWORD).allowed, lacking()
    is_registered = policy.is_registered(asked, person, traits(), lacks)
    is_enabled = policy.is_enabled(asked, person, edition_allows=allows)
    may = policy.may_reset(asked, person, traits(), edition_allows=allows, lacking=lacks)
    yield _("Registered"), *_yes(is_registered)
    yield _("Enabled for password reset"), *_yes(is_enabled)
    yield _("Capable"), *_yes(is_registered and is_enabled)
    yield _("Can they reset their password now?"), POLICY[may.code], "good" if may.allowed else "bad"
    yield _("Password"), _how_it_stands(user), ""
    last = user.last_login
    yield _("Last sign-in"), _at(last) if last else _("Never"), ""


def _notes(user: User) -> Iterator[Words]:
    if not user.is_active:
        yield _("The account is disabled: they can neither sign in nor reset.")
    if user.must_register:
        yield _("They register their methods anew when they sign in next.")
    if is_blocked(user):
        yield _(
            "They said that a change of their password was not theirs. Nobody can reset it before %(until)s (UTC),"
            " unless you release it."
        ) % {"until": _at(user.reset_blocked_until)}
    if people.is_waiting(user):
        yield _(
            "Too many tries were made in their name, perhaps not by them. They may have to wait, or type longer codes,"
            " unless you release it. Make sure first that it is they who ask you."
        )


def _methods(user: User, by: User) -> list[dict[str, Any]]:
    removable = user != by and roles.may_for(
        by.roles_in_force, "registration.delete_device", user.roles_in_force
    )
    remove = reverse("admin:registration_user_remove-method", args=[user.pk])
    return [
        {
            "name": row.method.name,
            "detail": row.masked if row.masked != row.method.name else "",
            "default": row.method.kind == user.default_method,
            "added": row.device.created_at,
            "by": _("an administrator") if row.method.is_administered(states.of(row.device)) else "",
            "used": row.device.last_used_at,
            "remove": f"{remove}?device={row.device.pk}" if removable else "",
        }
        for row in enrolling.registered(user)
    ]


def _settable(user: User, by: User) -> Iterator[dict[str, Any]]:
    """Give what an administrator can register for them, with why not where that is so."""
    if not roles.may_for(by.roles_in_force, "registration.add_device", user.roles_in_force):
        return
    for method in registry().values():
        if method.set_by_administrators:
            reason = why_not(method)
            yield {
                "words": gettext("Set %(method)s") % {"method": method.name},
                "link": ""
                if reason
                else reverse(f"admin:registration_user_set_{method.kind}", args=[user.pk]),
                "why_not": reason,
            }


def _buttons(user: User, by: User) -> Iterator[dict[str, Any]]:
    """Give what this administrator can do for the person."""
    for care in caring.cares():
        may = roles.may_for(by.roles_in_force, care.action, user.roles_in_force)
        if may and (user != by or care.own) and care.applies(user):
            link = reverse(f"admin:registration_user_{care.name}", args=[user.pk])
            yield {"words": care.title, "link": link, "grave": care.grave}
    if user != by and roles.may_for(by.roles_in_force, "registration.delete_user", user.roles_in_force):
        link = reverse("admin:registration_user_delete", args=[user.pk])
        yield {"words": _("Delete the person"), "link": link, "grave": True}


def _events(user: User) -> Iterator[dict[str, Any]]:
    for one in AuditEvent.objects.filter(subject_id=user.pk).order_by("-at")[:_LAST]:
        yield {
            "at": one.at,
            "words": ACTIVITIES.get(one.activity, one.activity),  # type: ignore[call-overload]  # a text is its enum's member
            "failed": one.status == AuditEvent.Status.FAILURE,
            "status": one.get_status_display(),
            "actor": one.actor,
            "link": reverse("admin:registration_auditevent_change", args=[one.pk]),
        }


def _how_it_stands(user: User) -> Words:
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


def _yes(is_so: bool) -> tuple[Words, str]:
    return (_("Yes"), "good") if is_so else (_("No"), "bad")


def _at(moment: Any) -> str:
    return date_format(timezone.localtime(moment), "DATETIME_FORMAT")
