"""Mobile phone: a code in a text message, or in a call that reads it out.

The public telephone network is a restricted way (NIST SP 800-63B-4, 3.1.3.3): a number can be taken over without its owner's
phone. It is offered beside stronger methods, which stand before it.
"""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from registration import phone_numbers, telephony
from registration.method import Method, State, Unacceptable, Words
from registration.models import User
from registration.phone_forms import FLAWS, number_form, way_form
from registration.phone_numbers import Unusable
from registration.policy import MethodTraits
from registration.purpose import Purpose
from tenants import links, speaking
from tenants.branding.context import here
from tenants.branding.saying import say
from tenants.context import current

SMS, CALL = "sms", "call"
_WAYS: Mapping[str, Words] = {SMS: _("In a text message"), CALL: _("In a call that reads it out")}
_LABEL = _("Mobile number")


class MobilePhone(Method):
    """A code to a mobile number."""

    kind = "mobile_phone"
    name = _("Mobile phone")
    #: With the risk of it, as ASVS 6.6.1 asks.
    description = _("We send a code to your mobile phone. An app is safer: a number can be taken over.")
    prompt = _("Enter the code that came to your mobile phone.")
    icon = "message"
    strength = 60
    traits = MethodTraits(
        kind="mobile_phone",
        gates=frozenset({1, 2}),
        for_administrators=True,
        sole_gate=True,
        needs=None,
        needs_mobile=True,
        restricted=True,
    )
    second_factor = True
    sends = True
    asks_address = True
    set_by_administrators = True
    costs = True
    most = 2  # reference/entra.md b6
    changeable = True

    def hindrance(self) -> Words:
        """Ask for a carrier."""
        return "" if _ways() else _("No carrier for text messages is set up.")

    def enrol_form(self) -> type[forms.Form]:
        """Ask for a mobile number, and how its code should come."""
        return number_form(_LABEL, read=phone_numbers.mobile, ways=_ways())

    def begin(self, data: Mapping[str, object], *, user: User) -> State:
        """Take the number, unless its plan says that it is not mobile, or nothing would be sent to it."""
        try:
            number = phone_numbers.mobile(str(data["number"]), str(data.get("country", "")))
        except Unusable as problem:
            raise Unacceptable(problem.flaw, FLAWS[problem.flaw], field="number") from problem
        way = _way(data)
        if code := telephony.refusal(number, call=way == CALL):
            text = _(
                "Your organization sends nothing to this number. Enter another, or choose another method."
            )
            raise Unacceptable(code, text, field="number")
        return {"number": number, "way": way}

    def identity(self, state: State) -> str:
        """Compare numbers, however they are reached."""
        return state["number"]

    def label(self, state: State) -> str:
        """Return the number."""
        return phone_numbers.shown(state["number"])

    def masked(self, state: State) -> str:
        """Return the country's code and the last two digits."""
        return phone_numbers.masked(state["number"])

    def choice_form(self) -> type[forms.Form]:
        """Ask for the whole number, and how the code should come this time."""
        return number_form(_LABEL, ways=_ways())

    def chosen(self, cleaned: Mapping[str, Any]) -> State:
        """Return the number in E.164, and the way."""
        return {"address": str(cleaned.get("number", "")), "way": _way(cleaned)}

    def aimed(self, state: State, chosen: State) -> State | None:
        """Compare the whole number, and go the way that was chosen."""
        return self.reached(state, chosen) if state["number"] == chosen.get("address") else None

    def way_form(self) -> type[forms.Form]:
        """Ask how the code should come this time."""
        return way_form(_ways())

    def reached(self, state: State, chosen: State) -> State:
        """Go the way that was chosen."""
        return {**state, "way": chosen.get("way", SMS)}

    def deliver(self, state: State, code: str, *, challenge: str, purpose: str, language: str) -> None:
        """Send the code the way that was chosen, as far as it is open now."""
        if _way(state) == CALL:
            telephony.read_out(state["number"], code, challenge=challenge, language=language)
        else:
            words = _words(code, purpose=purpose, language=language)
            telephony.text(state["number"], words, challenge=challenge)

    def decoy(self) -> State:
        """Return a number that nobody has."""
        return {"number": "+10000000000", "way": SMS}


def _ways() -> list[tuple[str, Words]]:
    """Return the ways that are open in this organization."""
    can = telephony.available()
    return [(way, _WAYS[way]) for way, is_open in ((SMS, can.sms), (CALL, can.calls)) if is_open]


def _way(chosen: Mapping[str, object]) -> str:
    """Return the way that was chosen if it is open, else one that is: no call where the edition has none."""
    there = [way for way, _name in _ways()]
    return str(chosen["way"]) if chosen.get("way") in there else there[0] if there else SMS


def _words(code: str, *, purpose: str, language: str) -> str:
    """Return what the message says. Its last line binds the code to this host: a browser fills it in nowhere else."""
    spoken = speaking.known(language) or speaking.known(here().language) or settings.LANGUAGE_CODE
    with translation.override(spoken):
        kind = purpose if purpose in {Purpose.ENROL, Purpose.RESET} else Purpose.PROVE
        words = say(f"sms.{Purpose(kind)}", code=code, organization=current().name[:40])
        warning = gettext("Tell it to nobody.")
    return f"{words} {warning}\n\n@{urlsplit(links.absolute('reset')).hostname} #{code}"
