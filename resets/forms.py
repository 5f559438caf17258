"""The forms of a reset."""

from django import forms
from django.utils.translation import gettext_lazy as _

from registration.forms import SIGN_IN_NAME
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
