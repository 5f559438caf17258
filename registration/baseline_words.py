"""The words for what a baseline asks: the name of a setting, its value, and what its floor means."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from django.db.models import BooleanField
from django.utils.functional import Promise
from django.utils.text import capfirst, get_text_list
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from registration import questions
from registration.baseline import Breach, Mode, Rule
from registration.method import registry
from registration.models import Policy
from registration.tightness import ORDERS, Order

MODES: Mapping[Mode, Promise] = MappingProxyType(
    {Mode.DEFAULT: _("Default"), Mode.FLOOR: _("At least"), Mode.LOCKED: _("Locked")}
)
#: What a floor asks, by its order.
_FLOORS: Mapping[Order, Promise] = MappingProxyType(
    {
        Order.MORE: _("Your provider asks for %(value)s or more."),
        Order.ON: _("Your provider asks for this: %(value)s."),
        Order.OFF: _("Your provider asks for this: %(value)s."),
        Order.LONGER: _("Your provider asks for %(value)s days or more."),
        Order.SOONER: _("Your provider asks for at most %(value)s days, and not never."),
        Order.WITHIN: _("Your provider allows only: %(value)s."),
        Order.COVERING: _("Your provider asks for all of: %(value)s."),
        Order.RANKED: _("Your provider asks for this or a stricter one: %(value)s."),
    }
)
_LISTED = 8


def setting(field: str) -> str:
    """Return the name of a setting, as its page has it."""
    return capfirst(str(Policy._meta.get_field(field).verbose_name))  # type: ignore[union-attr]  # no relation


def value(field: str, kept: Any) -> str:
    """Return a value as a person reads it."""
    if isinstance(kept, list):
        named = [_item(field, one) for one in kept]
        more = len(named) - _LISTED
        shown = [*named[:_LISTED], _now("%(number)d more") % {"number": more}] if more > 0 else named
        return get_text_list(shown, _now("and")) or _now("none")
    found: Any = Policy._meta.get_field(field)
    if isinstance(found, BooleanField):
        return _now("yes") if kept else _now("no")
    if found.choices:
        return str(dict(found.flatchoices).get(kept, kept))
    if field == "audit_days" and not kept:
        return _now("as your edition keeps them")
    if field.endswith("_days") and not kept:
        return _now("never")
    return str(kept)


def floor(field: str, kept: Any) -> str:
    """Return what a floor asks of an organization's administrator."""
    return str(_FLOORS[ORDERS[field]]) % {"value": value(field, kept)}


def asked(field: str, rule: Rule) -> str:
    """Return what a rule asks, for the provider's own pages."""
    return f"{MODES[rule.mode]}: {value(field, rule.value)}"


def refusal(one: Breach) -> str:
    """Return why a value is refused, to stand beside its field."""
    if one.rule.mode is Mode.LOCKED:
        return _now("Fixed by your provider: %(value)s.") % {"value": value(one.field, one.rule.value)}
    return floor(one.field, one.rule.value)


def breach(one: Breach) -> str:
    """Return the same with the name of the setting."""
    return _now("%(setting)s: %(reason)s") % {"setting": setting(one.field), "reason": refusal(one)}


def _item(field: str, kept: Any) -> str:
    if field == "methods":
        method = registry().get(kept)
        return str(method.name) if method else str(kept)
    return str(questions.PREDEFINED.get(kept, kept)) if field == "predefined_questions" else str(kept)
