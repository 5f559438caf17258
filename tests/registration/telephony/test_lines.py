"""Whose carrier serves an organization: its own, else the provider's for those that chose none, and nobody else's."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from registration import connecting, lines, telephony
from registration.method import Undeliverable
from registration.models import AuditEvent, PhoneMessage, Telephony
from tenants import hosts
from tenants.context import entered
from tenants.shield.sealing import Unsealable
from tests.building import Org
from tests.registration.telephony.asking import MOBILE
from tests.switchboard import SECRET, Switchboard, serving


def send() -> None:
    """Text somebody about another challenge."""
    telephony.text(MOBILE, "123456", challenge=str(uuid4()))


@pytest.fixture
def default(provider: Org, settings: Any) -> Iterator[Switchboard]:
    """Return the provider's carrier, which serves all that chose none."""
    settings.REKEY_ALLOW_PRIVATE_ADDRESSES = True
    with serving() as found:
        found.secret = "the-providers"
        with entered(provider.row):
            found.connect(serves_others=True, cap=Decimal(50), currency="EUR", sms_price=Decimal("0.05"))
        yield found


def test_whoever_chose_none_has_the_providers(default: Switchboard, fabrikam: Org) -> None:
    send()
    (row,) = PhoneMessage.objects.all()
    assert (row.state, row.cost) == ("sent", Decimal("0.0500"))
    assert (
        default.taken[0]
        .fields["StatusCallback"]
        .startswith("http://fabrikam.localhost:8000/carriers/twilio/")
    )
    told = default.report(fabrikam, default.taken[0].fields["StatusCallback"], MessageStatus="delivered")
    assert told.status_code == 204
    assert PhoneMessage.objects.get().state == "delivered"


def test_ones_own_carrier_wins(default: Switchboard, board: Switchboard) -> None:
    send()
    assert (len(board.taken), len(default.taken)) == (1, 0)


def test_the_providers_is_nobodys_until_it_is_marked(
    default: Switchboard, provider: Org, fabrikam: Org
) -> None:
    with entered(provider.row):
        default.connect(serves_others=False)
        send()
    with pytest.raises(Undeliverable, match="no_carrier"):
        send()
    assert len(default.taken) == 1


def test_no_customer_serves_others(board: Switchboard, contoso: Org, fabrikam: Org) -> None:
    with entered(contoso.row):
        board.connect(serves_others=True)
        assert Telephony.objects.get().serves_others is False
    with pytest.raises(Undeliverable, match="no_carrier"):
        send()


def test_of_two_caps_the_lower_one_holds(default: Switchboard, fabrikam: Org) -> None:
    found = lines.line()
    assert found is not None
    assert (found.cap, found.currency, found.is_own) == (Decimal(50), "EUR", False)
    connecting.connect({"cap": Decimal("0.06")}, actor="tests")
    hosts.forget()
    send()
    with pytest.raises(Undeliverable, match="cap"):
        send()


def test_each_counts_what_it_has_spent(default: Switchboard, fabrikam: Org, contoso: Org) -> None:
    with entered(contoso.row):
        send()
        assert PhoneMessage.objects.count() == 1
    with entered(fabrikam.row):
        assert PhoneMessage.objects.count() == 0


def test_warm_it_costs_no_query(default: Switchboard, fabrikam: Org) -> None:
    telephony.available()
    with CaptureQueriesContext(connection) as queries:
        assert telephony.available().sms
        assert telephony.refusal(MOBILE) == ""
    assert [query["sql"] for query in queries] == []


def test_secrets_are_sealed_and_stay_where_they_are(
    default: Switchboard, board: Switchboard, provider: Org
) -> None:
    row = Telephony.objects.get()
    assert SECRET.encode() not in bytes(row.sealed or b"")
    assert connecting.kept(row)["auth_token"] == SECRET
    stolen = row.sealed
    with entered(provider.row):
        theirs = Telephony.objects.get()
        theirs.sealed = stolen
        with pytest.raises(Unsealable):
            connecting.kept(theirs)


def test_the_trail_tells_what_changed_and_no_secret(board: Switchboard) -> None:
    board.connect(settings=board.settings(auth_token="a-new-one"), countries=["DE"])
    events = AuditEvent.objects.filter(activity="telephony_changed")
    text = str([event.data for event in events])
    assert "countries" in text
    assert "settings" in text
    assert SECRET not in text
    assert "a-new-one" not in text


def test_no_carrier_forgets_the_secrets(board: Switchboard) -> None:
    connecting.connect({"carrier": ""}, actor="tests")
    assert Telephony.objects.get().sealed is None


@pytest.mark.parametrize(
    "values",
    [{"cap": Decimal(-1)}, {"currency": "euro"}, {"sms_price": Decimal(0)}, {"countries": ["GERMANY"]}],
)
def test_what_makes_no_sense_is_refused(board: Switchboard, values: dict[str, object]) -> None:
    with pytest.raises(ValidationError) as refused:
        connecting.connect(values, actor="tests")
    assert set(refused.value.message_dict) == set(values)


@pytest.mark.parametrize(
    ("theirs", "own", "there"),
    [
        ([], [], ()),
        (["DE"], [], ("DE",)),
        ([], ["DE"], ("DE",)),
        (["AT", "DE"], ["DE", "LV"], ("DE",)),
        (["AT"], ["LV"], (lines.NOWHERE,)),
    ],
)
def test_the_providers_carrier_reaches_countries_that_neither_leaves_out(
    default: Switchboard,
    provider: Org,
    fabrikam: Org,
    theirs: list[str],
    own: list[str],
    there: tuple[str, ...],
) -> None:
    """Who pays for it has a word in it: nobody names a country away that the provider named."""
    with entered(provider.row):
        Telephony.objects.update(countries=theirs)
    connecting.connect({"countries": own}, actor="tests")
    hosts.forget()
    found = lines.line()
    assert found is not None
    assert found.countries == there
    if there == (lines.NOWHERE,):
        assert telephony.refusal(MOBILE) == "country_not_allowed"
