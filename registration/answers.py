"""What an answer to a security question must be, and how two are compared. Pure: texts in, codes out."""

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

SHORTEST, LONGEST = 3, 40  # characters, reference/entra.md b2
#: What people type to be rid of the question (SQ3, reference/security.md).
_FILLERS = frozenset(
    {"123", "1234", "12345", "123456", "abc", "abcd", "qwerty", "qwertz", "asdf", "test", "none", "no idea"}
    | {"nothing", "unknown", "answer", "secret", "password", "n/a", "null", "xyz", "idk", "don't know"}
)


class Flaw(StrEnum):
    """Why an answer is not taken."""

    TOO_SHORT = "answer_too_short"
    TOO_LONG = "answer_too_long"
    GUESSABLE = "answer_guessable"
    IN_QUESTION = "answer_in_question"
    TWICE = "answer_twice"
    ASKED_TWICE = "question_twice"


@dataclass(frozen=True)
class Found:
    """A flaw, and which answer has it: counted from 0."""

    at: int
    flaw: Flaw


def normalized(answer: str) -> str:
    """Return an answer as it is hashed and compared: case, width, and spaces do not count (SQ2, reference/security.md).

    >>> normalized("  St.  Mary’s "), normalized("ＳＴＲＡẞＥ")
    ('st. mary’s', 'strasse')
    """
    return unicodedata.normalize("NFKC", " ".join(unicodedata.normalize("NFKC", answer).casefold().split()))


def flaws(given: Sequence[tuple[str, str]], texts: Mapping[str, str], known: Sequence[str]) -> list[Found]:
    """Return what is wrong with these pairs of a question's id and its answer, one flaw an answer at most.

    `texts` are the questions' words by id; `known` is what anybody knows of this person: their name, their addresses.

    >>> texts = {"pet": "What was your first pet called?", "town": "In which town were you born?"}
    >>> [found.flaw.value for found in flaws([("pet", "ab"), ("town", "Adele V")], texts, ["adele v@contoso.example"])]
    ['answer_too_short', 'answer_guessable']
    >>> [found.flaw.value for found in flaws([("pet", "Rex"), ("pet", "ＲＥＸ")], texts, [])]
    ['question_twice']
    """
    found, asked, seen = [], set(), set()
    easy = _FILLERS | {normalized(text) for one in known for text in (one, one.partition("@")[0])}
    for at, (question, answer) in enumerate(given):
        text = normalized(answer)
        flaw = _flaw(text, easy, normalized(texts.get(question, "")))
        if question in asked:
            flaw = Flaw.ASKED_TWICE
        elif flaw is None and text in seen:
            flaw = Flaw.TWICE
        if flaw is not None:
            found.append(Found(at, flaw))
        asked.add(question)
        seen.add(text)
    return found


def _flaw(text: str, easy: frozenset[str], question: str) -> Flaw | None:
    if len(text) < SHORTEST:
        return Flaw.TOO_SHORT
    if len(text) > LONGEST:
        return Flaw.TOO_LONG
    if text in easy or len(set(text)) == 1:
        return Flaw.GUESSABLE
    return Flaw.IN_QUESTION if text in question else None
