"""Who wakes a phone, told to its push service (RFC 8292): an organization's own key pair.

It is derived and not stored. A browser subscribes to one public key, so each subscription keeps which; after a rotation of the
master keys the older pair still speaks for it.
"""

import time
from email.utils import parseaddr

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.conf import settings
from py_vapid import Vapid02

from registration.authenticator.messages import encoded
from tenants.shield import sealing

_PURPOSE = "registration.authenticator.vapid"
_LIFE = 60 * 60  # seconds; RFC 8292 allows a day
_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551  # of P-256


def public_keys() -> list[str]:
    """Return the organization's public keys, the newest first."""
    return [_public(pair) for pair in _pairs()]


def headers(origin: str, *, public: str) -> dict[str, str]:
    """Return what tells a push service at this origin who asks. Raises `LookupError` for a key that is none of ours."""
    pair = next((one for one in _pairs() if _public(one) == public), None)
    if pair is None:
        raise LookupError("no such key")
    claims = {
        "aud": origin,
        "exp": int(time.time()) + _LIFE,
        "sub": f"mailto:{parseaddr(settings.DEFAULT_FROM_EMAIL)[1]}",
    }
    # Its own check takes no host without a dot, which the demo's has not; the claims are the same.
    signed: dict[str, str] = Vapid02(pair, conf={"no-strict": True}).sign(claims)
    return signed


def _pairs() -> list[ec.EllipticCurvePrivateKey]:
    scalars = [int.from_bytes(key, "big") % (_ORDER - 1) + 1 for key in sealing.keys(_PURPOSE)]
    return [ec.derive_private_key(scalar, ec.SECP256R1()) for scalar in scalars]


def _public(pair: ec.EllipticCurvePrivateKey) -> str:
    return encoded(pair.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint))
