"""Who may reset, by what, and what is missing: tables written out, and what holds for every policy."""

import itertools
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registration.policy import (
    ANYBODY,
    Answer,
    Code,
    MethodTraits,
    Person,
    ResetPolicy,
    Scope,
    first_choices,
    gates,
    gates_left,
    is_capable,
    is_enabled,
    is_registered,
    may_reset,
    methods_for,
    missing,
    next_gate,
    organization_offers,
    problems,
    usable_at,
)

NOTICE = MethodTraits("app_notification")
APP = MethodTraits("app_code")
EMAIL = MethodTraits("email")
MOBILE = MethodTraits("mobile_phone")
OFFICE = MethodTraits("office_phone", needs="phone_calls")
QUESTIONS = MethodTraits("questions", gates=frozenset({2}), for_administrators=False, sole_gate=False)
TRAITS = (NOTICE, APP, MOBILE, OFFICE, EMAIL, QUESTIONS)
KINDS = tuple(trait.kind for trait in TRAITS)
FOR_ADMINISTRATORS = ("app_notification", "app_code", "mobile_phone", "office_phone", "email")


def asks(required: int, *methods: str, scope: Scope = Scope.ALL, **more: bool) -> ResetPolicy:
    """Return a policy that enables these methods."""
    return ResetPolicy(scope=scope, methods=frozenset(methods), required=required, **more)


def has(*kinds: str, **more: bool) -> Person:
    """Return a person who registered these methods."""
    return Person(registered=frozenset(kinds), **more)


# --- How many are missing -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("required", "kinds", "user", "administrator"),
    [
        (1, (), 1, 2),
        (1, ("email",), 0, 1),
        (1, ("questions",), 1, 2),
        (1, ("email", "questions"), 0, 1),
        (1, ("app_code",), 1, 1),  # not enabled for users, but an administrator's
        (1, ("email", "app_code"), 0, 0),
        (2, (), 2, 2),
        (2, ("email",), 1, 1),
        (2, ("questions",), 1, 2),
        (2, ("email", "questions"), 0, 1),
        (2, ("email", "mobile_phone"), 0, 0),
        (2, ("email", "app_code"), 1, 0),
        (2, ("email", "unheard_of"), 1, 1),
        (2, ("email", "mobile_phone", "questions"), 0, 0),
    ],
)
def test_missing(required: int, kinds: tuple[str, ...], user: int, administrator: int) -> None:
    """Where email, mobile phone and questions are enabled, so many methods are missing."""
    policy = asks(required, "email", "mobile_phone", "questions")
    assert missing(policy, has(*kinds), TRAITS) == user
    assert missing(policy, has(*kinds, administrator=True), TRAITS) == administrator


def test_two_that_only_come_second_need_a_third() -> None:
    """Two kinds of which neither may come first are one short, though they are two."""
    pin = replace(QUESTIONS, kind="pin")
    person, policy = has("questions", "pin"), asks(2, "questions", "pin", "email")
    assert missing(policy, person, (EMAIL, QUESTIONS, pin)) == 1
    assert missing(policy, has("questions", "pin", "email"), (EMAIL, QUESTIONS, pin)) == 0


def test_what_the_edition_lacks_counts_for_nobody() -> None:
    """An office phone that was registered before the edition was changed proves nothing."""
    policy, person = asks(2, "email", "office_phone"), has("email", "office_phone")
    lacking = frozenset({"phone_calls"})
    assert is_registered(policy, person, TRAITS)
    assert not is_registered(policy, person, TRAITS, lacking)
    assert methods_for(policy, person, TRAITS, lacking) == ("email",)
    assert "office_phone" not in methods_for(policy, has(administrator=True), TRAITS, lacking)


# --- Which methods --------------------------------------------------------------------------------


def test_methods_come_strongest_first() -> None:
    """In the order of the traits, whatever the order in which they were enabled."""
    assert methods_for(asks(1, "email", "questions", "app_code"), ANYBODY, TRAITS) == (
        "app_code",
        "email",
        "questions",
    )


