"""The key by which agents know that a job is the portal's: an Ed25519 pair of the organization's own, derived and not stored.

So whoever reads or writes the database has no key, and can sign no job. After a rotation of the master keys the newest pair
signs; each older one vouches for it, so that agents which know only that one follow.
"""

import base64
from dataclasses import dataclass
from hashlib import sha256

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tenants.shield import sealing

_PURPOSE = "resets.writeback.portal"
_VOUCHES = b"rekey-portal-key-v1\n"
#: Characters of the digest of the key in an enrolment code: 80 bits.
PRINT = 16


@dataclass(frozen=True)
class Vouched:
    """A public key, and an older one that signed it; nothing where it is the oldest."""

    key: bytes
    by: bytes = b""
    signature: bytes = b""


def newest() -> Ed25519PrivateKey:
    """Return the pair that signs."""
    return _pairs()[0]


def public() -> bytes:
    """Return the public half of the pair that signs: 32 bytes."""
    return newest().public_key().public_bytes_raw()


def fingerprint() -> str:
    """Return what an enrolment code says of the key, so that the agent knows the portal even over a line that is
    listened to.
    """
    return base64.b32encode(sha256(public()).digest()).decode()[:PRINT]


def chain() -> list[Vouched]:
    """Return the newest public key as each older pair vouches for it, and the keys themselves, the newest first."""
    first, *older = _pairs()
    key = first.public_key().public_bytes_raw()
    vouched = [Vouched(key, one.public_key().public_bytes_raw(), one.sign(_VOUCHES + key)) for one in older]
    return vouched or [Vouched(key)]


def _pairs() -> list[Ed25519PrivateKey]:
    return [Ed25519PrivateKey.from_private_bytes(seed) for seed in sealing.keys(_PURPOSE)]
