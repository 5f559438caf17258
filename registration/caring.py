"""What can be done for one person from their page: a registry, so that a higher room adds its own.

Each has an address, a page that says what it does before it is done, and an action that the table of roles weighs.
"""

from collections.abc import Callable
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.utils.functional import Promise

from registration.models import User

Words = str | Promise


@dataclass(frozen=True)
class Care:
    """One thing that can be done for a person."""

    #: In the address.
    name: str
    #: What the table of roles calls it.
    action: str
    #: What the button says.
    title: Words
    #: What it does, in sentences, said before it is done.
    does: Callable[[HttpRequest, User], list[Words]]
    #: Do it; an answer of its own where something is shown once, otherwise one comes back to the person.
    perform: Callable[[HttpRequest, User], HttpResponse | None]
    #: Whether there is anything to do.
    applies: Callable[[User], bool] = lambda _user: True
    #: Why it can't be done for this person now; nothing where it can.
    hindrance: Callable[[HttpRequest, User], Words] = lambda _request, _user: ""
    #: A box to tick on that page, and what ticking it does.
    option: Words = ""
    option_help: Words = ""
    #: Whether one may do it to oneself.
    own: bool = False
    #: Whether it takes something away.
    grave: bool = False
    #: Whether it is what most come for.
    first: bool = False


@dataclass(frozen=True)
class Panel:
    """A part of a person's page that a higher room shows."""

    action: str
    title: Words
    #: Rows of two: when, and what.
    rows: Callable[[User], list[tuple[Words, Words]]]
    #: Where all of them are.
    link: Callable[[User], str]


_CARES: dict[str, Care] = {}
_PANELS: list[Panel] = []


def offer(care: Care) -> None:
    """Let something be done for a person, from their page."""
    _CARES[care.name] = care


def show(panel: Panel) -> None:
    """Show something on a person's page."""
    _PANELS.append(panel)


def cares() -> tuple[Care, ...]:
    """Return everything that can be done for a person: what most come for first, what takes something away last."""
    return tuple(sorted(_CARES.values(), key=lambda care: (not care.first, care.grave)))


def panels() -> tuple[Panel, ...]:
    """Return what higher rooms show on a person's page."""
    return tuple(_PANELS)
