"""The forms of a reset."""

from django import forms
from django.utils.translation import gettext_lazy as _

from registration.forms import SIGN_IN_NAME
from registration.people import NAME_MOST
from tenants.shield.captcha_form import CaptchaField

_CODE = {"autocomplete": "one-time-code", "dir": "ltr", "spellcheck": "false", "autocapitalize": "characters"}


class StartForm(forms.Form):
    """Who, and that it is a person."""

    sign_in_name = forms.CharField(
        label=_("Sign-in name"),
        max_length=NAME_MOST,
        help_text=_("Such as name@organization.example"),
        widget=forms.TextInput(attrs=SIGN_IN_NAME),
    )
    captcha = CaptchaField()


class TicketForm(forms.Form):
    """The code that the help desk read out, for a link that needs it as well."""

    code = forms.CharField(
        label=_("Code from the help desk"),
        max_length=64,
        help_text=_("Such as K7QP-2MXD-9RTA. It works once, for a few minutes."),
        widget=forms.TextInput(attrs=_CODE),
    )


class NamedTicketForm(TicketForm):
    """Who, and the code that the help desk read out. No captcha: nobody guesses such a code, and tries are counted."""

    sign_in_name = forms.CharField(
        label=_("Sign-in name"), max_length=NAME_MOST, widget=forms.TextInput(attrs=SIGN_IN_NAME)
    )
    field_order = ("sign_in_name", "code")