@pytest.mark.parametrize(
    "policy", [asks(1), asks(1, "questions"), asks(2, *KINDS), asks(1, scope=Scope.NONE)]
)
def test_administrators_have_every_method_but_questions(policy: ResetPolicy) -> None:
    """Whatever the organization enabled."""
    assert methods_for(policy, has(administrator=True), TRAITS) == FOR_ADMINISTRATORS
    assert gates(policy, has(administrator=True)) == 2


# --- May they? ------------------------------------------------------------------------------------

ONE = ("email",)
TWO = ("email", "app_code")
#: scope, administrator, selected, disabled, registered, edition allows, administrators may: the code.
MAY = [
    (Scope.ALL, False, False, False, ONE, True, True, "allowed"),
    (Scope.ALL, False, False, False, ONE, True, False, "allowed"),
    (Scope.ALL, False, False, False, (), True, True, "not_registered"),
    (Scope.ALL, False, False, True, ONE, True, True, "account_disabled"),
    (Scope.ALL, False, False, True, (), True, True, "account_disabled"),
    (Scope.ALL, False, False, False, ONE, False, True, "edition_lacks_reset"),
    (Scope.SELECTED, False, True, False, ONE, True, True, "allowed"),
    (Scope.SELECTED, False, False, False, ONE, True, True, "not_in_scope"),
    (Scope.SELECTED, False, False, True, (), True, True, "not_in_scope"),
    (Scope.NONE, False, True, False, ONE, True, True, "policy_none"),
    (Scope.NONE, False, True, False, ONE, False, True, "edition_lacks_reset"),
    (Scope.NONE, True, False, False, TWO, True, True, "policy_none"),
    (Scope.SELECTED, True, False, False, TWO, True, True, "allowed"),
    (Scope.ALL, True, False, False, TWO, True, True, "allowed"),
    (Scope.ALL, True, False, False, ONE, True, True, "not_registered"),
    (Scope.ALL, True, True, False, TWO, True, False, "administrators_excluded"),
    (Scope.NONE, True, True, False, TWO, True, False, "policy_none"),
    (Scope.ALL, True, True, True, TWO, True, True, "account_disabled"),
    (Scope.ALL, True, True, False, TWO, False, True, "edition_lacks_reset"),
]


@pytest.mark.parametrize(
    ("scope", "administrator", "selected", "disabled", "registered", "edition", "administrators", "code"), MAY
)
def test_may_reset(
    scope: Scope,
    administrator: bool,
    selected: bool,
    disabled: bool,
    registered: tuple[str, ...],
    edition: bool,
    administrators: bool,
    code: str,
) -> None:
    """Under a policy of one method, with email enabled, the answer is this code."""
    policy = asks(1, "email", scope=scope, administrators_may_reset=administrators)
    person = has(*registered, administrator=administrator, in_selected_group=selected, disabled=disabled)
    expected = Answer(code == "allowed", Code(code))
    assert may_reset(policy, person, TRAITS, edition_allows=edition) == expected


@pytest.mark.parametrize("policy", [asks(1), asks(2, "email"), asks(1, "questions")])
def test_nobody_can_register_what_is_not_offered(policy: ResetPolicy) -> None:
    """Where too few methods are offered, it is said so, instead of asking people to register more."""
    answer = may_reset(policy, has("email", "questions"), TRAITS, edition_allows=True)
    assert answer == Answer(False, Code.NOT_ENOUGH_METHODS)


@pytest.mark.parametrize(
    ("lacking", "code"),
    [(frozenset[str](), "not_registered"), (frozenset({"phone_calls"}), "not_enough_methods")],
)
def test_what_the_edition_lacks_is_not_offered(lacking: frozenset[str], code: str) -> None:
    """An office phone helps only where the edition includes phone calls."""
    policy = asks(2, "email", "office_phone")
    assert may_reset(policy, has("email"), TRAITS, edition_allows=True, lacking=lacking).code == Code(code)


