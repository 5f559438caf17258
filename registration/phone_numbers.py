"""Phone numbers: read as people write them, told apart by their country's numbering plan, and hidden but for their ends.

Pure: a text in, a number in E.164 or a code out. What a plan says is as good as the phonenumbers package; where it does not
tell mobile and fixed lines apart, as in North America, a number passes as either.
"""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

import phonenumbers
from babel import Locale, UnknownLocaleError
from phonenumbers import NumberParseException, PhoneNumber, PhoneNumberType

#: Characters that a browser may send: the longest number has 15 digits, and people put spaces, brackets and hyphens between.
LONGEST = 40
#: Every country and region that has numbers.
CODES = frozenset(phonenumbers.SUPPORTED_REGIONS)
_MOBILE = frozenset({PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE})
_FIXED = frozenset({PhoneNumberType.FIXED_LINE, PhoneNumberType.FIXED_LINE_OR_MOBILE, PhoneNumberType.VOIP})
#: Isolates a text that is read from left to right in one that is not: an option of a list takes no markup.
_LEFT_TO_RIGHT, _END = "\N{LEFT-TO-RIGHT ISOLATE}", "\N{POP DIRECTIONAL ISOLATE}"


class Flaw(StrEnum):
    """Why a text is not a number that can be used."""

    NO_NUMBER = "no_number"
    NO_COUNTRY = "no_country"
    TOO_SHORT = "too_short"
    TOO_LONG = "too_long"
    NOT_IN_USE = "not_in_use"
    EXTENSION = "extension"
    NOT_MOBILE = "not_mobile"
    NOT_FIXED = "not_fixed"


class Unusable(ValueError):
    """A text is no number that can be used; `flaw` says why."""

    def __init__(self, flaw: Flaw) -> None:
        super().__init__(flaw)
        self.flaw = flaw


@dataclass(frozen=True)
class Country:
    """A country or region of the numbering plans, by its code, in somebody's language."""

    code: str
    name: str
    prefix: int

    def __str__(self) -> str:
        return f"{self.name} {_LEFT_TO_RIGHT}(+{self.prefix}){_END}"


def typed(text: str, country: str = "") -> str:
    """Return what was typed as E.164, whether or not such a number is in use. Raises `Unusable` for what is no number.

    With a country's code before it the number says itself where it belongs; otherwise it is one of `country`. An extension is
    left out.

    >>> [typed(text, "DE") for text in ("0151 2345 6789", "0049 (0)151-23456789", "+49 151 23456789", "٠١٥١٢٣٤٥٦٧٨٩")]
    ['+4915123456789', '+4915123456789', '+4915123456789', '+4915123456789']
    >>> typed("+1 206 555 0100 ext. 7", "DE"), typed("0039 06 698 1")
    ('+12065550100', '+39066981')
    >>> typed("0151 23456789")
    Traceback (most recent call last):
    registration.phone_numbers.Unusable: no_country
    """
    return _e164(_parsed(text, country))


def mobile(text: str, country: str = "") -> str:
    """Return a mobile number in E.164, where the plan tells. Raises `Unusable`.

    >>> mobile("0151 23456789", "DE"), mobile("(206) 555-0100", "US")
    ('+4915123456789', '+12065550100')
    >>> mobile("030 123456", "DE")
    Traceback (most recent call last):
    registration.phone_numbers.Unusable: not_mobile
    >>> mobile("+870 772 001 899")
    Traceback (most recent call last):
    registration.phone_numbers.Unusable: not_in_use
    """
    return _of_kind(text, country, _MOBILE, Flaw.NOT_MOBILE)


def fixed(text: str, country: str = "") -> str:
    """Return the number of a line that is not mobile, in E.164, where the plan tells. Raises `Unusable`.

    >>> fixed("030 123456", "DE"), fixed("(206) 555-0100", "US")
    ('+4930123456', '+12065550100')
    >>> fixed("030 123456 ext 9", "DE")
    Traceback (most recent call last):
    registration.phone_numbers.Unusable: extension
    """
    return _of_kind(text, country, _FIXED, Flaw.NOT_FIXED)


