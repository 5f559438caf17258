"""What a provider asks of an organization's policy: a rule for a setting, and none where the choice is the organization's.

Pure: a baseline and a policy's values in, what is below it and what would change out. `tenants.Baseline` keeps it as JSON,
which is read here; a setting or a mode that is not known is as good as unset.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from registration import tightness


class Mode(StrEnum):
    """How a setting is held. Stored, so the values never change; unset is not to be there."""

    DEFAULT = "default"  # what a new organization begins with, and may change
    FLOOR = "floor"  # the organization may only be tighter
    LOCKED = "locked"  # the value is the provider's


FIELDS = (*tightness.UNORDERED[:1], *tightness.ORDERS, *tightness.UNORDERED[1:])


@dataclass(frozen=True)
class Rule:
    """How one setting is held, and at what."""

    mode: Mode
    value: Any


@dataclass(frozen=True)
class Breach:
    """A value that a baseline does not allow."""

    field: str
    value: Any
    rule: Rule


Rules = Mapping[str, Rule]
Values = Mapping[str, Any]


def modes(field: str) -> tuple[Mode, ...]:
    """Return how a setting can be held.

    >>> [mode.value for mode in modes("scope")], [mode.value for mode in modes("required")]
    (['default', 'locked'], ['default', 'floor', 'locked'])
    """
    return tuple(mode for mode in Mode if mode is not Mode.FLOOR or field in tightness.ORDERS)


def read(kept: Mapping[str, Any]) -> dict[str, Rule]:
    """Return the rules that were kept as JSON.

    >>> read({"required": {"mode": "floor", "value": 2}, "colour": {"mode": "locked", "value": 1}, "scope": {"mode": "floor"}})
    {'required': Rule(mode=<Mode.FLOOR: 'floor'>, value=2)}
    """
    return {
        field: Rule(Mode(kept[field]["mode"]), kept[field].get("value"))
        for field in FIELDS
        if field in kept and kept[field].get("mode") in modes(field)
    }


def write(rules: Rules) -> dict[str, dict[str, Any]]:
    """Return rules as JSON."""
    return {field: {"mode": rule.mode.value, "value": rule.value} for field, rule in rules.items()}


def breaches(rules: Rules, values: Values) -> tuple[Breach, ...]:
    """Return which of these values a baseline does not allow.

    >>> rules = read({"required": {"mode": "floor", "value": 2}, "scope": {"mode": "locked", "value": "all"}})
    >>> [one.field for one in breaches(rules, {"required": 1, "scope": "all"})]
    ['required']
    """
    return tuple(
        Breach(field, values[field], rule)
        for field, rule in rules.items()
        if field in values and not same_as_asked(field, values[field], rule)
    )


def same_as_asked(field: str, value: Any, rule: Rule) -> bool:
    """Say whether a rule allows a value."""
    if rule.mode is Mode.LOCKED:
        return tightness.same(field, value, rule.value)
    return rule.mode is Mode.DEFAULT or tightness.holds(field, value, rule.value)


def changes(rules: Rules, values: Values) -> dict[str, Any]:
    """Return what would have to change for a baseline to hold, and nothing of what the organization may choose.

    >>> rules = read({"required": {"mode": "floor", "value": 2}, "history": {"mode": "default", "value": 5}})
    >>> changes(rules, {"required": 1, "history": 1})
    {'required': 2}
    """
    return {
        one.field: one.rule.value
        if one.rule.mode is Mode.LOCKED
        else tightness.raised(one.field, one.value, one.rule.value)
        for one in breaches(rules, values)
    }


def beginning(rules: Rules) -> dict[str, Any]:
    """Return what a new organization begins with.

    >>> beginning(read({"scope": {"mode": "default", "value": "all"}, "required": {"mode": "floor", "value": 2}}))
    {'scope': 'all', 'required': 2}
    """
    return {field: rule.value for field, rule in rules.items()}
