"""One-time links by which a person says that a change was not theirs. They stand in the notices of that change.

Each address has its own, so that no queue and no row holds one longer than until it is mailed; all of one change share a
binding, and are spent together. Only addresses that were trusted before the change get one (`registration.addresses`).
"""

import json
import secrets
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from django.utils import timezone
from django.utils.crypto import constant_time_compare

from registration.addresses import Address
from registration.models import Challenge, User
from registration.purpose import Purpose
from tenants.links import absolute
from tenants.shield.sealing import mac, seal, unseal

LIFE = timedelta(days=7)
TOKEN_BYTES = 20  # 160 bits; ASVS 11.5.1 asks for 128
_LINK = "link"


@dataclass(frozen=True)
class Change:
    """What was changed: the notice's event, for security info how and which method, and the device that is new."""

    event: str
    change: str = ""
    kind: str = ""
    device: str = ""
    at: str = ""


def offer(user: User, change: Change, addresses: Sequence[Address]) -> dict[str, str]:
    """Make a link for each address that is trusted, and return the rows' ids by address; the notice's job opens them."""
    now, binding = timezone.now(), f"{Purpose.OBJECT}/{uuid4()}"
    rows, ids = [], {}
    for address in addresses:
        if not address.trusted(now):
            continue
        token = secrets.token_urlsafe(TOKEN_BYTES)
        row = Challenge(user=user, purpose=Purpose.OBJECT, binding=binding, kind=_LINK, expires_at=now + LIFE)
        row.digest = _digest(row, token)
        _keep(row, {"change": asdict(change), "token": token})
        rows.append(row)
        ids[address.text] = str(row.pk)
    Challenge.objects.bulk_create(rows)
    return ids


def to_mail(pk: str) -> str:
    """Return the link that is still to be mailed; nothing when it is spent, too old or was mailed."""
    row = Challenge.objects.filter(pk=UUID(pk), purpose=Purpose.OBJECT, sent_at=None).first()
    if row is None or row.sealed is None or not row.is_open(timezone.now()):
        return ""
    return absolute("objection", row.pk, _content(row)["token"])


def mailed(pk: str) -> None:
    """Forget the token; what it is about is kept for the page."""
    row = Challenge.objects.filter(pk=UUID(pk), purpose=Purpose.OBJECT, sent_at=None).first()
    if row is not None and row.sealed is not None:
        content = _content(row)
        content.pop("token")
        _keep(row, content)
        row.sent_at = timezone.now()
        row.save(update_fields=["sealed", "sent_at"])


def find(pk: UUID, token: str) -> tuple[Challenge, Change] | None:
    """Return the row and what it is about, when the link can still be used."""
    row = Challenge.objects.select_related("user").filter(pk=pk, purpose=Purpose.OBJECT).first()
    right = constant_time_compare(row.digest if row else "", _digest(row, token) if row else "-")
    if row is None or not right or row.user is None or row.sealed is None or not row.is_open(timezone.now()):
        return None
    return row, Change(**_content(row)["change"])


def lock(binding: str) -> None:
    """Let nobody else spend a link of the same change meanwhile."""
    list(Challenge.objects.select_for_update().filter(binding=binding).order_by("pk").values_list("pk"))


def spend(binding: str) -> None:
    """Void every link of one change."""
    rows = Challenge.objects.filter(purpose=Purpose.OBJECT, binding=binding, consumed_at=None)
    rows.update(consumed_at=timezone.now(), sealed=None, digest="")


def _keep(row: Challenge, content: dict[str, Any]) -> None:
    row.sealed = seal(json.dumps(content).encode(), context=row.context)


def _content(row: Challenge) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(unseal(bytes(row.sealed or b""), context=row.context))
    return content


def _digest(row: Challenge, token: str) -> str:
    return mac("registration.objection", str(row.pk), token)
