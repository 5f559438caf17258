"""One-time links by which somebody chooses their first password, or one in the place of a password that opens nothing more.

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

from registration import audit, notices, passwords, standing
from registration import state as states
from registration.audit import Activity
from registration.models import Challenge, Device, User
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
    """Make a link, mail it where the person has an address, and return it; earlier links are void."""
    token = secrets.token_urlsafe(TOKEN_BYTES)
    now = timezone.now()
    Challenge.objects.filter(user=user, purpose=Purpose.ACTIVATE, consumed_at=None).update(
        consumed_at=now, sealed=None
    )
    asked = Challenge(user=user, purpose=Purpose.ACTIVATE, binding=_LINK, kind=_LINK, expires_at=now + LIFE)
    asked.digest = _digest(asked, token)
    link = absolute("activate", asked.pk, token)
    to = address(user)
    _keep(
        asked, {"by": str(actor), **({"link": link, "to": to, "language": speaking.of_page()} if to else {})}
    )
    asked.save(force_insert=True)
    if to:
        send_link.enqueue(challenge=str(asked.pk))
    audit.record(Activity.ACTIVATION_SENT, actor=actor, subject=user, origin=origin)
    return link


def address(user: User) -> str:
    """Return where a link is mailed to: the primary address, else the oldest email method; empty where there is neither."""
    own = Device.objects.filter(user=user, kind="email", confirmed=True).order_by("created_at").first()
    return user.primary_address or (states.of(own)["address"] if own else "")


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
        and asked.user.source == User.Source.CLOUD  # else its password is the directory's
    )
    return asked.user if asked is not None and usable else None


@transaction.atomic
def activate(pk: UUID, token: str, password: str, *, origin: Origin) -> User | None:
    """Set the password and spend the link; None when the link cannot be used. Raises `passwords.Refused`.

    The person is told, and the audit trail says who made the link: somebody may have held it in their hands.
    """
    asked = Challenge.objects.select_for_update().filter(pk=pk).first()
    user = find(pk, token)
    if user is None or asked is None:
        return None
    passwords.set_password(
        user,
        password,
        activity=Activity.ACTIVATED,
        actor=user,
        origin=origin,
        data={"link_made_by": _kept(asked).get("by", "")},
    )
    if standing.policy_row().notify_user:
        notices.tell_of_password("password_changed", user, address=origin.address)
    return user


@organization_job(name="registration.activation", queue="notices")
def send_link(*, challenge: str) -> None:
    """Mail a link that was not mailed yet, and forget it; who made it is kept."""
    asked = Challenge.objects.select_related("user").filter(pk=UUID(challenge), sent_at=None).first()
    if asked is None or asked.user is None or asked.sealed is None or not asked.is_open(timezone.now()):
        return
    content = _kept(asked)
    mail.send(
        "activation",
        to=content["to"],
        language=asked.user.language or content.get("language", ""),
        context={
            "link": content["link"],
            "name": asked.user.get_short_name(),
            "sign_in_name": asked.user.sign_in_name,
        },
    )
    _keep(asked, {"by": content["by"]})
    Challenge.objects.filter(pk=asked.pk).update(sent_at=timezone.now(), sealed=asked.sealed)


def _keep(asked: Challenge, content: dict[str, str]) -> None:
    asked.sealed = seal(json.dumps(content).encode(), context=asked.context)


def _kept(asked: Challenge) -> dict[str, str]:
    content: dict[str, str] = json.loads(unseal(bytes(asked.sealed or b""), context=asked.context))
    return content


def _digest(asked: Challenge, token: str) -> str:
    return mac("registration.activation", str(asked.pk), token)
