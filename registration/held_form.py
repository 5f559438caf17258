"""A page of the policy under a provider's baseline: what has a floor is refused below it, at its field.

What is locked is one of the reasons why a setting is fixed (`registration.fixed`). The writer refuses both for itself.
"""

from typing import Any

from django.core.exceptions import ValidationError
from django.utils.html import format_html

from registration import baseline, baseline_words, configuring, held_to
from registration.fixed import FixedForm
from tenants.context import current


class HeldForm(FixedForm):
    """A form of some of the policy's settings."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, why in held_to.asked_by_provider().items():
            if name in self.fields and name not in self.held:
                field = self.fields[name]
                field.help_text = format_html(
                    '<strong class="desk-fixed">{}</strong> {}', why, field.help_text
                )

    def clean(self) -> dict[str, Any]:
        """Refuse, at its field, each value that is changed to one below the baseline."""
        cleaned = super().clean()
        under = held_to.of(current())  # afresh: the writer will ask the same
        if under is None:
            return cleaned
        saved = type(self.instance)._default_manager.get(
            pk=self.instance.pk
        )  # the form's own has what was typed
        names = [name for name in configuring.FIELDS if name in cleaned]
        changed = {name: cleaned[name] for name in names if cleaned[name] != getattr(saved, name)}
        for one in baseline.breaches(under.rules, changed):
            self.add_error(one.field, ValidationError(baseline_words.refusal(one), code="below_baseline"))
        return cleaned
