"""Mobile app code: the six digits that any authenticator app shows (TOTP, RFC 6238)."""

import base64
import hmac
import secrets
from collections.abc import Mapping
from urllib.parse import quote, urlencode

import segno
from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django_otp.oath import TOTP

from registration.answer_forms import NothingForm
from registration.method import LONG, Method, State
from registration.models import User
from registration.policy import MethodTraits

STEP = 30  # seconds, RFC 6238 5.2
TOLERANCE = 1  # steps to either side, for a clock that is off or a slow typist
KEY_BYTES = 20  # 160 bits, RFC 4226 4


class AppCode(Method):
    """A code from an authenticator app."""

    kind = "app_code"
    name = _("Authenticator app")
    description = _("An app on your phone shows a new code every 30 seconds. Any authenticator app works.")
    prompt = _("Enter the code that your authenticator app shows.")
    icon = "app"
    strength = 80
    traits = MethodTraits(
        kind="app_code",
        gates=frozenset({1, 2}),
        for_administrators=True,
        sole_gate=True,
        needs=None,
        needs_mobile=True,
    )
    second_factor = True
    sends = False
    answers_at_once = True
    long_prompt = _(
        "Wrong codes were tried too often for this name. Type two codes in a row: the one that your app shows now, and the one"
        " that follows it."
    )
    most = 5  # reference/entra.md b6

    def enrol_form(self) -> type[forms.Form]:
        """Ask for nothing: the key is ours to make."""
        return NothingForm

    def begin(self, data: Mapping[str, object], *, user: User) -> State:
        """Make a key."""
        return self.decoy()

    def identity(self, state: State) -> str:
        """Tell keys apart."""
        return state["key"]

    def label(self, state: State) -> str:
        """Name it by what it is: a key says nothing to its owner."""
        return gettext("Authenticator app")

    def masked(self, state: State) -> str:
        """Hide nothing: the label shows nothing."""
        return self.label(state)

    def setup(self, state: State, *, sign_in_name: str, issuer: str) -> Mapping[str, str]:
        """Return the QR code as SVG, the key in groups of four, and the address for an app on this phone."""
        uri = f"otpauth://totp/{quote(f'{issuer}:{sign_in_name}')}?{urlencode({'secret': state['key'], 'issuer': issuer})}"
        svg = segno.make(uri, error="m", micro=False).svg_inline(
            omitsize=True, light="#fff", border=4, title=gettext("QR code")
        )
        key = " ".join(state["key"][at : at + 4] for at in range(0, len(state["key"]), 4))
        return {"qr": svg, "secret": key, "uri": uri}

    def check(
        self, state: State, text: str, *, drawn: State, seconds: float, last_step: int | None
    ) -> int | None:
        """Compare with every step in reach, all of them each time, and pass over those that were used.

        Where a long answer is asked for, that is the code of a step and of the one before it.

        >>> rfc = {"key": base64.b32encode(b"12345678901234567890").decode()}
        >>> AppCode().check(rfc, "287082", drawn={}, seconds=59, last_step=None)
        1
        >>> AppCode().check(rfc, "287082", drawn={}, seconds=59, last_step=1) is None
        True
        >>> codes = ("287082", "755224287082")
        >>> [AppCode().check(rfc, code, drawn={LONG: "yes"}, seconds=59, last_step=None) for code in codes]
        [None, 1]
        """
        now, found, length = int(seconds // STEP), None, 2 if LONG in drawn else 1
        clock = TOTP(base64.b32decode(state["key"]), step=STEP)
        for step in range(now - TOLERANCE, now + TOLERANCE + 1):
            codes = []
            for each in range(step - length + 1, step + 1):
                clock.time = max(each, 0) * STEP
                codes.append(f"{clock.token():06d}")
            if hmac.compare_digest("".join(codes).encode(), text.encode()) and (
                last_step is None or step - length + 1 > last_step
            ):
                found = step
        return found

    def decoy(self) -> State:
        """Return a key that nobody has."""
        return {"key": base64.b32encode(secrets.token_bytes(KEY_BYTES)).decode()}
