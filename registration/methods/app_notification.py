"""Mobile app notification: the authenticator page on a person's phone is asked, and they type the number that this page shows.

Approving without a number is not offered: whoever is woken at night presses what makes it stop (NIST SP 800-63B-4, 3.1.3.1).
"""

import secrets
from collections.abc import Mapping
from datetime import timedelta

from django import forms
from django.utils.translation import gettext_lazy as _

from registration.answer_forms import NothingForm
from registration.authenticator import api, limits, pairing, push
from registration.authenticator.messages import encoded
from registration.method import Endpoint, Method, State
from registration.models import Challenge, User
from registration.policy import MethodTraits


class AppNotification(Method):
    """A request to the authenticator page of this host."""

    kind = "app_notification"
    name = _("App notification")
    description = _("Your phone asks you, and you type the number that you see here. No app store is needed.")
    prompt = _("Open the authenticator on your phone and type this number there:")
    icon = "bell"
    strength = 90
    traits = MethodTraits(
        kind="app_notification",
        gates=frozenset({1, 2}),
        for_administrators=True,
        sole_gate=True,
        needs=None,
        needs_mobile=True,
    )
    second_factor = True
    sends = True
    waits = True
    sends_to_confirm = False
    life = timedelta(seconds=60)
    wrong = _("Another number was typed on the phone. Ask once more, or use another method.")
    most = 5  # reference/entra.md b6

    def enrol_form(self) -> type[forms.Form]:
        """Ask for nothing: the phone brings its key and its name."""
        return NothingForm

    def begin(self, data: Mapping[str, object], *, user: User) -> State:
        """Make the code that a phone pairs by; what the phone is, it says itself."""
        return {"code": pairing.new_code()}

    def finder(self, state: State) -> str:
        """Find a registration by its code."""
        return state.get("code", "")

    def identity(self, state: State) -> str:
        """Tell phones apart by their keys, and registrations by their codes."""
        return state.get("key") or state["code"]

    def label(self, state: State) -> str:
        """Return the name that the phone was given."""
        return state.get("name") or str(self.name)

    def masked(self, state: State) -> str:
        """Return how the phone's name begins.

        >>> AppNotification().masked({"name": "Chrome on Android", "key": "…"})
        'Ch•••'
        """
        name = state.get("name", "")
        return f"{name[: min(2, len(name) - 1)]}•••" if name else str(self.name)

    def setup(self, state: State, *, sign_in_name: str, issuer: str) -> Mapping[str, str]:
        """Show the way to the page, with the code, as a QR code and to be typed."""
        return pairing.shown(state["code"]) if "code" in state else {}

    def draw(self, state: State, *, seed: str) -> State:
        """Draw the number; the phone is never told."""
        return {"number": f"{secrets.randbelow(90) + 10}"}

    def lets_through(self, asked: Challenge) -> bool:
        """Hold back what would wear the person down."""
        return limits.may_ring(asked)

    def deliver(self, state: State, code: str, *, challenge: str, purpose: str, language: str) -> None:
        """Wake each of the person's phones; one that is open asks by itself."""
        push.wake(code, language=language)

    def endpoints(self) -> Mapping[str, Endpoint]:
        """Speak with phones."""
        return api.ENDPOINTS

    def decoy(self) -> State:
        """Return a phone that nobody has."""
        return {"key": encoded(b"\x04" + secrets.token_bytes(64)), "name": ""}
