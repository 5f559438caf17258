"""What a verification method is, and the registry that finds them.

A method is one file in `registration/methods/` with one subclass of `Method`; it is found by being there, and tests/contracts
holds every one of them to the same promises. It decides nothing about who may use it when: `registration.policy` does.
"""

import importlib
import pkgutil
import unicodedata
from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import timedelta
from functools import cache
from typing import Any, ClassVar, TypeAlias

from django import forms
from django.db.models import Q
from django.http import HttpResponseBase
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from registration import methods as package
from registration.answer_forms import AddressForm, CodeForm, NothingForm
from registration.models import Challenge, Policy, User
from registration.policy import MethodTraits

#: What a device keeps, sealed: an address, a key. Texts only, so that it is JSON.
State: TypeAlias = Mapping[str, str]
Words: TypeAlias = str | Promise
Enough: TypeAlias = Callable[[Collection[str]], bool]
#: A view of a method's own, under `methods/<kind>/`. It decides who may ask; CSRF is checked unless it is exempt.
Endpoint: TypeAlias = Callable[..., HttpResponseBase]
#: Stands among what one challenge drew when an answer twice as long is asked for.
LONG = "long"
#: Who registered a device, in its state, where it was not its owner.
ADMINISTRATOR = "administrator"


class Unacceptable(Exception):
    """What a person entered cannot become a device. `code` is stable, `text` is for the page, at `field` or at the first."""

    def __init__(self, code: str, text: Words, *, field: str = "") -> None:
        super().__init__(code)
        self.code, self.text, self.field = code, text, field


