"""What is worth saying of a policy that can be saved: facts in, codes out, the gravest first. `labels` has the words.

Pure. What must not be saved at all is `policy.problems`. Methods come as their traits, the strongest first. A method counts
when the organization enabled it, its edition includes it, and somebody who has everything could be asked for it.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from types import MappingProxyType

from registration import policy as rules
from registration.policy import ANYBODY, MethodTraits, ResetPolicy

#: How many methods are enabled at least, so that somebody who lost one is not lost.
FEWEST = 2


class Severity(StrEnum):
    """How much it matters."""

    DANGER = "danger"
    WARNING = "warning"
    INFO = "info"


class Advice(StrEnum):
    """What is to be said of a policy."""

    WEAK_ALONE = "weak_alone"
    NEVER_COUNTS = "never_counts"
    RESTRICTED_STRONGEST = "restricted_strongest"
    RESTRICTED_ALONE = "restricted_alone"
    MAILBOX_ALONE = "mailbox_alone"
    TOO_FEW = "too_few"
    NOBODY_WITHOUT_MOBILE = "nobody_without_mobile"
    NO_SPARE = "no_spare"
    NO_APP = "no_app"
    IDLE = "idle"


class Note(StrEnum):
    """What is to be said of a method, whatever the policy."""

    FIRST = "first"
    WITHOUT_MOBILE = "without_mobile"
    FORGEABLE = "forgeable"
    LEAST = "least"


@dataclass(frozen=True)
class Finding:
    """One advice, and the kinds of methods that it is about, where it is about some."""

    code: Advice
    kinds: tuple[str, ...] = ()

    @property
    def severity(self) -> Severity:
        """Return how much it matters."""
        return SEVERITY[self.code]


@dataclass(frozen=True)
class _Facts:
    """A policy, and its methods: those that count, those that it enabled and that the edition includes, and the others."""

    policy: ResetPolicy
    usable: Sequence[MethodTraits]
    counting: Sequence[MethodTraits]
    idle: tuple[str, ...]
    unknown: tuple[str, ...]


SEVERITY: Mapping[Advice, Severity] = MappingProxyType(
    {
        Advice.WEAK_ALONE: Severity.DANGER,
        Advice.NEVER_COUNTS: Severity.WARNING,
        Advice.RESTRICTED_STRONGEST: Severity.WARNING,
        Advice.RESTRICTED_ALONE: Severity.WARNING,
        Advice.MAILBOX_ALONE: Severity.WARNING,
        Advice.TOO_FEW: Severity.WARNING,
        Advice.NOBODY_WITHOUT_MOBILE: Severity.WARNING,
        Advice.NO_SPARE: Severity.INFO,
        Advice.NO_APP: Severity.INFO,
        Advice.IDLE: Severity.INFO,
    }
)


def advise(
    policy: ResetPolicy, traits: Sequence[MethodTraits], lacking: Collection[str] = frozenset()
) -> tuple[Finding, ...]:
    """Return all advice on this policy, the gravest first; nothing where there is nothing better to do.

    >>> app, mail = MethodTraits("app_code", needs_mobile=True), MethodTraits("email", mailbox=True)
    >>> sms = MethodTraits("mobile_phone", needs_mobile=True, restricted=True)
    >>> questions = MethodTraits("questions", frozenset({2}), False, False)
    >>> every = (app, mail, sms, questions)
    >>> def codes(required, *kinds, **more):
    ...     policy = ResetPolicy(methods=frozenset(kinds), required=required, **more)
    ...     return [found.code.value for found in advise(policy, every)]
    >>> codes(2, "app_code", "email", "questions")
    []
    >>> codes(2, "app_code", "email")
    ['nobody_without_mobile', 'no_spare']
    >>> codes(1, "app_code", "email")
    ['mailbox_alone']
    >>> codes(1, "app_code", "questions")
    ['never_counts', 'too_few', 'nobody_without_mobile']
    >>> codes(1, "app_code", "email", "questions", weak_alone_acknowledged=True)
    ['weak_alone', 'mailbox_alone']
    >>> codes(1, "mobile_phone")
    ['restricted_strongest', 'restricted_alone', 'too_few', 'nobody_without_mobile', 'no_app']
    >>> codes(1)
    ['too_few']
    """
    facts = _facts(policy, traits, lacking)
    found = ((code, rule(facts)) for code, rule in _RULES)
    return tuple(Finding(code, kinds) for code, kinds in found if kinds is not None)


def note(trait: MethodTraits) -> Note:
    """Return what is to be said of a method, whatever the policy.

    >>> note(MethodTraits("app_code", needs_mobile=True)).value, note(MethodTraits("office_phone")).value
    ('first', 'without_mobile')
    >>> note(MethodTraits("mobile_phone", needs_mobile=True, restricted=True)).value
    'forgeable'
    >>> note(MethodTraits("questions", frozenset({2}), False, False)).value
    'least'
    """
    if not trait.sole_gate:
        return Note.LEAST
    if not trait.needs_mobile:
        return Note.WITHOUT_MOBILE
    return Note.FORGEABLE if trait.restricted else Note.FIRST


def _facts(policy: ResetPolicy, traits: Sequence[MethodTraits], lacking: Collection[str]) -> _Facts:
    enabled = [trait for trait in traits if trait.kind in policy.methods]
    usable = [trait for trait in enabled if trait.needs not in lacking]
    askable = _askable(policy, usable)
    return _Facts(
        policy,
        usable,
        counting=[trait for trait in usable if trait.kind in askable],
        idle=tuple(trait.kind for trait in enabled if trait.needs in lacking),
        unknown=tuple(sorted(policy.methods.difference(trait.kind for trait in traits))),
    )


def _askable(policy: ResetPolicy, usable: Sequence[MethodTraits]) -> frozenset[str]:
    """Return the kinds that some gate asks of somebody who has all of these."""
    everything = replace(ANYBODY, registered=frozenset(trait.kind for trait in usable))
    first = rules.usable_at(1, (), policy, everything, usable)
    after = (rules.usable_at(rules.MOST_GATES, (one,), policy, everything, usable) for one in first)
    return frozenset(first).union(*after)


#: What a rule answers: nothing where it does not apply, else the kinds that it is about, which may be none.
_Kinds = tuple[str, ...] | None


def _where(applies: bool, kinds: tuple[str, ...] = ()) -> _Kinds:
    return kinds if applies else None


def _some(traits: Sequence[MethodTraits]) -> _Kinds:
    return tuple(trait.kind for trait in traits) or None


def _weak_alone(facts: _Facts) -> _Kinds:
    weak = [trait for trait in facts.usable if not trait.sole_gate]
    suffices = facts.policy.required == 1 and facts.policy.weak_alone_acknowledged
    return _some(weak) if suffices or len(weak) == len(facts.usable) else None


def _never_counts(facts: _Facts) -> _Kinds:
    never = [trait for trait in facts.usable if trait not in facts.counting]
    return (*(_some(never) or ()), *facts.unknown) or None


def _restricted_strongest(facts: _Facts) -> _Kinds:
    return _some([trait for trait in facts.counting[:1] if trait.restricted])


def _restricted_alone(facts: _Facts) -> _Kinds:
    restricted = [trait for trait in facts.counting if trait.restricted]
    return _some(restricted) if facts.policy.required == 1 else None


def _mailbox_alone(facts: _Facts) -> _Kinds:
    mailboxes = [trait for trait in facts.counting if trait.mailbox]
    return _some(mailboxes) if facts.policy.required == 1 else None


def _too_few(facts: _Facts) -> _Kinds:
    return _where(len(facts.counting) < FEWEST)


def _no_spare(facts: _Facts) -> _Kinds:
    return _where(FEWEST <= len(facts.counting) <= facts.policy.required)


def _nobody_without_mobile(facts: _Facts) -> _Kinds:
    """Say so where somebody who has all that takes no mobile phone could not reset."""
    kinds = frozenset(trait.kind for trait in facts.counting if not trait.needs_mobile)
    enough = rules.is_registered(facts.policy, replace(ANYBODY, registered=kinds), facts.usable)
    return _where(bool(facts.counting) and not enough)


def _no_app(facts: _Facts) -> _Kinds:
    return _where(bool(facts.counting) and not any(note(trait) is Note.FIRST for trait in facts.counting))


def _idle(facts: _Facts) -> _Kinds:
    return facts.idle or None


_RULES: tuple[tuple[Advice, Callable[[_Facts], _Kinds]], ...] = (
    (Advice.WEAK_ALONE, _weak_alone),
    (Advice.NEVER_COUNTS, _never_counts),
    (Advice.RESTRICTED_STRONGEST, _restricted_strongest),
    (Advice.RESTRICTED_ALONE, _restricted_alone),
    (Advice.MAILBOX_ALONE, _mailbox_alone),
    (Advice.TOO_FEW, _too_few),
    (Advice.NOBODY_WITHOUT_MOBILE, _nobody_without_mobile),
    (Advice.NO_SPARE, _no_spare),
    (Advice.NO_APP, _no_app),
    (Advice.IDLE, _idle),
)
