"""The questions to choose from: a set of ours, in every language, and the organization's own. Nobody writes their own (SQ7).

Each has an answer that does not change, that others cannot look up with ease, and that is not one of a handful.
"""

import hashlib
from collections.abc import Mapping, Sequence
from types import MappingProxyType

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

MOST_OWN = 20  # reference/entra.md b2
SHORTEST_OWN, LONGEST_OWN = 3, 200  # characters, reference/entra.md b2
FEWEST, MOST = 3, 5  # to register and to answer, reference/entra.md b2

#: By an id that stays: what people registered refers to it.
PREDEFINED: Mapping[str, Promise] = MappingProxyType(
    {
        "pet": _("What was the name of the first animal that you looked after?"),
        "teacher": _("Which teacher did you learn most from, by last name?"),
        "street": _("On which street did your best friend of primary school live?"),
        "toy": _("What did you call your favourite toy as a child?"),
        "job": _("In which town did you earn your first money?"),
        "boss": _("What was the first name of the first person you worked for?"),
        "meet": _("In which town did your parents meet?"),
        "cousin": _("What is the first name of the cousin you met most often as a child?"),
        "concert": _("Which band or singer was the first that you heard on a stage?"),
        "book": _("Which book do you remember best from your school days?"),
        "trip": _("Where did your first journey without your family take you?"),
        "dish": _("Which dish did nobody cook as well as your grandmother or grandfather?"),
        "neighbour": _("What was the last name of the neighbour you remember best from your childhood?"),
        "lost": _("What was the thing that you were saddest to lose?"),
        "swim": _("Where did you learn to swim?"),
        "nickname": _("Which nickname did only your family use for you?"),
        "dream": _("What did you want to become when you were ten?"),
        "vehicle": _("What did your family call its first car, or which one was it?"),
        "song": _("Which song did you sing or hear most often as a child?"),
        "place": _("What was the name of the place where you played as a child?"),
    }
)


def own_id(text: str) -> str:
    """Return the id of an organization's own question: it goes by its words, so that others are another question.

    >>> own_id("Which number is on your locker?")
    'own-741e9b0a53b83d3e'
    """
    return f"own-{hashlib.sha256(text.encode()).hexdigest()[:16]}"


def offered(predefined: Sequence[str], own: Sequence[str]) -> Mapping[str, str | Promise]:
    """Return the questions that an organization offers, by id: those of ours that it kept, then its own."""
    ours = {key: PREDEFINED[key] for key in PREDEFINED if key in predefined}
    return ours | {own_id(text): text for text in own}
