"""Which of the portal's keys an agent trusts."""

import base64
from hashlib import sha256
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from rekey_agent import trust
from rekey_agent.base64url import encoded
from rekey_agent.keys import FORMER_LIFE, Identity, Pair


def public(key: Ed25519PrivateKey) -> bytes:
    return key.public_key().public_bytes_raw()


def vouched(
    key: Ed25519PrivateKey, by: Ed25519PrivateKey, *, signed_by: Ed25519PrivateKey | None = None
) -> dict[str, Any]:
    signature = (signed_by or by).sign(b"rekey-portal-key-v1\n" + public(key))
    return {"key": encoded(public(key)), "by": encoded(public(by)), "signature": encoded(signature)}


OLD, NEW, NEWEST, STRANGER = (Ed25519PrivateKey.generate() for _ in range(4))


def test_a_key_that_a_trusted_one_vouches_for_comes_first() -> None:
    assert trust.followed((public(OLD),), [vouched(NEW, OLD)]) == (public(NEW), public(OLD))


@pytest.mark.parametrize(
    "told",
    [
        [vouched(STRANGER, STRANGER)],
        [vouched(STRANGER, OLD, signed_by=STRANGER)],
        [{"key": encoded(public(STRANGER)), "by": "", "signature": ""}],
        [{"key": encoded(public(STRANGER))}],
        [{"key": 3, "by": 4, "signature": 5}],
        ["key"],
        [None],
        [{"key": "!", "by": "!", "signature": "!"}],
    ],
)
def test_no_other_is_taken(told: list[Any]) -> None:
    assert trust.followed((public(OLD),), told) == (public(OLD),)


def test_the_newest_alone_vouches_and_one_before_it_is_kept() -> None:
    known = (public(NEW), public(OLD))
    assert trust.followed(known, [vouched(NEWEST, NEW)]) == (public(NEWEST), public(NEW))
    assert trust.followed(known, [vouched(STRANGER, OLD)]) == known


def test_a_key_that_was_replaced_does_not_come_back() -> None:
    known = (public(NEW), public(OLD))
    assert trust.followed(known, [{"key": encoded(public(OLD)), "by": "", "signature": ""}]) == known
    assert trust.followed(known, [vouched(OLD, NEW)]) == known


def test_a_former_key_counts_while_its_jobs_are_under_way() -> None:
    keys = (public(NEW), public(OLD))
    identity = Identity("a", "o", "d", "corp", Pair.new(), keys, portal_since=1000.0)
    assert identity.trusted(1000.0 + FORMER_LIFE - 1) == keys
    assert identity.trusted(1000.0 + FORMER_LIFE) == (public(NEW),)


def test_a_code_names_the_portals_key() -> None:
    named = base64.b32encode(sha256(public(OLD)).digest()).decode()[:16]
    plain = "ABCDEFGHIJKLMNOP" + named
    code = "-".join(plain[at : at + 4] for at in range(0, 32, 4))
    assert trust.names(code, public(OLD))
    assert trust.names(code.lower().replace("-", " "), public(OLD))
    assert not trust.names(code, public(NEW))
    assert not trust.names(code[:-1], public(OLD))


@pytest.mark.parametrize("code", ["", "ABCD", "A" * 31, "A" * 33, "1" * 32, "ä" * 32])
def test_what_can_be_no_code(code: str) -> None:
    assert not trust.is_code(code)
