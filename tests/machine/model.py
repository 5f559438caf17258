"""What each reset has honestly proved, kept beside the code that is tested and apart from it.

It is written from the promises (docs/security.md, docs/administrator.md) and shares no line with the source: its own policy,
its own clock of an app's codes, its own numbers. It is told each request as it was sent, and what really came by mail.
"""

import base64
import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

RESET_LIFE, CODE_LIFE = timedelta(minutes=15), timedelta(minutes=5)
MOST_TRIES = 5
APP_STEP = 30  # seconds
POSSESSIONS = frozenset({"app_code", "email"})


def app_code(key: str, step: int) -> str:
    """Return what an app shows in a step of 30 seconds (RFC 6238).

    >>> app_code(base64.b32encode(b"12345678901234567890").decode(), 1)
    '287082'
    """
    digest = hmac.new(base64.b32decode(key), step.to_bytes(8, "big"), hashlib.sha1).digest()
    at = digest[-1] & 15
    return f"{(int.from_bytes(digest[at : at + 4], 'big') & 0x7FFFFFFF) % 1_000_000:06d}"


def step_of(now: datetime) -> int:
    """Return the step that an app is in."""
    return int(now.timestamp()) // APP_STEP


@dataclass
class Thing:
    """What somebody proves by: an address, an app's key, the answers to questions."""

    pk: int
    kind: str
    secret: str = ""
    answers: Mapping[str, str] = field(default_factory=dict)
    last_step: int = -1


@dataclass
class Somebody:
    """A person of an organization, as everybody could know them."""

    schema: str
    name: str
    things: dict[int, Thing] = field(default_factory=dict)
    administrator: bool = False
    active: bool = True
    selected: bool = False
    blocked_until: datetime | None = None
    password: str | None = None

    @property
    def who(self) -> tuple[str, str]:
        """The organization and the name."""
        return self.schema, self.name

    def of_kind(self, kind: str) -> list[Thing]:
        """Return what they have of a kind."""
        return [thing for thing in self.things.values() if thing.kind == kind]


@dataclass
class House:
    """An organization: its people and its policy."""

    schema: str
    people: dict[str, Somebody]
    scope: str = "all"
    methods: frozenset[str] = frozenset({"app_code", "email"})
    required: int = 1
    weak_alone: bool = False
    administrators: bool = True
    edition: bool = True

    def found(self, typed: str) -> Somebody | None:
        """Return whom a typed name names."""
        return self.people.get(typed.strip().lower())

    def gates(self, person: Somebody) -> int:
        """Return how many methods this person proves."""
        return 2 if person.administrator else self.required

    def askable(self, person: Somebody) -> frozenset[str]:
        """Return what may be asked of this person."""
        return POSSESSIONS if person.administrator else self.methods

    def first_choices(self) -> frozenset[str]:
        """Return what everybody sees before a first proof."""
        first = self.methods if self.required == 1 and self.weak_alone else self.methods - {"questions"}
        usual = first if self.scope != "none" else frozenset()
        return usual | POSSESSIONS if self.administrators else usual

    def lets(self, person: Somebody, now: datetime) -> bool:
        """Say whether this person may reset at all."""
        in_scope = (
            self.administrators if person.administrator else self.scope == "all" or person.selected
        ) and self.scope != "none"
        blocked = person.blocked_until is not None and now < person.blocked_until
        return self.edition and in_scope and person.active and not blocked


@dataclass
class Holder:
    """A browser. Its session begins anew when somebody signs in: what was begun before is another session's."""

    schema: str
    label: str
    session: int = 0
    pointer: "Attempt | None" = None
    signed_in: bool = False


@dataclass(eq=False)
class Asked:
    """A proof that was asked for. Without a thing it is a decoy, and nothing answers it."""

    attempt: "Attempt"
    kind: str
    at: datetime
    thing: Thing | None = None
    code: str = ""
    drawn: tuple[str, ...] = ()
    failures: int = 0
    over: bool = False
    pk: str = ""