def shown(number: str) -> str:
    """Return a number as people read it, with its country's code.

    >>> shown("+4915123456789"), shown("+12065550100")
    ('+49 1512 3456789', '+1 206-555-0100')
    """
    return phonenumbers.format_number(
        phonenumbers.parse(number), phonenumbers.PhoneNumberFormat.INTERNATIONAL
    )


def masked(number: str) -> str:
    """Return a country's code and the last two digits, and not how many there are between.

    >>> masked("+4915123456789"), masked("+12065550100")
    ('+49 ••••• 89', '+1 ••••• 00')
    """
    return f"+{phonenumbers.parse(number).country_code} ••••• {number[-2:]}"


@cache
def countries(language: str) -> Sequence[Country]:
    """Return every country and region that has numbers, named and ordered in a language; names come from the CLDR.

    >>> [str(one) for one in countries("de") if one.code in {"AT", "EG"}]
    ['Ägypten \u2066(+20)\u2069', 'Österreich \u2066(+43)\u2069']
    >>> countries("xx") == countries("en")
    True
    """
    try:
        names = Locale.parse(language, sep="-").territories
    except (UnknownLocaleError, ValueError):
        names = Locale("en").territories
    found = [
        Country(code, str(names.get(code, code)), phonenumbers.country_code_for_region(code))
        for code in CODES
    ]
    return tuple(sorted(found, key=lambda one: (_sorted_as(one.name), one.code)))


def _of_kind(text: str, country: str, kinds: frozenset[int], otherwise: Flaw) -> str:
    number = _parsed(text, country)
    if number.extension:
        raise Unusable(Flaw.EXTENSION)
    if not phonenumbers.is_valid_number(number) or not _has_country(number):
        raise Unusable(Flaw.NOT_IN_USE)
    if phonenumbers.number_type(number) not in kinds:
        raise Unusable(otherwise)
    return _e164(number)


def _parsed(text: str, country: str) -> PhoneNumber:
    given = _international(text)
    if not given.startswith("+") and not country:
        raise Unusable(Flaw.NO_COUNTRY if any(char.isdigit() for char in given) else Flaw.NO_NUMBER)
    try:
        number = phonenumbers.parse(given[:LONGEST], None if given.startswith("+") else country)
    except NumberParseException as problem:
        raise Unusable(_PARSING.get(problem.error_type, Flaw.NO_NUMBER)) from problem
    match phonenumbers.is_possible_number_with_reason(number):
        case phonenumbers.ValidationResult.TOO_LONG:
            raise Unusable(Flaw.TOO_LONG)
        case phonenumbers.ValidationResult.TOO_SHORT | phonenumbers.ValidationResult.IS_POSSIBLE_LOCAL_ONLY:
            raise Unusable(Flaw.TOO_SHORT)
        case phonenumbers.ValidationResult.INVALID_COUNTRY_CODE:
            raise Unusable(Flaw.NO_COUNTRY)
        case phonenumbers.ValidationResult.INVALID_LENGTH:
            raise Unusable(Flaw.NOT_IN_USE)
    return number


_PARSING = {
    NumberParseException.INVALID_COUNTRY_CODE: Flaw.NO_COUNTRY,
    NumberParseException.TOO_SHORT_NSN: Flaw.TOO_SHORT,
    NumberParseException.TOO_SHORT_AFTER_IDD: Flaw.TOO_SHORT,
    NumberParseException.TOO_LONG: Flaw.TOO_LONG,
}


def _international(text: str) -> str:
    """Return the text with 0 to 9 and a plus sign before a country's code: most of the world dials 00 for that.

    >>> _international(" ００４９ 30 123456 "), _international("030 123456")
    ('+49 30 123456', '030 123456')
    """
    plain = unicodedata.normalize("NFKC", text).strip()
    digits = "".join(str(unicodedata.digit(char, char)) for char in plain)
    return f"+{digits[2:]}" if digits.startswith("00") else digits


def _has_country(number: PhoneNumber) -> bool:
    """Say whether a number belongs to a country: a satellite's is mobile by its plan, and costs a fortune."""
    return phonenumbers.region_code_for_number(number) in CODES


def _e164(number: PhoneNumber) -> str:
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _sorted_as(name: str) -> str:
    """Return a name as it is ordered: a letter with an accent stands beside the one without."""
    apart = unicodedata.normalize("NFD", name.casefold())
    return "".join(char for char in apart if not unicodedata.combining(char))
