"""Which keys of the portal an agent trusts: the one that the enrolment code named, and what such a key vouched for."""

import base64
from collections.abc import Iterable
from hashlib import sha256
from typing import Any

from rekey_agent import packing
from rekey_agent.base64url import decoded

_SECRET, _PRINT = 16, 16
#: The key in force, and the one before it, by which jobs were signed that are still under way.
_KEPT = 2
_LETTERS = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")


def plain_code(code: str) -> str:
    """Return a code as it was made, whatever dashes and case it was typed in.

    >>> plain_code("abcd-EFGH ijkl")
    'ABCDEFGHIJKL'
    """
    return "".join(c for c in code.upper() if c.isalnum())


def is_code(code: str) -> bool:
    """Say whether a text can be a code."""
    plain = plain_code(code)
    return len(plain) == _SECRET + _PRINT and not set(plain) - _LETTERS


def names(code: str, key: bytes) -> bool:
    """Say whether an enrolment code names this key: it carries 80 bits of its digest."""
    print_of_key = base64.b32encode(sha256(key).digest()).decode()[:_PRINT]
    return is_code(code) and plain_code(code)[_SECRET:] == print_of_key


def followed(trusted: tuple[bytes, ...], told: Iterable[Any]) -> tuple[bytes, ...]:
    """Return the keys of from now on, the newest first: what the newest vouches for goes ahead of it, and nothing else does.

    A key that was followed once cannot be brought back to the front: it may have been replaced because somebody else has it.
    """
    found = list(trusted)
    for one in told:
        try:
            key, by, signature = (decoded(one[name]) for name in ("key", "by", "signature"))
        except (KeyError, TypeError, ValueError):
            continue
        if key not in found and by == found[0] and packing.vouches(by, key, signature):
            found.insert(0, key)
    return tuple(found[:_KEPT])
