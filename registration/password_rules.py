"""What a new password must be, by the organization's profile: pure. It answers with all violations at once, as codes.

"Entra" has the numbers and the algorithm of Microsoft Entra. "NIST" has those of SP 800-63B-4,
3.1.1.2 for a password that is the only factor: 15 characters, no classes, the entire password against the lists. Characters
are code points after normalization (NFC); nothing is cut, and case is folded for the lists alone (ASVS 6.2.8).
"""

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from types import MappingProxyType

from registration.banned_words import Words, is_listed, name_terms, weigh

LONGEST = 256
#: What nobody sees, by Unicode's categories, and the letters of other categories that have no shape. Selectors of an emoji's
#: look are not among them, since keyboards send them unasked.
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
_SHAPELESS = frozenset("\u034f\u115f\u1160\u3164\uffa0")


class Rule(StrEnum):
    """Codes; `wording.violation` has the words."""

    TOO_SHORT = "too_short"
    TOO_LONG = "too_long"
    NOT_ASCII = "not_ascii"
    INVISIBLE = "invisible"
    TOO_FEW_CLASSES = "too_few_classes"
    CONTAINS_NAME = "contains_name"
    TOO_EASY = "too_easy"
    LISTED = "listed"
    SAME_AS_BEFORE = "same_as_before"


class ProfileName(StrEnum):
    """The profiles. The values are stored, so they never change."""

    ENTRA = "entra"
    NIST = "nist"


@dataclass(frozen=True)
class Profile:
    """One set of rules.

    `ascii` allows the 95 characters of ASCII that can be seen, the space among them, else whatever can be seen (NIST
    3.1.1.2). `fuzzy` asks for Microsoft's score, else the entire password is compared. `last_may_return` lets a reset set the
    password that was forgotten.
    """

    shortest: int
    classes: int  # of lower case, upper case, digits, others; 0 asks for none
    ascii: bool
    fuzzy: bool
    last_may_return: bool


PROFILES: Mapping[ProfileName, Profile] = MappingProxyType(
    {
        ProfileName.ENTRA: Profile(shortest=8, classes=3, ascii=True, fuzzy=True, last_may_return=True),
        ProfileName.NIST: Profile(shortest=15, classes=0, ascii=False, fuzzy=False, last_may_return=False),
    }
)


@dataclass(frozen=True)
class Floor:
    """What else is asked at least, where the account lives elsewhere too: characters, and classes of them."""

    shortest: int = 0
    classes: int = 0


NO_FLOOR = Floor()


def raised(profile: Profile, floor: Floor) -> Profile:
    """Return a profile that asks for no less than the floor.

    >>> raised(PROFILES[ProfileName.ENTRA], Floor(shortest=12)).shortest, raised(PROFILES[ProfileName.NIST], Floor(7)).shortest
    (12, 15)
    """
    return replace(
        profile,
        shortest=max(profile.shortest, floor.shortest),
        classes=max(profile.classes, floor.classes),
    )


@dataclass(frozen=True)
class Violation:
    """A rule that is not kept, and the number in it."""

    rule: Rule
    number: int = 0


def rules(profile: Profile, *, history: int = 0) -> tuple[Violation, ...]:
    """Return all rules of a profile, each as it would be broken: what a page tells before anybody types.

    >>> [(str(one.rule), one.number) for one in rules(PROFILES[ProfileName.NIST], history=1)]
    [('too_short', 15), ('too_long', 256), ('invisible', 0), ('listed', 0), ('same_as_before', 1)]
    """
    asked = [Violation(Rule.TOO_SHORT, profile.shortest), Violation(Rule.TOO_LONG, LONGEST)]
    asked.append(Violation(Rule.NOT_ASCII if profile.ascii else Rule.INVISIBLE))
    if profile.classes:
        asked.append(Violation(Rule.TOO_FEW_CLASSES, profile.classes))
    if profile.fuzzy:
        asked += [Violation(Rule.CONTAINS_NAME), Violation(Rule.TOO_EASY)]
    else:
        asked.append(Violation(Rule.LISTED))
    if history:
        asked.append(Violation(Rule.SAME_AS_BEFORE, history))
    return tuple(asked)


def violations(
    password: str,
    profile: Profile,
    *,
    names: Sequence[str] = (),
    lists: Sequence[Words] = (),
    history: int = 0,
    used_before: bool = False,
) -> tuple[Violation, ...]:
    """Return every rule that a password breaks, in the order of `rules`.

    `names` are the person's and the organization's; `used_before` says that it is one of the last `history` passwords.

    >>> [str(v.rule) for v in violations("adele", PROFILES[ProfileName.ENTRA], names=["Adele Vance"])]
    ['too_short', 'too_few_classes', 'contains_name']
    >>> violations("correct Horse 7", PROFILES[ProfileName.ENTRA], names=["Adele Vance"])
    ()
    """
    length = len(unicodedata.normalize("NFC", password))
    weighed = weigh(password, *lists, names=name_terms(*names))
    broken = {
        Rule.TOO_SHORT: length < profile.shortest,
        Rule.TOO_LONG: length > LONGEST,
        Rule.NOT_ASCII: not (password.isascii() and password.isprintable()),
        Rule.INVISIBLE: any(map(_is_unseen, password)),
        Rule.TOO_FEW_CLASSES: classes(password) < profile.classes,
        Rule.CONTAINS_NAME: bool(weighed.name),
        Rule.TOO_EASY: weighed.too_easy,
        Rule.LISTED: is_listed(password, *lists, names=(*names, *name_terms(*names))),
        Rule.SAME_AS_BEFORE: used_before,
    }
    return tuple(asked for asked in rules(profile, history=history) if broken[asked.rule])


def classes(password: str) -> int:
    """Count the classes of characters.

    >>> classes("abc"), classes("aB3 "), classes("كلمة")
    (1, 4, 1)
    """
    lower = any(char.islower() for char in password)
    upper = any(char.isupper() for char in password)
    digit = any(char.isdigit() for char in password)
    other = any(not (char.islower() or char.isupper() or char.isdigit()) for char in password)
    return lower + upper + digit + other


def _is_unseen(char: str) -> bool:
    return unicodedata.category(char) in _UNSEEN or char in _SHAPELESS
