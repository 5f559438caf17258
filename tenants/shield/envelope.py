"""How a secret is sealed [pure]: AES-256-GCM under a key of the organization's own, in an envelope.

The envelope is `version (1 byte) | id of the master key (8) | nonce (12) | ciphertext and tag`. The
organization's key is derived from a master by HKDF-SHA256 with the schema's name, so nothing sealed in one
organization opens in another, and no key is stored with the data. The context, such as
"registration.device/<uuid>", is authenticated too: a sealed value that was moved to another row or column
does not open there.
"""

import hmac
import os
from collections.abc import Sequence
from functools import lru_cache
from hashlib import sha256

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

VERSION = b"\x01"
ID_SIZE, NONCE_SIZE, TAG_SIZE = 8, 12, 16
HEAD_SIZE = len(VERSION) + ID_SIZE


class Unsealable(Exception):
    """A sealed value does not open here. Why not is nobody's business, so it carries no detail."""


def frame(*parts: str) -> bytes:
    """Join texts so that no two different lists of them give the same bytes.

    >>> frame("ab", "c") == frame("a", "bc")
    False
    """
    encoded = [part.encode("utf-8", "surrogatepass") for part in parts]
    return b"".join(len(part).to_bytes(4, "big") + part for part in encoded)


def key_id(master: bytes) -> bytes:
    """Return the name of a master key; it stands in the open and tells nothing about the key."""
    return hmac.digest(master, b"rekey key id", "sha256")[:ID_SIZE]


@lru_cache(maxsize=4096)
def derived(master: bytes, schema: str, purpose: str) -> bytes:
    """Derive an organization's key for one purpose; kept, since a page asks for dozens, and the master is in memory too.

    >>> derived(bytes(32), "contoso", "seal") == derived(bytes(32), "fabrikam", "seal")
    False
    """
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=frame("rekey", purpose, schema)).derive(master)


def seal(masters: Sequence[bytes], schema: str, plain: bytes, context: str) -> bytes:
    """Seal with the newest master key.

    >>> old, new = bytes(32), bytes([1]) * 32
    >>> sealed = seal([old], "contoso", b"JBSWY3DPEHPK3PXP", "registration.device/1")
    >>> unseal([new, old], "contoso", sealed, "registration.device/1")
    b'JBSWY3DPEHPK3PXP'
    """
    head, nonce = VERSION + key_id(masters[0]), os.urandom(NONCE_SIZE)
    box = AESGCM(derived(masters[0], schema, "seal"))
    return head + nonce + box.encrypt(nonce, plain, head + frame(context))


def unseal(masters: Sequence[bytes], schema: str, sealed: bytes, context: str) -> bytes:
    """Open what any of the masters sealed for this schema and context, or raise `Unsealable`.

    >>> unseal([bytes(32)], "fabrikam", seal([bytes(32)], "contoso", b"secret", "a"), "a")
    Traceback (most recent call last):
    tenants.shield.envelope.Unsealable
    """
    head, nonce, rest = (
        sealed[:HEAD_SIZE],
        sealed[HEAD_SIZE : HEAD_SIZE + NONCE_SIZE],
        sealed[HEAD_SIZE + NONCE_SIZE :],
    )
    master = next((master for master in masters if head == VERSION + key_id(master)), None)
    if master is None or len(rest) < TAG_SIZE:
        raise Unsealable
    try:
        return AESGCM(derived(master, schema, "seal")).decrypt(nonce, rest, head + frame(context))
    except InvalidTag:
        raise Unsealable from None


def is_newest(masters: Sequence[bytes], sealed: bytes) -> bool:
    """Say whether the newest master key is the one that sealed this, as the envelope claims."""
    return sealed[:HEAD_SIZE] == VERSION + key_id(masters[0])


def digest(master: bytes, schema: str, purpose: str, *parts: str) -> str:
    """Return a keyed digest in 64 hexadecimal digits.

    >>> len(digest(bytes(32), "contoso", "throttle", "sign-in", "adele@contoso.example"))
    64
    """
    return hmac.new(derived(master, schema, f"mac/{purpose}"), frame(*parts), sha256).hexdigest()
