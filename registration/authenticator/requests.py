"""What a phone is asked, and what it answers."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from registration import audit, notices, verification
from registration.audit import Activity
from registration.authenticator import KIND, browsers, limits
from registration.authenticator.browsers import Browser
from registration.authenticator.phones import Spoken
from registration.method import registry
from registration.models import Challenge, Device
from registration.origin import Origin
from registration.purpose import Purpose


class Decision(StrEnum):
    """What a person can say to a request."""

    APPROVE = "approve"
    DENY = "deny"


class Answered(StrEnum):
    """What came of an answer."""

    APPROVED = "approved"
    WRONG = "wrong"
    DENIED = "denied"
    OVER = "over"


@dataclass(frozen=True)
class Request:
    """One request as its person sees it. The number is on the other screen alone."""

    id: UUID
    purpose: str
    browser: Browser
    address: str
    asked_at: datetime
    expires_at: datetime


def waiting_for(device: Device) -> Request | None:
    """Return the request that a phone is to answer: one at a time, and the first that was asked."""
    asked = _open(device).order_by("created_at", "pk").first()
    if asked is None:
        return None
    where = verification.asked_from(asked)
    return Request(
        asked.pk,
        asked.purpose,
        browsers.named(where.agent),
        where.address,
        asked.created_at,
        asked.expires_at,
    )


def answer(spoken: Spoken, origin: Origin) -> Answered:
    """Take a phone's answer, once: the right number approves, another one ends the request, and a denial ends what asked."""
    asked = _asked(spoken)
    if asked is None:
        return Answered.OVER
    if spoken.parts.get("decision") == Decision.DENY:
        return _deny(asked, spoken.device, origin)
    number = verification.drawn(asked).get("number", "")
    typed = registry()[KIND].tidy(spoken.parts.get("number", ""))
    if not constant_time_compare(number, typed):
        missed = verification.miss(asked.pk, device=spoken.device)
        return Answered.WRONG if missed else Answered.OVER
    settled = verification.settle(asked.pk, Challenge.Verdict.APPROVED, device=spoken.device)
    return Answered.APPROVED if settled else Answered.OVER


def _open(device: Device) -> QuerySet[Challenge]:
    asked = Challenge.objects.filter(
        Q(device=None) | Q(device=device),
        user_id=device.user_id,
        kind=KIND,
        purpose__in=[Purpose.RESET, Purpose.PROVE],
        consumed_at=None,
        verdict="",
        failures=0,
        expires_at__gt=timezone.now(),
    )
    return asked.exclude(sent_at=None)


def _asked(spoken: Spoken) -> Challenge | None:
    try:
        pk = UUID(spoken.parts.get("request", ""))
    except ValueError:
        return None
    return _open(spoken.device).filter(pk=pk).first()


def _deny(asked: Challenge, device: Device, origin: Origin) -> Answered:
    """End the request, write it down, and tell the person at every address that somebody tried."""
    user, where = device.user, verification.asked_from(asked)
    with transaction.atomic():
        if not verification.settle(asked.pk, Challenge.Verdict.DENIED, device=device):
            return Answered.OVER
        audit.record(
            Activity.REQUEST_DENIED,
            actor=user,
            subject=user,
            origin=origin,
            method=KIND,
            data={"purpose": asked.purpose, "asked_from": where.address},
        )
        browser = browsers.named(where.agent)
        notices.tell(
            "request_denied",
            user,
            notices.addresses(user),
            purpose=asked.purpose,
            address=where.address,
            browser=browser.name,
            system=browser.system,
        )
    limits.count_denial(user)
    return Answered.DENIED
