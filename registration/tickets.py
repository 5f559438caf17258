"""One-time tickets by which somebody begins a reset that an administrator started for them.

A ticket is a link that was mailed, a code that an administrator read out, or both together. It stands in its row as one
keyed digest, and sealed until it is mailed. Opening the link spends nothing, since mail scanners open links too: beginning
does. What a ticket is worth is not decided here: `resets.helping` says what is asked besides.
"""

import json
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from registration.models import NOBODY, Challenge, User
from registration.purpose import Purpose
from tenants import mail, speaking
from tenants.jobs import organization_job
from tenants.links import absolute
from tenants.shield.sealing import mac, seal, unseal

#: How long a code lives that is read out, and a link that is mailed; with a code as well, it lives as the code does.
CODE_LIFE, LINK_LIFE = timedelta(minutes=15), timedelta(hours=1)
TOKEN_BYTES = 20  # 160 bits; ASVS 11.5.1 asks for 128
#: No letter that is taken for another when it is read out. 12 of 32 are 60 bits, so nobody guesses one, whatever the limits.
ALPHABET, LENGTH, GROUP = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789", 12, 4
_BINDING = "help"


@dataclass(frozen=True)
class Ticket:
    """A ticket as it is made: `code` is shown once, `link` is only mailed."""

    code: str
    expires_at: datetime


@dataclass(frozen=True)
class Held:
    """Whose ticket was spent, which way it came, and who made it."""

    user: User
    way: str
    by: str


@transaction.atomic
def issue(user: User, way: str, *, by: User, address: str = "", with_code: bool) -> Ticket:
    """Make a ticket, mail its link where there is an address; earlier ones are void."""
    void(user)
    token = secrets.token_urlsafe(TOKEN_BYTES) if address else ""
    code = "".join(secrets.choice(ALPHABET) for _letter in range(LENGTH)) if with_code else ""
    life = CODE_LIFE if with_code else LINK_LIFE
    row = Challenge(user=user, purpose=Purpose.HELP, binding=_BINDING, kind=way)
    row.expires_at = timezone.now() + life
    row.digest = _digest(row, token, code)
    mailed = (
        {"link": absolute("reset-help-link", row.pk, token), "to": address, "language": speaking.of_page()}
        if address
        else {}
    )
    _keep(row, {"by": str(by), **mailed})
    row.save(force_insert=True)
    if address:
        send_ticket.enqueue(challenge=str(row.pk))
    return Ticket(grouped(code), row.expires_at)


def void(user: User) -> None:
    """Let a person's open ticket open nothing any more."""
    mine = Challenge.objects.filter(user=user, purpose=Purpose.HELP, consumed_at=None)
    mine.update(consumed_at=timezone.now(), sealed=None, digest="")


def way_of(pk: UUID, token: str) -> str:
    """Return which way a mailed link's ticket came, while it is open; nothing for any other text.

    Where a code belongs to it, the link alone proves nothing, so that is all that is told.
    """
    row = Challenge.objects.filter(pk=pk, purpose=Purpose.HELP, consumed_at=None).first()
    if row is None or not row.is_open(timezone.now()) or not token:
        return ""
    return row.kind


@transaction.atomic
def spend_link(pk: UUID, token: str, code: str = "") -> Held | None:
    """Spend the ticket of a mailed link, with its code where it has one."""
    row = Challenge.objects.select_for_update(of=("self",)).select_related("user").filter(pk=pk).first()
    return _spent(row, token, code)


@transaction.atomic
def spend_code(name: str, code: str) -> Held | None:
    """Spend the ticket of a code that was read out, for who has this name; somebody unknown costs the same queries."""
    user = User.objects.filter(sign_in_name=name).first()
    mine = Challenge.objects.select_for_update(of=("self",)).select_related("user")
    rows = mine.filter(user_id=user.pk if user else NOBODY, purpose=Purpose.HELP, consumed_at=None)
    return _spent(rows.order_by("-created_at").first(), "", code)


def tidy(text: str) -> str:
    """Return a code as it was made, from what was typed: in whatever case, with spaces or dashes.

    >>> tidy(" k7qp-2mxd 9rta ")
    'K7QP2MXD9RTA'
    """
    return "".join(letter for letter in text[:64].upper() if letter.isalnum())


def grouped(code: str) -> str:
    """Return a code as it is read out.

    >>> grouped("K7QP2MXD9RTA")
    'K7QP-2MXD-9RTA'
    """
    return "-".join(code[at : at + GROUP] for at in range(0, len(code), GROUP))


def _spent(row: Challenge | None, token: str, code: str) -> Held | None:
    right = constant_time_compare(row.digest if row else "", _digest(row, token, tidy(code)) if row else "-")
    usable = row is not None and right and row.purpose == Purpose.HELP and row.is_open(timezone.now())
    if row is None or not usable or row.user is None:
        return None
    held = Held(row.user, row.kind, _kept(row)["by"])
    row.consumed_at, row.sealed, row.digest = timezone.now(), None, ""
    row.save(update_fields=["consumed_at", "sealed", "digest"])
    return held


@organization_job(name="registration.ticket", queue="notices")
def send_ticket(*, challenge: str) -> None:
    """Mail a link that was not mailed yet, and forget it; who made it is kept."""
    row = Challenge.objects.select_related("user").filter(pk=UUID(challenge), sent_at=None).first()
    if row is None or row.user is None or row.sealed is None or not row.is_open(timezone.now()):
        return
    content = _kept(row)
    mail.send(
        "reset_link",
        to=content["to"],
        language=row.user.language or content["language"],
        context={
            "link": content["link"],
            "name": row.user.get_short_name(),
            "sign_in_name": row.user.sign_in_name,
            "by": content["by"],
            "at": row.expires_at,
        },
    )
    _keep(row, {"by": content["by"]})
    Challenge.objects.filter(pk=row.pk).update(sent_at=timezone.now(), sealed=row.sealed)


def _keep(row: Challenge, content: dict[str, str]) -> None:
    row.sealed = seal(json.dumps(content).encode(), context=row.context)


def _kept(row: Challenge) -> dict[str, str]:
    content: dict[str, str] = json.loads(unseal(bytes(row.sealed or b""), context=row.context))
    return content


def _digest(row: Challenge, token: str, code: str) -> str:
    return mac("registration.tickets", str(row.pk), token, code)
