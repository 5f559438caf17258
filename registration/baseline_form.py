"""The form of a baseline: for each setting how it is held, and at what."""

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import BooleanField, IntegerField
from django.utils.functional import lazy
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
)

from registration import banned_words, baseline, baselining, questions, wording
from registration.baseline import FIELDS, Mode, Rule
from registration.baseline_words import MODES, setting
from registration.method import registry
from registration.models import Policy
from tenants.models import Baseline

#: As the pages of an organization have them.
GROUPS: Mapping[Any, tuple[str, ...]] = MappingProxyType(
    {
        _("Properties"): ("scope", "administrators_may_reset"),
        _("Authentication methods"): (
            "required",
            "methods",
            "weak_alone_acknowledged",
            "users_may_change_office_phone",
        ),
        _("Registration"): ("require_registration", "reconfirm_days", "remind_days"),
        _("Notifications"): ("notify_user", "notify_administrators"),
        _("On-premises integration"): ("write_back", "unlock_without_reset"),
        _("Security questions"): (
            "questions_to_register",
            "questions_to_answer",
            "predefined_questions",
            "own_questions",
        ),
        _("Audit log settings"): ("audit_days",),
        _("Password protection"): ("profile", "banned_words", "history", "password_lifetime_days"),
    }
)
LISTS = ("banned_words", "own_questions")
_YES_NO = [("yes", _("Yes")), ("no", _("No"))]
_setting = lazy(setting, str)


def mode_of(field: str) -> str:
    """Return the name of the input of how a setting is held."""
    return f"mode_{field}"


def value_of(field: str) -> str:
    """Return the name of the input of at what it is held."""
    return f"value_{field}"


def _mode_field(field: str) -> forms.Field:
    choices = [
        ("", _("Unset: the organization's choice")),
        *((mode.value, MODES[mode]) for mode in baseline.modes(field)),
    ]
    return forms.ChoiceField(
        label=_setting(field), required=False, choices=choices, widget=UnfoldAdminSelectWidget
    )


def _value_field(field: str) -> forms.Field:
    found: Any = Policy._meta.get_field(field)
    words: dict[str, Any] = {"label": _("Value"), "required": False, "help_text": found.help_text}
    if field in {"methods", "predefined_questions"}:
        offered = _methods if field == "methods" else list(questions.PREDEFINED.items())
        return forms.MultipleChoiceField(
            **words, choices=offered, widget=UnfoldAdminCheckboxSelectMultipleWidget
        )
    named = {"aria-label": _aria(field)}
    if field in LISTS:
        words["help_text"] = _("One a line.")
        return forms.CharField(
            **words, widget=UnfoldAdminTextareaWidget(attrs={**named, "rows": 5, "dir": "auto"})
        )
    if isinstance(found, BooleanField):
        return forms.TypedChoiceField(
            **words,
            choices=_YES_NO,
            coerce=lambda text: text == "yes",
            widget=UnfoldAdminSelectWidget(attrs=named),
        )
    if found.choices:
        kind: Any = int if isinstance(found, IntegerField) else str
        return forms.TypedChoiceField(
            **words,
            choices=found.choices,
            coerce=kind,
            widget=UnfoldAdminSelectWidget(attrs=named),
        )
    return forms.IntegerField(**words, widget=UnfoldAdminIntegerFieldWidget(attrs=named))


def _aria_text(field: str) -> str:
    return _now("Value of “%(setting)s”") % {"setting": setting(field)}


_aria = lazy(_aria_text, str)


def _methods() -> list[tuple[str, Any]]:
    return [(kind, method.name) for kind, method in registry().items()]


def _inputs() -> Iterator[tuple[str, forms.Field]]:
    for field in FIELDS:
        yield mode_of(field), _mode_field(field)
        yield value_of(field), _value_field(field)


class BaselineForm(forms.ModelForm):  # type: ignore[type-arg]  # not generic at run time
    """A baseline, refused where no organization could be held to it."""

    #: What was filled in, once it is valid.
    asked: dict[str, Rule]

    class Meta:
        model = Baseline
        fields = ("name", "for_new")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kept = baseline.read(self.instance.settings)
        for field in FIELDS:
            self.initial[mode_of(field)] = kept[field].mode.value if field in kept else ""
            value = kept[field].value if field in kept else Policy._meta.get_field(field).get_default()  # type: ignore[union-attr]  # no relation
            self.initial[value_of(field)] = _shown(field, value)

    def clean(self) -> dict[str, Any]:
        """Read each setting that is held, and put what is wrong beside its value."""
        cleaned: dict[str, Any] = super().clean() or {}
        self.asked = {}
        for field in FIELDS:
            if (mode := cleaned.get(mode_of(field))) and value_of(field) in cleaned:
                self.asked[field] = Rule(Mode(mode), self._value(field, cleaned[value_of(field)]))
        if not self.errors:
            for one in baselining.problems(self.asked):
                where = value_of(one.field) if one.field else None
                self.add_error(where, ValidationError(str(one), code="baseline"))
        return cleaned

    def _value(self, field: str, typed: Any) -> Any:
        if field == "banned_words":
            words, wrong = banned_words.read(typed)
            for one in wrong:
                self.add_error(value_of(field), ValidationError(wording.wrong_line(one), code=one.problem))
            return words
        if field == "own_questions":
            return list(
                dict.fromkeys(line for each in typed.splitlines() if (line := " ".join(each.split())))
            )
        return None if typed == "" else typed


def _shown(field: str, value: Any) -> Any:
    """Return a value as its input has it."""
    if field in LISTS:
        return "\n".join(value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    return value


#: The form with the inputs of every setting.
FullForm: type[BaselineForm] = type("FullForm", (BaselineForm,), dict(_inputs()))
