"""A phone made of Python: a key, and the messages that it signs as the page in a real one does."""

import time
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from registration.authenticator import messages
from registration.models import Device, User
from tests.building import Org, give_phone

ROOT = "/methods/app_notification/"


def key_pair() -> ec.EllipticCurvePrivateKey:
    """Return a new key."""
    return ec.generate_private_key(ec.SECP256R1())


def public(pair: ec.EllipticCurvePrivateKey) -> str:
    """Return its public half, as a browser writes it."""
    raw = pair.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    return messages.encoded(raw)


def signed(pair: ec.EllipticCurvePrivateKey, text: str) -> str:
    """Return a signature, as a browser writes it: r and s."""
    r, s = decode_dss_signature(pair.sign(text.encode(), ec.ECDSA(SHA256())))
    return messages.encoded(r.to_bytes(32, "big") + s.to_bytes(32, "big"))


class Phone:
    """One phone of one person; it speaks to its organization's host unless it is told another."""

    def __init__(self, org: Org, *, name: str = "Adele's phone") -> None:
        self.org, self.name = org, name
        self.pair_of_keys = key_pair()
        self.account = ""
        self._last = 0

    @property
    def key(self) -> str:
        """Its public key."""
        return public(self.pair_of_keys)

    def given(self, user: User, **more: str) -> Device:
        """Be registered, as pairing would have done it."""
        self.account = str(user.pk)
        return give_phone(user, self.key, self.name, **more)

    def pairs(self, code: str) -> Any:
        """Pair by a code."""
        answer = self.say("pair", code=code, name=self.name)
        self.account = answer.json().get("account", "")
        return answer

    def body(self, act: str, **parts: str) -> dict[str, str]:
        """Return what is posted: the message and its signature."""
        self._last = max(int(time.time() * 1000), self._last + 1)
        about = {"act": act, "audience": self.org.schema, "at": str(self._last), "key": self.key}
        if self.account:
            about["account"] = self.account
        text = messages.write({**about, **parts})
        return {"message": text, "signature": signed(self.pair_of_keys, text)}

    def say(self, act: str, **parts: str) -> Any:
        """Say something; return the answer."""
        return self.post(act, self.body(act, **parts))

    def post(self, act: str, body: dict[str, str], *, to: Org | None = None) -> Any:
        """Post what was written."""
        return (to or self.org).browser().post(f"{ROOT}{act}/", body)

    def asked(self) -> dict[str, Any] | None:
        """Return what the phone is asked now."""
        found: dict[str, Any] | None = self.say("open").json().get("request")
        return found

    def answer(self, number: str, *, decision: str = "approve", request: str = "") -> Any:
        """Answer what it is asked."""
        request = request or str((self.asked() or {}).get("id", ""))
        return self.say("answer", request=request, number=number, decision=decision)

    def deny(self) -> Any:
        """Say no."""
        return self.answer("", decision="deny")
