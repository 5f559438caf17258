"""The profiles: each limit from both sides, by its code and its number."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registration.banned_words import Words
from registration.password_rules import PROFILES, ProfileName, Rule, Violation, rules, violations

ENTRA, NIST = PROFILES[ProfileName.ENTRA], PROFILES[ProfileName.NIST]
LISTS = (Words(["contoso", "blank", "passwordpassword"]),)
NAMES = ("Adele Vance", "adele.v", "Contoso")


def codes(password: str, profile: ProfileName) -> list[str]:
    return [str(one.rule) for one in violations(password, PROFILES[profile], names=NAMES, lists=LISTS)]


@pytest.mark.parametrize(
    ("password", "entra", "nist"),
    [
        ("", ["too_short", "too_few_classes", "too_easy"], ["too_short"]),
        ("Xk7mq2p", ["too_short"], ["too_short"]),
        ("Xk7mq2pv", [], ["too_short"]),
        ("xk7mq2pv", ["too_few_classes"], ["too_short"]),
        ("XK7$QPZM", [], ["too_short"]),
        ("xk7mq2pvxk7mq2", ["too_few_classes"], ["too_short"]),
        ("xk7mq2pvxk7mq2z", ["too_few_classes"], []),
        ("four words of mine", ["too_few_classes"], []),
        ("Xk7 mq2 @dele zz", ["contains_name"], []),
        ("Xk7mq2 vance zzz", ["contains_name"], []),
        ("Xk7mq2 C0ntoso z", ["contains_name"], []),
        ("Passwordpassword", ["too_few_classes", "too_easy"], ["listed"]),
        ("adeleadeleadele", ["too_few_classes", "contains_name"], ["listed"]),
        ("Aa1" + "x" * 253, [], []),
        ("Aa1" + "x" * 254, ["too_long"], ["too_long"]),
    ],
)
def test_each_limit(password: str, entra: list[str], nist: list[str]) -> None:
    assert codes(password, ProfileName.ENTRA) == entra
    assert codes(password, ProfileName.NIST) == nist


def test_the_numbers() -> None:
    assert violations("", ENTRA)[:2] == (Violation(Rule.TOO_SHORT, 8), Violation(Rule.TOO_FEW_CLASSES, 3))
    assert violations("", NIST) == (Violation(Rule.TOO_SHORT, 15),)
    assert violations("x" * 300, NIST) == (Violation(Rule.TOO_LONG, 256),)


def test_characters_are_counted_as_they_are_read() -> None:
    """Fourteen letters, each of two code points as some keyboards send them."""
    fourteen = unicodedata.normalize("NFD", "ÄÖÜäöüàèìòùâêî")
    assert [one.rule for one in violations(fourteen, NIST)] == [Rule.TOO_SHORT]
    assert violations(fourteen + unicodedata.normalize("NFD", "é"), NIST) == ()
    assert violations("🙂" * 15, NIST) == ()


@pytest.mark.parametrize(
    ("odd", "entra", "nist"),
    [
        (" ", [], []),
        ("~", [], []),
        ("é", ["not_ascii"], []),
        ("п", ["not_ascii"], []),
        ("🙂", ["not_ascii"], []),
        ("❤️", ["not_ascii"], []),  # with a selector of its look
        ("\N{NO-BREAK SPACE}", ["not_ascii"], []),
        ("\N{IDEOGRAPHIC SPACE}", ["not_ascii"], []),
        ("\t", ["not_ascii"], ["invisible"]),
        ("\n", ["not_ascii"], ["invisible"]),
        ("\x7f", ["not_ascii"], ["invisible"]),
        ("\x00", ["not_ascii"], ["invisible"]),
        ("\N{ZERO WIDTH SPACE}", ["not_ascii"], ["invisible"]),
        ("\N{ZERO WIDTH NON-JOINER}", ["not_ascii"], ["invisible"]),
        ("\N{RIGHT-TO-LEFT OVERRIDE}", ["not_ascii"], ["invisible"]),
        ("\N{SOFT HYPHEN}", ["not_ascii"], ["invisible"]),
        ("\N{HANGUL FILLER}", ["not_ascii"], ["invisible"]),
        ("\N{LINE SEPARATOR}", ["not_ascii"], ["invisible"]),
    ],
)
def test_which_characters(odd: str, entra: list[str], nist: list[str]) -> None:
    assert codes(f"Xk7mq2p{odd}Xk7mq2pv", ProfileName.ENTRA) == entra
    assert codes(f"Xk7mq2p{odd}Xk7mq2pv", ProfileName.NIST) == nist


@pytest.mark.parametrize("profile", [ENTRA, NIST])
def test_the_last_ones(profile: object) -> None:
    assert isinstance(profile, type(ENTRA))
    found = violations("Xk7mq2pv-Xk7mq2pw", profile, history=3, used_before=True)
    assert found == (Violation(Rule.SAME_AS_BEFORE, 3),)


@given(password=st.text(max_size=40), profile=st.sampled_from([ENTRA, NIST]), history=st.integers(0, 24))
def test_only_rules_that_are_told_are_broken(password: str, profile: object, history: int) -> None:
    assert isinstance(profile, type(ENTRA))
    told = rules(profile, history=history)
    found = violations(password, profile, names=NAMES, lists=LISTS, history=history, used_before=True)
    assert [one for one in told if one in found] == list(found)
