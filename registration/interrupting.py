"""Whoever has signed in does first what `registration.interrupts` says is due: asked here, of every page but a few.

The password costs no query: it is asked of every page. Registration is asked once in a session, after sign-in; what is
registered or removed later is not asked for before the next sign-in.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any

from django.db.models import Min
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, resolve_url
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from licensing.editions import Feature
from licensing.guards import decision
from registration import interrupts, people, policy, standing
from registration.facts import password_state, rules
from registration.interrupts import Asked, Facts, Interrupt
from registration.licences import lacking
from registration.lifetime import State
from registration.method import traits
from registration.models import Device, User
from registration.policy import Person, ResetPolicy
from registration.proof import person
from tenants.links import inward

#: Where each is done.
PAGES: Mapping[Interrupt, str] = MappingProxyType(
    {
        Interrupt.CHANGE_PASSWORD: "password",
        Interrupt.REGISTER: "register",
        Interrupt.RECONFIRM: "reconfirm",
    }
)
#: What nobody is kept from: leaving, the language, the change itself, and what needs nobody to be signed in, such as the
#: addresses by which a phone answers; it may be the very browser that is asked to register.
FREE = frozenset(
    {
        "account_logout",
        "admin:logout",
        "language",
        "password",
        "password-wait",
        "captcha",
        "csp-report",
        "activate",
        "activate-password",
        "objection",
        "object",
        "method-endpoint",
        "reset",
        "reset-verify",
        "reset-wait",
        "reset-password",
        "reset-done",
        "reset-stopped",
        "reset-help",
        "reset-help-link",
        "reset-kiosk",
        "reset-kiosk-stay",
        "reset-kiosk-over",
    }
)
#: The same for whole rooms of addresses: the page that is a phone, an organization's look, and the demo's inbox.
FREE_ROOMS = frozenset({"authenticator", "brand", "demo"})
#: What registering needs beside its own page.
REGISTERING = frozenset({"security-info-add", "security-info-confirm", "verify", "account_reauthenticate"})
REASONS: Mapping[State, Promise] = MappingProxyType(
    {
        State.EXPIRED: _(
            "Your password has expired. Choose a new one, then you go on to where you were going."
        ),
        State.MUST_CHANGE: _(
            "You are asked to choose a new password, then you go on to where you were going."
        ),
    }
)
_SETTLED, _GOING = "registration_settled", "going"


class InterruptMiddleware:
    """Send whoever has something to do first to its page, and on to where they were going when nothing is left."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass on."""
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *_view: Any) -> HttpResponse | None:
        """Ask, once it is known which page is wanted; a page that nobody is kept from asks nothing."""
        page = request.resolver_match
        if page is None or page.view_name in FREE or FREE_ROOMS.intersection(page.namespaces):
            return None
        if not request.user.is_authenticated:
            return None
        due = _due(request)
        if due is None:
            return _let_go(request, page.view_name)
        if page.view_name == PAGES[due] or (due is Interrupt.REGISTER and page.view_name in REGISTERING):
            return None
        if request.method == "GET":
            request.session.setdefault(_GOING, request.get_full_path())
        return redirect(PAGES[due])


def facts(user: User) -> Facts:
    """Read where a person stands with their registration: three queries, four where a reconfirmation may be due."""
    asked, row = rules(), standing.policy_row()
    who = standing.person(user, row)
    return Facts(
        Asked(
            policy=standing.policy(row),
            traits=traits(),
            lacking=lacking(),
            edition_allows=decision(Feature.RESET_PASSWORD).allowed,
            require_registration=asked.require_registration,
            reconfirm_days=asked.reconfirm_days,
        ),
        who,
        proved_since=_proved_since(user) if who.registered and asked.reconfirm_days else None,
        confirmed_at=user.info_confirmed_at,
        must_register=user.must_register,
    )


def begin(request: HttpRequest) -> None:
    """Ask anew in this session: somebody has just signed in."""
    request.session.pop(_SETTLED, None)
    request.session.pop(_GOING, None)


def settle(request: HttpRequest) -> None:
    """Ask no more in this session."""
    request.session[_SETTLED] = True


def onward(request: HttpRequest) -> str:
    """Return where the person was going before they were interrupted, once."""
    return inward(request, request.session.pop(_GOING, ""), resolve_url("home"))


def _due(request: HttpRequest) -> Interrupt | None:
    user = person(request)
    ended = password_state(user).ended
    wanted = rules().require_registration or user.must_register
    asks = wanted and not ended and _SETTLED not in request.session
    found = facts(user) if asks else Facts(Asked(ResetPolicy(), ()), Person(), password_ended=ended)
    due = interrupts.first(found, timezone.now())
    if asks and due is not Interrupt.REGISTER and _is_waited_for(user, found):
        people.has_registered(user)
    if asks and due is None:
        settle(request)
    return due


def _is_waited_for(user: User, found: Facts) -> bool:
    """Say whether it is kept of a person that they were asked; an administrator's word stays until it can be followed."""
    if user.must_register:
        return not policy.missing(found.asked.policy, found.person, found.asked.traits, found.asked.lacking)
    return user.asked_to_register_at is not None


def _let_go(request: HttpRequest, page: str) -> HttpResponse | None:
    """Send on whoever has just done the last of it, and whoever stands at a page that asks for nothing any more."""
    at_an_end = page in {PAGES[Interrupt.REGISTER], PAGES[Interrupt.RECONFIRM]}
    if not at_an_end and (_GOING not in request.session or request.method != "GET"):
        return None
    to = onward(request)
    return redirect(to) if to != request.get_full_path() else None


def _proved_since(user: User) -> datetime | None:
    """Return since when the oldest method is there; nothing where the person has confirmed them so late that none is due."""
    within = timezone.now() - timedelta(days=rules().reconfirm_days)
    if user.info_confirmed_at is not None and user.info_confirmed_at > within:
        return None
    oldest: datetime | None = Device.objects.filter(user=user, confirmed=True).aggregate(
        at=Min("created_at")
    )["at"]
    return oldest
