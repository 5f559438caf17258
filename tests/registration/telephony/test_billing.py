"""Once a day the carrier is asked what messages have cost."""

from collections.abc import Callable
from decimal import Decimal
from uuid import uuid4

from procrastinate.contrib.django import app

from registration import telephony
from registration.billing import bill
from registration.models import PhoneMessage
from tests.building import Org
from tests.registration.telephony.asking import MOBILE, OFFICE
from tests.switchboard import Switchboard


def send() -> None:
    """Text somebody about another challenge."""
    telephony.text(MOBILE, "123456", challenge=str(uuid4()))


def costs() -> list[tuple[str, Decimal, bool]]:
    """Return what each message has cost, and whether it was billed."""
    return list(PhoneMessage.objects.order_by("at").values_list("kind", "cost", "is_billed"))


def test_what_was_billed_takes_the_estimates_place(board: Switchboard, jobs: Callable[[], list[str]]) -> None:
    send()
    telephony.ring(OFFICE, challenge=str(uuid4()), language="en")
    board.taken[0].price = "-0.0425"
    app.tasks["registration.bill_all"].func(timestamp=0)
    assert set(jobs()) == {"registration.bill"}
    assert costs() == [("sms", Decimal("0.0425"), True), ("key_call", Decimal("0.2000"), False)]
    board.taken[1].price = "-0.3"
    bill.work()
    assert costs()[1] == ("key_call", Decimal("0.3000"), True)


def test_a_carrier_that_is_out_of_order_is_asked_tomorrow(board: Switchboard) -> None:
    send()
    send()
    board.connect(settings=board.settings(base_url="http://127.0.0.1:1"))
    bill.work()
    assert [billed for _kind, _cost, billed in costs()] == [False, False]


def test_each_organization_asks_for_its_own(board: Switchboard, fabrikam: Org) -> None:
    board.connect()
    bill.work()
    assert board.asked == []
