"""What a carrier of text messages and calls is, and the registry that finds them.

A carrier is one file in `registration/carriers/` with one subclass of `Carrier`; it is found by being there. It speaks to one
kind of service and decides nothing about what may be sent: `registration.telephony` does.
"""

import importlib
import pkgutil
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import ClassVar, TypeAlias
from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseNotFound, QueryDict
from django.utils.functional import Promise

from registration import carriers as package
from registration.models import PhoneMessage
from tenants.context import current_schema
from tenants.links import absolute

#: What a carrier was given on the desk: an account, a secret, a sender. Texts only, so that it is JSON.
Settings: TypeAlias = Mapping[str, str]


class Unreached(Exception):
    """The carrier has not taken it, for now: to be tried again. `code` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Unclear(Exception):
    """The carrier may have taken it: never to be sent again by itself. `code` says what came in place of an answer."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Hooks:
    """Where a carrier reports to about one message: addresses on the organization's primary host, by the message's id."""

    kind: str
    message: UUID

    def __getitem__(self, name: str) -> str:
        """Return the address of one hook: `state`, `answer` or `key`."""
        return absolute("carrier-hook", self.kind, name, self.message)

    @property
    def schema(self) -> str:
        """The organization that the message is of."""
        return current_schema()


@dataclass(frozen=True)
class Spoken:
    """What a call says, sentence by sentence, in a language; then it waits for one key, or hangs up."""

    language: str
    sentences: tuple[str, ...]
    asks_key: bool = False


@dataclass(frozen=True)
class Report:
    """What a carrier tells of a message: how far it has come, why it failed, and what it cost, where it says so."""

    state: PhoneMessage.State
    reason: str = ""
    cost: Decimal | None = None


class Carrier(ABC):
    """One kind of service that carries text messages and calls."""

    kind: ClassVar[str]
    name: ClassVar[str | Promise]
    #: One sentence for who chooses it.
    description: ClassVar[str | Promise]
    calls: ClassVar[bool]
    #: The fields of `form` that are never shown again.
    secrets: ClassVar[frozenset[str]] = frozenset()
    #: The fields that say where secrets go: with another address a secret is asked for again.
    destinations: ClassVar[frozenset[str]] = frozenset()

    def can_call(self, settings: Settings) -> bool:
        """Say whether what it was given is enough for calls."""
        return self.calls

    def is_offered(self) -> bool:
        """Say whether this installation has it."""
        return True

    def form(self) -> type[forms.Form]:
        """Return the form of its settings; an empty one when it needs none."""
        return forms.Form

    @abstractmethod
    def text(self, settings: Settings, number: str, words: str, *, hooks: Hooks) -> str:
        """Hand over a text message and return the carrier's reference.

        Raise `Undeliverable` where it will never take it, `Unreached` where it has not, `Unclear` where it may have.
        """

    def call(self, settings: Settings, number: str, *, hooks: Hooks) -> str:
        """Hand over a call, whose words are asked for once somebody answers; return and raise as `text` does."""
        raise TypeError(f"{self.kind} calls nobody")

    def is_genuine(self, settings: Settings, request: HttpRequest, address: str) -> bool:
        """Say, in constant time, whether a request to this address comes from the carrier."""
        return False

    def report(self, posted: QueryDict) -> Report | None:
        """Read how far a message has come; None for a step that changes nothing."""
        return None

    def is_machine(self, posted: QueryDict) -> bool:
        """Say whether a machine has answered the call."""
        return False

    def key(self, posted: QueryDict) -> str:
        """Read the key that was pressed; empty for none."""
        return ""

    def speak(self, spoken: Spoken | None, *, hooks: Hooks) -> HttpResponse:
        """Answer with what the call says next; hang up when it is nothing."""
        return HttpResponseNotFound()

    def billed(self, settings: Settings, message: PhoneMessage) -> Decimal | None:
        """Ask what a message has cost; None while the carrier does not know it yet."""
        return None


def _found() -> Iterable[Callable[[], Carrier]]:
    for file in pkgutil.iter_modules(package.__path__):
        module = importlib.import_module(f"{package.__name__}.{file.name}")
        yield from (one for one in Carrier.__subclasses__() if one.__module__ == module.__name__)


@cache
def registry() -> Mapping[str, Carrier]:
    """Return every carrier of the package by its kind."""
    return {one.kind: one for one in sorted((made() for made in _found()), key=lambda one: one.kind)}
