"""Hand a message to a carrier once, and keep what becomes of it: the only writer of `PhoneMessage`.

The row is written before the carrier is asked, and says so: whoever finds it as asked, and without an answer, does not ask
again. So nothing is sent twice, also where an answer was cut or this process died. What the carrier refused for now stays
queued, and its job hands it over again.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

from django.db import transaction
from django.db.models import Sum
from django.utils import timezone

from registration import audit, connecting, notices
from registration import telephony_rules as rules
from registration.audit import SYSTEM, Activity
from registration.budgets import (
    PHONE_COUNTRY,
    PHONE_COUNTRY_DAY,
    PHONE_NUMBER,
    PHONE_ORGANIZATION,
    PHONE_ORGANIZATION_DAY,
)
from registration.carrier import Hooks, Report, Unclear, Unreached
from registration.lines import Line
from registration.method import Undeliverable
from registration.models import PhoneMessage, Telephony
from tenants.shield.sealing import mac, seal, unseal
from tenants.shield.throttle import Budget, spend

DAY = timedelta(days=1)
KEPT = 90 * DAY
#: What was not handed over by then never will be: its code has expired.
GIVEN_UP = timedelta(minutes=15)
State = PhoneMessage.State
_MOVING = (State.QUEUED, State.SENT, State.UNKNOWN)
Send = Callable[[Hooks], str]


@dataclass(frozen=True)
class Wanted:
    """A message to be handed over."""

    number: str
    challenge: str
    kind: PhoneMessage.Kind
    #: What a call needs once it is answered; sealed into the row until then.
    said: Mapping[str, str]


def hand(line: Line, wanted: Wanted, send: Send) -> None:
    """Hand a message over, unless that was done. Raises `Undeliverable`, or `Unreached` to be called again."""
    message = PhoneMessage.objects.filter(challenge=UUID(wanted.challenge)).first()
    if message is None:
        _spend(line, wanted.number)
        message = _admitted(line, wanted)
    mine = PhoneMessage.objects.filter(pk=message.pk, state=State.QUEUED)
    if not mine.filter(handed_at=None).update(handed_at=timezone.now()):
        mine.update(state=State.UNKNOWN, reason="interrupted")
        return
    try:
        reference = send(Hooks(line.kind, message.pk))
    except Unreached as problem:
        mine.update(handed_at=None, reason=problem.code[:64])
        raise
    except Unclear as problem:
        mine.update(state=State.UNKNOWN, reason=problem.code[:64])
        return
    except Undeliverable as problem:
        mine.update(state=State.FAILED, reason=problem.code[:64], cost=Decimal(0), sealed=None)
        raise
    PhoneMessage.objects.filter(pk=message.pk).update(reference=reference[:64])
    mine.update(state=State.SENT, reason="")  # a report may have come first


@transaction.atomic
def report(message: UUID, told: Report) -> bool:
    """Keep what the carrier tells; what has arrived or failed stays so. Say whether there is such a message."""
    row = _locked(message)
    if row is None:
        return False
    if row.state in _MOVING:
        row.state, row.reason = told.state, told.reason[:64]
    if row.state == State.FAILED or (
        row.state == State.DELIVERED and row.kind == PhoneMessage.Kind.CODE_CALL
    ):
        row.sealed = None  # a key may still be on its way from a call that has ended
    if told.cost is not None:
        row.cost, row.is_billed = told.cost, True
    row.save(update_fields=["state", "reason", "sealed", "cost", "is_billed"])
    return True


@transaction.atomic
def answered(message: UUID, *, by_machine: bool) -> tuple[PhoneMessage, Mapping[str, str]] | None:
    """Note that a call was answered, and return it with what it needs to say, which a machine is never told.

    What is read out is read once: it stands in the row until then, and not any more.
    """
    row = _locked(message)
    if row is None or row.sealed is None or row.state == State.FAILED:
        return None
    said: dict[str, str] = json.loads(unseal(bytes(row.sealed), context=row.context))
    if by_machine:
        row.state, row.reason, row.sealed = State.FAILED, "machine", None
    else:
        row.state, row.reason = State.DELIVERED, ""
        if row.kind == PhoneMessage.Kind.CODE_CALL:
            row.sealed = None
    row.save(update_fields=["state", "reason", "sealed"])
    return None if by_machine else (row, said)


@transaction.atomic
def pressed(message: UUID) -> tuple[PhoneMessage, Mapping[str, str]] | None:
    """Return a call that asked for a key, once: what is pressed later counts for nothing."""
    row = _locked(message)
    if (
        row is None
        or row.sealed is None
        or row.kind != PhoneMessage.Kind.KEY_CALL
        or row.state != State.DELIVERED
    ):
        return None
    said: dict[str, str] = json.loads(unseal(bytes(row.sealed), context=row.context))
    row.sealed = None
    row.save(update_fields=["sealed"])
    return row, said


def exists(message: UUID) -> bool:
    """Say whether there is such a message."""
    return PhoneMessage.objects.filter(pk=message).exists()


def spent(since: datetime) -> Decimal:
    """Return what the messages since a moment have cost, as billed or as estimated."""
    total: Decimal | None = PhoneMessage.objects.filter(at__gte=since).aggregate(sum=Sum("cost"))["sum"]
    return total or Decimal(0)


def today(at: datetime) -> datetime:
    """Return the beginning of a moment's day, of Universal Time."""
    return at.replace(hour=0, minute=0, second=0, microsecond=0)


