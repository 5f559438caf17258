"""Choose the organization's carrier, and what may be spent on it: the only writer of that row."""

import json
from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from registration import audit
from registration.audit import Activity
from registration.models import Telephony, User
from registration.origin import NOWHERE, Origin
from tenants import hosts
from tenants.context import is_provider
from tenants.shield.sealing import seal, unseal

FIELDS = (
    "carrier",
    "serves_others",
    "countries",
    "cap",
    "currency",
    "sms_price",
    "call_price",
)


def complete() -> Telephony:
    """Return the organization's one row, made first where the organization is older than it."""
    return Telephony.objects.get_or_create(only=True)[0]


def kept(row: Telephony) -> dict[str, str]:
    """Open what the row's carrier was given."""
    return dict(json.loads(unseal(bytes(row.sealed), context=row.context))) if row.sealed else {}


@transaction.atomic
def connect(
    values: Mapping[str, object],
    *,
    actor: User | str,
    settings: Mapping[str, str] | None = None,
    origin: Origin = NOWHERE,
) -> Telephony:
    """Set some fields, and what the carrier needs; write down what changed, of secrets only that they did.

    Raises `ValidationError` and changes nothing then.
    """
    complete()
    row = Telephony.objects.select_for_update().get()
    changed: dict[str, object] = {}
    for field, value in values.items():
        assert field in FIELDS, field
        if (before := getattr(row, field)) != value:
            changed[field] = {"before": _plain(before), "after": _plain(value)}
            setattr(row, field, value)
    if not is_provider():
        row.serves_others = False
    if "cap" in changed:
        row.cap_told_at = None  # a new cap is told anew
    if not row.carrier:
        row.sealed = None
    elif settings is not None and (row.sealed is None or kept(row) != dict(settings)):
        changed["settings"] = sorted(settings)
        row.sealed = seal(json.dumps(dict(settings)).encode(), context=row.context)
    row.full_clean()
    row.save()
    if changed:
        transaction.on_commit(hosts.forget)
        audit.record(Activity.TELEPHONY_CHANGED, actor=actor, origin=origin, data=changed)
    return row


def capped(at: datetime) -> bool:
    """Note that the month's cap was reached, and say whether it is news; the caller holds the row locked."""
    row = Telephony.objects.get()
    told = row.cap_told_at
    if told is not None and (told.year, told.month) == (at.year, at.month):
        return False
    row.cap_told_at = at
    row.save(update_fields=["cap_told_at"])
    return True


def _plain(value: object) -> object:
    return value if isinstance(value, str | bool | list) else str(value)
