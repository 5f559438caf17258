"""The form of a phone number: the country, the number as its owner writes it, and by which way it is to be reached."""

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms.utils import flatatt
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from registration import phone_numbers
from registration.method import Words
from registration.phone_numbers import LONGEST, Flaw, Unusable

FLAWS: dict[Flaw, Words] = {
    Flaw.NO_NUMBER: _("Enter a phone number: digits, with or without spaces."),
    Flaw.NO_COUNTRY: _("Choose the country, or begin the number with + and the country's code."),
    Flaw.TOO_SHORT: _("That number is too short. Enter all of it, with the area code."),
    Flaw.TOO_LONG: _("That number is too long. Check it, digit by digit."),
    Flaw.NOT_IN_USE: _(
        "There is no such number in that country. Check the country, and the number digit by digit."
    ),
    Flaw.EXTENSION: _("Leave out the extension: a call can reach a direct number only."),
    Flaw.NOT_MOBILE: _("That is not a mobile number. Enter the number of your mobile phone."),
    Flaw.NOT_FIXED: _(
        "That is a mobile number, or one that can't be called for this. Enter the number of your desk."
    ),
}
Read = Callable[[str, str], str]
Choices = Sequence[tuple[str, Words]]


class CountrySelect(forms.Select):
    """A list of countries, in the page's language, made once for each: there are hundreds."""

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        """Write the list, each country by its name and the code that is dialled."""
        options = _options(get_language() or "en")
        if value in phone_numbers.CODES:
            options = SafeString(options.replace(f'value="{value}"', f'value="{value}" selected', 1))
        attributes = flatatt(self.build_attrs(self.attrs, {"name": name, **(attrs or {})}))
        return format_html("<select{}>{}</select>", attributes, options)


class CountryField(forms.ChoiceField):
    """A country, which may stay open: a number that begins with + says itself where it belongs."""

    def validate(self, value: Any) -> None:
        """Refuse what is not on the list."""
        if value:
            super().validate(value)


class NumberForm(forms.Form):
    """A phone number, read as `read` does."""

    read: Read = staticmethod(phone_numbers.typed)

    country = CountryField(
        label=_("Country or region"),
        choices=[(code, code) for code in sorted(phone_numbers.CODES)],
        widget=CountrySelect(attrs={"autocomplete": "tel-country-code"}),
    )
    number = forms.CharField(
        label=_("Phone number"),
        max_length=LONGEST,
        widget=forms.TelInput(attrs={"autocomplete": "tel-national", "dir": "ltr"}),
    )

    def clean(self) -> dict[str, Any]:
        """Put the number into the one form that is compared, sent to and kept."""
        cleaned: dict[str, Any] = super().clean() or {}
        if self.errors:
            return cleaned
        try:
            cleaned["number"] = self.read(cleaned["number"], cleaned["country"])
        except Unusable as problem:
            field = "country" if problem.flaw is Flaw.NO_COUNTRY else "number"
            self.add_error(field, ValidationError(str(FLAWS[problem.flaw]), code=problem.flaw))
        return cleaned


def number_form(label: Words, *, read: Read = phone_numbers.typed, ways: Choices = ()) -> type[forms.Form]:
    """Return the form of a number of this name; of several ways to reach it, one is chosen each time."""
    number = forms.CharField(
        label=label,  # type: ignore[arg-type]  # a lazy text is one
        max_length=LONGEST,
        widget=forms.TelInput(attrs={"autocomplete": "tel-national", "dir": "ltr"}),
    )
    return type("NumberForm", (NumberForm,), {"number": number, "read": staticmethod(read), **_way(ways)})


def way_form(ways: Choices) -> type[forms.Form]:
    """Return the form that asks by which way a number is to be reached; nothing is asked where there is one."""
    return type("WayForm", (forms.Form,), _way(ways))


def _way(ways: Choices) -> dict[str, Any]:
    if len(ways) < 2:
        return {}
    field = forms.ChoiceField(
        label=_("How should the code come?"),
        choices=ways,
        initial=ways[0][0],
        required=False,
        widget=forms.RadioSelect,
    )
    return {"way": field}


@cache
def _options(language: str) -> SafeString:
    countries = [
        ("", gettext("Choose")),
        *((one.code, str(one)) for one in phone_numbers.countries(language)),
    ]
    return format_html_join("", '<option value="{}">{}</option>', countries)
