"""A domain's own rules for passwords [pure]: what of them can be judged here, and what only the directory knows."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from registration.password_rules import Floor

#: Active Directory asks for three of five classes; we count four, so that what we take it takes.
_COMPLEX = 3
_DAY, _HOUR, _MINUTE = 86400, 3600, 60


@dataclass(frozen=True)
class DomainRules:
    """What a domain asks. `fine` says that some hold for this account that its agent cannot read."""

    shortest: int = 0
    complexity: bool = False
    history: int = 0
    min_age_seconds: int = 0
    fine: bool = False

    @property
    def floor(self) -> Floor:
        """What can be judged here."""
        return Floor(self.shortest, _COMPLEX if self.complexity else 0)


def of(policies: Mapping[str, Any], key: str) -> DomainRules:
    """Return the rules that hold for an account, by what names them.

    >>> of({"": {"min_length": 7, "complexity": True}, "CN=PSO": {"min_length": 14}}, "CN=PSO")
    DomainRules(shortest=14, complexity=False, history=0, min_age_seconds=0, fine=False)
    >>> of({"": {"min_length": 7}}, "CN=Hidden").fine
    True
    """
    found = policies.get(key) or policies.get("") or {}
    return DomainRules(
        shortest=_number(found, "min_length"),
        complexity=found.get("complexity") is True,
        history=_number(found, "history"),
        min_age_seconds=_number(found, "min_age_seconds"),
        fine=bool(key) and key not in policies,
    )


def age(seconds: int) -> tuple[str, int]:
    """Return a time in the unit that people would say it in, rounded up.

    >>> age(86400), age(5400), age(30)
    (('days', 1), ('hours', 2), ('minutes', 1))
    """
    for unit, size in (("days", _DAY), ("hours", _HOUR)):
        if seconds >= size:
            return unit, -(-seconds // size)
    return "minutes", max(1, -(-seconds // _MINUTE))


def _number(found: Mapping[str, Any], name: str) -> int:
    value = found.get(name, 0)
    return int(value) if isinstance(value, int) and not isinstance(value, bool) else 0
