"""A page of the policy under a provider's baseline: what is locked is shown, disabled; what has a floor is refused below it.

The writer refuses both for itself; here the sentence stands at the field.
"""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.html import format_html

from registration import baseline, baseline_words, configuring, held_to
from tenants.context import current


class HeldForm(forms.ModelForm):  # type: ignore[type-arg]  # not generic at run time
    """A form of some of the policy's settings."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.said: dict[str, Any] = {}
        for name, why in held_to.fixed_by_provider().items():
            if name in self.fields:
                self.fields[name].disabled = True
                self._say(name, why)
        for name, why in held_to.asked_by_provider().items():
            if name in self.fields:
                self._say(name, why)

    def clean(self) -> dict[str, Any]:
        """Refuse, at its field, each value that is changed to one below the baseline."""
        cleaned: dict[str, Any] = super().clean() or {}
        held = held_to.of(current())  # afresh: the writer will ask the same
        changed = {
            name: cleaned[name]
            for name in configuring.FIELDS
            if name in cleaned and cleaned[name] != getattr(self.saved(), name)
        }
        for one in baseline.breaches(held.rules, changed) if held else ():
            self.add_error(one.field, ValidationError(baseline_words.refusal(one), code="below_baseline"))
        return cleaned

    def with_provider(self, name: str, text: Any) -> Any:
        """Return the help of a field after what the provider asks of it, if that is anything."""
        why = self.said.get(name)
        return format_html('<strong class="desk-fixed">{}</strong> {}', why, text) if why else text

    def saved(self) -> Any:
        """Return the row as it is saved: the form's own has what was typed once it was cleaned."""
        if not hasattr(self, "_saved"):
            self._saved = type(self.instance)._default_manager.get(pk=self.instance.pk)
        return self._saved

    def _say(self, name: str, why: Any) -> None:
        self.said[name] = why
        self.fields[name].help_text = self.with_provider(name, self.fields[name].help_text)
