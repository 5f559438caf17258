"""The rules that Hypothesis puts in any order."""

from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from tests.machine.model import Attempt, Holder, Somebody
from tests.machine.play import PASSWORD_PAGE, VERIFY, Change, Code, Play
from tests.machine.stage import HOME, SCHEMAS, WORK, Stage

#: Which browser: 0 is the one that has come furthest. Most attacks need one reset to go far.
RANKS = st.sampled_from([0, 0, 0, 1, 1, 2, 3])
BROWSERS = st.sampled_from(
    [("contoso", "thief")] * 3 + [("contoso", "owner")] * 2 + [("fabrikam", "thief"), ("fabrikam", "owner")]
)
HOUSES = st.sampled_from(["contoso", "contoso", "contoso", "fabrikam"])
NAMES = st.sampled_from(
    [
        *["adele@contoso.example"] * 4,
        *["chief@contoso.example"] * 2,
        "adele@fabrikam.example",
        "chief@fabrikam.example",
        "bo@contoso.example",
        " Adele@Contoso.example ",
        "nobody@contoso.example",
    ]
)
PEOPLE = st.sampled_from(["adele", "adele", "chief", "bo"])
ADDRESSES = st.sampled_from([HOME, HOME, WORK, "bo@home.example", "chief@home.example", "x@home.example"])
KINDS = st.sampled_from(["email", "app_code", "questions"])
MAILED = ["right", "right", "wrong", "old", "another's", "elsewhere", "guessed"]
SHOWN = ["right", "right", "wrong", "last", "next", "stale", "bo's", "another's", "elsewhere"]
TRIES = st.one_of(
    st.tuples(st.just("email"), st.sampled_from(MAILED)),
    st.tuples(st.just("app_code"), st.sampled_from(SHOWN)),
    st.tuples(st.just("questions"), st.sampled_from(["right", "wrong", "another's", "elsewhere"])),
)
POLICIES: list[dict[str, Any]] = [
    {"required": 2},
    {"required": 2},
    {"required": 1},
    {"methods": ["email"]},
    {"methods": ["app_code"]},
    {"methods": ["app_code", "email"]},
    {"required": 2, "methods": ["app_code", "email", "questions"]},
    {"required": 2, "methods": ["email", "questions"]},
    {"required": 1, "methods": ["email", "questions"]},
    {"required": 1, "methods": ["email", "questions"], "weak_alone_acknowledged": True},
    {"weak_alone_acknowledged": False},
    {"scope": "selected"},
    {"scope": "none"},
    {"scope": "all"},
    {"administrators_may_reset": False},
    {"administrators_may_reset": True},
]
CHANGES: list[dict[str, bool]] = [
    {"administrator": True},
    {"administrator": False},
    {"active": False},
    {"active": True},
    {"selected": False},
    {"selected": True},
]
HAPPENINGS = st.one_of(
    st.sampled_from([30, 30, 90, 301, 901]),
    st.sampled_from(POLICIES),
    st.sampled_from(CHANGES),
    st.sampled_from(["email", "app_code", "questions", "objects", "objects", "changes", "signs in"]),
    st.sampled_from(["email", "objects", "changes", "signs in", "ends", "begins"]),
)
#: What happens between a page's look and its writing; most of the time nothing.
MEANWHILE = st.sampled_from([""] * 6 + ["role", "disabled", "device", "policy", "late", "owner"])


