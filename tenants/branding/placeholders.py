"""What an organization's own words may hold: plain text, and placeholders such as %(code)s that we fill. Nothing is evaluated.

A rule answers with all that is wrong, as codes with what they are about; `flaws` has the sentences.
"""

import re
import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum

_PLACEHOLDER = re.compile(r"%\((\w*)\)s")
_FILLED = re.compile(rf"%%|{_PLACEHOLDER.pattern}")
_HALF = re.compile(r"%\([^)\s]*\)?|\{\{[^}]*\}?\}?|\{%[^}]*\}?")
#: What mail programs and telephones make a link of, though it is plain text.
_LINK = re.compile(r"//|\bwww\.|\w\.\w+/\S", re.IGNORECASE)
_KEPT = "\n\t"
#: What marks the direction of the letters beside it is written in Arabic and Hebrew; what turns whole lines round hides.
_TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


class Flaw(StrEnum):
    """What can be wrong with a text."""

    TOO_LONG = "too_long"
    NOT_ONE_LINE = "not_one_line"
    UNKNOWN = "unknown_placeholder"
    MISSING = "missing_placeholder"
    HALF = "half_placeholder"
    INVISIBLE = "invisible"
    LINK = "link"
    TOO_MANY_MESSAGES = "too_many_messages"
    MARKUP = "markup"


@dataclass(frozen=True)
class Found:
    """One flaw, and what it is about: the placeholders by name, or a number."""

    flaw: Flaw
    about: tuple[str, ...] = ()
    number: int = 0


def names(text: str) -> set[str]:
    """Return the placeholders of a text.

    >>> sorted(names("%(code)s is for %(who)s: 100%"))
    ['code', 'who']
    """
    return set(_PLACEHOLDER.findall(text))


def fill(text: str, values: Mapping[str, object]) -> str:
    """Put values in the place of placeholders, once; what stands in a value is never filled again.

    >>> fill("%(a)s, 100% of %(b)s, %(c)s", {"a": "%(b)s %%", "b": 2})
    '%(b)s %%, 100% of 2, %(c)s'
    """
    return _FILLED.sub(lambda found: _value(found, values), text)


def _value(found: re.Match[str], values: Mapping[str, object]) -> str:
    if found[0] == "%%":  # how a default writes its own percent sign
        return "%"
    return str(values[found[1]]) if found[1] in values else found[0]


def doubled(text: str) -> str:
    """Return a text that is filled by the operator %, with each percent sign that is no placeholder's written twice.

    >>> doubled("100% of %(name)s")
    '100%% of %(name)s'
    """
    return re.sub(r"%(?!\(\w+\)s)", "%%", text)


def cleaned(text: str) -> str:
    r"""Return a text with one kind of line break, and no spaces around.

    >>> cleaned(" a\r\nb \n")
    'a\nb'
    """
    return "\n".join(
        line.rstrip() for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    ).strip()


def check(
    text: str, *, known: Collection[str], required: Collection[str], longest: int, lines: bool, links: bool
) -> list[Found]:
    r"""Return all that is wrong with a text; an empty one is right, and means the default.

    >>> rules = {"known": {"code"}, "required": {"code"}, "longest": 9, "lines": False, "links": False}
    >>> check("", **rules)
    []
    >>> [found.flaw.value for found in check("www.evil.example/%(code)s", **rules)]
    ['too_long', 'link']
    >>> [found.flaw.value for found in check("%(cod)s {{ code }} \n", **rules)]
    ['too_long', 'not_one_line', 'half_placeholder', 'unknown_placeholder', 'missing_placeholder']
    """
    if not text:
        return []
    found = []
    if len(text) > longest:
        found.append(Found(Flaw.TOO_LONG, number=longest))
    if not lines and "\n" in text:
        found.append(Found(Flaw.NOT_ONE_LINE))
    if any(_is_invisible(letter) for letter in text):
        found.append(Found(Flaw.INVISIBLE))
    if not links and _LINK.search(text):
        found.append(Found(Flaw.LINK))
    there = names(text)
    if half := _HALF.findall(_PLACEHOLDER.sub("", text)):
        found.append(Found(Flaw.HALF, tuple(half)))
    if unknown := sorted(there - set(known)):
        found.append(Found(Flaw.UNKNOWN, tuple(unknown)))
    if missing := sorted(set(required) - there):
        found.append(Found(Flaw.MISSING, tuple(missing)))
    return found


def _is_invisible(letter: str) -> bool:
    return letter in _TURNING or (unicodedata.category(letter) == "Cc" and letter not in _KEPT)
