"""Office phone: a call to a line that is not mobile, answered by pressing #.

Whoever sits at that desk can press it, so it is no second factor: it opens no desk, and does not stand in the way of who works
elsewhere.
"""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from licensing.editions import Feature
from registration import phone_numbers, telephony
from registration.method import Method, State, Unacceptable, Words
from registration.models import Policy, User
from registration.phone_forms import FLAWS, number_form
from registration.phone_numbers import Unusable
from registration.policy import MethodTraits

_LABEL = _("Office number")


class OfficePhone(Method):
    """A call to an office, and a key."""

    kind = "office_phone"
    name = _("Office phone")
    description = _("We call your desk; you answer and press the # key.")
    prompt = _(
        "If this number is yours, it rings in a moment. Answer the call, and press # when you are asked to."
    )
    icon = "call"
    strength = 50
    traits = MethodTraits(
        kind="office_phone",
        gates=frozenset({1, 2}),
        for_administrators=True,
        sole_gate=True,
        needs=Feature.PHONE_CALLS,
    )
    second_factor = False
    sends = True
    waits = True
    asks_address = True
    costs = True
    set_by_administrators = True
    most = 1
    changeable = True
    again = _("Call again")

    def hindrance(self) -> Words:
        """Ask for a carrier that calls."""
        return "" if telephony.available().carrier_calls else _("No carrier for calls is set up.")

    def enrol_form(self) -> type[forms.Form]:
        """Ask for the number."""
        return number_form(_LABEL, read=phone_numbers.fixed)

    def begin(self, data: Mapping[str, object], *, user: User) -> State:
        """Take the number, unless its plan says that it is mobile, it has an extension, or it would not be called."""
        try:
            number = phone_numbers.fixed(str(data["number"]), str(data.get("country", "")))
        except Unusable as problem:
            raise Unacceptable(problem.flaw, FLAWS[problem.flaw], field="number") from problem
        if code := telephony.refusal(number, call=True):
            text = _("Your organization calls no such number. Enter another, or choose another method.")
            raise Unacceptable(code, text, field="number")
        return {"number": number}

    def identity(self, state: State) -> str:
        """Compare numbers."""
        return state["number"]

    def label(self, state: State) -> str:
        """Return the number."""
        return phone_numbers.shown(state["number"])

    def masked(self, state: State) -> str:
        """Return the country's code and the last two digits."""
        return phone_numbers.masked(state["number"])

    def fixed(self, state: State) -> bool:
        """Keep what an administrator set, unless the policy lets its owner correct it."""
        return self.is_administered(state) and not Policy.objects.get().users_may_change_office_phone

    def choice_form(self) -> type[forms.Form]:
        """Ask for the whole number."""
        return number_form(_LABEL)

    def chosen(self, cleaned: Mapping[str, Any]) -> State:
        """Return the number in E.164."""
        return {"address": str(cleaned.get("number", ""))}

    def aimed(self, state: State, chosen: State) -> State | None:
        """Compare the whole number."""
        return state if state["number"] == chosen.get("address") else None

    def deliver(self, state: State, code: str, *, challenge: str, purpose: str, language: str) -> None:
        """Call, and settle the challenge by what is pressed."""
        telephony.ring(state["number"], challenge=challenge, language=language)

    def decoy(self) -> State:
        """Return a number that nobody has."""
        return {"number": "+10000000000"}
