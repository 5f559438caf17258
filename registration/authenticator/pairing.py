"""How a phone becomes a person's: they show it a code that lives for minutes, and it answers with a key of its own."""

import secrets
from collections.abc import Mapping

import segno
from django.utils.translation import gettext

from registration import verification
from registration.authenticator import KIND, messages
from registration.models import Challenge, User
from tenants.links import absolute

#: Digits and letters that nobody takes for one another: 5 bits each.
_ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
_LENGTH = 10  # 50 bits; a code lives 5 minutes, and tries are counted
LONGEST_NAME = 40


def new_code() -> str:
    """Return a code that somebody can type."""
    return "".join(secrets.choice(_ALPHABET) for _letter in range(_LENGTH))


def tidy(text: str) -> str:
    """Return what was typed in the one form that codes have.

    >>> tidy(" 7kqwm-2xh9t ")
    '7KQWM2XH9T'
    """
    return "".join(char for char in text.upper()[:64] if char in _ALPHABET)


def shown(code: str) -> Mapping[str, str]:
    """Return what the page shows that waits for the phone. The code stands behind the #, which no browser sends anywhere."""
    page = absolute("authenticator:page")
    uri = f"{page}#pair={code}"
    svg = segno.make(uri, error="m", micro=False).svg_inline(
        omitsize=True, light="#fff", border=4, title=gettext("QR code")
    )
    secret = f"{code[: _LENGTH // 2]}-{code[_LENGTH // 2 :]}"
    return {"qr": svg, "secret": secret, "uri": uri, "page": page.partition("://")[2]}


def name_of(text: str) -> str:
    r"""Return a phone's name as it is kept: one line, no longer than a name.

    >>> name_of("  Adele's\n phone ")
    "Adele's phone"
    """
    printable = "".join(char if char.isprintable() else " " for char in text)
    return " ".join(printable.split())[:LONGEST_NAME]


def pair(parts: Mapping[str, str], text: str, signature: str) -> User | None:
    """Give the phone that wrote this to the person who showed it the code; None when the code opens nothing."""
    key, name = parts.get("key", ""), name_of(parts.get("name", ""))
    asked = verification.found(KIND, tidy(parts.get("code", "")))
    if asked is None or not messages.is_signed(text, signature, key):
        return None
    state = {"key": key, "name": name or gettext("Phone")}
    taken = verification.settle(asked.pk, Challenge.Verdict.APPROVED, state=state)
    return asked.user if taken else None
