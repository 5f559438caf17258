"""A reset that an administrator began for somebody: in what it comes, and what it still asks. Pure.

It lifts what keeps a person from beginning one by themselves: the edition, the scope, the switch for administrators. It lifts
nothing of what they have to prove: they pass the gates that they can. The ticket stands in the place of what somebody lacks,
never of what they have; and for an administrator of nothing at all.

Of somebody who has no method nothing can be asked. Then a code that the help desk reads out and a link to the primary address
open it together, so that neither the help desk nor the mailbox alone is enough. Where there is no address either, the code is
enough alone, which is what Entra calls a Temporary Access Pass: that takes a role that may issue one.
"""

from collections.abc import Collection, Sequence
from dataclasses import replace
from enum import StrEnum

from registration import policy as rules
from registration.policy import Answer, Code, MethodTraits, Person, ResetPolicy, Scope


class Help(StrEnum):
    """In what an administrator's reset comes to its person. Stored, so the values never change."""

    MAILED = "mailed"  # a link to a confirmed address
    SHOWN = "shown"  # a code, shown once to who started it
    BOTH = "both"  # that code, and a link to the primary address: both are needed
    PASS = "pass"  # that code, and nothing besides


class Refusal(StrEnum):
    """Why nobody can start a reset for this person now. `wording.NO_HELP` has the words."""

    DISABLED = "account_disabled"
    BLOCKED = "reset_blocked"
    ADMINISTRATOR_LACKS_METHODS = "administrator_lacks_methods"
    PASS_NEEDED = "pass_needed"


#: Those by which nothing need be proved, where nothing can be.
BARE = frozenset({Help.BOTH, Help.PASS})


def way(
    policy: ResetPolicy,
    person: Person,
    traits: Sequence[MethodTraits],
    lacking: Collection[str] = frozenset(),
    *,
    confirmed_address: bool,
    primary_address: bool,
    may_issue_pass: bool,
) -> Help | Refusal:
    """Return in what a reset comes to this person, or why none can be started for them.

    >>> mail, app = MethodTraits("email"), MethodTraits("app_code")
    >>> def ways(*kinds, **known):
    ...     known = {"confirmed_address": False, "primary_address": False, "may_issue_pass": False, **known}
    ...     return way(ResetPolicy(), Person(registered=frozenset(kinds)), (app, mail), **known).value
    >>> ways("email", confirmed_address=True), ways("app_code"), ways(primary_address=True)
    ('mailed', 'shown', 'both')
    >>> ways(may_issue_pass=True), ways()
    ('pass', 'pass_needed')
    """
    if person.disabled:
        return Refusal.DISABLED
    if person.blocked:
        return Refusal.BLOCKED
    if person.administrator and not rules.is_registered(
        lifted(policy, person, traits, lacking), person, traits, lacking
    ):
        return Refusal.ADMINISTRATOR_LACKS_METHODS
    if not asks_nothing(person, traits, lacking):
        return Help.MAILED if confirmed_address else Help.SHOWN
    if primary_address:
        return Help.BOTH
    return Help.PASS if may_issue_pass else Refusal.PASS_NEEDED


def asks_nothing(
    person: Person, traits: Sequence[MethodTraits], lacking: Collection[str] = frozenset()
) -> bool:
    """Say whether there is nothing that this person could be asked to prove. An administrator is always asked."""
    return not person.administrator and not _had(person, traits, lacking)


def lifted(
    policy: ResetPolicy,
    person: Person,
    traits: Sequence[MethodTraits],
    lacking: Collection[str] = frozenset(),
) -> ResetPolicy:
    """Return the policy as it holds for this person in such a reset: as many gates as they can pass, at least one.

    Methods that the organization enabled come first; what it did not enable counts only where those are not enough.

    >>> mail, app = MethodTraits("email"), MethodTraits("app_code")
    >>> two = ResetPolicy(methods=frozenset({"email"}), required=2)
    >>> def asked(*kinds):
    ...     found = lifted(two, Person(registered=frozenset(kinds)), (app, mail))
    ...     return found.required, sorted(found.methods)
    >>> asked("email"), asked("email", "app_code")
    ((1, ['email']), (2, ['app_code', 'email']))
    >>> lifted(two, Person(administrator=True), (app, mail)).scope.value
    'all'
    """
    open_to_all = replace(policy, scope=Scope.ALL, administrators_may_reset=True)
    if person.administrator:
        return open_to_all
    everything = replace(open_to_all, methods=_had(person, traits, lacking))
    last = replace(everything, required=1, weak_alone_acknowledged=True)
    tries = (open_to_all, everything, replace(everything, required=1), last)
    return next((one for one in tries if rules.is_registered(one, person, traits, lacking)), last)


def may_set(
    policy: ResetPolicy,
    person: Person,
    traits: Sequence[MethodTraits],
    lacking: Collection[str] = frozenset(),
    *,
    bare: bool,
) -> Answer:
    """Say whether such a reset may set the password, once its gates are passed; `bare` where it has none."""
    if bare:
        code = (
            Code.ACCOUNT_DISABLED
            if person.disabled
            else Code.RESET_BLOCKED
            if person.blocked
            else Code.ALLOWED
        )
        return Answer(code is Code.ALLOWED, code)
    asked = lifted(policy, person, traits, lacking)
    return rules.may_reset(asked, person, traits, edition_allows=True, lacking=lacking)


def _had(person: Person, traits: Sequence[MethodTraits], lacking: Collection[str]) -> frozenset[str]:
    return frozenset(
        trait.kind for trait in traits if trait.needs not in lacking and trait.kind in person.registered
    )
