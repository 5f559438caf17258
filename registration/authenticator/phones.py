"""Which phone speaks: the person's own device whose key signed the message, for this organization, now and once."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from django.utils import timezone

from registration import enrolling
from registration.authenticator import KIND, messages
from registration.models import Device
from tenants.context import current_schema

#: How far a message's time may be from ours, in milliseconds. A phone sets its clock by our answers.
LATE = 60_000
_AT = re.compile(r"[0-9]{1,15}")


class Refusal(StrEnum):
    """Why a message is not taken."""

    MALFORMED = "malformed"
    ELSEWHERE = "elsewhere"
    CLOCK = "clock"
    FORGED = "forged"
    REPLAYED = "replayed"
    GONE = "gone"


class Refused(Exception):
    """A message is not taken; `code` says why."""

    def __init__(self, code: Refusal) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Spoken:
    """A message whose signer is known."""

    device: Device
    parts: Mapping[str, str]


def audience() -> str:
    """Return for whom a message must be meant: the schema, whose name is never used again."""
    return current_schema()


def now() -> int:
    """Return our time as messages tell it, in milliseconds."""
    return int(timezone.now().timestamp() * 1000)


def opened(text: str, act: str) -> Mapping[str, str]:
    """Return the parts of a message that is meant for this, here and now; who wrote it is still to be proved."""
    try:
        parts = messages.read(text)
    except messages.Malformed:
        raise Refused(Refusal.MALFORMED) from None
    if parts.get("act") != act or parts.get("audience") != audience():
        raise Refused(Refusal.ELSEWHERE)
    if not _AT.fullmatch(at := parts.get("at", "")) or abs(int(at) - now()) > LATE:
        raise Refused(Refusal.CLOCK)
    return parts


def heard(text: str, signature: str, act: str) -> Spoken:
    """Return who said a message, and use its moment up; raise `Refused`."""
    parts = opened(text, act)
    device = _device(parts.get("account", ""), parts.get("key", ""))
    if device is None:
        raise Refused(Refusal.GONE)
    if not messages.is_signed(text, signature, parts["key"]):
        raise Refused(Refusal.FORGED)
    if not enrolling.step_on(device, int(parts["at"])):
        raise Refused(Refusal.REPLAYED)
    return Spoken(device, parts)


def _device(account: str, key: str) -> Device | None:
    try:
        pk = UUID(account)
    except ValueError:
        return None
    return enrolling.find(pk, KIND, {"key": key}) if key else None
