"""Each check of the gates, taken away for one test.

A mutation is a change of the source: the module's file is read, the text is replaced, the file is compiled, and the running
function goes on with the new code, whoever has imported it. A text that does not stand in the file exactly once is an error,
so that a check which is written otherwise tomorrow is not silently left out.

Not among them, since other checks make them unreachable today: that a challenge answers its own purpose (no two purposes share
a binding); that a decoy has no password to be set (none of its gates opens); that two methods include a possession (only one
method is none); that a method which is not registered is not offered (nothing can be asked of it).
"""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from importlib import import_module
from inspect import getsource
from types import CodeType, FunctionType, ModuleType
from typing import Any

from tests.machine import scripts
from tests.machine.scripts import Script


class Gone(AssertionError):
    """A mutation does not fit the source any more."""


@dataclass(frozen=True)
class Edit:
    """One text of a function for another; the function by its place, such as `resets.flow:find` or `…:Challenge.is_open`."""

    place: str
    old: str
    new: str


@dataclass(frozen=True)
class Number:
    """One constant for another."""

    place: str
    value: Any

    @contextmanager
    def applied(self) -> Iterator[None]:
        """Let the constant have the new value."""
        module_name, _, name = self.place.partition(":")
        module = import_module(module_name)
        if not hasattr(module, name):
            raise Gone(self.place)
        before = getattr(module, name)
        setattr(module, name, self.value)
        try:
            yield
        finally:
            setattr(module, name, before)


@dataclass(frozen=True)
class Mutation:
    """A check, or several that stand behind each other, taken away; and the script that gets through then."""

    name: str
    changes: tuple[Edit | Number, ...]
    script: Script

    @contextmanager
    def applied(self) -> Iterator[None]:
        """Take the checks away."""
        edits = [one for one in self.changes if isinstance(one, Edit)]
        with ExitStack() as stack:
            for place in dict.fromkeys(one.place for one in edits):
                stack.enter_context(_edited(place, [one for one in edits if one.place == place]))
            for number in (one for one in self.changes if isinstance(one, Number)):
                stack.enter_context(number.applied())
            yield


@contextmanager
def _edited(place: str, edits: Sequence[Edit]) -> Iterator[None]:
    """Let a function run with other texts."""
    module_name, _, qualified = place.partition(":")
    module = import_module(module_name)
    source = getsource(module)
    for edit in edits:
        if source.count(edit.old) != 1:
            raise Gone(f"{place}: {source.count(edit.old)} times {edit.old!r}")
        source = source.replace(edit.old, edit.new)
    codes = _codes(compile(source, str(module.__file__), "exec"))
    code = next((one for one in codes if one.co_qualname == qualified), None)
    kept = {one: one.__code__ for one in _functions(module) if one.__code__.co_qualname == qualified}
    if code is None or not kept:
        raise Gone(f"{place} is not there")
    for one in kept:
        one.__code__ = code
    try:
        yield
    finally:
        for one, before in kept.items():
            one.__code__ = before


def _codes(code: CodeType) -> Iterator[CodeType]:
    for one in code.co_consts:
        if isinstance(one, CodeType):
            yield one
            yield from _codes(one)


def _functions(module: ModuleType) -> Iterator[FunctionType]:
    """Return the functions of a module, of its classes, and those that decorators wrapped."""
    holders = [
        module,
        *(
            one
            for one in vars(module).values()
            if isinstance(one, type) and one.__module__ == module.__name__
        ),
    ]
    for holder in holders:
        for found in vars(holder).values():
            one = found
            while one is not None:
                if isinstance(one, FunctionType) and one.__module__ == module.__name__:
                    yield one
                one = getattr(one, "__wrapped__", None)


JOURNEY, FLOW, VERIFICATION = "resets.journey", "resets.flow", "registration.verification"
POLICY, VIEWS, STANDING = "registration.policy", "resets.views", "registration.standing"
_SERVED = f"{VIEWS}:_page.<locals>.decorate.<locals>.served"