@dataclass(eq=False)
class Attempt:
    """One reset: who began it, and what has been proved in it."""

    pk: str
    house: House
    person: Somebody | None
    browser: str
    session: int
    begun: datetime
    proofs: list[Thing] = field(default_factory=list)
    ever: set[str] = field(default_factory=set)
    failures: int = 0
    over: bool = False
    asked: Asked | None = None
    earlier: list[Asked] = field(default_factory=list)
    typed: str = ""
    #: An administrator started it; `bare` where the ticket is enough for somebody who has nothing.
    helped: bool = False
    bare: bool = False

    def asks(self, person: Somebody) -> tuple[frozenset[str], int, bool]:
        """Return what may be asked of this person in this reset, how many of it, and whether answers alone are enough."""
        house = self.house
        if person.administrator or not self.helped:
            return house.askable(person), house.gates(person), house.weak_alone
        had = frozenset(thing.kind for thing in person.things.values())
        for kinds, many, weak in (
            (house.methods, house.required, house.weak_alone),
            (had, house.required, house.weak_alone),
            (had, 1, house.weak_alone),
        ):
            mine = kinds & had
            if (mine & POSSESSIONS and len(mine) >= many) or (mine and weak and many == 1):
                return kinds, many, weak
        return had, 1, True

    def lets(self, person: Somebody, now: datetime) -> bool:
        """Say whether this reset may set the password of this person at all."""
        if not self.helped:
            return self.house.lets(person, now)
        return person.active and not (person.blocked_until is not None and now < person.blocked_until)

    @property
    def kinds(self) -> set[str]:
        """The kinds that were proved."""
        return {thing.kind for thing in self.proofs}

    def left(self) -> int:
        """Return how many gates are still shut."""
        if self.person is None:
            return 1
        if self.bare and not self.person.administrator and not self.person.things:
            return 0
        askable, many, weak = self.asks(self.person)
        good = self.kinds & askable
        if many == 1:
            return 0 if good & POSSESSIONS or (good and weak) else 1
        return max(2 - len(good), 0 if good & POSSESSIONS else 1)

    def openers(self) -> frozenset[str]:
        """Return the kinds that would open the next gate."""
        if self.person is None or not self.left():
            return frozenset()
        all_of_it, many, weak = self.asks(self.person)
        askable = all_of_it - self.kinds
        if many == 1:
            fit = askable if weak else askable & POSSESSIONS
        else:
            possessed = self.kinds & all_of_it & POSSESSIONS
            fit = askable if possessed else askable & POSSESSIONS
        return frozenset(kind for kind in fit if self.person.of_kind(kind))

    def step(self, now: datetime) -> str:
        """Return where it is: at a gate, at the password, or over."""
        if self.over or now >= self.begun + RESET_LIFE or self.failures >= MOST_TRIES:
            return "over"
        at_end = not self.left() or ((self.proofs or self.helped) and not self.openers())
        if at_end and (self.left() or not self.person or not self.lets(self.person, now)):
            return "over"
        return "gate" if self.left() else "password"


@dataclass
class Intent:
    """A request that could do something, where its browser stands."""

    attempt: Attempt
    action: str
    data: Mapping[str, str]


