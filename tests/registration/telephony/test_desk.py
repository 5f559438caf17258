"""The desk's pages of text messages and calls: who may, what is kept, what is never shown again, what has been spent."""

import re
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from registration import connecting, people, telephony
from registration.models import AuditEvent, PhoneMessage, Telephony
from registration.roles import Role
from tenants import hosts
from tenants.context import entered
from tests.building import Browser, Org, give_app
from tests.registration.steps import proved
from tests.registration.telephony.asking import MOBILE
from tests.switchboard import ACCOUNT, SECRET, SENDER, Switchboard

LIST, MESSAGES = "/admin/registration/telephony/", "/admin/registration/phonemessage/"
TOKEN = "twilio_auth_token"  # a field's name


def chief(org: Org, *granted: Role) -> Browser:
    """Return the browser of chief, with these roles, who has passed the second factor."""
    user = org.user("chief")
    if granted:
        people.change(user, {"roles": [role.value for role in granted]}, actor="tests")
    return proved(org, user, give_app(user))


def page() -> str:
    """Return the address of the entered organization's page."""
    return f"{LIST}{connecting.complete().pk}/change/"


def filled(**changes: Any) -> dict[str, Any]:
    """Return the page's fields, filled in for an account at Twilio."""
    return {
        "carrier": "twilio",
        "countries": ["DE", "AT"],
        "cap": "75",
        "currency": "EUR",
        "sms_price": "0.08",
        "call_price": "0.15",
        "twilio_account_sid": ACCOUNT,
        TOKEN: SECRET,
        "twilio_sender": SENDER,
        "twilio_caller": SENDER,
        "twilio_base_url": "https://api.twilio.com",
        **changes,
    }


def errors(response: Any) -> dict[str, list[str]]:
    """Return the codes of a refused page's problems, by field."""
    found = response.context["adminform"].form.errors.as_data()
    return {field: [one.code for one in each] for field, each in found.items()}


def test_an_account_is_saved_sealed_and_written_down(contoso: Org) -> None:
    browser = chief(contoso)
    assert browser.get(LIST).headers["location"] == page()
    assert browser.get(page()).status_code == 200
    assert browser.post(page(), filled()).status_code == 302
    row = Telephony.objects.get()
    assert (row.carrier, row.countries, row.cap, row.currency) == ("twilio", ["AT", "DE"], Decimal(75), "EUR")
    assert connecting.kept(row) == {
        "account_sid": ACCOUNT,
        "auth_token": SECRET,
        "sender": SENDER,
        "caller": SENDER,
        "base_url": "https://api.twilio.com",
    }
    event = AuditEvent.objects.get(activity="telephony_changed")
    assert (event.actor, event.data["cap"]) == ("chief@contoso.example", {"before": "100.00", "after": "75"})
    assert SECRET not in str(event.data)


def test_a_secret_is_not_shown_again_and_stays_where_it_is_left_empty(contoso: Org) -> None:
    browser = chief(contoso)
    browser.post(page(), filled())
    shown = browser.get(page()).content.decode()
    assert SECRET not in shown
    assert ACCOUNT in shown
    assert browser.post(page(), filled(**{TOKEN: "", "cap": "80"})).status_code == 302
    assert connecting.kept(Telephony.objects.get())["auth_token"] == SECRET
    assert Telephony.objects.get().cap == Decimal(80)


def test_a_secret_is_sent_to_no_other_address_than_it_was_entered_for(contoso: Org) -> None:
    """Who may change the page but does not know the secret cannot have it sent to a server of their own."""
    browser = chief(contoso)
    browser.post(page(), filled())
    refused = browser.post(page(), filled(**{TOKEN: "", "twilio_base_url": "https://thief.example"}))
    assert errors(refused) == {TOKEN: ["elsewhere"]}
    assert connecting.kept(Telephony.objects.get())["base_url"] == "https://api.twilio.com"


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("twilio_account_sid", "", "required"),
        ("twilio_account_sid", "AC 1/..", "invalid"),
        ("twilio_sender", "+49 30 901820", "invalid"),
        ("twilio_sender", "A name too long", "invalid"),
        ("twilio_caller", "Contoso", "invalid"),
        ("twilio_base_url", "http://api.twilio.com", "scheme"),
        ("twilio_base_url", "https://user:word@api.twilio.com", "credentials"),
        ("twilio_base_url", "https://api.twilio.com/?x=1", "query"),
        ("twilio_base_url", "nonsense", "scheme"),
        (TOKEN, "", "required"),
        (TOKEN, "x" * 500, "max_length"),
        ("countries", ["XX"], "invalid_choice"),
        ("carrier", "nobody", "invalid_choice"),
        ("cap", "-1", "min_value"),
        ("cap", "", "required"),
        ("currency", "euro", "max_length"),
        ("currency", "€", "invalid"),
        ("sms_price", "0", "min_value"),
    ],
)
def test_what_is_wrong_is_named_at_its_field(contoso: Org, field: str, value: Any, code: str) -> None:
    found = errors(chief(contoso).post(page(), filled(**{field: value})))
    assert list(found) == [field]
    assert code in found[field]
    assert Telephony.objects.get().carrier == ""


def test_no_carrier_needs_nothing(contoso: Org) -> None:
    browser = chief(contoso)
    browser.post(page(), filled())
    empty = {field: "" for field in filled() if field.startswith("twilio_")}
    assert browser.post(page(), filled(carrier="", **empty)).status_code == 302
    assert (Telephony.objects.get().carrier, Telephony.objects.get().sealed) == ("", None)


