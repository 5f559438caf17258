"""The captcha as a field of a form."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from tenants.shield import pressure
from tenants.shield.captcha import Captcha, Outcome, find

Answer = tuple[Captcha, str]


class CaptchaWidget(forms.Widget):
    """Render a captcha by its own template, which brings the script and style that it needs."""

    template_name = "captcha/field.html"
    use_fieldset = True

    def __init__(self, captcha: Captcha, spare: Captcha | None, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs)
        self.captcha = captcha
        self.spare = spare

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        """Add what the captchas need; an answer is never shown again."""
        return {
            **super().get_context(name, None, attrs),
            "captcha": _described(self.captcha),
            "spare": _described(self.spare) if self.spare else None,
        }

    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> Answer | None:
        """Return the answer and the captcha that it is for."""
        for captcha in (self.captcha, self.spare):
            if captcha and (answer := captcha.read(data, name)):
                return captcha, answer
        return None

    def id_for_label(self, id_: str) -> str:
        """Return nothing: the captcha labels its own controls, and the field is a group."""
        return ""


class CaptchaField(forms.Field):
    """A field that is valid once, for an answer that its captcha passes. The error's code is the outcome.

    Cleaning spends the challenge, so validate the form outside a transaction. The spare kind is shown where the
    browser runs no script.
    """

    default_error_messages: ClassVar = {
        "required": _("Please complete the check that you're a person."),
        Outcome.FAILED.value: _("The check didn't work. Please try again."),
        Outcome.REPLAYED.value: _("This check has been used already. Please try again."),
        Outcome.UNAVAILABLE.value: _(
            "We can't check at the moment that you're a person. Please try again soon."
        ),
    }

    def __init__(self, kind: str = "altcha", spare: str | None = "characters", **kwargs: Any) -> None:
        kwargs.setdefault("label", _("Are you a person?"))
        super().__init__(widget=CaptchaWidget(find(kind), find(spare) if spare else None), **kwargs)

    def clean(self, value: Answer | None) -> None:
        """Raise `ValidationError` unless the answer passes."""
        if value is None:
            raise ValidationError(self.error_messages["required"], code="required")
        captcha, answer = value
        outcome = captcha.verify(answer)
        if outcome is not Outcome.PASSED:
            raise ValidationError(self.error_messages[outcome.value], code=outcome)
        pressure.count()


def _described(captcha: Captcha) -> dict[str, Any]:
    return {**captcha.context(), "template_name": captcha.template_name}
