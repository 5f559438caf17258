"""A push message's encryption (RFC 8291), for the one browser that subscribed."""

import http_ece
from cryptography.hazmat.primitives.asymmetric import ec

from registration.authenticator import messages

_SECRET = 16  # bytes, RFC 8291 3.2


class Unencryptable(Exception):
    """What a browser gave is no key to encrypt to."""


def encrypted(plain: bytes, *, p256dh: str, auth: str) -> bytes:
    """Return a message that opens with this subscription's keys alone."""
    secret = messages.decoded(auth)
    if not messages.is_key(p256dh) or len(secret) != _SECRET:
        raise Unencryptable
    body: bytes = http_ece.encrypt(
        plain,
        private_key=ec.generate_private_key(ec.SECP256R1()),
        dh=messages.decoded(p256dh),
        auth_secret=secret,
        version="aes128gcm",
    )
    return body
