"""How a job is unpacked: opened by the agent's key (HPKE, RFC 9180), and known to be the portal's by its signature (Ed25519).

The portal's half stands in its own code, and one test holds the two together.
"""

import json
from collections.abc import Iterable
from hashlib import sha256
from typing import Any

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

_PURPOSE = b"rekey-job-v1\n"
_VOUCHES = b"rekey-portal-key-v1\n"
_SUITE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)


class Unopenable(Exception):
    """An envelope opens by none of our keys. Why not is nobody's business."""


def opened(context: str, envelope: bytes, keys: Iterable[X25519PrivateKey]) -> dict[str, str]:
    """Return what is sealed to one of these keys, under this context. Raises `Unopenable`."""
    for key in keys:
        try:
            plain = _SUITE.decrypt(envelope, key, info=_PURPOSE + context.encode())
            found: Any = json.loads(plain.decode("utf-8", "surrogatepass"))
        except (InvalidTag, ValueError):
            continue
        if isinstance(found, dict):
            return {str(name): str(value) for name, value in found.items()}
    raise Unopenable


def is_signed(context: str, envelope: bytes, signature: bytes, keys: Iterable[bytes]) -> bool:
    """Say whether one of the portal's keys signed this job."""
    message = _PURPOSE + sha256(context.encode()).digest() + sha256(envelope).digest()
    return any(_verifies(key, signature, message) for key in keys)


def vouches(by: bytes, key: bytes, signature: bytes) -> bool:
    """Say whether an older key of the portal signed a newer one."""
    return _verifies(by, signature, _VOUCHES + key)


def _verifies(key: bytes, signature: bytes, message: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True
