"""Banned words: Microsoft's published examples, the properties that must hold for any list, and the limits of an own list."""

import string
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registration import banned_words, common_passwords
from registration.banned_words import ENOUGH, Words, is_listed, name_terms, normal, read, weigh

BANNED = Words(["contoso", "blank"])
TEXT = st.text(alphabet="abco01$@AB 9!ü", max_size=14)
TERMS = st.lists(st.text(alphabet="abco01$@", min_size=4, max_size=7), max_size=6)


@pytest.mark.parametrize(
    ("password", "parts"),
    [
        ("C0ntos0Blank12", ["contoso", "blank", "l", "2"]),
        ("ContoS0Bl@nkf9!", ["contoso", "blank", "f", "9", "!"]),
        ("contosoblankcontoso", ["contoso", "blank", "contoso"]),
        ("Contos0!", ["contoso", "!"]),
    ],
)
def test_the_published_scores(password: str, parts: list[str]) -> None:
    weighed = weigh(password, BANNED)
    assert [part.text for part in weighed.parts] == parts
    assert weighed.points == len(parts)
    assert weighed.too_easy is (len(parts) < 5)


@pytest.mark.parametrize("password", ["abcdef", "abcdeg", "abcdefg", "abcde", "@bcdef", "bcdef", "xabcdef"])
def test_the_published_edits_are_refused(password: str) -> None:
    weighed = weigh(password, Words(["abcdef"]))
    assert (weighed.near, weighed.too_easy) == ("abcdef", True)


@pytest.mark.parametrize("password", ["abcd", "abcdefgh", "xyabcdef", "badcef", "abcdeghi"])
def test_two_edits_are_not(password: str) -> None:
    assert weigh(password, Words(["abcdef"])).near == ""


def test_two_edits_of_one_letter_are_not_one() -> None:
    assert weigh("aaaaaaaa", Words(["aaaaaa"])).near == ""
    assert weigh("aaaaaaa", Words(["aaaaaa"])).near == "aaaaaa"


@pytest.mark.parametrize(
    ("password", "parts"),
    [("abcde", ["abcde"]), ("abcdefgh", ["a", "b", "cdefgh"]), ("xabcdabcdey", ["x", "abcd", "abcde", "y"])],
)
def test_of_words_that_overlap_the_fewest_points_count(password: str, parts: list[str]) -> None:
    weighed = weigh(password, Words(["abcd", "abcde", "cdefgh"]))
    assert [part.text for part in weighed.parts] == parts


def test_a_name_in_a_password() -> None:
    assert weigh("p0LL23fb", names=name_terms("Poll")).name == "poll"
    assert weigh("p0LL23fb", names=name_terms("Pol")).name == ""  # three letters are no term
    assert name_terms("Blue Sky", "o'neill", "Ann4 B0b$") == (
        "blue",
        "bluesky",
        "neill",
        "oneill",
        "ann4",
        "ann4bob",
    )


@given(password=TEXT, terms=TERMS)
def test_near_is_one_edit(password: str, terms: list[str]) -> None:
    """The index finds what walking through the list finds."""
    text = normal(password)
    within = {term for term in map(normal, terms) if _edits(text, term) <= 1}
    near = Words(terms).near(text)
    assert (near in within) if within else near == ""


@given(password=TEXT, terms=TERMS, more=TERMS)
def test_a_longer_list_never_helps(password: str, terms: list[str], more: list[str]) -> None:
    short, longer = weigh(password, Words(terms)), weigh(password, Words([*terms, *more]))
    assert longer.points <= short.points
    assert longer.too_easy or not short.too_easy
    assert weigh(password, Words(terms), Words(more)).points == longer.points


@given(password=TEXT, terms=TERMS)
def test_the_parts_are_the_password(password: str, terms: list[str]) -> None:
    weighed = weigh(password, Words(terms))
    assert "".join(part.text for part in weighed.parts) == normal(password)
    assert all(part.banned or len(part.text) == 1 for part in weighed.parts)
    assert weighed.too_easy is (weighed.points < ENOUGH or bool(weighed.near))


def _edits(one: str, other: str) -> int:
    row = list(range(len(other) + 1))
    for at, char in enumerate(one, start=1):
        before, row[0] = row[0], at
        for place, against in enumerate(other, start=1):
            before, row[place] = (
                row[place],
                min(row[place] + 1, row[place - 1] + 1, before + (char != against)),
            )
    return row[-1]


@pytest.mark.parametrize(
    ("password", "listed"),
    [
        ("PASSWORD", True),
        ("password1", False),
        ("my password", False),
        ("p@ssword", False),  # NIST's list is compared as it stands
        ("passwordpassword", True),
        ("passwordpasswordp", False),
        ("111111111111111", True),
        ("", False),
    ],
)
def test_the_whole_password_is_listed(password: str, listed: bool) -> None:
    assert is_listed(password, Words(["password", "111"])) is listed


def test_a_name_is_listed_as_a_whole() -> None:
    assert is_listed("Adele@contoso.Example", names=["adele@contoso.example"])
    assert not is_listed("Adele@contoso.Example!", names=["adele@contoso.example"])


def test_the_global_list_is_long_enough() -> None:
    """ASVS 6.2.4 asks for the 3,000 most frequent that the policy would let pass by their length."""
    fitting = [word for word in common_passwords.lines() if len(word) >= 8]
    assert len(fitting) >= 3000
    assert all(is_listed(word, common_passwords.words()) for word in fitting)
    assert all(weigh(word, common_passwords.words()).too_easy for word in fitting[:3000])


def test_a_password_is_judged_quickly() -> None:
    own = Words("".join(chars) for chars in zip(*[iter(string.ascii_lowercase * 400)] * 9, strict=False))
    words = common_passwords.words()
    begun = time.perf_counter()
    for _again in range(20):
        weigh("Correct-Horse-7", words, own)
    assert (time.perf_counter() - begun) / 20 < 0.02  # measured 0.3 ms; walking the list takes 10


def test_an_own_list_is_read() -> None:
    words, wrong = read(" Contoso \n\nCONTOSO\nC0ntoso\nü" + "x" * 15 + "\nFabrikam\r\n")
    assert (words, wrong) == (["contoso", "c0ntoso", "ü" + "x" * 15, "fabrikam"], ())


def test_every_wrong_line_is_named() -> None:
    words, wrong = read("good\nfab\n" + "x" * 17 + "\nfine")
    assert words == ["good", "fine"]
    assert [(one.line, str(one.problem)) for one in wrong] == [(2, "too_short"), (3, "too_long")]


def test_no_more_than_a_thousand() -> None:
    thousand = "\n".join(f"word{number}" for number in range(1000))
    assert [len(part) for part in read(thousand)] == [1000, 0]
    words, wrong = read(thousand + "\nword7\nonemore\nanother")
    assert len(words) == banned_words.MOST_TERMS
    assert [(one.line, str(one.problem)) for one in wrong] == [(1002, "too_many")]
