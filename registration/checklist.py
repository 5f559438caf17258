"""What leads from an empty organization to the first reset [pure]: facts in, steps out, in the order in which they make sense.

Nothing is kept of it: a step is done because of what there is, whoever did it, and comes undone by itself.
"""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from registration.policy import MOST_GATES

#: With fewer administrators who can reset their own password, one lost telephone closes the desk.
ADMINISTRATORS = 2


class Step(StrEnum):
    """What is to be done; `checklist_desk` has the words and the pages. The values stand in addresses."""

    OWN_METHODS = "own-methods"
    EDITION = "edition"
    METHODS = "methods"
    CARRIER = "carrier"
    PEOPLE = "people"
    SCOPE = "scope"
    HELPDESK = "help-desk"
    BRANDING = "branding"
    SECOND_ADMINISTRATOR = "second-administrator"
    REMINDING = "reminding"
    FIRST_RESET = "first-reset"
    FIRST_ORGANIZATION = "first-organization"
    PROVIDERS_CARRIER = "providers-carrier"


@dataclass(frozen=True)
class Facts:
    """What there is. `provider` is whether it is the provider's own organization, which has other things to begin with."""

    provider: bool = False
    own_methods: int = 0  # that count for a reset, of who looks
    edition_allows: bool = False
    policy_fits: bool = False  # people can be asked for what it asks
    phones: bool = False  # whether a method that is enabled takes a carrier
    carrier: bool = False
    people: int = 0  # beside administrators
    administrators: int = 0
    enabled_for: int = 0  # people beside administrators who may reset
    registered: int = 0  # of those
    branded: bool = False
    helpdesk: bool = False
    has_reset: bool = False  # somebody other than an administrator
    organizations: int = 0


@dataclass(frozen=True)
class Item:
    """A step, and whether it is done."""

    step: Step
    done: bool


def steps(facts: Facts) -> tuple[Item, ...]:
    """Return the steps that apply, and which of them are done.

    >>> [item.step.value for item in steps(Facts(people=3, own_methods=2)) if item.done]
    ['own-methods', 'people']
    >>> [Step.CARRIER in {item.step for item in steps(Facts(phones=phones))} for phones in (False, True)]
    [False, True]
    >>> [item.step.value for item in steps(Facts(provider=True))]
    ['own-methods', 'second-administrator', 'providers-carrier', 'first-organization']
    """
    own = Item(Step.OWN_METHODS, facts.own_methods >= MOST_GATES)
    second = Item(Step.SECOND_ADMINISTRATOR, facts.administrators >= ADMINISTRATORS)
    if facts.provider:
        return (
            own,
            second,
            Item(Step.PROVIDERS_CARRIER, facts.carrier),
            Item(Step.FIRST_ORGANIZATION, facts.organizations > 0),
        )
    found = [
        own,
        Item(Step.METHODS, facts.policy_fits),
        Item(Step.PEOPLE, facts.people > 0),
        Item(Step.SCOPE, facts.enabled_for > 0),
        Item(Step.HELPDESK, facts.helpdesk),
        Item(Step.BRANDING, facts.branded),
        second,
        Item(Step.REMINDING, facts.registered > 0),
        Item(Step.FIRST_RESET, facts.has_reset),
    ]
    if not facts.edition_allows:  # nothing else helps before it
        found.insert(1, Item(Step.EDITION, False))
    if facts.phones:
        found.insert(
            found.index(Item(Step.METHODS, facts.policy_fits)) + 1, Item(Step.CARRIER, facts.carrier)
        )
    return tuple(found)


def following(items: Collection[Item]) -> Step | None:
    """Return the step to take now: the first that is not done; None when all are.

    >>> following(steps(Facts(edition_allows=True, own_methods=2))).value
    'methods'
    """
    return next((item.step for item in items if not item.done), None)
