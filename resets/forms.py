"""The forms of a reset."""

from django import forms
from django.utils.translation import gettext_lazy as _

from registration.forms import SIGN_IN_NAME, CodeForm
from registration.method import Method
from registration.people import NAME_MOST
from tenants.shield.captcha_form import CaptchaField


class StartForm(forms.Form):
    """Who, and that it is a person."""

    sign_in_name = forms.CharField(
        label=_("Sign-in name"),
        max_length=NAME_MOST,
        help_text=_("Such as name@organization.example"),
        widget=forms.TextInput(attrs=SIGN_IN_NAME),
    )
    captcha = CaptchaField()


class AddressForm(forms.Form):
    """The whole address, typed by who knows it."""

    address = forms.CharField(
        label=_("The full address"),
        max_length=254,
        widget=forms.TextInput(
            attrs={"autocomplete": "email", "inputmode": "email", "dir": "ltr", "spellcheck": "false"}
        ),
    )


def gate_form(method: Method) -> type[forms.Form]:
    """Return what a method asks at the gate: the address to send to, or the code at once."""
    return AddressForm if method.sends else CodeForm
