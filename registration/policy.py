"""What the organization asks of its people, what a person has, and what is missing.

Pure: facts in, codes out. Every function takes the person afresh, so that a role granted, a method removed or
a policy changed in the middle of a reset counts at the next gate. Methods come as their traits, the strongest
first, and are answered in that order.

An administrator proves two methods, always, by whatever is fit for administrators and whatever the
organization enabled; neither the groups nor the number that the organization chose applies to them.
`administrators_may_reset`, the edition and a scope of none do: where nobody may reset, nobody may.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

MOST_GATES = 2


class Scope(StrEnum):
    """For whom self-service password reset is enabled."""

    NONE = "none"
    SELECTED = "selected"
    ALL = "all"


class Code(StrEnum):
    """Why somebody may reset or may not, and what is wrong with a policy. `labels.POLICY` has the words."""

    ALLOWED = "allowed"
    EDITION_LACKS_RESET = "edition_lacks_reset"
    POLICY_NONE = "policy_none"
    NOT_IN_SCOPE = "not_in_scope"
    ADMINISTRATORS_EXCLUDED = "administrators_excluded"
    ACCOUNT_DISABLED = "account_disabled"
    RESET_BLOCKED = "reset_blocked"
    NOT_ENOUGH_METHODS = "not_enough_methods"
    NOT_REGISTERED = "not_registered"
    QUESTIONS_ALONE = "questions_alone"


@dataclass(frozen=True)
class MethodTraits:
    """What the rules know of a method.

    `gates` are those that it may serve where two are asked; one that serves only the second comes after a
    proof of possession. `sole_gate` says whether it may be the only one. `needs` is the feature of an edition
    without which it is not there.

    The rest is for advice alone: `needs_mobile` says that somebody without a mobile phone cannot have it,
    `mailbox` that it proves who reads a mailbox, which is recovery and no authenticator (NIST), and
    `restricted` that what is sent can be forged or taken on its way, as text messages can (NIST's word).
    """

    kind: str
    gates: frozenset[int] = frozenset({1, 2})
    for_administrators: bool = True
    sole_gate: bool = True
    needs: str | None = None
    needs_mobile: bool = False
    mailbox: bool = False
    restricted: bool = False

    def __post_init__(self) -> None:
        if self.gates not in ({1, 2}, {2}):
            raise ValueError(f"{self.kind} serves both gates or the second, not {sorted(self.gates)}")

    @property
    def proves_possession(self) -> bool:
        """Say whether it can come first, so that a method that only comes second can follow."""
        return 1 in self.gates


@dataclass(frozen=True)
class ResetPolicy:
    """What an organization chose.

    `weak_alone_acknowledged` is the administrator's explicit word that a method which is not fit to be the
    only gate, the security questions, may be the only one; without it such a method serves no reset that asks
    for one.
    """

    scope: Scope = Scope.NONE
    methods: frozenset[str] = frozenset()
    required: int = 1
    administrators_may_reset: bool = True
    weak_alone_acknowledged: bool = False

    def __post_init__(self) -> None:
        if self.required not in (1, MOST_GATES):
            raise ValueError(f"A reset asks for 1 or {MOST_GATES} methods, not {self.required}")


@dataclass(frozen=True)
class Person:
    """What is known of a person at this moment; `registered` are the kinds of their confirmed methods.

    `blocked` says that the person objected to a reset a short while ago.
    """

    administrator: bool = False
    in_selected_group: bool = False
    registered: frozenset[str] = frozenset()
    disabled: bool = False
    blocked: bool = False


@dataclass(frozen=True)
class Answer:
    """The answer to "may they?", with the reason as a code."""

    allowed: bool
    code: Code

    def __bool__(self) -> bool:
        return self.allowed


#: Somebody without any role and without any method: what a page may show to whoever typed any name.
ANYBODY = Person()


def gates(policy: ResetPolicy, person: Person) -> int:
    """Return how many methods this person proves.

    >>> gates(ResetPolicy(required=1), Person()), gates(ResetPolicy(required=1), Person(administrator=True))
    (1, 2)
    """
    return MOST_GATES if person.administrator else policy.required


def methods_for(
    policy: ResetPolicy,
    person: Person,
    traits: Sequence[MethodTraits],
    lacking: Collection[str] = frozenset(),
) -> tuple[str, ...]:
    """Return the kinds that this person can register and prove.

    `lacking` are the features that the organization's edition does not include.

    >>> questions = MethodTraits("questions", frozenset({2}), False, False)
    >>> traits = (MethodTraits("app_code"), MethodTraits("email"), questions)
    >>> policy = ResetPolicy(methods=frozenset({"email", "questions"}), required=2)
    >>> methods_for(policy, Person(), traits)
    ('email', 'questions')
    >>> methods_for(policy, Person(administrator=True), traits)
    ('app_code', 'email')
    """
    return tuple(trait.kind for trait in _traits_for(policy, person, traits, lacking))


def missing(
    policy: ResetPolicy,
    person: Person,
    traits: Sequence[MethodTraits],
    lacking: Collection[str] = frozenset(),
) -> int:
    """Return how many methods this person has still to register; 0 when they are registered.

    >>> traits = (MethodTraits("email"), MethodTraits("questions", frozenset({2}), False, False))
    >>> policy = ResetPolicy(methods=frozenset({"email", "questions"}), required=2)
    >>> has = ([], ["questions"], ["email"], ["email", "questions"])
    >>> [missing(policy, Person(registered=frozenset(kinds)), traits) for kinds in has]
    [2, 1, 1, 0]
    """
    return _short(policy, person, traits, lacking, person.registered)


def gates_left(
    policy: ResetPolicy,
    person: Person,
    passed: Collection[str],
    traits: Sequence[MethodTraits],
    lacking: Collection[str] = frozenset(),
) -> int:
    """Return how many gates are still to be passed, given the kinds that have been.

    What was passed counts only as far as it would be asked for now: questions that were answered before a
    role was granted do not count for the administrator.

    >>> traits = (MethodTraits("email"), MethodTraits("questions", frozenset({2}), False, False))
    >>> policy = ResetPolicy(methods=frozenset({"email", "questions"}), required=2)
    >>> passed = ("email", "questions")
    >>> [gates_left(policy, Person(administrator=role), passed, traits) for role in (False, True)]
    [0, 1]
    """
    return _short(policy, person, traits, lacking, passed)


def next_gate(
    policy: ResetPolicy,
    person: Person,
    passed: Collection[str],
    traits: Sequence[MethodTraits],
    lacking: Collection[str] = frozenset(),
) -> int | None:
    """Return which gate comes next, None when all are passed.

    Counting what was passed would be wrong: not all of it may count now.

    >>> policy, email = ResetPolicy(methods=frozenset({"email"})), (MethodTraits("email"),)
    >>> next_gate(policy, Person(), (), email), next_gate(policy, Person(), ("email",), email)
    (1, None)
    >>> next_gate(policy, Person(administrator=True), ("email",), email)
    2
    """
    left = gates_left(policy, person, passed, traits, lacking)
    return gates(policy, person) - left + 1 if left else None


def is_registered(
    policy: ResetPolicy,
    person: Person,
    traits: Sequence[MethodTraits],
    lacking: Collection[str] = frozenset(),
) -> bool:
    """Say whether this person has registered as many methods as a reset asks of them."""
    return missing(policy, person, traits, lacking) == 0


def is_enabled(policy: ResetPolicy, person: Person, *, edition_allows: bool) -> bool:
    """Say whether the organization lets this person reset, registered or not."""
    return _refusal_by_policy(policy, person, edition_allows=edition_allows) is None


def is_capable(
    policy: ResetPolicy,
    person: Person,
    traits: Sequence[MethodTraits],
    *,
    edition_allows: bool,
    lacking: Collection[str] = frozenset(),
) -> bool:
    """Say whether this person is both registered and enabled."""
    return is_enabled(policy, person, edition_allows=edition_allows) and is_registered(
        policy, person, traits, lacking
    )


def may_reset(
    policy: ResetPolicy,
    person: Person,
    traits: Sequence[MethodTraits],
    *,
    edition_allows: bool,
    lacking: Collection[str] = frozenset(),
) -> Answer:
    """Say whether this person may reset their password now: capable, and the account is not disabled.

    Of several reasons against it, the answer is the one that is mended first: edition, policy, account,
    methods.

    >>> traits, policy = (MethodTraits("email"),), ResetPolicy(scope=Scope.ALL, methods=frozenset({"email"}))
    >>> may_reset(policy, Person(registered=frozenset({"email"})), traits, edition_allows=True).code.value
    'allowed'
    >>> may_reset(policy, Person(), traits, edition_allows=True).code.value
    'not_registered'
    >>> may_reset(policy, Person(), traits, edition_allows=False).code.value
    'edition_lacks_reset'
    """
    code = _refusal_by_policy(policy, person, edition_allows=edition_allows)
    if code is None and person.disabled:
        code = Code.ACCOUNT_DISABLED
    if code is None and person.blocked:
        code = Code.RESET_BLOCKED
    if code is None and not is_registered(policy, person, traits, lacking):
        everything = replace(person, registered=frozenset(trait.kind for trait in traits))
        code = (
            Code.NOT_REGISTERED
            if is_registered(policy, everything, traits, lacking)
            else Code.NOT_ENOUGH_METHODS
        )
    return Answer(code is None, code or Code.ALLOWED)


def default_first(kinds: Sequence[str], default: str) -> tuple[str, ...]:
    """Return these kinds with the one that the person chose to be asked for at the head, if it is among them.

    Only what a person has already proved to be theirs may be ordered so: before that, the order would tell who they are.

    >>> default_first(("app_code", "email"), "email"), default_first(("app_code", "email"), "fax")
    (('email', 'app_code'), ('app_code', 'email'))
    """
    return tuple(sorted(kinds, key=lambda kind: kind != default))


def organization_offers(policy: ResetPolicy, *, edition_allows: bool) -> Answer:
    """Say whether this organization offers a reset to its people at all.

    That is a fact about the organization, so it may be told before any name is typed. Where the scope is
    none, administrators may still reset, unless they are excluded.

    >>> organization_offers(ResetPolicy(scope=Scope.NONE), edition_allows=True).code.value
    'policy_none'
    """
    if not edition_allows:
        return Answer(False, Code.EDITION_LACKS_RESET)
    if policy.scope == Scope.NONE:
        return Answer(False, Code.POLICY_NONE)
    return Answer(True, Code.ALLOWED)


def usable_at(
    gate: int,
    passed: Collection[str],
    policy: ResetPolicy,
    person: Person,
    traits: Sequence[MethodTraits],
    lacking: Collection[str] = frozenset(),
) -> tuple[str, ...]:
    """Return the kinds that this person has and can prove at this gate.

    Each kind serves once, and what may only come second comes after a proof of possession.

    >>> traits = (MethodTraits("email"), MethodTraits("questions", frozenset({2}), False, False))
    >>> policy = ResetPolicy(methods=frozenset({"email", "questions"}), required=2)
    >>> person = Person(registered=frozenset({"email", "questions"}))
    >>> usable_at(1, (), policy, person, traits), usable_at(2, ("email",), policy, person, traits)
    (('email',), ('questions',))
    """
    return tuple(
        kind for kind in _open_at(gate, passed, policy, person, traits, lacking) if kind in person.registered
    )


def first_choices(
    policy: ResetPolicy, traits: Sequence[MethodTraits], lacking: Collection[str] = frozenset()
) -> tuple[str, ...]:
    """Return the kinds to choose from before the first proof: the same for everybody.

    Methods that only administrators could use are among them: a list that is shorter for the others would
    tell who is one.

    >>> questions = MethodTraits("questions", frozenset({2}), False, False)
    >>> traits = (MethodTraits("app_code"), MethodTraits("email"), questions)
    >>> policy = ResetPolicy(scope=Scope.ALL, methods=frozenset({"email", "questions"}), required=2)
    >>> first_choices(policy, traits)
    ('app_code', 'email')
    """
    somebody = [] if policy.scope == Scope.NONE else [ANYBODY]
    if policy.administrators_may_reset:
        somebody.append(replace(ANYBODY, administrator=True))
    kinds = {kind for person in somebody for kind in _open_at(1, (), policy, person, traits, lacking)}
    return tuple(trait.kind for trait in traits if trait.kind in kinds)


def problems(
    policy: ResetPolicy, traits: Sequence[MethodTraits], lacking: Collection[str] = frozenset()
) -> tuple[Code, ...]:
    """Return everything for which this policy is not to be saved; a policy for nobody has no problem.

    >>> traits = (MethodTraits("email"), MethodTraits("questions", frozenset({2}), False, False))
    >>> problems(ResetPolicy(scope=Scope.ALL, methods=frozenset({"email"}), required=2), traits)
    (<Code.NOT_ENOUGH_METHODS: 'not_enough_methods'>,)
    >>> problems(ResetPolicy(scope=Scope.ALL, methods=frozenset({"email", "questions"})), traits)
    (<Code.QUESTIONS_ALONE: 'questions_alone'>,)
    """
    if policy.scope == Scope.NONE:
        return ()
    found = []
    offered = _traits_for(policy, ANYBODY, traits, lacking)
    if (
        policy.required == 1
        and not policy.weak_alone_acknowledged
        and any(not trait.sole_gate for trait in offered)
    ):
        found.append(Code.QUESTIONS_ALONE)
    if _short(replace(policy, weak_alone_acknowledged=True), ANYBODY, traits, lacking, policy.methods):
        found.append(Code.NOT_ENOUGH_METHODS)
    return tuple(found)


def _refusal_by_policy(policy: ResetPolicy, person: Person, *, edition_allows: bool) -> Code | None:
    if not edition_allows:
        return Code.EDITION_LACKS_RESET
    if policy.scope == Scope.NONE:
        return Code.POLICY_NONE
    if person.administrator:
        return None if policy.administrators_may_reset else Code.ADMINISTRATORS_EXCLUDED
    if policy.scope == Scope.SELECTED and not person.in_selected_group:
        return Code.NOT_IN_SCOPE
    return None


def _traits_for(
    policy: ResetPolicy, person: Person, traits: Sequence[MethodTraits], lacking: Collection[str]
) -> tuple[MethodTraits, ...]:
    return tuple(
        trait
        for trait in traits
        if trait.needs not in lacking
        and (trait.for_administrators if person.administrator else trait.kind in policy.methods)
    )


def _may_be_only(trait: MethodTraits, policy: ResetPolicy) -> bool:
    return trait.sole_gate or policy.weak_alone_acknowledged


def _short(
    policy: ResetPolicy,
    person: Person,
    traits: Sequence[MethodTraits],
    lacking: Collection[str],
    kinds: Collection[str],
) -> int:
    """Return how many kinds are missing from these; only what can be asked of this person counts."""
    have = [trait for trait in _traits_for(policy, person, traits, lacking) if trait.kind in kinds]
    if gates(policy, person) == 1:
        return 0 if any(_may_be_only(trait, policy) for trait in have) else 1
    return max(MOST_GATES - len(have), 0 if any(trait.proves_possession for trait in have) else 1)


def _open_at(
    gate: int,
    passed: Collection[str],
    policy: ResetPolicy,
    person: Person,
    traits: Sequence[MethodTraits],
    lacking: Collection[str],
) -> tuple[str, ...]:
    offered = _traits_for(policy, person, traits, lacking)
    if not 1 <= gate <= gates(policy, person):
        return ()
    if gates(policy, person) == 1:
        return tuple(
            trait.kind for trait in offered if _may_be_only(trait, policy) and trait.kind not in passed
        )
    after_possession = any(trait.proves_possession and trait.kind in passed for trait in offered)
    return tuple(
        trait.kind
        for trait in offered
        if gate in trait.gates and trait.kind not in passed and (trait.proves_possession or after_possession)
    )
