"""What a phone says: one form for each message, and its signature. Pure: texts in, yes or no out.

A message is canonical JSON: an object of texts, its keys in order, without spaces. What is signed is that very text, so two
readers cannot take it for two things.
"""

import base64
import binascii
import json
from collections.abc import Mapping

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

LONGEST = 4096
_POINT = 65  # bytes of an uncompressed point of P-256
_HALF = 32  # a signature is r and s, as browsers write it


class Malformed(Exception):
    """A text is no message of ours."""


def read(text: str) -> Mapping[str, str]:
    """Return the parts of a message, or raise `Malformed`.

    >>> dict(read('{"act":"open","at":"5"}'))
    {'act': 'open', 'at': '5'}
    >>> read('{"at":"5","act":"open"}')
    Traceback (most recent call last):
    registration.authenticator.messages.Malformed
    """
    try:
        parts = json.loads(text) if len(text) <= LONGEST else None
        if not isinstance(parts, dict) or not all(isinstance(one, str) for one in parts.values()):
            raise Malformed
        if write(parts).encode() != text.encode():
            raise Malformed
    except (ValueError, RecursionError):
        raise Malformed from None
    return parts


def write(parts: Mapping[str, str]) -> str:
    """Return the one text of a message."""
    return json.dumps(dict(parts), ensure_ascii=False, separators=(",", ":"), sort_keys=True)


def is_key(text: str) -> bool:
    """Say whether a text is a public key of P-256, in the one form that it is kept in.

    >>> is_key(""), is_key("A" * 87)
    (False, False)
    """
    return _key(text) is not None


def is_signed(text: str, signature: str, key: str) -> bool:
    """Say whether the holder of this key signed this text."""
    point, halves = _key(key), decoded(signature)
    if point is None or len(halves) != 2 * _HALF:
        return False
    r, s = int.from_bytes(halves[:_HALF], "big"), int.from_bytes(halves[_HALF:], "big")
    try:
        point.verify(encode_dss_signature(r, s), text.encode(), ECDSA(SHA256()))
    except InvalidSignature:
        return False
    return True


def decoded(text: str) -> bytes:
    r"""Return the bytes of base64 as browsers write it for addresses, without padding; none where it is written otherwise.

    >>> decoded("-_8"), decoded("-_8="), decoded("+/8"), decoded("-_9")
    (b'\xfb\xff', b'', b'', b'')
    """
    try:
        found = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (ValueError, binascii.Error):
        return b""
    return found if encoded(found) == text else b""


def encoded(data: bytes) -> str:
    """Return bytes as such a text."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _key(text: str) -> EllipticCurvePublicKey | None:
    raw = decoded(text)
    if len(raw) != _POINT or raw[0] != 4:  # what an uncompressed point begins with
        return None
    try:
        return EllipticCurvePublicKey.from_encoded_point(SECP256R1(), raw)
    except ValueError:
        return None
