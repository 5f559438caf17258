"""The baseline that holds an organization: what it fixes, what it asks for, and the refusal of what is below it.

Read afresh where something is written; kept warm beside the host for pages, which cost no query for it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from django.utils.translation import gettext as _

from registration import baseline, baseline_words
from registration.baseline import Breach, Mode, Rule, Rules
from registration.method import Words
from tenants import hosts
from tenants.context import current
from tenants.models import BaselineUse, Organization

_NAME = "baseline"


@dataclass(frozen=True)
class Held:
    """A baseline's name and its rules."""

    name: str
    rules: Rules


class BelowBaseline(Exception):
    """Values that the provider's baseline does not allow: each with its field, and what is asked."""

    def __init__(self, found: tuple[Breach, ...]) -> None:
        super().__init__(" ".join(baseline_words.breach(one) for one in found))
        self.breaches = found


def held() -> Held | None:
    """Return the baseline of the entered organization, or none; no query while warm."""
    return cast("Held | None", hosts.fact(current(), _NAME))


def of(organization: Organization) -> Held | None:
    """Read the baseline of an organization."""
    use = BaselineUse.objects.select_related("baseline").filter(organization_id=organization.pk).first()
    return Held(use.baseline.name, baseline.read(use.baseline.settings)) if use else None


def refuse_below(organization: Organization, values: Mapping[str, Any]) -> None:
    """Raise `BelowBaseline` where one of these values is below what holds the organization; read afresh."""
    found = of(organization) if values else None
    if found and (below := baseline.breaches(found.rules, values)):
        raise BelowBaseline(below)


def fixed_by_provider() -> Mapping[str, Words]:
    """Return each setting that the provider has locked here, with a sentence."""
    return {
        field: _("Fixed by your provider: %(value)s.") % {"value": baseline_words.value(field, rule.value)}
        for field, rule in _rules(Mode.LOCKED).items()
    }


def asked_by_provider() -> Mapping[str, Words]:
    """Return each setting that may only be tighter here than the provider asks, with a sentence."""
    return {field: baseline_words.floor(field, rule.value) for field, rule in _rules(Mode.FLOOR).items()}


def _rules(mode: Mode) -> Mapping[str, Rule]:
    found = held()
    return {field: rule for field, rule in found.rules.items() if rule.mode is mode} if found else {}


hosts.contribute(_NAME, of)