class Machine(RuleBasedStateMachine):
    """Two organizations, a thief's and an owner's browser at each, and everything that happens around them."""

    def __init__(self, stage: Stage, played: Callable[[Play], object] = lambda _play: None) -> None:
        super().__init__()
        self._exit = ExitStack()
        houses = self._exit.enter_context(stage.example())
        self.play, self._played = Play(stage, houses), played

    def teardown(self) -> None:
        """Put everything back."""
        self._played(self.play)
        self._exit.close()

    def _ranked(self, rank: int) -> Holder:
        """Return a browser by how far its reset has come."""

        def far(holder: Holder) -> int:
            attempt = holder.pointer
            if attempt is None or attempt.step(self.play.model.now) == "over":
                return 0
            return -1 - len(attempt.proofs) - 5 * (not attempt.left())

        return sorted(self.play.holders.values(), key=far)[rank]

    def _attempt(self, schema: str, back: int) -> Attempt | None:
        found = self.play.attempts(schema)
        return found[-1 - back % len(found)] if found else None

    def _somebody(self, schema: str, name: str) -> Somebody:
        return self.play.model.houses[schema].people[f"{name}@{schema}.example"]

    def _meanwhile(self, holder: Holder, what: str) -> Change | None:
        play, adele = self.play, self._somebody(holder.schema, "adele")
        happens: dict[str, Change] = {
            "role": lambda: play.change(adele, administrator=True),
            "disabled": lambda: play.change(adele, active=False),
            "device": lambda: play.remove(adele, "email"),
            "policy": lambda: play.configure(holder.schema, required=2),
            "late": lambda: play.wait(901),
            "owner": lambda: play.own_change(adele),
        }
        return happens.get(what)

    @initialize(
        at=BROWSERS, values=st.sampled_from(POLICIES[:11]), kind=st.sampled_from(["app_code", "email"])
    )
    def first(self, at: tuple[str, str], values: dict[str, Any], kind: str) -> None:
        """A policy, and a reset that has come as far as its first proof: what most attacks begin with."""
        self.play.configure(at[0], **values)
        self.begin_and_prove(at, "adele", kind)

    @rule(at=BROWSERS, name=NAMES)
    def begin(self, at: tuple[str, str], name: str) -> None:
        """Somebody begins a reset."""
        self.play.begin(self.play.holders[at], name)

    @rule(at=BROWSERS, name=st.sampled_from(["adele", "chief"]), kind=st.sampled_from(["app_code", "email"]))
    def begin_and_prove(self, at: tuple[str, str], name: str, kind: str) -> None:
        """Somebody begins and proves a method, rightly, if they may here: what most attacks begin with."""
        holder = self.play.holders[at]
        self.play.begin(holder, f"{name}@{at[0]}.example")
        self.play.prove(holder, kind)

    @rule(at=BROWSERS, name=st.sampled_from(["adele", "adele", "chief", "bo"]))
    def help(self, at: tuple[str, str], name: str) -> None:
        """An administrator starts a reset for somebody, and what they gave out is in this browser's hands."""
        self.play.help(self.play.holders[at], self._somebody(at[0], name))

    @precondition(lambda self: self.play.model.attempts)
    @rule(rank=RANKS, kind=KINDS)
    def prove(self, rank: int, kind: str) -> None:
        """Somebody proves another method, rightly, if they may here."""
        self.play.prove(self._ranked(rank), kind)

    @precondition(lambda self: self.play.model.attempts)
    @rule(rank=RANKS, steps=st.sampled_from([1, 1, 3]))
    def go_on(self, rank: int, steps: int) -> None:
        """Somebody does the next right things: proves what is asked, sets the password."""
        holder = self._ranked(rank)
        for _step in range(steps):
            self._goes_on(holder)

    def _goes_on(self, holder: Holder) -> None:
        attempt = holder.pointer
        if attempt is None or attempt.step(self.play.model.now) == "over":
            return
        if attempt.step(self.play.model.now) == "password":
            self.play.set_password(holder)
        elif openers := sorted(attempt.openers()):
            self.play.prove(holder, openers[0])

    @precondition(lambda self: self.play.model.attempts)
    @rule(rank=RANKS, tried=TRIES, what=MEANWHILE, times=st.sampled_from([1, 1, 1, 5]))
    def answer(self, rank: int, tried: tuple[str, Code], what: str, times: int) -> None:
        """Somebody gives an answer of some sort, or four wrong ones first."""
        holder = self._ranked(rank)
        for _time in range(times - 1):
            self.play.prove_app(holder, "wrong")
        give = {
            "email": self.play.type_code,
            "app_code": self.play.prove_app,
            "questions": self.play.give_answers,
        }
        give[tried[0]](holder, tried[1], self._meanwhile(holder, what))

    @precondition(lambda self: self.play.model.attempts)
    @rule(
        rank=RANKS, action=ADDRESSES | st.sampled_from(["resend", "resend", "back", "abandon", "questions"])
    )
    def press(self, rank: int, action: str) -> None:
        """Somebody asks for a code to some address or for the questions, or presses another button."""
        if action == "questions":
            self.play.ask_questions(self._ranked(rank))
        elif "@" in action:
            self.play.ask_email(self._ranked(rank), action)
        else:
            self.play.press(self._ranked(rank), action)

    @precondition(lambda self: self.play.model.attempts)
    @rule(rank=RANKS, what=MEANWHILE)
    def set_password(self, rank: int, what: str) -> None:
        """Somebody sends a new password, wherever they are."""
        holder = self._ranked(rank)
        self.play.set_password(holder, self._meanwhile(holder, what))

    @precondition(lambda self: self.play.sent)
    @rule(at=BROWSERS, index=st.integers(0, 40), cookies=st.none() | BROWSERS)
    def replay(self, at: tuple[str, str], index: int, cookies: tuple[str, str] | None) -> None:
        """Somebody sends an earlier form again, also elsewhere, also with another browser's cookies."""
        stolen = self.play.holders[cookies] if cookies else None
        self.play.replay(self.play.holders[at], index, stolen)

    @rule(rank=RANKS, path=st.sampled_from([VERIFY, PASSWORD_PAGE, "/reset/done/"]))
    def look(self, rank: int, path: str) -> None:
        """Somebody goes back or ahead."""
        self.play.look(self._ranked(rank), path)

    @rule(rank=RANKS, schema=HOUSES, name=PEOPLE, what=HAPPENINGS)
    def happens(self, rank: int, schema: str, name: str, what: Any) -> None:
        """Something happens around the resets: time passes, an administrator changes something, an owner does."""
        play, person, holder = self.play, self._somebody(schema, name), self._ranked(rank)
        if isinstance(what, int):
            play.wait(what)
        elif isinstance(what, dict) and what.keys() <= {"administrator", "active", "selected"}:
            play.change(person, **what)
        elif isinstance(what, dict):
            play.configure(schema, **what)
        elif what == "signs in":
            play.sign_in(holder, self._somebody(holder.schema, name).name)
        elif what in {"ends", "begins"}:
            play.subscribe(schema, what == "begins")
        elif what == "objects":
            play.object_to(person)
        elif what == "changes":
            play.own_change(person)
        else:
            play.remove(person, what)

    @precondition(lambda self: self.play.model.attempts)
    @rule(rank=RANKS, schema=st.sampled_from(SCHEMAS), back=st.integers(0, 3), proof=st.booleans())
    def mistake(self, rank: int, schema: str, back: int, proof: bool) -> None:
        """Another reset's id, or its proof, comes where it does not belong: no page can do that."""
        holder, other = self._ranked(rank), self._attempt(schema, back)
        if other and proof and holder.pointer:
            self.play.misplace(holder.pointer, other)
        elif other and not proof:
            self.play.plant(holder, other)

    @invariant()
    def holds(self) -> None:
        """Nothing of it broke a promise."""
        self.play.check()
