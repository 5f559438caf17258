"""The one door to the telephone: methods hand a text or a call to the organization's carrier here, and nowhere else.

Only jobs call the first three. Each challenge is texted or called once, however often its job runs.
"""

from dataclasses import dataclass

import phonenumbers

from licensing.editions import Feature, Reason
from licensing.guards import decision
from registration.method import Undeliverable

__all__ = [
    "Availability",
    "Undeliverable",
    "Unreached",
    "available",
    "country_of",
    "read_out",
    "ring",
    "text",
]


class Unreached(Exception):
    """The carrier did not take it, for now: to be tried again."""


@dataclass(frozen=True)
class Availability:
    """What can be used at all: whether there is a carrier for each, whether the edition includes calls, and why."""

    sms: bool
    carrier_calls: bool
    calls_included: bool
    calls_reason: Reason

    @property
    def calls(self) -> bool:
        """Whether calls can be made."""
        return self.carrier_calls and self.calls_included


def text(number: str, words: str, *, challenge: str) -> None:
    """Hand a text message to the organization's carrier.

    Raises `Undeliverable` when it must not or cannot be sent, `Unreached` to have it tried again.
    """
    raise Undeliverable("no_carrier")


def read_out(number: str, code: str, *, challenge: str, language: str) -> None:
    """Call, and read a code digit by digit in a language, twice; raises as `text` does."""
    raise Undeliverable("no_carrier")


def ring(number: str, *, challenge: str, language: str) -> None:
    """Call, ask to press #, and settle the challenge by what is pressed; raises as `text` does.

    # approves. Another key, silence or a machine proves nothing.
    """
    raise Undeliverable("no_carrier")


def available() -> Availability:
    """Return which of both can be used in the entered organization; no query while warm."""
    included = decision(Feature.PHONE_CALLS)
    return Availability(
        sms=False, carrier_calls=False, calls_included=included.allowed, calls_reason=included.reason
    )


def refusal(number: str, *, call: bool = False) -> str:
    """Return why nothing would be sent to a number in E.164, as a code, or an empty text."""
    return ""


def country_of(number: str) -> str:
    """Return the country of a number in E.164, as two letters; 001 for a number of no country, empty for none at all.

    >>> country_of("+4915112345678"), country_of("+881612345678"), country_of("nonsense")
    ('DE', '001', '')
    """
    try:
        parsed = phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        return ""
    return phonenumbers.region_code_for_number(parsed) or ""
