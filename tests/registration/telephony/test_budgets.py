"""Pumped messages cost who pumps: ranges that are refused, budgets, and a month's cap, each for one organization alone."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from django.core import mail
from django.utils import timezone

from registration import connecting, handing, telephony
from registration.budgets import PHONE_COUNTRY, PHONE_NUMBER, PHONE_ORGANIZATION
from registration.lines import Line, line
from registration.method import Undeliverable
from registration.models import AuditEvent, PhoneMessage, Telephony
from registration.telephony_rules import Refusal, refusal
from tenants import hosts
from tenants.context import entered
from tests.building import Org
from tests.registration.telephony.asking import MOBILE, OFFICE
from tests.switchboard import Switchboard


def send(number: str = MOBILE) -> None:
    """Text somebody about another challenge."""
    telephony.text(number, "123456", challenge=str(uuid4()))


@pytest.mark.parametrize(
    ("number", "problem"),
    [
        ("+449098790000", Refusal.COSTLY_RANGE),  # premium rate, United Kingdom
        ("+19002345678", Refusal.COSTLY_RANGE),  # premium rate, North America
        ("+448432081234", Refusal.COSTLY_RANGE),  # shared cost
        ("+447012345678", Refusal.COSTLY_RANGE),  # personal numbers
        ("+498001234567", Refusal.COSTLY_RANGE),  # free for who calls, not for who owns it
        ("+881612345678", Refusal.NO_COUNTRY),  # a satellite
        ("+882161234567", Refusal.NO_COUNTRY),  # an international network
        ("+979123456789", Refusal.NO_COUNTRY),  # international premium rate
        ("+447700900123", Refusal.NOT_ALLOCATED),
        ("+15555550100", Refusal.NOT_ALLOCATED),
        ("+9991234567", Refusal.NOT_A_NUMBER),
        ("+4915112345678;ext=9", Refusal.NOT_A_NUMBER),
        ("015112345678", Refusal.NOT_A_NUMBER),
        ("+" + "1" * 500, Refusal.NOT_A_NUMBER),
        ("", Refusal.NOT_A_NUMBER),
        ("+٤٩١٥١", Refusal.NOT_A_NUMBER),
    ],
)
def test_a_range_that_is_never_texted(board: Switchboard, number: str, problem: Refusal) -> None:
    assert refusal(number, []) is problem
    with pytest.raises(Undeliverable, match=problem.value):
        send(number)
    assert (board.asked, PhoneMessage.objects.count()) == ([], 0)


@pytest.mark.parametrize("number", [MOBILE, OFFICE, "+14155550132", "+447911123456", "+966501234567"])
def test_an_ordinary_number(number: str) -> None:
    assert refusal(number, []) is None


def test_countries_that_an_administrator_names(board: Switchboard) -> None:
    board.connect(countries=["AT", "CH"])
    with pytest.raises(Undeliverable, match="country_not_allowed"):
        send()
    assert telephony.refusal(MOBILE) == "country_not_allowed"
    send("+436641234567")
    assert len(board.taken) == 1


def test_one_telephone_gets_five_and_then_waits(board: Switchboard) -> None:
    for _message in range(PHONE_NUMBER.limit):
        send()
    with pytest.raises(Undeliverable, match="too_many/phone/number"):
        send()
    send("+4915112345679")
    assert len(board.taken) == PHONE_NUMBER.limit + 1


def test_what_is_tried_again_counts_once(board: Switchboard) -> None:
    board.next = [429] * 9
    challenge = str(uuid4())
    for _try in range(9):
        with pytest.raises(telephony.Unreached):
            telephony.text(MOBILE, "123456", challenge=challenge)
    telephony.text(MOBILE, "123456", challenge=challenge)
    assert len(board.taken) == 1


def test_a_country_that_nobody_named_gets_few(board: Switchboard) -> None:
    board.connect(cap=Decimal(10_000))
    for number in _numbers(PHONE_COUNTRY.limit):
        send(number)
    with pytest.raises(Undeliverable, match="too_many/phone/country"):
        send("+4915119999999")
    send("+436641234567")  # another country
    board.connect(countries=["DE"])
    send("+4915119999999")


def test_an_organization_gets_so_many_an_hour(board: Switchboard, fabrikam: Org, contoso: Org) -> None:
    with entered(contoso.row):
        board.connect(cap=Decimal(100_000), countries=["DE"])
        for number in _numbers(PHONE_ORGANIZATION.limit):
            handing._spend(_line(), number)
        with pytest.raises(Undeliverable, match="too_many/phone/organization"):
            send("+4915119999999")
    with entered(fabrikam.row):
        board.connect()
        send("+4915119999999")  # its own budget


def test_a_month_costs_no_more_than_its_cap(board: Switchboard, jobs: Callable[[], list[str]]) -> None:
    """Three fit into 0.35 at 0.10 each. The administrators are told once."""
    board.connect(cap=Decimal("0.35"))
    for number in _numbers(3):
        send(number)
    for number in _numbers(2):
        with pytest.raises(Undeliverable, match="cap"):
            send(number)
    assert len(board.taken) == 3
    jobs()
    (told,) = mail.outbox
    assert told.to == ["chief@post.example"]
    assert "0.35 USD" in told.body
    assert AuditEvent.objects.filter(activity="telephony_capped").count() == 1


def test_a_new_cap_lets_more_through_and_is_told_anew(
    board: Switchboard, jobs: Callable[[], list[str]]
) -> None:
    for cap in ("0.15", "0.25"):
        board.connect(cap=Decimal(cap))
        send()
        with pytest.raises(Undeliverable, match="cap"):
            send()
    jobs()
    assert (len(board.taken), len(mail.outbox)) == (2, 2)


def test_the_next_month_begins_with_nothing(board: Switchboard, monkeypatch: pytest.MonkeyPatch) -> None:
    board.connect(cap=Decimal("0.15"))
    send()
    with pytest.raises(Undeliverable, match="cap"):
        send()
    later = handing.month(timezone.now()) + timedelta(days=32)
    monkeypatch.setattr(timezone, "now", lambda: later)
    hosts.forget()
    send()
    with pytest.raises(Undeliverable, match="cap"):
        send()
    assert AuditEvent.objects.filter(activity="telephony_capped").count() == 2


def test_what_was_billed_counts_in_place_of_the_estimate(board: Switchboard, contoso: Org) -> None:
    board.connect(cap=Decimal("1.00"))
    send()
    board.report(contoso, board.taken[0].fields["StatusCallback"], MessageStatus="delivered", Price="-0.95")
    with pytest.raises(Undeliverable, match="cap"):
        send()


def test_what_was_refused_costs_nothing(board: Switchboard) -> None:
    board.next = [400]
    with pytest.raises(Undeliverable):
        send()
    assert handing.spent(handing.month(timezone.now())) == 0


def test_days_and_months_are_of_universal_time() -> None:
    at = datetime(2026, 3, 9, 23, 59, tzinfo=UTC)
    assert (handing.today(at), handing.month(at)) == (
        datetime(2026, 3, 9, tzinfo=UTC),
        datetime(2026, 3, 1, tzinfo=UTC),
    )


def test_calls_cost_what_calls_cost(board: Switchboard) -> None:
    board.connect(call_price=Decimal("0.30"), cap=Decimal("0.45"))
    telephony.ring(OFFICE, challenge=str(uuid4()), language="en")
    with pytest.raises(Undeliverable, match="cap"):
        telephony.ring(OFFICE, challenge=str(uuid4()), language="en")
    send()


def test_calls_are_not_in_every_edition(board: Switchboard, fabrikam: Org) -> None:
    board.connect()
    assert (telephony.available().sms, telephony.available().calls) == (True, False)
    assert telephony.available().calls_reason == "edition_lacks"
    with pytest.raises(Undeliverable, match="not_included"):
        telephony.ring(OFFICE, challenge=str(uuid4()), language="en")
    with pytest.raises(Undeliverable, match="not_included"):
        telephony.read_out(MOBILE, "123456", challenge=str(uuid4()), language="en")
    send()
    assert len(board.taken) == 1


def test_without_a_number_that_calls_there_are_no_calls(board: Switchboard) -> None:
    board.connect(settings=board.settings(caller=""))
    assert (telephony.available().sms, telephony.available().calls) == (True, False)
    assert telephony.refusal(OFFICE, call=True) == "no_calls"


def test_a_row_is_given_up_and_forgotten(board: Switchboard) -> None:
    board.next = [503]
    with pytest.raises(telephony.Unreached):
        send()
    telephony.ring(OFFICE, challenge=str(uuid4()), language="en")
    now = timezone.now()
    handing.tidy(now + timedelta(minutes=16))
    states = {row.kind: (row.state, row.reason, row.sealed) for row in PhoneMessage.objects.all()}
    assert states == {"sms": ("failed", "given_up", None), "key_call": ("sent", "", None)}
    assert handing.spent(handing.month(now)) == Decimal("0.20")
    handing.tidy(now + timedelta(days=91))
    assert PhoneMessage.objects.count() == 0


def test_one_row_however_often(contoso: Org) -> None:
    assert connecting.complete() == connecting.complete()
    assert Telephony.objects.count() == 1


def _numbers(count: int) -> list[str]:
    return [f"+491511{number:07d}" for number in range(1_000_000, 1_000_000 + count)]


def _line() -> Line:
    found = line()
    assert found is not None
    return found
