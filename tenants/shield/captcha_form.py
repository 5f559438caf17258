"""The captcha as a field of a form."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from tenants.shield.captcha import Captcha, Outcome, find


class CaptchaWidget(forms.Widget):
    """Render a captcha by its own template, which brings the script and style that it needs."""

    use_fieldset = True

    def __init__(self, captcha: Captcha, attrs: dict[str, Any] | None = None) -> None:
        """Show this captcha."""
        super().__init__(attrs)
        self.captcha = captcha
        self.template_name = captcha.template_name

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        """Add the captcha's own context; an answer is never shown again."""
        return {**super().get_context(name, None, attrs), "captcha": self.captcha.context()}

    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> str:
        """Return the answer."""
        return self.captcha.read(data, name)

    def id_for_label(self, id_: str) -> str:
        """Return nothing: the captcha labels its own controls, and the field is a group."""
        return ""


class CaptchaField(forms.Field):
    """A field that is valid once, for an answer that its captcha passes. The error's code is the outcome.

    Cleaning spends the challenge, so validate the form outside a transaction.
    """

    default_error_messages: ClassVar = {
        "required": _("Please wait until the check is done, then try again."),
        Outcome.FAILED.value: _("The check didn't work. Please try again."),
        Outcome.REPLAYED.value: _("This check has been used already. Please try again."),
        Outcome.UNAVAILABLE.value: _(
            "We can't check at the moment that you're a person. Please try again soon."
        ),
    }

    def __init__(self, kind: str = "altcha", **kwargs: Any) -> None:
        """Ask for this kind of captcha."""
        self.captcha = find(kind)
        kwargs.setdefault("label", _("Are you a person?"))
        super().__init__(widget=CaptchaWidget(self.captcha), **kwargs)

    def clean(self, value: str) -> None:
        """Raise `ValidationError` unless the answer passes."""
        if not value:
            raise ValidationError(self.error_messages["required"], code="required")
        outcome = self.captcha.verify(value)
        if outcome is not Outcome.PASSED:
            raise ValidationError(self.error_messages[outcome.value], code=outcome.value)
