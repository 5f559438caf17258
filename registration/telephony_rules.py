"""What may be texted and called [pure]: ranges that cost more than a call, countries, and what a month may cost.

Facts in, codes out. A pumped message goes to a number whose owner is paid for it: a premium or shared-cost range, a satellite,
a range that nobody was given. Those are refused whatever an organization allows.
"""

import re
from collections.abc import Collection
from decimal import Decimal
from enum import StrEnum

import phonenumbers
from phonenumbers import PhoneNumberType

#: What a person or an office has. Everything else is somebody's business model: premium, shared cost, personal (070), pagers.
ORDINARY = frozenset(
    {
        PhoneNumberType.MOBILE,
        PhoneNumberType.FIXED_LINE,
        PhoneNumberType.FIXED_LINE_OR_MOBILE,
        PhoneNumberType.VOIP,
    }
)
NO_COUNTRY = "001"  # satellites, international networks and shared cost: numbers of no country
_E164 = re.compile(r"\+[1-9][0-9]{1,14}")
SHOWN = 2  # digits at the end of a masked number


class Refusal(StrEnum):
    """Why nothing goes to a number."""

    NOT_A_NUMBER = "not_a_number"
    NOT_ALLOCATED = "not_allocated"
    COSTLY_RANGE = "costly_range"
    NO_COUNTRY = "no_country"
    COUNTRY_NOT_ALLOWED = "country_not_allowed"


def refusal(number: str, countries: Collection[str]) -> Refusal | None:
    """Say why nothing may go to a number in E.164; no countries named means that each may be texted and called.

    >>> refusal("+4915112345678", []), refusal("+4915112345678", ["AT"]).value
    (None, 'country_not_allowed')
    >>> [refusal(number, []).value for number in ("+449098790000", "+881612345678", "+4915", "12")]
    ['costly_range', 'no_country', 'not_allocated', 'not_a_number']
    """
    parsed = _parsed(number)
    if parsed is None:
        return Refusal.NOT_A_NUMBER
    found = phonenumbers.region_codes_for_country_code(parsed.country_code or 0)
    if NO_COUNTRY in found:
        return Refusal.NO_COUNTRY
    if not phonenumbers.is_valid_number(parsed):
        return Refusal.NOT_ALLOCATED
    if phonenumbers.number_type(parsed) not in ORDINARY:
        return Refusal.COSTLY_RANGE
    if countries and country_of(number) not in countries:
        return Refusal.COUNTRY_NOT_ALLOWED
    return None


def country_of(number: str) -> str:
    """Return the country of a number in E.164, as two letters; 001 for a number of no country, empty for none at all.

    >>> country_of("+4915112345678"), country_of("+881612345678"), country_of("nonsense")
    ('DE', '001', '')
    """
    parsed = _parsed(number)
    return phonenumbers.region_code_for_number(parsed) or "" if parsed else ""


def masked(number: str) -> str:
    """Return a number in E.164 as it may be shown at the desk: its country's code and its last two digits.

    >>> masked("+4915112345678"), masked("+12")
    ('+49 •••••••••78', '•••')
    """
    parsed = _parsed(number)
    if parsed is None:
        return "•••"
    code = str(parsed.country_code)
    rest = number.removeprefix(f"+{code}")
    return f"+{code} {'•' * (len(rest) - SHOWN)}{rest[-SHOWN:]}"


def is_within(cap: Decimal, *, spent: Decimal, price: Decimal) -> bool:
    """Say whether one more message of this price stays within what a month may cost.

    >>> is_within(Decimal(1), spent=Decimal("0.90"), price=Decimal("0.10"))
    True
    >>> is_within(Decimal(1), spent=Decimal("0.95"), price=Decimal("0.10"))
    False
    """
    return spent + price <= cap


def _parsed(number: str) -> phonenumbers.PhoneNumber | None:
    if not _E164.fullmatch(number):
        return None
    try:
        return phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        return None