AT_ITS_STEP = Edit(_SERVED, "if at.step in steps else", "if at.step in steps or True else")
SET_AT_ITS_STEP = Edit(
    f"{FLOW}:set_password",
    "if user is None or not journey.may(Move.SET_PASSWORD, at.reset.state(), at.asked, timezone.now()):",
    "if user is None:",
)
ANSWER_AT_ITS_STEP = Edit(
    f"{FLOW}:_judged",
    "if asked is None or not journey.may(Move.ANSWER, at.reset.state(), at.asked, now):",
    "if asked is None:",
)
ANSWER_FITS = Edit(f"{FLOW}:_judged", "asked.kind in at.asked.methods and", "")
OFFERED_FITS = Edit(
    f"{VIEWS}:_choose", "for kind in flow.offered(at)\n    }", "for kind in registry()\n    }"
)
TARGET_FITS = Edit(f"{FLOW}:_target", " or kind not in at.asked.methods:", ":")
PASSED_ONCE = Edit(f"{FLOW}:_judged", " and asked.kind not in at.reset.passed", "")
OPEN_ONCE = Edit(
    f"{POLICY}:_open_at",
    "if gate in trait.gates and trait.kind not in passed and",
    "if gate in trait.gates and",
)
COUNTED_ONCE = Edit(
    f"{POLICY}:_short",
    "max(MOST_GATES - len(have),",
    "max(MOST_GATES - len(list(kinds)),",
)
GATE_FITS = Edit(f"{POLICY}:_open_at", "if gate in trait.gates and trait.kind", "if trait.kind")
POSSESSION_FIRST = Edit(
    f"{POLICY}:_open_at",
    " and (trait.proves_possession or after_possession)",
    " and (after_possession or True)",
)
STAYS_FOR_GOOD = Edit(
    "registration.models:Challenge.is_open", "self.consumed_at is None and at < self", "at < self"
)
DIGEST_WIPED = Edit(
    f"{VERIFICATION}:void",
    'update(consumed_at=timezone.now(), sealed=None, digest="")',
    "update(consumed_at=timezone.now())",
)
REGISTERED_STILL = Edit(
    f"{FLOW}:_standing",
    "for kind in reset.passed if kind in person.registered)",
    "for kind in reset.passed if person)",
)
PROOFS_FORGOTTEN = Edit("resets.receivers:forget_proofs", "flow.forget_proofs(user, kind)", "return")
REGISTERED_AT_END = Edit(
    f"{POLICY}:may_reset",
    "if code is None and not is_registered(policy, person, traits, lacking):",
    "if False:",
)

OWN_PROOF = Edit(
    f"{VERIFICATION}:answer",
    ".filter(pk=challenge_id, purpose=purpose, binding=binding)",
    ".filter(pk=challenge_id, purpose=purpose)",
)
DECOY_SHUT = Edit(f"{VERIFICATION}:answer", "if not passed or asked.user is None or", "if not passed or")
FEW_TRIES = Edit(f"{JOURNEY}:why_stopped", "if state.failures >= MOST_FAILURES:", "if False:")
FEW_TRIES_OF_ONE = Edit(
    f"{VERIFICATION}:answer",
    "if asked.failures >= MOST_FAILURES:\n        return Judgement(Outcome.EXHAUSTED, asked)",
    "pass",
)
USED_UP = Edit(
    f"{VERIFICATION}:answer",
    'asked.consumed_at = now\n    asked.save(update_fields=["consumed_at"])\n    if asked.purpose',
    "if asked.purpose",
)
WIPED = Edit(
    f"{VERIFICATION}:answer", 'Challenge.objects.filter(pk=asked.pk).update(sealed=None, digest="")', "pass"
)

