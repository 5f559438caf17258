"""A sealed value opens in its own organization, at its own place, and nowhere else."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tenants.shield.envelope import (
    NONCE_SIZE,
    TAG_SIZE,
    VERSION,
    Unsealable,
    digest,
    frame,
    is_newest,
    key_id,
    seal,
    unseal,
)

masters = st.binary(min_size=32, max_size=32)
schemas = st.text(alphabet="abcdefghijklmnopqrstuvwxyz0123456789_", min_size=1, max_size=63)
OLD, NEW, OTHER = bytes(32), b"\x01" * 32, b"\x02" * 32


@given(masters, schemas, st.binary(), st.text())
def test_what_was_sealed_opens_again(master: bytes, schema: str, plain: bytes, context: str) -> None:
    """Any bytes, any schema, any context; and the plain text is not in the envelope."""
    sealed = seal([master], schema, plain, context)
    assert unseal([master], schema, sealed, context) == plain
    assert len(sealed) == len(VERSION) + len(key_id(master)) + NONCE_SIZE + len(plain) + TAG_SIZE
    assert len(plain) < 8 or plain not in sealed


@given(schemas, schemas)
def test_another_organization_cannot_open_it(schema: str, other: str) -> None:
    """The key is derived with the schema's name."""
    assume(schema != other)
    with pytest.raises(Unsealable):
        unseal([OLD], other, seal([OLD], schema, b"secret", "a/1"), "a/1")


@given(st.text(), st.text())
def test_another_place_cannot_open_it(context: str, other: str) -> None:
    """A value copied into another row stays closed there."""
    assume(context != other)
    with pytest.raises(Unsealable):
        unseal([OLD], "contoso", seal([OLD], "contoso", b"secret", context), other)


@given(st.integers(min_value=0), st.integers(1, 255))
def test_a_changed_byte_is_noticed(place: int, change: int) -> None:
    """Version, key id, nonce, text and tag are all authenticated."""
    sealed = bytearray(seal([OLD], "contoso", b"secret", "a/1"))
    sealed[place % len(sealed)] ^= change
    with pytest.raises(Unsealable):
        unseal([OLD], "contoso", bytes(sealed), "a/1")


@given(st.binary(max_size=80))
def test_rubbish_is_unsealable_without_detail(rubbish: bytes) -> None:
    """One error, which says nothing and hides what caused it."""
    for value in (rubbish, VERSION + key_id(OLD) + rubbish):
        with pytest.raises(Unsealable) as caught:
            unseal([OLD], "contoso", value, "a/1")
        assert str(caught.value) == ""
        assert caught.value.__cause__ is None
        assert caught.value.__suppress_context__ or caught.value.__context__ is None


def test_a_rotation_keeps_old_values_and_seals_new_ones_with_the_new_key() -> None:
    """Old values open until their key is taken away."""
    before = seal([OLD], "contoso", b"secret", "a/1")
    after = seal([NEW, OLD], "contoso", b"secret", "a/1")
    assert unseal([NEW, OLD], "contoso", before, "a/1") == unseal([NEW], "contoso", after, "a/1") == b"secret"
    assert (is_newest([NEW, OLD], before), is_newest([NEW, OLD], after)) == (False, True)
    with pytest.raises(Unsealable):
        unseal([NEW], "contoso", before, "a/1")
    with pytest.raises(Unsealable):
        unseal([], "contoso", before, "a/1")


def test_the_same_secret_never_looks_the_same() -> None:
    """Nonces are random, so equal secrets cannot be recognized in a dump."""
    assert len({seal([OLD], "contoso", b"secret", "a/1") for _ in range(100)}) == 100


@given(st.lists(st.text()), st.lists(st.text()))
def test_framing_is_unambiguous(one: list[str], other: list[str]) -> None:
    """No way of splitting a text gives the digest of another split."""
    assert (frame(*one) == frame(*other)) == (one == other)


def test_a_lone_surrogate_is_a_text_like_any_other() -> None:
    """JSON can carry one, and it must not be an error page."""
    assert digest(OLD, "contoso", "throttle", "\ud800") != digest(OLD, "contoso", "throttle", "\ud801")


def test_a_digest_depends_on_everything() -> None:
    """Key, organization, purpose and each part."""
    variants: list[tuple[bytes, tuple[str, ...]]] = [
        (OLD, ("contoso", "a", "b")),
        (NEW, ("contoso", "a", "b")),
        (OLD, ("fabrikam", "a", "b")),
        (OLD, ("contoso", "b", "b")),
        (OLD, ("contoso", "a", "c")),
        (OLD, ("contoso", "a", "b", "")),
    ]
    found = {digest(master, *texts) for master, texts in variants}
    assert len(found) == len(variants)
    assert all(len(value) == 64 for value in found)
    assert digest(OLD, "contoso", "a", "b") in found


def test_key_ids_tell_keys_apart() -> None:
    """Three keys, three names, and a name is not a piece of its key."""
    assert len({key_id(OLD), key_id(NEW), key_id(OTHER)}) == 3
    assert key_id(OLD) not in OLD