@pytest.mark.parametrize(
    ("scope", "edition", "code"),
    [
        (Scope.ALL, True, "allowed"),
        (Scope.SELECTED, True, "allowed"),
        (Scope.NONE, True, "policy_none"),
        (Scope.ALL, False, "edition_lacks_reset"),
        (Scope.NONE, False, "edition_lacks_reset"),
    ],
)
def test_what_is_said_before_a_name(scope: Scope, edition: bool, code: str) -> None:
    """What is true of everybody may be told to anybody."""
    expected = Answer(code == "allowed", Code(code))
    assert organization_offers(asks(1, "email", scope=scope), edition_allows=edition) == expected


# --- The gates ------------------------------------------------------------------------------------

EVERYTHING = frozenset(KINDS)
#: required, acknowledged, administrator, gate, passed: what can be proved by somebody who has everything.
USABLE: list[tuple[int, bool, bool, int, tuple[str, ...], tuple[str, ...]]] = [
    (1, False, False, 1, (), ("app_code", "email")),
    (1, True, False, 1, (), ("app_code", "email", "questions")),
    (1, False, False, 1, ("email",), ("app_code",)),
    (1, False, False, 2, ("email",), ()),
    (1, False, True, 1, (), FOR_ADMINISTRATORS),
    (1, True, True, 1, (), FOR_ADMINISTRATORS),
    (
        1,
        True,
        True,
        2,
        ("questions",),
        ("app_notification", "app_code", "mobile_phone", "office_phone", "email"),
    ),
    (1, False, True, 2, ("email",), ("app_notification", "app_code", "mobile_phone", "office_phone")),
    (2, False, False, 1, (), ("app_code", "email")),
    (2, True, False, 1, (), ("app_code", "email")),
    (2, False, False, 1, ("email",), ("app_code",)),
    (2, False, False, 2, ("email",), ("app_code", "questions")),
    (2, False, False, 2, ("app_code",), ("email", "questions")),
    (2, False, False, 2, (), ("app_code", "email")),
    (2, False, False, 2, ("questions",), ("app_code", "email")),
    (2, False, False, 3, ("email", "app_code"), ()),
    (2, False, False, 0, (), ()),
    (2, False, True, 2, ("email",), ("app_notification", "app_code", "mobile_phone", "office_phone")),
]


@pytest.mark.parametrize(("required", "acknowledged", "administrator", "gate", "passed", "kinds"), USABLE)
def test_usable_at(
    required: int,
    acknowledged: bool,
    administrator: bool,
    gate: int,
    passed: tuple[str, ...],
    kinds: tuple[str, ...],
) -> None:
    """Where app code, email and questions are enabled, these can be proved at this gate."""
    policy = asks(required, "app_code", "email", "questions", weak_alone_acknowledged=acknowledged)
    person = Person(registered=EVERYTHING, administrator=administrator)
    assert usable_at(gate, passed, policy, person, TRAITS) == kinds


@pytest.mark.parametrize(
    ("required", "administrator", "passed", "following"),
    [
        (1, False, (), 1),
        (1, False, ("email",), None),
        (1, False, ("app_code",), 1),  # disabled by the organization meanwhile
        (1, True, (), 1),
        (1, True, ("email",), 2),  # a role was granted after the only gate
        (1, True, ("questions",), 1),
        (1, True, ("email", "app_code"), None),
        (2, False, ("email",), 2),
        (2, False, ("email", "email"), 2),
        (2, False, ("email", "questions"), None),
        (2, True, ("email", "questions"), 2),  # a role was granted after both gates
        (2, False, ("questions",), 2),
    ],
)
def test_next_gate(
    required: int, administrator: bool, passed: tuple[str, ...], following: int | None
) -> None:
    """Where email and questions are enabled, this gate comes next."""
    policy, person = asks(required, "email", "questions"), has(administrator=administrator)
    assert next_gate(policy, person, passed, TRAITS) == following


@pytest.mark.parametrize(
    ("policy", "kinds"),
    [
        (asks(1, "email", "questions"), FOR_ADMINISTRATORS),
        (asks(1, "email", "questions", administrators_may_reset=False), ("email",)),
        (
            asks(1, "email", "questions", administrators_may_reset=False, weak_alone_acknowledged=True),
            ("email", "questions"),
        ),
        (asks(1, "email", "questions", weak_alone_acknowledged=True), (*FOR_ADMINISTRATORS, "questions")),
        (asks(2, "email", "questions", administrators_may_reset=False), ("email",)),
        (asks(1, "email", scope=Scope.NONE), FOR_ADMINISTRATORS),
        (asks(1, "email", scope=Scope.NONE, administrators_may_reset=False), ()),
    ],
)
def test_first_choices(policy: ResetPolicy, kinds: tuple[str, ...]) -> None:
    """Before the first proof, the page shows these to everybody."""
    assert first_choices(policy, TRAITS) == kinds


