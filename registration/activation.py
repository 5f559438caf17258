"""One-time links by which somebody new chooses their first password.

The link's token stands in its row as a digest only, and sealed until it is mailed. Opening the link spends nothing, since mail
scanners open links too: choosing a password does (ASVS 6.4.1).
"""

import json
import secrets
from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from registration import audit, passwords
from registration.audit import Activity
from registration.models import Challenge, User
from registration.origin import NOWHERE, Origin
from registration.purpose import Purpose
from tenants import mail, speaking
from tenants.jobs import organization_job
from tenants.links import absolute
from tenants.shield.sealing import mac, seal, unseal

LIFE = timedelta(hours=72)
TOKEN_BYTES = 20  # 160 bits; ASVS 11.5.1 asks for 128
_LINK = "link"


@transaction.atomic
def invite(user: User, *, actor: User | str, origin: Origin = NOWHERE) -> str:
    """Make a link, mail it to the primary address where there is one, and return it; earlier links are void."""
    token = secrets.token_urlsafe(TOKEN_BYTES)
    now = timezone.now()
    Challenge.objects.filter(user=user, purpose=Purpose.ACTIVATE, consumed_at=None).update(
        consumed_at=now, sealed=None
    )
    asked = Challenge(user=user, purpose=Purpose.ACTIVATE, binding=_LINK, kind=_LINK, expires_at=now + LIFE)
    asked.digest = _digest(asked, token)
    link = absolute("activate", asked.pk, token)
    if user.primary_address:
        asked.sealed = seal(
            json.dumps({"link": link, "language": speaking.of_page()}).encode(), context=asked.context
        )
    asked.save(force_insert=True)
    if user.primary_address:
        send_link.enqueue(challenge=str(asked.pk))
    audit.record(Activity.ACTIVATION_SENT, actor=actor, subject=user, origin=origin)
    return link


def find(pk: UUID, token: str) -> User | None:
    """Return whose link this is, when it can still be used."""
    asked = Challenge.objects.select_related("user").filter(pk=pk, purpose=Purpose.ACTIVATE).first()
    right = constant_time_compare(asked.digest if asked else "", _digest(asked, token) if asked else "-")
    usable = (
        asked is not None
        and right
        and asked.is_open(timezone.now())
        and asked.user is not None
        and asked.user.is_active
    )
    return asked.user if asked is not None and usable else None


@transaction.atomic
def activate(pk: UUID, token: str, password: str, *, origin: Origin) -> User | None:
    """Set the first password and spend the link; None when the link cannot be used. Raises `passwords.Refused`."""
    Challenge.objects.select_for_update().filter(pk=pk).first()
    user = find(pk, token)
    if user is None:
        return None
    passwords.set_password(user, password, activity=Activity.ACTIVATED, actor=user, origin=origin)
    return user


@organization_job(name="registration.activation", queue="notices")
def send_link(*, challenge: str) -> None:
    """Mail a link that was not mailed yet, and forget it."""
    asked = Challenge.objects.select_related("user").filter(pk=UUID(challenge), sent_at=None).first()
    if asked is None or asked.user is None or asked.sealed is None or not asked.is_open(timezone.now()):
        return
    content = json.loads(unseal(bytes(asked.sealed), context=asked.context))
    mail.send(
        "activation",
        to=asked.user.primary_address,
        language=asked.user.language or content.get("language", ""),
        context={
            "link": content["link"],
            "name": asked.user.get_short_name(),
            "sign_in_name": asked.user.sign_in_name,
        },
    )
    Challenge.objects.filter(pk=asked.pk).update(sent_at=timezone.now(), sealed=None)


def _digest(asked: Challenge, token: str) -> str:
    return mac("registration.activation", str(asked.pk), token)
