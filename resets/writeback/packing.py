"""How a job is packed for one agent [pure]: sealed to the agent's key (HPKE, RFC 9180), signed by the portal's (Ed25519).

Sealing hides the password and says nothing of who sealed it; the signature says that. Both are bound to the same
context: which
job, whose, where, for what, until when and for which agent. The agent's half stands in its own package, and one test holds the
two together.
"""

import json
from dataclasses import dataclass
from hashlib import sha256

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

_PURPOSE = b"rekey-job-v1\n"
_SUITE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)


@dataclass(frozen=True)
class Context:
    """What a job is bound to. Ids are texts of UUIDs; `expires` is in seconds of Unix time."""

    job: str
    organization: str
    domain: str
    agent: str
    guid: str
    operation: str
    expires: int

    def text(self) -> str:
        """Return it in the one form that is signed.

        >>> Context("j", "o", "d", "a", "g", "reset", 60).text()
        '{"agent":"a","domain":"d","expires":60,"guid":"g","job":"j","operation":"reset","organization":"o","v":1}'
        """
        return json.dumps({"v": 1, **vars(self)}, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


@dataclass(frozen=True)
class Packed:
    """A job as its agent gets it."""

    context: str
    envelope: bytes
    signature: bytes


def pack(
    context: Context, secret: dict[str, str], *, sealing_key: bytes, portal: Ed25519PrivateKey
) -> Packed:
    """Seal what the agent needs to know to its public key, and sign it.

    Raises `ValueError` for 32 bytes that are no key.
    """
    text = context.text()
    envelope = _SUITE.encrypt(
        json.dumps(secret, ensure_ascii=False).encode("utf-8", "surrogatepass"),
        X25519PublicKey.from_public_bytes(sealing_key),
        info=_PURPOSE + text.encode(),
    )
    return Packed(text, envelope, portal.sign(signed(text, envelope)))


def signed(context: str, envelope: bytes) -> bytes:
    """Return the bytes over which a job is signed."""
    return _PURPOSE + sha256(context.encode()).digest() + sha256(envelope).digest()