@pytest.mark.parametrize(
    ("role", "settings", "saved", "messages"),
    [
        (Role.GLOBAL_ADMINISTRATOR, 200, 302, 200),
        (Role.AUTHENTICATION_POLICY_ADMINISTRATOR, 200, 403, 200),
        (Role.AUTHENTICATION_ADMINISTRATOR, 403, 403, 200),
        (Role.HELPDESK_ADMINISTRATOR, 403, 403, 200),
        (Role.REPORTS_READER, 403, 403, 200),
        (Role.USER_ADMINISTRATOR, 403, 403, 403),
        (Role.PASSWORD_ADMINISTRATOR, 403, 403, 403),
    ],
)
def test_who_may(contoso: Org, role: Role, settings: int, saved: int, messages: int) -> None:
    """A carrier reads every code: who chooses it could come in as anybody, so only who is over everybody may."""
    browser = chief(contoso, role)
    assert browser.get(page()).status_code == settings
    assert browser.get(MESSAGES).status_code == messages
    assert browser.post(page(), filled()).status_code == saved
    assert Telephony.objects.get().carrier == ("twilio" if saved == 302 else "")


def test_only_the_provider_serves_others(contoso: Org, provider: Org) -> None:
    with entered(contoso.row):
        browser = chief(contoso)
        assert b"serves_others" not in browser.get(page()).content
        browser.post(page(), filled(serves_others="on"))
        assert Telephony.objects.get().serves_others is False
    owner = chief(provider)
    assert b"serves_others" in owner.get(page()).content
    assert owner.post(page(), filled(serves_others="on")).status_code == 302
    assert Telephony.objects.get().serves_others is True


def test_messages_are_shown_with_what_became_of_them(board: Switchboard, contoso: Org) -> None:
    telephony.text(MOBILE, "123456", challenge=str(uuid4()))
    address = board.taken[0].fields["StatusCallback"]
    board.report(contoso, address, MessageStatus="undelivered", ErrorCode="30003", Price="-0.07")
    browser = chief(contoso)
    shown = browser.get(MESSAGES).content.decode()
    assert "+49 •••••••••78" in shown
    assert "The carrier refused it, by its error 30003." in shown
    assert "0.07" in shown
    row = PhoneMessage.objects.get()
    one = browser.get(f"{MESSAGES}{row.pk}/change/").content.decode()
    assert board.taken[0].sid in one
    for text in (shown, one):
        assert MOBILE not in text
        assert row.digest not in text


@pytest.mark.parametrize("state", PhoneMessage.State)
def test_a_state_is_shown_in_words(board: Switchboard, contoso: Org, state: PhoneMessage.State) -> None:
    telephony.text(MOBILE, "123456", challenge=str(uuid4()))
    PhoneMessage.objects.update(state=state)
    html = chief(contoso).get(MESSAGES).content.decode()
    (cell,) = re.findall(r"field-show_state[^>]*>(.*?)</td>", html, re.DOTALL)
    assert re.sub(r"<[^>]+>", "", cell).strip() == str(state.label)


def test_messages_are_read_only(board: Switchboard, contoso: Org) -> None:
    telephony.text(MOBILE, "123456", challenge=str(uuid4()))
    pk = PhoneMessage.objects.get().pk
    browser = chief(contoso)
    for path in (f"{MESSAGES}add/", f"{MESSAGES}{pk}/delete/"):
        assert browser.get(path).status_code == 403
    assert browser.post(f"{MESSAGES}{pk}/change/", {"state": "delivered"}).status_code == 403
    assert browser.get(f"{MESSAGES}?digest__startswith=a").status_code in {302, 400}


def test_another_organization_sees_none_of_it(board: Switchboard, contoso: Org, fabrikam: Org) -> None:
    with entered(contoso.row):
        telephony.text(MOBILE, "123456", challenge=str(uuid4()))
        pk, settings = PhoneMessage.objects.get().pk, page()
    browser = chief(fabrikam)
    assert "•78" not in browser.get(MESSAGES).content.decode()
    assert browser.get(f"{MESSAGES}{pk}/change/").status_code == 302
    assert browser.get(settings).status_code == 302
    assert ACCOUNT not in browser.get(page()).content.decode()


def test_spend_and_reasons_are_shown(board: Switchboard, contoso: Org, fabrikam: Org) -> None:
    with entered(contoso.row):
        for number in (MOBILE, "+436641234567", "+436641234568"):
            telephony.text(number, "123456", challenge=str(uuid4()))
        shown = chief(contoso).get(page()).content.decode()
    for text in ("Today: 0.30 USD", "This month: 0.30 of 100.00 USD", "AT: 2, 0.20 USD", "DE: 1, 0.10 USD"):
        assert text in shown
    assert "Twilio, by your own account." in shown
    theirs = chief(fabrikam)
    assert "No carrier is chosen" in theirs.get(page()).content.decode()
    board.connect()
    free = theirs.get(page()).content.decode()
    assert "No calls: Your organization&#x27;s edition does not include this." in free
    assert "Today: 0.00 USD" in free


def test_pages_cost_the_same_however_many_messages(
    board: Switchboard, contoso: Org, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hosts, "SECONDS", 3600.0)  # a busy machine must not find it cold

    def cost() -> list[int]:
        found = []
        for path in (MESSAGES, page()):
            with CaptureQueriesContext(connection) as queries:
                assert browser.get(path).status_code == 200
            found.append(len(queries))
        return found

    telephony.text(MOBILE, "123456", challenge=str(uuid4()))
    browser = chief(contoso)
    cost()  # warm
    before = cost()
    for number in range(12):
        telephony.text(f"+49151123400{number:02d}", "123456", challenge=str(uuid4()))
    assert cost() == before
