"""Phone numbers: whatever is typed becomes a number that can be called, or a reason why not."""

import re
from collections.abc import Callable

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from registration import phone_numbers
from registration.phone_numbers import Flaw, Unusable

E164 = re.compile(r"\+[1-9]\d{4,16}")
#: Text, number and country: what people write, who live there.
WRITTEN = [
    ("0151 2345 6789", "DE", "+4915123456789"),
    ("(0151) 2345-6789", "DE", "+4915123456789"),
    ("+49 (0)151 23456789", "", "+4915123456789"),
    ("0049 151 23456789", "FR", "+4915123456789"),
    ("٠١٠٠١٢٣٤٥٦٧", "EG", "+201001234567"),
    ("07400 123456", "GB", "+447400123456"),
    ("06 12 34 56 78", "FR", "+33612345678"),
    ("312 345 6789", "IT", "+393123456789"),
    ("8 (912) 345-67-89", "RU", "+79123456789"),
    ("＋４９ １５１ ２３４５６７８９", "", "+4915123456789"),
]
REFUSED = [
    ("", "DE", Flaw.NO_NUMBER),
    ("   ", "DE", Flaw.NO_NUMBER),
    ("my phone", "DE", Flaw.NO_NUMBER),
    ("\x00\x00\x00", "DE", Flaw.NO_NUMBER),
    ("0151 2345 6789", "", Flaw.NO_COUNTRY),
    ("+999 123456789", "", Flaw.NO_COUNTRY),
    ("112", "DE", Flaw.TOO_SHORT),
    ("0" * 500, "DE", Flaw.NO_COUNTRY),
    ("0151 2345 6789 0123 45", "DE", Flaw.TOO_LONG),
]


def outcome(read: Callable[..., str], text: str, country: str = "") -> str:
    """Return the number, or what is wrong with it."""
    try:
        return read(text, country)
    except Unusable as problem:
        return problem.flaw


@pytest.mark.parametrize(("text", "country", "number"), WRITTEN)
def test_a_mobile_number_is_read_as_it_is_written(text: str, country: str, number: str) -> None:
    assert phone_numbers.typed(text, country) == phone_numbers.mobile(text, country) == number


@pytest.mark.parametrize(("text", "country", "flaw"), REFUSED)
def test_what_is_no_number_is_refused_by_a_code(text: str, country: str, flaw: Flaw) -> None:
    with pytest.raises(Unusable) as refused:
        phone_numbers.typed(text, country)
    assert refused.value.flaw is flaw


@pytest.mark.parametrize(
    ("number", "is_mobile", "is_fixed"),
    [
        ("+4915123456789", True, Flaw.NOT_FIXED),
        ("+4930901820", Flaw.NOT_MOBILE, True),
        ("+12065550100", True, True),  # no plan tells in North America
        ("+491803123456", Flaw.NOT_MOBILE, Flaw.NOT_FIXED),  # shared cost
        ("+499001234567", Flaw.NOT_MOBILE, Flaw.NOT_FIXED),  # premium rate
        ("+448001111111", Flaw.NOT_MOBILE, Flaw.NOT_FIXED),  # free of charge
        ("+881612345678", Flaw.NOT_IN_USE, Flaw.NOT_IN_USE),  # a satellite's
        ("+491231", Flaw.NOT_IN_USE, Flaw.NOT_IN_USE),
        ("+4930901820;ext=7", Flaw.EXTENSION, Flaw.EXTENSION),
    ],
)
def test_the_plan_tells_mobile_and_fixed_apart(number: str, is_mobile: object, is_fixed: object) -> None:
    for read, wanted in ((phone_numbers.mobile, is_mobile), (phone_numbers.fixed, is_fixed)):
        assert outcome(read, number) == (number if wanted is True else wanted)


@given(st.text(max_size=60), st.sampled_from(["", "DE", "US", "EG", "IT"]))
def test_any_text_is_a_number_or_has_a_flaw(text: str, country: str) -> None:
    for read in (phone_numbers.typed, phone_numbers.mobile, phone_numbers.fixed):
        found = outcome(read, text, country)
        assert found in set(Flaw) or E164.fullmatch(found)


@given(st.sampled_from(sorted(phone_numbers.CODES)))
def test_every_countrys_own_example_is_read_as_dialled_there_and_from_abroad(country: str) -> None:
    example = phonenumbers.example_number_for_type(country, phonenumbers.PhoneNumberType.MOBILE)
    if example is None:
        return
    forms = phonenumbers.PhoneNumberFormat
    number = phonenumbers.format_number(example, forms.E164)
    for form in (forms.NATIONAL, forms.INTERNATIONAL, forms.E164):
        assert phone_numbers.mobile(phonenumbers.format_number(example, form), country) == number
    assert number[-2:] in phone_numbers.masked(number)
    assert number[3:-2] not in phone_numbers.masked(number)


@pytest.mark.parametrize("language", ["en", "de", "ar", "pt-br"])
def test_every_country_has_a_name_of_its_own_in_each_language(language: str) -> None:
    found = phone_numbers.countries(language)
    assert {one.code for one in found} == phone_numbers.CODES
    assert len({one.name for one in found}) == len(found)
    assert [one.code for one in found if one.name == one.code] == []