#: Each of these alone lets somebody through, or opens a gate.
ALONE: tuple[Mutation, ...] = (
    Mutation(
        "gates that are left are not asked",
        (Edit(f"{JOURNEY}:next_step", "Step.GATE if asked.gates_left else Step.PASSWORD", "Step.PASSWORD"),),
        scripts.walks_in,
    ),
    Mutation(
        "a reset that has ended goes on",
        (Edit(f"{JOURNEY}:next_step", "if why_stopped(state, asked, now):", "if False:"),),
        scripts.comes_late,
    ),
    Mutation(
        "a reset that was stopped goes on",
        (Edit(f"{JOURNEY}:why_stopped", "if state.stopped:", "if False:"),),
        scripts.gives_up_and_goes_on,
    ),
    Mutation(
        "a reset does not expire",
        (Edit(f"{JOURNEY}:why_stopped", "if now >= state.expires_at:", "if False:"),),
        scripts.comes_late,
    ),
    Mutation("a reset lives an hour", (Number(f"{JOURNEY}:LIFE", timedelta(hours=1)),), scripts.comes_late),
    Mutation("wrong tries of a reset are not limited", (FEW_TRIES,), scripts.guesses_often),
    Mutation(
        "fifty wrong tries of a reset", (Number(f"{JOURNEY}:MOST_FAILURES", 50),), scripts.guesses_often
    ),
    Mutation(
        "wrong tries of a reset are not counted",
        (Edit(f"{FLOW}:_judged", "at.reset.failures += 1", "at.reset.failures += 0"),),
        scripts.guesses_often,
    ),
    Mutation(
        "what the policy says at the end does not count",
        (Edit(f"{JOURNEY}:why_stopped", "if at_the_end and not asked.allowed:", "if False:"),),
        scripts.disabled,
    ),
    Mutation(
        "a reset that is done begins again",
        (Edit(f"{JOURNEY}:next_step", "if state.written is Written.DONE:", "if False:"),),
        scripts.twice,
    ),
    Mutation(
        "it is not kept that a reset is done",
        (
            Edit(
                f"{FLOW}:set_password",
                "at.reset.written, at.reset.finished_at = Written.DONE, timezone.now()",
                "at.reset.finished_at = timezone.now()",
            ),
        ),
        scripts.twice,
    ),
    Mutation(
        "every move is allowed everywhere",
        (
            Edit(
                f"{JOURNEY}:may",
                "return move in _MOVES.get(next_step(state, asked, now), frozenset())",
                "return True",
            ),
        ),
        scripts.meanwhile,
    ),
    Mutation("the password is set at any step, in a race", (SET_AT_ITS_STEP,), scripts.meanwhile),
    Mutation("an answer counts at any step, in a race", (ANSWER_AT_ITS_STEP,), scripts.answered_too_late),
    Mutation(
        "a reset is every browser's",
        (Edit(f"{FLOW}:find", ".filter(pk=pk, binding=binding)", ".filter(pk=pk)"),),
        scripts.anothers_browser,
    ),
    Mutation(
        "a reset survives a sign-in",
        (Edit(f"{FLOW}:find", ".filter(pk=pk, binding=binding)", ".filter(pk=pk)"),),
        scripts.a_new_session,
    ),
    Mutation(
        "a browser's earlier reset goes on",
        (
            Edit(
                f"{FLOW}:_begun",
                'Reset.objects.filter(binding=binding, finished_at=None, stopped="").update(stopped=Stop.ABANDONED)',
                "pass",
            ),
        ),
        scripts.begun_again,
    ),
    Mutation(
        "a method that was switched off is answered", (ANSWER_FITS,), scripts.asked_before_it_was_switched_off
    ),
    Mutation(
        "a removed method still counts, where another stays", (PROOFS_FORGOTTEN,), scripts.a_removed_mailbox
    ),
    Mutation(
        "an owner's change ends nothing",
        (Edit("resets.receivers:end_resets", "flow.end_all(user)", "return"),),
        scripts.after_the_owner,
    ),
    Mutation(
        "the edition is not asked",
        (Edit(f"{FLOW}:_standing", "allows = decision(Feature.RESET_PASSWORD).allowed", "allows = True"),),
        scripts.no_longer_paid,
    ),
    Mutation(
        "whoever was signed in stays so",
        (Edit("resets.browser:keep_only_this", "request.session.flush()", "pass"),),
        scripts.signed_in_before,
    ),
    Mutation(
        "another address is written to",
        (
            Edit(
                f"{FLOW}:_target",
                "aimed = method.aimed(opened, chosen) if method.asks_address else opened",
                "aimed = opened",
            ),
        ),
        scripts.the_wrong_address,
    ),
    Mutation(
        "a code does not expire",
        (
            Edit(
                "registration.models:Challenge.is_open",
                "self.consumed_at is None and at < self.expires_at",
                "self.consumed_at is None",
            ),
        ),
        scripts.types_an_old_code_late,
    ),
    Mutation(
        "an hour for a code",
        (Number(f"{VERIFICATION}:CODE_LIFE", timedelta(hours=1)),),
        scripts.types_an_old_code_late,
    ),
    Mutation(
        "a proof is open whatever became of it",
        (
            Edit(
                f"{VERIFICATION}:answer",
                "if asked is None or not (asked.is_open(now) or is_denied(asked)):",
                "if asked is None:",
            ),
        ),
        scripts.types_an_old_code_late,
    ),
    Mutation(
        "any code that was sent is right",
        (
            Edit(
                f"{VERIFICATION}:_is_right",
                "right = constant_time_compare(asked.digest, _digest(asked, text))",
                "right = True",
            ),
        ),
        scripts.guesses,
    ),
    Mutation(
        "any answer is right",
        (
            Edit(
                f"{VERIFICATION}:answer", "if not passed or asked.user is None or", "if asked.user is None or"
            ),
        ),
        scripts.guesses,
    ),
    Mutation("a decoy can be answered", (DECOY_SHUT,), scripts.the_wrong_address),
    Mutation("a kind is asked twice", (OPEN_ONCE,), scripts.one_kind_twice),
    Mutation("a proof answers any reset", (OWN_PROOF,), scripts.anothers_proof),
    Mutation(
        "an earlier proof stays open",
        (Edit(f"{VERIFICATION}:challenge", "void(purpose=purpose, binding=binding)", "pass"),),
        scripts.the_one_before,
    ),
    Mutation(
        "an app's code counts twice",
        (
            Edit(
                f"{VERIFICATION}:_claimed",
                "update(last_used_at=now, last_step=step)",
                "update(last_used_at=now)",
            ),
        ),
        scripts.app_code_twice,
    ),
    Mutation(
        "an app's codes of long ago",
        (Number("registration.methods.app_code:TOLERANCE", 4),),
        scripts.a_stale_app_code,
    ),
    Mutation(
        "everybody's app answers",
        (
            Edit(
                f"{VERIFICATION}:_devices",
                "filter(user_id=asked.user_id or NOBODY, kind=asked.kind",
                "filter(kind=asked.kind",
            ),
        ),
        scripts.somebody_elses_app,
    ),
    Mutation(
        "one right answer is enough",
        (
            Edit(
                "registration.methods.questions:Questions.check",
                "return 0 if right and all(right)",
                "return 0 if right and any(right)",
            ),
        ),
        scripts.wrong_answers,
    ),
    Mutation(
        "an administrator proves as many as everybody",
        (
            Edit(
                f"{POLICY}:gates",
                "MOST_GATES if person.administrator else policy.required",
                "policy.required",
            ),
        ),
        scripts.as_an_administrator,
    ),
    Mutation(
        "everybody proves one",
        (Edit(f"{POLICY}:gates", "MOST_GATES if person.administrator else policy.required", "1"),),
        scripts.one_for_two,
    ),
    Mutation(
        "an administrator answers questions",
        (
            Edit(
                f"{POLICY}:_traits_for",
                "and (trait.for_administrators if person.administrator else trait.kind in policy.methods)",
                "and (person.administrator or trait.kind in policy.methods)",
            ),
        ),
        scripts.as_an_administrator,
    ),
    Mutation(
        "a method counts that the policy lacks",
        (
            Edit(
                f"{POLICY}:_traits_for",
                "and (trait.for_administrators if person.administrator else trait.kind in policy.methods)",
                "and (trait.for_administrators or not person.administrator)",
            ),
        ),
        scripts.a_method_switched_off,
    ),
    Mutation(
        "what was passed counts though it is not asked now",
        (
            Edit(
                f"{POLICY}:_short",
                "if trait.kind in kinds]",
                "if trait.kind in kinds] + [one for one in traits if one.kind in kinds and one.kind == 'questions']",
            ),
        ),
        scripts.a_role_in_the_middle,
    ),
    Mutation(
        "one of two gates is enough",
        (Edit(f"{POLICY}:_short", "max(MOST_GATES - len(have),", "max(MOST_GATES - 1 - len(have),"),),
        scripts.one_for_two,
    ),
    Mutation(
        "questions alone, whoever took the risk on",
        (Edit(f"{POLICY}:_may_be_only", "trait.sole_gate or policy.weak_alone_acknowledged", "True"),),
        scripts.questions_alone,
    ),
    Mutation(
        "who is disabled resets",
        (Edit(f"{POLICY}:may_reset", "if code is None and person.disabled:", "if False:"),),
        scripts.disabled,
    ),
    Mutation(
        "who is blocked resets",
        (Edit(f"{POLICY}:may_reset", "if code is None and person.blocked:", "if False:"),),
        scripts.objected_to,
    ),
    Mutation(
        "whom the policy refuses resets",
        (
            Edit(
                f"{POLICY}:may_reset",
                "code = _refusal_by_policy(policy, person, edition_allows=edition_allows)",
                "code = None",
            ),
        ),
        scripts.out_of_scope,
    ),
    Mutation(
        "who is in no selected group resets",
        (
            Edit(
                f"{POLICY}:_refusal_by_policy",
                "if policy.scope == Scope.SELECTED and not person.in_selected_group:",
                "if False:",
            ),
        ),
        scripts.out_of_scope,
    ),
    Mutation(
        "nobody may reset, and does",
        (
            Edit(
                f"{POLICY}:_refusal_by_policy",
                "if policy.scope == Scope.NONE:\n        return Code",
                "if False:\n        return Code",
            ),
        ),
        scripts.for_nobody,
    ),
    Mutation(
        "administrators may not reset, and do",
        (
            Edit(
                f"{POLICY}:_refusal_by_policy",
                "return None if policy.administrators_may_reset else Code.ADMINISTRATORS_EXCLUDED",
                "return None",
            ),
        ),
        scripts.administrators_excluded,
    ),
    Mutation(
        "nobody's edition is asked",
        (
            Edit(
                f"{POLICY}:_refusal_by_policy",
                "if not edition_allows:\n        return Code",
                "if False:\n        return Code",
            ),
        ),
        scripts.no_longer_paid,
    ),
    Mutation(
        "nobody is an administrator",
        (Edit(f"{STANDING}:person", "administrator=somebody.opens_desk", "administrator=False"),),
        scripts.as_an_administrator,
    ),
    Mutation(
        "a ticket is enough alone for who had methods",
        (Edit(f"{FLOW}:_standing", "reset.help in BARE and helping.asks_nothing", "helping.asks_nothing"),),
        scripts.helped_until_nothing_is_left,
    ),
    Mutation(
        "a ticket is enough alone for anybody",
        (
            Edit(
                f"{FLOW}:_standing",
                "reset.help in BARE and helping.asks_nothing(person, traits(), lacking())",
                "True",
            ),
        ),
        scripts.helped,
    ),
    Mutation(
        "nobody is disabled",
        (Edit(f"{STANDING}:person", "disabled=not (user and user.is_active)", "disabled=not user"),),
        scripts.disabled,
    ),
)
#: Checks that stand behind each other: either alone still holds, and without both somebody gets through.
TOGETHER: tuple[Mutation, ...] = (
    Mutation("a page and its writer, at any step", (AT_ITS_STEP, SET_AT_ITS_STEP), scripts.walks_in),
    Mutation("a page and its judge, at any step", (AT_ITS_STEP, ANSWER_AT_ITS_STEP), scripts.guesses_often),
    Mutation("questions first", (OFFERED_FITS, TARGET_FITS, ANSWER_FITS), scripts.questions_first),
    Mutation("questions first, by the rules", (GATE_FITS, POSSESSION_FIRST), scripts.questions_first),
    Mutation("one kind for two", (PASSED_ONCE, OPEN_ONCE, COUNTED_ONCE), scripts.one_app_twice),
    Mutation(
        "a removed app, kept and counted",
        (REGISTERED_STILL, PROOFS_FORGOTTEN, REGISTERED_AT_END),
        scripts.a_removed_app,
    ),
    Mutation("an earlier code, kept and open", (STAYS_FOR_GOOD, DIGEST_WIPED), scripts.the_one_before),
    Mutation(
        "an app's steps may go back",
        (
            Edit(
                "registration.methods.app_code:AppCode.check",
                "last_step is None or step - length + 1 > last_step",
                "last_step is None or step",
            ),
            Edit(
                f"{VERIFICATION}:_claimed",
                "before = Q(last_step=None) | Q(last_step__lt=step)",
                "before = Q()",
            ),
        ),
        scripts.app_code_twice,
    ),
    Mutation("a decoy of nobody's", (DECOY_SHUT, ANSWER_FITS), scripts.nobody_at_all),
    Mutation("wrong tries of one code", (FEW_TRIES, FEW_TRIES_OF_ONE), scripts.guesses_one_code),
    Mutation("one code for two resets", (USED_UP, WIPED, OWN_PROOF), scripts.a_code_of_before),
)