# --- Is the policy sound? -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("policy", "found"),
    [
        (asks(1, "email"), ()),
        (asks(2, "email", "app_code"), ()),
        (asks(2, "email", "questions"), ()),
        (asks(1), ("not_enough_methods",)),
        (asks(2, "email"), ("not_enough_methods",)),
        (asks(2, "questions"), ("not_enough_methods",)),
        (asks(2, "email", "unheard_of"), ("not_enough_methods",)),
        (asks(2, "email", "office_phone"), ("not_enough_methods",)),  # calls are lacking below
        (asks(1, "questions"), ("questions_alone",)),
        (asks(1, "email", "questions"), ("questions_alone",)),
        (asks(1, "questions", weak_alone_acknowledged=True), ()),
        (asks(1, "email", "questions", weak_alone_acknowledged=True), ()),
        (asks(2, "questions", weak_alone_acknowledged=True), ("not_enough_methods",)),
        (asks(1, "questions", scope=Scope.SELECTED), ("questions_alone",)),
        (asks(1, scope=Scope.NONE), ()),
        (asks(2, "questions", scope=Scope.NONE), ()),
    ],
)
def test_problems(policy: ResetPolicy, found: tuple[str, ...]) -> None:
    """A policy that cannot be kept, or that is too weak without an acknowledgement, is told why."""
    assert problems(policy, TRAITS, frozenset({"phone_calls"})) == found


@pytest.mark.parametrize("required", [-1, 0, 3])
def test_there_is_no_policy_of_other_numbers(required: int) -> None:
    """One or two; zero would be a reset without any proof."""
    with pytest.raises(ValueError, match="1 or 2"):
        asks(required, "email")


@pytest.mark.parametrize("served", [(), (1,), (3,), (2, 3)])
def test_there_is_no_method_of_other_gates(served: tuple[int, ...]) -> None:
    """What could only come first would lead into a dead end: whoever chose another first could not go on with it."""
    with pytest.raises(ValueError, match="both gates or the second"):
        MethodTraits("telepathy", gates=frozenset(served))


def test_a_refusal_is_false() -> None:
    """An answer taken for a truth by mistake still refuses."""
    assert not may_reset(asks(1, "email"), ANYBODY, TRAITS, edition_allows=True)
    assert may_reset(asks(1, "email"), has("email"), TRAITS, edition_allows=True)


# --- For every policy and person ------------------------------------------------------------------

SETS = st.frozensets(st.sampled_from([*KINDS, "unheard_of"]))
POLICIES = st.builds(
    ResetPolicy, st.sampled_from(Scope), SETS, st.sampled_from([1, 2]), st.booleans(), st.booleans()
)
PEOPLE = st.builds(Person, st.booleans(), st.booleans(), SETS, st.booleans())
LACKING = st.sampled_from([frozenset[str](), frozenset({"phone_calls"})])


@given(POLICIES, PEOPLE, LACKING, st.sampled_from(KINDS), st.booleans())
def test_one_more_method_never_takes_away(
    policy: ResetPolicy, person: Person, lacking: frozenset[str], kind: str, edition: bool
) -> None:
    """Whoever registers another method is as capable as before, or more."""
    more = replace(person, registered=person.registered | {kind})
    assert missing(policy, more, TRAITS, lacking) <= missing(policy, person, TRAITS, lacking)
    if is_capable(policy, person, TRAITS, edition_allows=edition, lacking=lacking):
        assert is_capable(policy, more, TRAITS, edition_allows=edition, lacking=lacking)


