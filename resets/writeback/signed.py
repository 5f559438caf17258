"""By which signature an agent is known [pure]: the header of each of its requests, parsed and verified.

`Rekey-Agent: <agent's id>;<Unix seconds>;<base64url signature>`, over path, id, seconds and the body's digest
(docs/agent-protocol.md).
"""

from dataclasses import dataclass
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from resets.writeback.base64url import decoded

#: By how many seconds an agent's clock may be off.
SKEW = 60
_LONGEST = 300


class Refusal(Exception):
    """A request is not heard; `code` is `signature` or `clock`."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Header:
    """Who asks, by their own word, and when."""

    agent: str
    at: int
    signature: bytes


def parse(header: str) -> Header:
    """Read a header; raise `Refusal` for anything else.

    >>> parse("enrol;1764000000;AAAA").agent
    'enrol'
    >>> parse("enrol;now;AAAA")
    Traceback (most recent call last):
    resets.writeback.signed.Refusal: signature
    """
    parts = header.split(";")
    if len(parts) != 3 or len(header) > _LONGEST or not (parts[1].isascii() and parts[1].isdigit()):
        raise Refusal("signature")
    try:
        return Header(parts[0], int(parts[1]), decoded(parts[2]))
    except ValueError:
        raise Refusal("signature") from None


def verify(header: Header, path: str, body: bytes, key: bytes, now: float) -> None:
    """Return where the key signed this request about now; raise `Refusal` where it did not.

    The clock is judged after the signature: a stranger is not told the difference.
    """
    text = f"rekey-agent-v1\n{path}\n{header.agent}\n{header.at}\n{sha256(body).hexdigest()}"
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(header.signature, text.encode())
    except (InvalidSignature, ValueError):
        raise Refusal("signature") from None
    if abs(now - header.at) > SKEW:
        raise Refusal("clock")
