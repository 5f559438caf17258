"""What a verification method is, and the registry that finds them.

A method is one file in `registration/methods/` with one subclass of `Method`; it is found by being there, and tests/contracts
holds every one of them to the same promises. It decides nothing about who may use it when: `registration.policy` does.
"""

import importlib
import pkgutil
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import ClassVar, TypeAlias

from django import forms
from django.utils.functional import Promise

from registration import methods as package
from registration.policy import MethodTraits

#: What a device keeps, sealed: an address, a key. Texts only, so that it is JSON.
State: TypeAlias = Mapping[str, str]
Words: TypeAlias = str | Promise


class Unacceptable(Exception):
    """What a person entered cannot become a device. `code` is stable, `text` is for the page."""

    def __init__(self, code: str, text: Words) -> None:
        super().__init__(code)
        self.code, self.text = code, text


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
    #: Whether a code is sent, to be typed back; otherwise the answer is computed from the device's state.
    sends: ClassVar[bool]
    #: How many of it a person may have (reference/entra.md b6).
    most: ClassVar[int] = 1
    #: Whether a person may put another in its place; otherwise they remove it and add one.
    changeable: ClassVar[bool] = False

    @abstractmethod
    def enrol_form(self) -> type[forms.Form]:
        """Return the form whose `cleaned_data` goes to `begin`; an empty form when nothing is asked."""

    @abstractmethod
    def begin(self, data: Mapping[str, object], *, sign_in_name: str) -> State:
        """Return the state of a device to be confirmed, or raise `Unacceptable`."""

    @abstractmethod
    def identity(self, state: State) -> str:
        """Return what makes two devices of a person the same one."""

    @abstractmethod
    def label(self, state: State) -> str:
        """Return how its owner recognizes it."""

    @abstractmethod
    def masked(self, state: State) -> str:
        """Return as much of the label as may be shown after a first proof."""

    def setup(self, state: State, *, sign_in_name: str, issuer: str) -> Mapping[str, str]:
        """Return what the page shows while it is being registered, such as a QR code."""
        return {}

    def is_at(self, state: State, typed: str) -> bool:
        """Say whether the address that was typed in full is this device's."""
        return False

    def deliver(self, state: State, code: str, *, purpose: str, language: str) -> None:
        """Send the code; raise to have it tried again."""
        raise TypeError(f"{self.kind} sends nothing")

    def check(self, state: State, text: str, *, seconds: float, last_step: int | None) -> int | None:
        """Return the time step that the answer belongs to, later than `last_step`; None when it is wrong."""
        raise TypeError(f"{self.kind} is answered by the code that was sent")

    def decoy(self) -> State:
        """Return the state that a person nobody knows would have, so that checking it costs the same work."""
        return {}


def _found() -> Iterable[Callable[[], Method]]:
    return Method.__subclasses__()


@cache
def registry() -> Mapping[str, Method]:
    """Return every method of the package by its kind, the strongest first."""
    for module in pkgutil.iter_modules(package.__path__):
        importlib.import_module(f"{package.__name__}.{module.name}")
    found = sorted((one() for one in _found()), key=lambda one: -one.strength)
    return {one.kind: one for one in found}


def traits() -> tuple[MethodTraits, ...]:
    """Return what the policy has to know of each method, the strongest first."""
    return tuple(one.traits for one in registry().values())