def month(at: datetime) -> datetime:
    """Return the beginning of a moment's month, of Universal Time."""
    return today(at).replace(day=1)


def tidy(at: datetime) -> None:
    """Give up what nobody took, and delete what is old; a job calls it."""
    stale = PhoneMessage.objects.filter(at__lt=at - GIVEN_UP)
    stale.filter(state=State.QUEUED, handed_at=None).update(
        state=State.FAILED, reason="given_up", cost=Decimal(0)
    )
    stale.filter(state=State.QUEUED).update(state=State.UNKNOWN, reason="interrupted")
    stale.exclude(sealed=None).update(sealed=None)
    PhoneMessage.objects.filter(at__lt=at - KEPT).delete()


def bill(message: PhoneMessage, cost: Decimal) -> None:
    """Keep what a message has cost."""
    PhoneMessage.objects.filter(pk=message.pk).update(cost=cost, is_billed=True)


def _spend(line: Line, number: str) -> None:
    """Count it by telephone, country and organization; raise `Undeliverable` for the first that is used up."""
    country = rules.country_of(number)
    counted: list[tuple[Budget, tuple[str, ...]]] = [(PHONE_NUMBER, (number,))]
    if not line.countries:
        counted += [(PHONE_COUNTRY, (country,)), (PHONE_COUNTRY_DAY, (country,))]
    counted += [(PHONE_ORGANIZATION, ()), (PHONE_ORGANIZATION_DAY, ())]
    for budget, parts in counted:
        if not spend(budget, *parts).allowed:
            raise Undeliverable(f"too_many/{budget.name}")


def _admitted(line: Line, wanted: Wanted) -> PhoneMessage:
    """Write the row, unless the month has cost enough; who is told of that is told once."""
    now = timezone.now()
    price = line.sms_price if wanted.kind == PhoneMessage.Kind.SMS else line.call_price
    with transaction.atomic():
        connecting.complete()
        Telephony.objects.select_for_update().get()  # of many at once none passes the cap unseen
        if not rules.is_within(line.cap, spent=spent(month(now)), price=price):
            if connecting.capped(now):
                _tell(line, now)
        else:
            return _written(line, wanted, price, now)
    raise Undeliverable("cap")


def _written(line: Line, wanted: Wanted, price: Decimal, at: datetime) -> PhoneMessage:
    row = PhoneMessage(
        challenge=UUID(wanted.challenge),
        kind=wanted.kind,
        country=rules.country_of(wanted.number),
        digest=mac("registration.phone_message", wanted.number),
        masked=rules.masked(wanted.number),
        carrier=line.kind,
        cost=price,
        at=at,
    )
    if wanted.said:
        row.sealed = seal(json.dumps(dict(wanted.said)).encode(), context=row.context)
    row.save(force_insert=True)
    return row


def _tell(line: Line, at: datetime) -> None:
    cap = f"{line.cap} {line.currency}"
    audit.record(Activity.TELEPHONY_CAPPED, actor=SYSTEM, reason="cap", failed=True, data={"cap": cap})
    for user in notices.administrators():
        notices.tell("telephony_cap", user, [user.primary_address], cap=cap)


def _locked(message: UUID) -> PhoneMessage | None:
    return PhoneMessage.objects.select_for_update().filter(pk=message).first()
