"""The forms of people's pages."""

from typing import Any

from allauth.account.forms import LoginForm
from django import forms
from django.utils.translation import gettext_lazy as _

from registration.password_rules import LONGEST, Violation
from registration.people import NAME_MOST
from registration.wording import violation

_NEW = {"autocomplete": "new-password", "dir": "ltr", "spellcheck": "false"}
#: What a browser may send as a password; longer is refused unread, since hashing it would cost us and not them.
_MOST = 1024


#: What a browser is told about the field of a sign-in name, on every page that asks for one.
SIGN_IN_NAME = {
    "autocomplete": "username",
    "inputmode": "email",
    "dir": "ltr",
    "spellcheck": "false",
    "autocapitalize": "none",
}


class SignInForm(LoginForm):
    """Sign-in name and password."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"] = forms.CharField(
            label=_("Sign-in name"),
            max_length=NAME_MOST,
            widget=forms.TextInput(attrs={**SIGN_IN_NAME, "autofocus": True}),
        )
        self.fields["password"] = forms.CharField(
            label=_("Password"),
            max_length=_MOST,
            strip=False,
            widget=forms.PasswordInput(attrs={"autocomplete": "current-password", "dir": "ltr"}),
        )
        self.order_fields(["login", "password"])


class NewPasswordForm(forms.Form):
    """A new password, twice."""

    new_password = forms.CharField(
        label=_("New password"), max_length=_MOST, strip=False, widget=forms.PasswordInput(attrs=_NEW)
    )
    confirm = forms.CharField(
        label=_("New password again"), max_length=_MOST, strip=False, widget=forms.PasswordInput(attrs=_NEW)
    )

    def clean(self) -> dict[str, Any]:
        """Compare the two."""
        cleaned: dict[str, Any] = super().clean() or {}
        new, confirm = cleaned.get("new_password"), cleaned.get("confirm")
        if new is not None and confirm is not None and new != confirm:
            self.add_error("confirm", _("The two are not the same."))
        return cleaned

    def refuse(self, found: tuple[Violation, ...]) -> None:
        """Show every rule that the password breaks."""
        for one in found:
            self.add_error("new_password", forms.ValidationError(str(violation(one)), code=one.rule))


class ChangePasswordForm(NewPasswordForm):
    """The current password, and a new one twice."""

    current = forms.CharField(
        label=_("Current password"),
        max_length=_MOST,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password", "dir": "ltr"}),
    )
    field_order = ("current", "new_password", "confirm")


assert LONGEST < _MOST
