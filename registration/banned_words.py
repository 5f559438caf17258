"""Banned words as Microsoft Entra Password Protection judges them, and as NIST asks: pure.

The steps are Microsoft's: lower case and four substitutions; a whole password within one edit of a banned word is refused; the
person's and the organization's names may not stand in it; then each banned word in it counts one point, each character beside
them one, and five are asked for. Where words can be cut out of a password in several ways, the fewest points count, so that a
longer list never makes a password pass.
"""

import unicodedata
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

SHORTEST_TERM, LONGEST_TERM, MOST_TERMS = 4, 16, 1000
ENOUGH = 5  # points
_SUBSTITUTED = str.maketrans("01$@", "olsa")


def normal(text: str) -> str:
    """Return a text as it is compared: lower case, and four common substitutions undone.

    >>> normal("C0ntos0Bl@nk1$")
    'contosoblankls'
    """
    return unicodedata.normalize("NFC", text).lower().translate(_SUBSTITUTED)


class Words:
    """A list of banned words, laid out so that a password is judged without walking through it."""

    def __init__(self, words: Iterable[str]) -> None:
        plain = [unicodedata.normalize("NFC", word) for word in words]
        self._folded = frozenset(word.casefold() for word in plain)
        self._terms = frozenset(term for term in map(normal, plain) if len(term) >= SHORTEST_TERM)
        self._forward = sorted(self._terms)
        self._backward = sorted(term[::-1] for term in self._terms)
        self.longest = max(map(len, self._terms), default=0)

    def __len__(self) -> int:
        return len(self._terms)

    def holds(self, folded: str) -> bool:
        """Say whether a text, in folded case, is on the list as it stands."""
        return folded in self._folded

    def has_term(self, term: str) -> bool:
        """Say whether a normalized text is one of the terms."""
        return term in self._terms

    def near(self, text: str) -> str:
        """Return a term that a normalized text is, or is one edit away from; nothing when there is none.

        One edit leaves the first half of the text or the second as it was: only terms that share one of them are looked at.

        >>> words = Words(["abcdef"])
        >>> [words.near(text) for text in ("abcdeg", "abcdefg", "abcde", "abcd")]
        ['abcdef', 'abcdef', 'abcdef', '']
        """
        half = len(text) // 2
        for term in _starting(self._forward, text[:half]):
            if within_one_edit(text, term):
                return term
        for backward in _starting(self._backward, text[half:][::-1]):
            if within_one_edit(text, backward[::-1]):
                return backward[::-1]
        return ""


@dataclass(frozen=True)
class Part:
    """A piece of a normalized password: a banned word, or one character beside them. Each is worth one point."""

    text: str
    banned: bool


@dataclass(frozen=True)
class Weighed:
    """What the algorithm says of a password: its parts, the banned word that it nearly is, the name that stands in it."""

    parts: tuple[Part, ...]
    near: str = ""
    name: str = ""

    @property
    def points(self) -> int:
        """One for each banned word and for each remaining character."""
        return len(self.parts)

    @property
    def too_easy(self) -> bool:
        """Whether the lists refuse it; a name in it is another rule."""
        return bool(self.near) or self.points < ENOUGH


def weigh(password: str, *lists: Words, names: Iterable[str] = ()) -> Weighed:
    """Judge a password as Microsoft does; `names` are terms as `name_terms` returns them.

    >>> words = Words(["contoso", "blank"])
    >>> [(w.points, w.too_easy) for w in (weigh(p, words) for p in ("C0ntos0Blank12", "ContoS0Bl@nkf9!"))]
    [(4, True), (5, False)]
    >>> weigh("p0LL23fb", words, names=["poll"]).name
    'poll'
    """
    text = normal(password)
    near = next(filter(None, (words.near(text) for words in lists)), "")
    name = next((term for term in names if term in text), "")
    return Weighed(_fewest_parts(text, lists), near, name)


