"""What higher rooms show on the provider's page of an organization, from what was seen at a glance: a registry."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from tenants.models import Glance


@dataclass(frozen=True)
class Part:
    """One section: a template, and what it is given; it is left out where that is nothing."""

    template: str
    given: Callable[[Glance], Mapping[str, Any] | None]


@dataclass(frozen=True)
class Shown:
    """A section as it is drawn."""

    template: str
    given: Mapping[str, Any]


_PARTS: list[Part] = []


def contribute(part: Part) -> None:
    """Let a higher room show a section of its own."""
    _PARTS.append(part)


def of(seen: Glance | None) -> list[Shown]:
    """Return the sections of an organization; none while it has not been looked at."""
    if seen is None:
        return []
    found = ((part.template, part.given(seen)) for part in _PARTS)
    return [Shown(template, given) for template, given in found if given]
