"""What a change does to who may reset, by cause: pure.

Whoever stands where is counted before (`registration.census`); the rules judge each standing once, as things are and as they
would be. Nobody's name is known here.
"""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from registration import policy as rules
from registration.policy import Code, MethodTraits, Person, ResetPolicy

Id = TypeVar("Id", bound=Hashable)


class Turn(StrEnum):
    """What becomes of somebody."""

    LOSES = "loses"
    GAINS = "gains"
    #: May not reset before or after, and after it for nothing but methods that they have not registered yet.
    HAS_TO_REGISTER = "has_to_register"


class Cause(StrEnum):
    """Why. The answers of the rules that keep somebody out, and where methods are missing, what makes them so.

    A disabled account and a blocked reset are none: no change of a policy makes or ends one.
    """

    EDITION = Code.EDITION_LACKS_RESET.value
    SCOPE_NONE = Code.POLICY_NONE.value
    SCOPE = Code.NOT_IN_SCOPE.value
    ADMINISTRATORS = Code.ADMINISTRATORS_EXCLUDED.value
    UNSATISFIABLE = Code.NOT_ENOUGH_METHODS.value
    NUMBER = "number_of_methods"
    METHODS = "methods_that_count"


@dataclass(frozen=True)
class Terms:
    """What the rules judge by, beside the person: the policy, and what the edition leaves out."""

    policy: ResetPolicy
    edition_allows: bool = True
    lacking: frozenset[str] = frozenset()

    def code(self, person: Person, traits: Sequence[MethodTraits]) -> Code:
        """Return whether this person may reset, as a code."""
        answer = rules.may_reset(
            self.policy, person, traits, edition_allows=self.edition_allows, lacking=self.lacking
        )
        return answer.code


@dataclass(frozen=True)
class Turned:
    """What becomes of those who stand in one way before and in one way after, and why."""

    turn: Turn
    cause: Cause
    #: Whether registering more would let them reset afterwards.
    may_register: bool = False


@dataclass(frozen=True)
class Sum:
    """How many people something becomes of for one cause."""

    turn: Turn
    cause: Cause
    people: int


@dataclass(frozen=True)
class Impact:
    """The sums of a change: those who lose first, each turn's greatest cause first."""

    sums: tuple[Sum, ...] = ()
    #: Of those who lose or have to register: how many can mend it by registering more.
    may_register: int = 0

    def people(self, turn: Turn) -> int:
        """Return how many people take this turn.

        >>> Impact((Sum(Turn.LOSES, Cause.SCOPE, 2), Sum(Turn.LOSES, Cause.NUMBER, 1))).people(Turn.LOSES)
        3
        """
        return sum(one.people for one in self.sums if one.turn is turn)

    def causes(self, turn: Turn) -> tuple[Sum, ...]:
        """Return the sums of one turn."""
        return tuple(one for one in self.sums if one.turn is turn)

    @property
    def matters(self) -> bool:
        """Whether anybody loses or gains the ability to reset."""
        return self.people(Turn.LOSES) + self.people(Turn.GAINS) > 0


def turned(
    stands: Person, would_stand: Person, before: Terms, after: Terms, traits: Sequence[MethodTraits]
) -> Turned | None:
    """Return what becomes of somebody, or nothing where they may reset as before, or may not as before.

    >>> mail, app = MethodTraits("email"), MethodTraits("app")
    >>> kinds = frozenset({"email", "app"})
    >>> one, two = (Terms(ResetPolicy(rules.Scope.ALL, kinds, number)) for number in (1, 2))
    >>> has_mail = Person(registered=frozenset({"email"}))
    >>> turned(has_mail, has_mail, one, two, (app, mail))
    Turned(turn=<Turn.LOSES: 'loses'>, cause=<Cause.NUMBER: 'number_of_methods'>, may_register=True)
    >>> turned(Person(), Person(), one, two, (app, mail)) is None
    True
    """
    was, will_be = before.code(stands, traits), after.code(would_stand, traits)
    may_register = will_be is Code.NOT_REGISTERED
    if was is will_be:
        return None
    if was is Code.ALLOWED:
        why = _cause(will_be, would_stand, after, before)
        return Turned(Turn.LOSES, why, may_register)
    if will_be is Code.ALLOWED:
        return Turned(Turn.GAINS, _cause(was, stands, before, after))
    if may_register:
        return Turned(Turn.HAS_TO_REGISTER, _cause(was, stands, before, after), may_register)
    return None


def judged(
    counted: Mapping[tuple[Person, Person], int],
    before: Terms,
    after: Terms,
    traits: Sequence[MethodTraits],
) -> Impact:
    """Add up what becomes of people, who are counted by how they stand before and after.

    >>> mail, has = (MethodTraits("email"),), Person(registered=frozenset({"email"}))
    >>> everybody = ResetPolicy(rules.Scope.ALL, frozenset({"email"}))
    >>> nobody = ResetPolicy(rules.Scope.NONE, frozenset({"email"}))
    >>> found = judged({(has, has): 3, (Person(), Person()): 2}, Terms(everybody), Terms(nobody), mail)
    >>> [(one.turn.value, one.cause.value, one.people) for one in found.sums], found.may_register
    ([('loses', 'policy_none', 3)], 0)
    """
    people: dict[tuple[Turn, Cause], int] = {}
    may_register = 0
    for (stands, would_stand), count in counted.items():
        found = turned(stands, would_stand, before, after, traits)
        if found is not None:
            key = (found.turn, found.cause)
            people[key] = people.get(key, 0) + count
            may_register += count if found.may_register else 0
    order = list(Turn)
    sums = sorted(
        (Sum(turn, cause, count) for (turn, cause), count in people.items()),
        key=lambda one: (order.index(one.turn), -one.people, one.cause),
    )
    return Impact(tuple(sums), may_register)


def reached(chosen: Iterable[Id], within: Iterable[tuple[Id, Id]]) -> frozenset[Id]:
    """Return the groups that were chosen and all that are in them; `within` are pairs of a group and one in it.

    >>> sorted(reached(["a"], [("a", "b"), ("b", "c"), ("c", "a"), ("d", "a")]))
    ['a', 'b', 'c']
    """
    inner: dict[Id, list[Id]] = {}
    for outer, one in within:
        inner.setdefault(outer, []).append(one)
    found: set[Id] = set()
    waiting = list(chosen)
    while waiting:
        if (group := waiting.pop()) not in found:
            found.add(group)
            waiting += inner.get(group, [])
    return frozenset(found)


def _cause(code: Code, person: Person, here: Terms, there: Terms) -> Cause:
    """Return why somebody is kept out: where methods are what is missing, the number if it is the greater one here."""
    if code is not Code.NOT_REGISTERED:
        return Cause(code.value)
    more = rules.gates(here.policy, person) > rules.gates(there.policy, person)
    return Cause.NUMBER if more else Cause.METHODS