def is_listed(password: str, *lists: Words, names: Iterable[str] = ()) -> bool:
    """Say whether the entire password is on a list or is a name, in whatever case, or is such a text repeated.

    NIST compares the entire password (SP 800-63B-4, 3.1.1.2). Passwords of 15 characters are often shorter ones repeated, so
    these count as what they repeat; nothing within a password counts.

    >>> words = Words(["password", "111111"])
    >>> [is_listed(text, words) for text in ("PassWord", "passwordpassword", "111111111111111", "my password is")]
    [True, True, True, False]
    """
    folded = unicodedata.normalize("NFC", password).casefold()
    unit = folded[: (folded + folded).find(folded, 1)]
    known = {name.casefold() for name in names}
    repeated = (unit * times for times in range(1, len(folded) // len(unit) + 1)) if unit else ()
    return any(text in known or any(words.holds(text) for words in lists) for text in repeated)


def name_terms(*names: str) -> tuple[str, ...]:
    """Return the terms of names that may not stand in a password, normalized: their words, and each written as one word.

    >>> name_terms("Adele Vance", "Jo Li", "adele.vance")
    ('adele', 'vance', 'adelevance', 'joli')
    """
    found: dict[str, None] = {}
    for name in names:
        words = "".join(
            char if char.isalnum() else " " for char in unicodedata.normalize("NFC", name)
        ).split()
        found.update(dict.fromkeys(map(normal, (*words, "".join(words)))))
    return tuple(term for term in found if len(term) >= SHORTEST_TERM)


class TermProblem(StrEnum):
    """What can be wrong with an organization's own list; `wording.TERM_PROBLEMS` has the words."""

    TOO_SHORT = "too_short"
    TOO_LONG = "too_long"
    TOO_MANY = "too_many"


@dataclass(frozen=True)
class WrongLine:
    """A line that is no term."""

    line: int
    problem: TermProblem


def read(text: str) -> tuple[list[str], tuple[WrongLine, ...]]:
    r"""Return the terms of a text, one a line, in lower case and each once; and every line that is none.

    Microsoft's limits: 4 to 16 characters, 1,000 terms.

    >>> read("Contoso\n\n contoso \nfab\n")
    (['contoso'], (WrongLine(line=4, problem=<TermProblem.TOO_SHORT: 'too_short'>),))
    """
    terms: dict[str, None] = {}
    wrong = []
    for number, line in enumerate(text.splitlines(), start=1):
        term = unicodedata.normalize("NFC", line).strip().lower()
        if not term or term in terms:
            continue
        if len(term) < SHORTEST_TERM:
            wrong.append(WrongLine(number, TermProblem.TOO_SHORT))
        elif len(term) > LONGEST_TERM:
            wrong.append(WrongLine(number, TermProblem.TOO_LONG))
        elif len(terms) == MOST_TERMS:
            wrong.append(WrongLine(number, TermProblem.TOO_MANY))
            break
        else:
            terms[term] = None
    return list(terms), tuple(wrong)


def within_one_edit(one: str, other: str) -> bool:
    """Say whether two texts are equal, or one insertion, deletion or replacement apart.

    >>> [within_one_edit("abcdef", other) for other in ("abcdef", "abXdef", "abdef", "Xabcdef", "badcef")]
    [True, True, True, True, False]
    """
    if len(one) > len(other):
        one, other = other, one
    longer = len(other) - len(one)
    if longer > 1:
        return False
    same = 0
    while same < len(one) and one[same] == other[same]:
        same += 1
    return one[same + 1 - longer :] == other[same + 1 :]


def _starting(texts: list[str], head: str) -> Iterator[str]:
    at = bisect_left(texts, head)
    while at < len(texts) and texts[at].startswith(head):
        yield texts[at]
        at += 1


def _fewest_parts(text: str, lists: tuple[Words, ...]) -> tuple[Part, ...]:
    """Cut a normalized text into the fewest parts; of equals, the one whose last part is longer."""
    longest = max((words.longest for words in lists), default=0)
    points, cut = [0], [0]
    for end in range(1, len(text) + 1):
        start = end - 1
        for begin in range(end - SHORTEST_TERM, max(0, end - longest) - 1, -1):
            if points[begin] <= points[start] and any(words.has_term(text[begin:end]) for words in lists):
                start = begin
        points.append(points[start] + 1)
        cut.append(start)
    parts, end = [], len(text)
    while end:
        piece = text[cut[end] : end]
        parts.append(Part(piece, any(words.has_term(piece) for words in lists)))
        end = cut[end]
    return tuple(reversed(parts))
