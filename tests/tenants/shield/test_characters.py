"""The picture of letters: one guess for each key, in its own organization, and no way to draw it again."""

import io
from collections.abc import Iterator
from random import Random
from urllib.parse import urlencode

import pytest
from django.core.cache import caches
from django.http import Http404
from django.test import RequestFactory
from django_tenants.utils import schema_context
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from tenants.shield.captcha import Outcome
from tenants.shield.captchas.characters import ALPHABET, LENGTH, LIFE, Characters, _nonce, letters
from tenants.shield.captchas.drawing import HEIGHT, WIDTH, draw

CHARACTERS = Characters()


@pytest.fixture(autouse=True)
def served(db: None) -> Iterator[None]:
    with schema_context("public"):
        yield


def given_key() -> tuple[str, str]:
    """Return a page's key, and the letters that its picture shows."""
    key = str(CHARACTERS.context()["key"])
    nonce = _nonce(key)
    assert nonce is not None
    return key, letters(nonce)


def answer(key: str, text: str) -> str:
    """Return an answer as a form posts it."""
    return CHARACTERS.read({"captcha_key": key, "captcha_text": text}, "captcha")


def picture(key: str) -> bytes:
    """Return the picture of a key."""
    return CHARACTERS.challenge(RequestFactory().get(f"/?{urlencode({'key': key})}")).content


def test_the_letters_pass_once_however_they_are_spaced() -> None:
    key, text = given_key()
    assert CHARACTERS.verify(answer(key, f" {text[:3].lower()} {text[3:]} ")) is Outcome.PASSED
    assert CHARACTERS.verify(answer(key, text)) is Outcome.REPLAYED


def test_a_wrong_guess_spends_the_key() -> None:
    key, text = given_key()
    assert CHARACTERS.verify(answer(key, text[::-1] + "A")) is Outcome.FAILED
    assert CHARACTERS.verify(answer(key, text)) is Outcome.REPLAYED


def test_another_organization_knows_neither_key_nor_picture() -> None:
    with schema_context("contoso"):
        key, text = given_key()
    with schema_context("fabrikam"):
        assert CHARACTERS.verify(answer(key, text)) is Outcome.FAILED
        with pytest.raises(Http404):
            picture(key)
    with schema_context("contoso"):
        assert CHARACTERS.verify(answer(key, text)) is Outcome.PASSED


def test_an_old_key_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    key, text = given_key()
    monkeypatch.setattr("tenants.shield.captchas.characters.LIFE", -LIFE)
    assert CHARACTERS.verify(answer(key, text)) is Outcome.FAILED


def test_a_cache_that_is_down_lets_nobody_through(monkeypatch: pytest.MonkeyPatch) -> None:
    def down(*_: object, **__: object) -> bool:
        raise ConnectionError("no cache")

    key, text = given_key()
    monkeypatch.setattr(type(caches["shared"]), "add", down)
    assert CHARACTERS.verify(answer(key, text)) is Outcome.UNAVAILABLE


def test_nothing_typed_is_no_answer() -> None:
    assert answer("key", "") == answer("", "") == ""


def test_a_picture_is_the_same_on_a_second_look_and_another_for_another_key() -> None:
    """Many drawings of the same letters could be laid over each other."""
    key, _ = given_key()
    assert picture(key) == picture(key) != picture(given_key()[0])
    with Image.open(io.BytesIO(picture(key))) as image:
        assert image.format == "PNG"
        assert image.size == (WIDTH * 2, HEIGHT * 2)


def test_letters_come_from_the_alphabet_and_from_the_key() -> None:
    found = {given_key()[1] for _ in range(50)}
    assert len(found) == 50
    assert all(len(text) == LENGTH and set(text) <= set(ALPHABET) for text in found)
    assert set("".join(found)) == set(ALPHABET)


@settings(max_examples=20)
@given(st.text(ALPHABET, min_size=LENGTH, max_size=LENGTH), st.integers())
def test_any_letters_can_be_drawn(text: str, seed: int) -> None:
    """No chance makes a piece of the picture that Pillow refuses."""
    draw(text, Random(seed))


@pytest.mark.parametrize("rubbish", ["x", " ", "x y", "\x00 \x00", "ü" * 500, "a:b:c d"])
def test_rubbish_fails(rubbish: str) -> None:
    assert CHARACTERS.verify(rubbish) is Outcome.FAILED


def test_any_text_can_be_typed() -> None:
    for text in ("\ud800", "ÄÖÜß", "١٢٣", "A" * 500):
        assert CHARACTERS.verify(answer(given_key()[0], text)) is Outcome.FAILED
