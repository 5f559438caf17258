"""Which settings cannot be changed here now, and why: one mechanism for every page of the policy.

Whoever knows a reason contributes a reader: the edition's stands here, the provider's elsewhere. Of several reasons the first
that was contributed is told. A form that offers such a setting is a `FixedForm`: it is shown, disabled, with the reason beside
it, and a value that is posted all the same is refused with the reason.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.html import format_html

from licensing.editions import Feature
from licensing.guards import decision
from licensing.labels import REASONS
from registration import configuring
from registration.method import Words
from tenants.previewing import PreviewedForm

Reader = Callable[[], Mapping[str, Words]]

#: The settings that are of no use without a feature. Notices to users are not among them: an activation is told, too.
NEEDS: Mapping[Feature, tuple[str, ...]] = MappingProxyType(
    {
        Feature.RESET_PASSWORD: (
            "scope",
            "groups",
            "methods",
            "required",
            "weak_alone_acknowledged",
            "administrators_may_reset",
            "notify_administrators",
            *configuring.AT_SIGN_IN,
            *configuring.QUESTIONS,
        ),
        Feature.PHONE_CALLS: ("users_may_change_office_phone",),
        Feature.BANNED_WORDS: ("banned_words",),
        Feature.WRITEBACK: configuring.ON_PREMISES,
    }
)
_readers: list[Reader] = []


def contribute(reader: Reader) -> None:
    """Let somebody say which fields cannot be changed, each with a sentence; called inside the organization, on each page."""
    _readers.append(reader)


def fixed() -> Mapping[str, Words]:
    """Return each setting that cannot be changed in the entered organization now, with the reason."""
    found: dict[str, Words] = {}
    for reader in _readers:
        found = {**reader(), **found}
    return found


def by_edition() -> Mapping[str, Words]:
    """Return the settings that the organization's edition forbids; no query while warm."""
    decided = {feature: decision(feature) for feature in NEEDS}
    return {
        field: REASONS[decided[feature].reason]
        for feature, fields in NEEDS.items()
        if not decided[feature].allowed
        for field in fields
    }


class FixedForm(PreviewedForm):
    """A form whose fixed settings are disabled, and refused where they are posted all the same."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.held: dict[str, Words] = {}
        for name, why in fixed().items():
            self.hold(name, why)

    def hold(self, name: str, why: Words) -> None:
        """Disable a field, if it is here, and say why beside it."""
        if name not in self.fields or name in self.held:
            return
        self.held[name] = why
        field = self.fields[name]
        field.disabled = True
        field.help_text = format_html('<strong class="desk-fixed">{}</strong> {}', why, field.help_text)

    def clean(self) -> dict[str, Any]:
        """Refuse what was posted for a disabled field: no page of ours does."""
        cleaned: dict[str, Any] = super().clean() or {}
        for name, why in self.held.items():
            if self._is_forged(name):
                self.add_error(name, ValidationError(str(why), code="setting_fixed"))
        return cleaned

    def _is_forged(self, name: str) -> bool:
        """Say whether another value was posted than is saved; a disabled field itself says of no value that it changed."""
        field, key = self.fields[name], self.add_prefix(name)
        if key not in self.data:
            return False
        posted = field.widget.value_from_datadict(self.data, self.files, key)
        field.disabled = False
        try:
            return field.has_changed(self.get_initial_for_field(field, name), posted)
        finally:
            field.disabled = True


contribute(by_edition)
