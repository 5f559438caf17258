"""Answers to security questions: which are taken, and which are the same."""

import pytest

from registration.answers import LONGEST, SHORTEST, Flaw, Found, flaws, normalized

TEXTS = {"pet": "What was your first pet called?", "town": "In which town were you born?"}
KNOWN = ["adele@contoso.example", "Adele Vance", "Adele", "Vance", "av@home.example"]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Rex", "rex"),
        (" St.  Mary ", "st. mary"),
        ("ＲＥＸ", "rex"),
        ("Straße", "STRASSE"),
        ("José", "José"),
        ("ﬁsh", "FISH"),
        ("عمّان", "عمّان "),
        ("İzmir", "i̇zmir"),
    ],
)
def test_the_same_answer(one: str, other: str) -> None:
    assert normalized(one) == normalized(other)
    assert normalized(normalized(one)) == normalized(one)


@pytest.mark.parametrize(("one", "other"), [("Rex", "Rexx"), ("Jose", "José"), ("a b", "ab"), ("2", "3")])
def test_not_the_same(one: str, other: str) -> None:
    assert normalized(one) != normalized(other)


@pytest.mark.parametrize(
    ("answer", "flaw"),
    [
        ("", Flaw.TOO_SHORT),
        ("x" * (SHORTEST - 1), Flaw.TOO_SHORT),
        ("  ab  ", Flaw.TOO_SHORT),
        ("ab" * (LONGEST // 2) + "c", Flaw.TOO_LONG),
        ("123", Flaw.GUESSABLE),
        ("aaaa", Flaw.GUESSABLE),
        ("Don't know", Flaw.GUESSABLE),
        ("ADELE@contoso.example", Flaw.GUESSABLE),
        ("adele", Flaw.GUESSABLE),
        ("Adele  Vance", Flaw.GUESSABLE),
        ("av@home.example", Flaw.GUESSABLE),
        ("first pet", Flaw.IN_QUESTION),
    ],
)
def test_an_answer_that_is_not_taken(answer: str, flaw: Flaw) -> None:
    assert flaws([("pet", answer)], TEXTS, KNOWN) == [Found(0, flaw)]


@pytest.mark.parametrize("answer", ["x1y"[:SHORTEST], "ab" * (LONGEST // 2), "犬太郎", "Rex", "1987-06-01"])
def test_an_answer_that_is_taken(answer: str) -> None:
    assert flaws([("pet", answer)], TEXTS, KNOWN) == []


def test_each_question_once_and_each_answer_once() -> None:
    assert flaws([("pet", "Rex"), ("pet", "Max")], TEXTS, KNOWN) == [Found(1, Flaw.ASKED_TWICE)]
    assert flaws([("pet", "Rex"), ("town", " REX")], TEXTS, KNOWN) == [Found(1, Flaw.TWICE)]
