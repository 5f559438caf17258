"""What a new password must be: a pure rule that answers with all violations at once, as codes with their numbers.

The numbers are Microsoft Entra's (reference/entra.md b4). Nothing is folded or cut before it is judged (ASVS 6.2.8).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

SHORTEST = 8
LONGEST = 256
CLASSES = 3  # of lower case, upper case, digits, others
WORD = 4  # a shorter part of a name is no context


class Rule(StrEnum):
    """Codes; labels.PASSWORD_RULES has the words."""

    TOO_SHORT = "too_short"
    TOO_LONG = "too_long"
    TOO_FEW_CLASSES = "too_few_classes"
    CONTAINS_NAME = "contains_name"
    SAME_AS_BEFORE = "same_as_before"


@dataclass(frozen=True)
class Violation:
    """A rule that is not kept, and the number in it."""

    rule: Rule
    number: int = 0


def violations(password: str, names: Iterable[str], *, same_as_before: bool = False) -> tuple[Violation, ...]:
    """Return every violation; `names` are texts whose words of four letters or more may not stand in a password.

    >>> [str(v.rule) for v in violations("adele", ["adele@contoso.example"])]
    ['too_short', 'too_few_classes', 'contains_name']
    >>> violations("correct Horse 7", ["adele@contoso.example", "Adele Vance"])
    ()
    """
    found = []
    if len(password) < SHORTEST:
        found.append(Violation(Rule.TOO_SHORT, SHORTEST))
    if len(password) > LONGEST:
        found.append(Violation(Rule.TOO_LONG, LONGEST))
    if classes(password) < CLASSES:
        found.append(Violation(Rule.TOO_FEW_CLASSES, CLASSES))
    lowered = password.lower()
    if any(word in lowered for name in names for word in words(name)):
        found.append(Violation(Rule.CONTAINS_NAME))
    if same_as_before:
        found.append(Violation(Rule.SAME_AS_BEFORE))
    return tuple(found)


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


def words(name: str) -> list[str]:
    """Return the words of a name that count.

    >>> words("adele.vance@contoso.example"), words("Jo Li")
    (['adele', 'vance', 'contoso', 'example'], [])
    """
    parted = "".join(char if char.isalnum() else " " for char in name.lower()).split()
    return [word for word in parted if len(word) >= WORD]