class Undeliverable(Exception):
    """What was to be sent must not or cannot be sent, and is not tried again. `code` says why, and is stable."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Method(ABC):
    """One way to prove who one is."""

    kind: ClassVar[str]
    name: ClassVar[Words]
    #: One sentence for who is about to register it.
    description: ClassVar[Words]
    #: One sentence that asks for the code.
    prompt: ClassVar[Words]
    icon: ClassVar[str]
    #: Higher comes first wherever methods are listed.
    strength: ClassVar[int]
    traits: ClassVar[MethodTraits]
    #: Whether it proves possession apart from the mailbox, so that it opens a desk (ASVS 6.3.6: an email does not).
    second_factor: ClassVar[bool]
    #: Whether a job takes something to the person: a code to be typed back, or a request where `waits`.
    sends: ClassVar[bool]
    #: Whether each of these costs the organization money, so that no stranger may cause many.
    costs: ClassVar[bool] = False
    #: Whether the answer comes from elsewhere, by `verification.settle`, while the page waits; nothing is typed then.
    waits: ClassVar[bool] = False
    #: Whether something is sent as well to confirm a new device; otherwise its owner brings it to the page that waits.
    sends_to_confirm: ClassVar[bool] = True
    #: How long what it asks can be answered, once it is registered; None is as long as a code.
    life: ClassVar[timedelta | None] = None
    #: Whether the person types the whole address before anything is sent there.
    asks_address: ClassVar[bool] = False
    #: Whether the answer can be typed at once where the method is chosen: nothing must be sent or shown before.
    answers_at_once: ClassVar[bool] = False
    #: Whether a first answer confirms a new device; otherwise what was entered is kept as it is.
    confirms: ClassVar[bool] = True
    #: Whether somebody signed in can prove by it who they are once more.
    proves_again: ClassVar[bool] = True
    #: Whether its answer can be asked twice as long after too many wrong ones: a code that is sent can, and `check` has to
    #: where `LONG` was drawn.
    lengthens: ClassVar[bool] = True
    #: What the page says then, where the longer answer is not simply what was sent.
    long_prompt: ClassVar[Words] = ""
    #: What the page says of a wrong answer.
    wrong: ClassVar[Words] = _("That code is not right. Check the newest one and try again.")
    #: What the page says when nobody answered elsewhere in time.
    late: ClassVar[Words] = _("No answer came in time. Ask once more, or use another method.")
    #: How many of it a person may have (reference/entra.md b6).
    most: ClassVar[int] = 1
    #: Whether a person may put another in its place; otherwise they remove it and add one.
    changeable: ClassVar[bool] = False
    #: Whether an administrator may register it for somebody, without a first answer.
    set_by_administrators: ClassVar[bool] = False
    #: What the button says that asks once more.
    again: ClassVar[Words] = _("Send a new code")

    def hindrance(self) -> Words:
        """Return why nobody of this organization can use it, whatever its edition: nothing is set up that carries it."""
        return ""

    @abstractmethod
    def enrol_form(self) -> type[forms.Form]:
        """Return the form whose `cleaned_data` goes to `begin`; an empty form when nothing is asked."""

    @abstractmethod
    def begin(self, data: Mapping[str, object], *, user: User) -> State:
        """Return the state of a device of this person, to be confirmed where it `confirms`, or raise `Unacceptable`."""

    @abstractmethod
    def identity(self, state: State) -> str:
        """Return what makes two devices of a person the same one."""

    @abstractmethod
    def label(self, state: State) -> str:
        """Return how its owner recognizes it."""

    @abstractmethod
    def masked(self, state: State) -> str:
        """Return as much of the label as may be shown after a first proof."""

    def fixed(self, state: State) -> bool:
        """Say whether its owner may neither change nor remove it."""
        return False

    @staticmethod
    def is_administered(state: State) -> bool:
        """Say whether an administrator registered it."""
        return state.get("by") == ADMINISTRATOR

    def marks(self, state: State) -> list[str]:
        """Return what is kept beside the sealed state for `enough`: keyed digests, which name nothing. Most need none."""
        return []

    def enough(self, policy: Policy) -> Enough:
        """Return what says of a device's marks whether it can be proved as the organization asks now.

        Made for everybody, whether they have such a device or nobody knows them, so that it costs the same.
        """
        return lambda _marks: True

    def enough_of(self, policy: Policy) -> Q:
        """Return the same as a condition on devices of this kind, for where many are looked at."""
        return Q()

    def setup(self, state: State, *, sign_in_name: str, issuer: str) -> Mapping[str, str]:
        """Return what the page shows while it is being registered, such as a QR code."""
        return {}

    def choice_form(self) -> type[forms.Form]:
        """Return what is asked where the method is chosen: an address, a code at once, or nothing."""
        if self.asks_address:
            return AddressForm
        return CodeForm if self.answers_at_once else NothingForm

    def way_form(self) -> type[forms.Form]:
        """Return what is asked where somebody chooses one of their own devices: by which way it is reached, or nothing."""
        return NothingForm

    def reached(self, state: State, chosen: State) -> State:
        """Return the state to send to by the way that was chosen."""
        return state

    def draw(self, state: State, *, seed: str) -> State:
        """Return what one challenge is about beside the state: which questions are asked, a number to compare.

        `seed` is the same for a person until they have proved the method, and for an unknown name for ever.
        """
        return {}

    def answer_form(self, drawn: State) -> type[forms.Form]:
        """Return the form that takes the answer to a challenge."""
        return CodeForm

    def waiting(self, drawn: State) -> Mapping[str, Any]:
        """Return what the page that waits shows: the templates, of which the first that is there is taken, and their words."""
        templates = [f"methods/{self.kind}/waiting.html", "elements/waiting.html"]
        return {"waiting": templates, "text": self.prompt, "drawn": drawn}

    def typed(self, cleaned: Mapping[str, Any]) -> str:
        """Return the answer in that form as one text."""
        return str(cleaned.get("code", ""))

    def tidy(self, text: str) -> str:
        """Return what was typed without spaces, and any script's digits as 0 to 9.

        >>> Method.tidy(None, " 123 456 "), Method.tidy(None, "١٢٣٤٥٦")
        ('123456', '123456')
        """
        digits = (
            str(unicodedata.digit(char)) if unicodedata.digit(char, None) is not None else char
            for char in text[:64]
        )
        return "".join(char for char in digits if not char.isspace() and char != "-")

    def endpoints(self) -> Mapping[str, Endpoint]:
        """Return the views that this method serves under `methods/<kind>/`, by the rest of the address."""
        return {}

    def chosen(self, cleaned: Mapping[str, Any]) -> State:
        """Return what was typed where the method was chosen, in the one form that is compared and counted."""
        return {"address": str(cleaned.get("address", "")).strip().lower()} if self.asks_address else {}

    def aimed(self, state: State, chosen: State) -> State | None:
        """Return the state to send to, when the address that was typed in full is this device's."""
        return None

    def finder(self, state: State) -> str:
        """Return what a challenge that waits is found by, where whoever answers knows nothing else of it."""
        return ""

    def lets_through(self, asked: Challenge) -> bool:
        """Say whether the person may be asked now. What is held back is never sent, and the page that waits does not tell.

        The job asks it, outside of any transaction, and of nobody who does not exist.
        """
        return True

    def deliver(self, state: State, code: str, *, challenge: str, purpose: str, language: str) -> None:
        """Send the code of a challenge, or where the method `waits`, ask for the answer to it.

        Raise `Undeliverable` where it cannot be sent at all, anything else to have it tried again.
        """
        raise TypeError(f"{self.kind} sends nothing")

    def check(
        self, state: State, text: str, *, drawn: State, seconds: float, last_step: int | None
    ) -> int | None:
        """Return the time step that the answer belongs to, later than `last_step`; None when it is wrong.

        0 is right, too, where answers belong to no time.
        """
        raise TypeError(f"{self.kind} is answered by the code that was sent")

    def decoy(self) -> State:
        """Return the state that a person nobody knows would have, so that checking it costs the same work."""
        return {}


def _found() -> Iterable[Callable[[], Method]]:
    for file in pkgutil.iter_modules(package.__path__):
        module = importlib.import_module(f"{package.__name__}.{file.name}")
        yield from (one for one in Method.__subclasses__() if one.__module__ == module.__name__)


@cache
def registry() -> Mapping[str, Method]:
    """Return every method of the package by its kind, the strongest first."""
    found = sorted((one() for one in _found()), key=lambda one: -one.strength)
    return {one.kind: one for one in found}


def traits() -> tuple[MethodTraits, ...]:
    """Return what the policy has to know of each method that nothing hinders in this organization, the strongest first."""
    return tuple(one.traits for one in registry().values() if not one.hindrance())
