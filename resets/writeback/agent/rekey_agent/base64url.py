"""Bytes as text in the portal's protocol: base64url without padding (RFC 4648, 5)."""

import base64
import binascii


def encoded(raw: bytes) -> str:
    """Return bytes as text.

    >>> encoded(b"Rekey?")
    'UmVrZXk_'
    """
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def decoded(text: str) -> bytes:
    """Return the bytes of a text, or raise `ValueError` for what is none.

    >>> decoded("UmVrZXk_")
    b'Rekey?'
    """
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise ValueError("not base64url") from None
