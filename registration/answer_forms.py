"""The forms by which a proof is asked for and given; a method that asks otherwise brings its own."""

from django import forms
from django.utils.translation import gettext_lazy as _


class NothingForm(forms.Form):
    """Ask for nothing."""


class AddressForm(forms.Form):
    """The whole address, typed by who knows it."""

    address = forms.CharField(
        label=_("The full address"),
        max_length=254,
        widget=forms.TextInput(
            attrs={"autocomplete": "email", "inputmode": "email", "dir": "ltr", "spellcheck": "false"}
        ),
    )


class CodeForm(forms.Form):
    """One field for a code: it takes spaces and any script's digits, and the phone's keyboard shows numbers."""

    code = forms.CharField(
        label=_("Code"),
        max_length=16,
        widget=forms.TextInput(
            attrs={
                "autocomplete": "one-time-code",
                "inputmode": "numeric",
                "dir": "ltr",
                "class": "code",
                "autofocus": True,
            }
        ),
    )
