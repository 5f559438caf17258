"""What somebody who has signed in is asked to do first: small decisions in one order, the first that applies. Pure.

Change the password that has ended; register the methods that are missing; look at the registered ones again. Nobody is asked
for what they cannot do: where no method can be offered that would make them registered, they are let through.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from registration import policy as rules
from registration.policy import MethodTraits, Person, ResetPolicy

#: For how long registering can be put off, from the first time that it was asked for. Never for ever.
SKIPPABLE = timedelta(days=14)
LONGEST_RECONFIRM, USUAL_RECONFIRM = 730, 180  # days, reference/entra.md b1; 0 is never


class Interrupt(StrEnum):
    """What comes before everything else."""

    CHANGE_PASSWORD = "change_password"
    REGISTER = "register"
    RECONFIRM = "reconfirm"


@dataclass(frozen=True)
class Asked:
    """What the organization wants registered, and by whom."""

    policy: ResetPolicy
    traits: Sequence[MethodTraits]
    lacking: Collection[str] = frozenset()
    edition_allows: bool = True
    require_registration: bool = False
    reconfirm_days: int = USUAL_RECONFIRM


@dataclass(frozen=True)
class Facts:
    """Where a person stands. `proved_since` is when the oldest of their methods was registered, `confirmed_at` when they last
    said that all of them are still right, `must_register` that an administrator wants them registered anew.
    """

    asked: Asked
    person: Person
    password_ended: bool = False
    proved_since: datetime | None = None
    confirmed_at: datetime | None = None
    must_register: bool = False


def first(facts: Facts, now: datetime) -> Interrupt | None:
    """Return what this person is asked to do first; nothing when they may go where they like.

    >>> first(Facts(Asked(ResetPolicy(), ()), Person(), password_ended=True), datetime(2026, 1, 1)).value
    'change_password'
    >>> first(Facts(Asked(ResetPolicy(), ()), Person()), datetime(2026, 1, 1)) is None
    True
    """
    return next((one for one, applies in ORDER if applies(facts, now)), None)


def offers(asked: Asked, person: Person) -> tuple[str, ...]:
    """Return the kinds that this person can register to be registered, the strongest first; none when that is no way there.

    >>> mail, app = MethodTraits("email"), MethodTraits("app_code")
    >>> one, two = (ResetPolicy(methods=frozenset({"email", "app_code"}), required=n) for n in (1, 2))
    >>> offers(Asked(one, (app, mail)), Person()), offers(Asked(one, (app, mail)), Person(registered=frozenset({"email"})))
    (('app_code', 'email'), ())
    >>> offers(Asked(two, (app, mail)), Person(registered=frozenset({"app_code"})))
    ('email',)
    >>> offers(Asked(two, (mail,)), Person())
    ()
    """
    kinds = [
        kind
        for kind in rules.methods_for(asked.policy, person, asked.traits, asked.lacking)
        if kind not in person.registered
    ]
    if not _missing(asked, person) or _missing(asked, _with(person, kinds)):
        return ()
    return tuple(kind for kind in kinds if _counts(asked, person, kind))


def may_skip(first_asked: datetime | None, now: datetime) -> bool:
    """Say whether registering can still be put off.

    >>> asked = datetime(2026, 1, 1)
    >>> may_skip(None, asked), may_skip(asked, asked + SKIPPABLE / 2), may_skip(asked, asked + SKIPPABLE)
    (True, True, False)
    """
    return first_asked is None or now < first_asked + SKIPPABLE


def _password_ended(facts: Facts, now: datetime) -> bool:
    return facts.password_ended


def _unregistered(facts: Facts, now: datetime) -> bool:
    return (facts.must_register or _in_scope(facts)) and bool(offers(facts.asked, facts.person))


def _long_unconfirmed(facts: Facts, now: datetime) -> bool:
    """Count from the day that the person confirmed them, or that the oldest was registered: whichever is later."""
    days, moments = facts.asked.reconfirm_days, (facts.proved_since, facts.confirmed_at)
    if not days or facts.proved_since is None or not _in_scope(facts):
        return False
    since = max(moment for moment in moments if moment is not None)
    return now >= since + timedelta(days=days)


#: The order in which they are asked.
ORDER: tuple[tuple[Interrupt, Callable[[Facts, datetime], bool]], ...] = (
    (Interrupt.CHANGE_PASSWORD, _password_ended),
    (Interrupt.REGISTER, _unregistered),
    (Interrupt.RECONFIRM, _long_unconfirmed),
)


def _in_scope(facts: Facts) -> bool:
    asked = facts.asked
    return asked.require_registration and rules.is_enabled(
        asked.policy, facts.person, edition_allows=asked.edition_allows
    )


def _missing(asked: Asked, person: Person) -> int:
    return rules.missing(asked.policy, person, asked.traits, asked.lacking)


def _with(person: Person, kinds: Collection[str]) -> Person:
    return replace(person, registered=person.registered.union(kinds))


def _counts(asked: Asked, person: Person, kind: str) -> bool:
    """Say whether a method brings this person nearer: one that may not be the only gate does not where one is asked."""
    return _missing(asked, _with(person, [kind])) < _missing(asked, person)