@given(POLICIES, PEOPLE, LACKING)
def test_an_administrator_never_proves_less_than_two(
    policy: ResetPolicy, person: Person, lacking: frozenset[str]
) -> None:
    """By two different methods, neither of them the questions, whatever was passed before the role came."""
    person = replace(person, administrator=True)
    assert gates(policy, person) == 2
    assert "questions" not in methods_for(policy, person, TRAITS, lacking)
    for passed in itertools.chain(
        itertools.combinations(KINDS, 1), itertools.combinations_with_replacement(KINDS, 2)
    ):
        if gates_left(policy, person, passed, TRAITS, lacking) == 0:
            assert len(set(passed) - {"questions"}) == 2


@given(POLICIES, PEOPLE, LACKING)
def test_nothing_missing_is_registered(policy: ResetPolicy, person: Person, lacking: frozenset[str]) -> None:
    """And what is missing is never more than what is asked."""
    assert (missing(policy, person, TRAITS, lacking) == 0) == is_registered(policy, person, TRAITS, lacking)
    assert 0 <= missing(policy, person, TRAITS, lacking) <= gates(policy, person)


@given(POLICIES, PEOPLE, LACKING, st.booleans())
def test_capable_is_registered_and_enabled(
    policy: ResetPolicy, person: Person, lacking: frozenset[str], edition: bool
) -> None:
    """And whoever is capable, and whose account is not disabled, may reset; nobody else may."""
    registered = is_registered(policy, person, TRAITS, lacking)
    enabled = is_enabled(policy, person, edition_allows=edition)
    capable = is_capable(policy, person, TRAITS, edition_allows=edition, lacking=lacking)
    answer = may_reset(policy, person, TRAITS, edition_allows=edition, lacking=lacking)
    assert capable == (registered and enabled)
    assert answer.allowed == (capable and not person.disabled)
    assert answer.allowed == (answer.code == Code.ALLOWED)


@given(POLICIES, PEOPLE, LACKING, st.data())
def test_whoever_is_registered_gets_through_by_any_choice(
    policy: ResetPolicy, person: Person, lacking: frozenset[str], data: st.DataObject
) -> None:
    """No choice leads into a dead end, each kind serves once, and questions never come before possession."""
    passed: tuple[str, ...] = ()
    while gate := next_gate(policy, person, passed, TRAITS, lacking):
        kinds = usable_at(gate, passed, policy, person, TRAITS, lacking)
        if not kinds:
            assert not is_registered(policy, person, TRAITS, lacking)
            return
        chosen = data.draw(st.sampled_from(kinds))
        assert chosen in person.registered
        assert chosen not in passed
        assert chosen != "questions" or passed or (policy.required == 1 and policy.weak_alone_acknowledged)
        passed += (chosen,)
    assert len(passed) == gates(policy, person)
    assert is_registered(policy, person, TRAITS, lacking)


@given(POLICIES, PEOPLE, LACKING)
def test_first_choices_hold_what_anybody_can_use(
    policy: ResetPolicy, person: Person, lacking: frozenset[str]
) -> None:
    """Nobody who may reset misses a method of theirs on the page that shows the same to all."""
    if is_enabled(policy, person, edition_allows=True):
        assert set(usable_at(1, (), policy, person, TRAITS, lacking)) <= set(
            first_choices(policy, TRAITS, lacking)
        )


@given(POLICIES, LACKING)
def test_a_sound_policy_can_be_met(policy: ResetPolicy, lacking: frozenset[str]) -> None:
    """Where a policy has no problem, somebody who registers everything that is offered may reset."""
    person = Person(registered=EVERYTHING, in_selected_group=True)
    if not problems(policy, TRAITS, lacking) and policy.scope != Scope.NONE:
        assert may_reset(policy, person, TRAITS, edition_allows=True, lacking=lacking).allowed


@given(POLICIES, PEOPLE, LACKING)
def test_questions_alone_need_the_word(policy: ResetPolicy, person: Person, lacking: frozenset[str]) -> None:
    """Somebody who has nothing but questions may reset only where an administrator has acknowledged it."""
    person = replace(person, registered=frozenset({"questions"}))
    if may_reset(policy, person, TRAITS, edition_allows=True, lacking=lacking):
        assert policy.weak_alone_acknowledged
        assert policy.required == 1
        assert not person.administrator