class Model:
    """All houses, all browsers, all resets."""

    def __init__(self, houses: Mapping[str, House], now: datetime) -> None:
        self.houses, self.now = houses, now
        self.attempts: dict[str, Attempt] = {}

    def begun(self, holder: Holder, pk: str, typed: str) -> None:
        """Keep that a browser has begun a reset: its earlier one is over."""
        house = self.houses[holder.schema]
        for one in self.attempts.values():
            if one.house is house and (one.browser, one.session) == (holder.label, holder.session):
                one.over = True
        attempt = Attempt(pk, house, house.found(typed), holder.label, holder.session, self.now)
        self.attempts[pk] = holder.pointer = attempt

    def arrives(self, holder: Holder, path: str, data: Mapping[str, str]) -> Intent | None:
        """Return what a request could do where its browser stands; None when nothing may come of it."""
        attempt = holder.pointer
        if (
            attempt is None
            or attempt.house.schema != holder.schema
            or (attempt.browser, attempt.session) != (holder.label, holder.session)
        ):
            return None
        at = attempt.step(self.now)
        if path == "/reset/password/" and at == "password":
            return Intent(attempt, "password", data)
        return self._at_gate(attempt, data) if path == "/reset/verify/" and at == "gate" else None

    def _at_gate(self, attempt: Attempt, data: Mapping[str, str]) -> Intent | None:
        action, asked = data.get("action", ""), attempt.asked
        if action == "choose":
            return self._choice(attempt, data)
        if action == "resend" and asked is not None and asked.kind == "email":
            return Intent(attempt, "email", {"email-address": attempt.typed})
        typed_next = asked is not None and asked.kind != "app_code"
        if action == "abandon" or (action == "answer" and typed_next):
            return Intent(attempt, action, data)
        return None

    def _choice(self, attempt: Attempt, data: Mapping[str, str]) -> Intent | None:
        kind = data.get("method", "")
        known = attempt.proofs or attempt.helped
        offered = attempt.openers() if known else attempt.house.first_choices()
        needs = {"email": "email-address", "app_code": "app_code-code"}.get(kind)
        if kind not in offered or (needs and not data.get(needs)):
            return None
        return Intent(attempt, kind, data)

    def asks(
        self, attempt: Attempt, kind: str, *, address: str = "", code: str = "", drawn: tuple[str, ...] = ()
    ) -> Asked:
        """Keep that a proof was asked for; the one before it is void."""
        if attempt.asked is not None:
            attempt.earlier.append(attempt.asked)
        for one in attempt.earlier:
            if one.attempt is attempt:
                one.over = True
        attempt.asked = Asked(attempt, kind, self.now, self.aimed(attempt, kind, address), code, drawn)
        attempt.typed = address
        return attempt.asked

    def aimed(self, attempt: Attempt, kind: str, address: str = "") -> Thing | None:
        """Return what of the person's is asked; nothing where it may not be, or where another address was typed."""
        if attempt.person is None or kind not in attempt.openers():
            return None
        mine = attempt.person.of_kind(kind)
        return next((thing for thing in mine if kind != "email" or thing.secret == address), None)

    def judges(self, attempt: Attempt, data: Mapping[str, str]) -> None:
        """Judge an answer as the promises have it."""
        asked = attempt.asked
        if attempt.step(self.now) != "gate" or asked is None:
            return
        if asked.attempt is attempt and not asked.over and self.now < asked.at + CODE_LIFE:
            self._counts(attempt, asked, data)
        if attempt.step(self.now) == "over":
            attempt.over = True

    def _counts(self, attempt: Attempt, asked: Asked, data: Mapping[str, str]) -> None:
        if asked.kind == "questions" and not all(data.get(key, "").strip() for key in asked.drawn):
            return  # the form says so, and nobody judges
        thing = None if asked.failures >= MOST_TRIES else self._right(attempt, asked, data)
        if thing is None:
            asked.failures += 1
            attempt.failures += 1
            return
        asked.over = True
        if asked.kind not in attempt.openers():
            attempt.failures += 1
            return
        attempt.proofs.append(thing)
        attempt.ever.add(thing.kind)
        attempt.earlier.append(asked)
        attempt.asked = None

    def _right(self, attempt: Attempt, asked: Asked, data: Mapping[str, str]) -> Thing | None:
        if asked.thing is None or attempt.person is None:
            return None
        if asked.kind == "email":
            return asked.thing if asked.code and data.get("code") == asked.code else None
        if asked.kind == "questions":
            mine = next(iter(attempt.person.of_kind("questions")), None)
            right = mine is not None and all(
                key in mine.answers and data.get(key) == mine.answers[key] for key in asked.drawn
            )
            return mine if right else None
        for thing in attempt.person.of_kind("app_code"):
            for step in range(step_of(self.now) + 1, step_of(self.now) - 2, -1):
                if app_code(thing.secret, step) == data.get("app_code-code") and step > thing.last_step:
                    thing.last_step = step
                    return thing
        return None

    def ends_all(self, person: Somebody) -> None:
        """Keep that whatever was under way for somebody has ended."""
        for one in self.attempts.values():
            if one.person is person:
                one.over = True

    def removed(self, person: Somebody, thing: Thing) -> None:
        """Keep that a method is gone: what was proved by its kind has proved nothing, and its open code is void."""
        del person.things[thing.pk]
        for one in self.attempts.values():
            if one.person is person:
                one.proofs = [proof for proof in one.proofs if proof.kind != thing.kind]
            if one.asked is not None and one.asked.kind == "email" and one.asked.thing is thing:
                one.asked = None
