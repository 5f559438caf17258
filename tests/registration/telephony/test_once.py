"""A message is handed over once: whatever the carrier answers, nothing is sent twice and nothing is lost."""

import json
import logging
from collections.abc import Callable
from decimal import Decimal
from uuid import uuid4

import pytest
from django.db import connection
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from registration import telephony, verification
from registration.carriers import twilio
from registration.method import Undeliverable
from registration.models import AuditEvent, Challenge, PhoneMessage
from registration.purpose import Purpose
from registration.telephony import Unreached
from tenants.shield import egress
from tests.building import Org
from tests.registration.telephony.asking import MOBILE, OFFICE
from tests.switchboard import ACCOUNT, CUT, GARBAGE, SENDER, SILENT, SLAMMED, Switchboard

State = PhoneMessage.State


def only() -> PhoneMessage:
    """Return the only message there is."""
    return PhoneMessage.objects.get()


def send(challenge: str | None = None, number: str = MOBILE) -> str:
    """Text somebody."""
    challenge = challenge or str(uuid4())
    telephony.text(number, "123456 is your code.", challenge=challenge)
    return challenge


def test_a_text_as_the_carrier_gets_it(board: Switchboard) -> None:
    challenge = send()
    (taken,) = board.taken
    assert board.asked[0][0] == f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json"
    assert taken.fields == {
        "To": MOBILE,
        "From": SENDER,
        "Body": "123456 is your code.",
        "StatusCallback": f"http://contoso.localhost:8000/carriers/twilio/state/{only().pk}/",
    }
    row = only()
    assert (str(row.challenge), row.state, row.reference, row.country) == (
        challenge,
        State.SENT,
        taken.sid,
        "DE",
    )
    assert (row.masked, row.cost, row.is_billed) == ("+49 •••••••••78", Decimal("0.1000"), False)
    assert MOBILE not in json.dumps({field.name: str(getattr(row, field.name)) for field in row._meta.fields})


def test_a_messaging_service_sends(board: Switchboard) -> None:
    board.connect(settings=board.settings(sender="MG" + "0" * 32))
    send()
    assert board.taken[0].fields["MessagingServiceSid"] == "MG" + "0" * 32
    assert "From" not in board.taken[0].fields


def test_a_call_carries_no_code(board: Switchboard) -> None:
    """What it says is asked for once somebody answers, so that the carrier keeps no code of it."""
    telephony.read_out(OFFICE, "987654", challenge=str(uuid4()), language="en")
    (taken,) = board.taken
    message = only().pk
    assert taken.fields == {
        "To": OFFICE,
        "From": SENDER,
        "Url": f"http://contoso.localhost:8000/carriers/twilio/answer/{message}/",
        "MachineDetection": "Enable",
        "StatusCallback": f"http://contoso.localhost:8000/carriers/twilio/state/{message}/",
    }
    assert "987654" not in str(board.asked)
    assert b"987654" not in bytes(only().sealed or b"")


def test_a_challenge_is_texted_once(board: Switchboard) -> None:
    challenge = send()
    send(challenge)
    assert len(board.taken) == 1
    send()
    assert len(board.taken) == 2


@pytest.mark.parametrize("status", [429, 500, 503])
def test_what_is_refused_for_now_is_tried_again(board: Switchboard, status: int) -> None:
    board.next = [status, status]
    challenge = str(uuid4())
    for _try in range(2):
        with pytest.raises(Unreached, match=f"http_{status}"):
            send(challenge)
        assert (only().state, only().handed_at) == (State.QUEUED, None)
    send(challenge)
    assert (only().state, len(board.taken), len(board.asked)) == (State.SENT, 1, 3)


def test_an_unreachable_carrier_is_tried_again(board: Switchboard) -> None:
    board.connect(settings=board.settings(base_url="http://127.0.0.1:1"))
    challenge = str(uuid4())
    with pytest.raises(Unreached, match="unreachable"):
        send(challenge)
    board.connect()
    send(challenge)
    assert (only().state, len(board.taken)) == (State.SENT, 1)


@pytest.mark.parametrize("accident", [SILENT, CUT, GARBAGE, SLAMMED, 502, 504])
def test_what_may_have_been_taken_is_never_sent_again(
    board: Switchboard, accident: int | str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(twilio, "SECONDS", 0.5)
    board.next = [accident]
    challenge = send()
    assert (only().state, only().reason != "") == (State.UNKNOWN, True)
    before = len(board.taken)
    send(challenge)
    assert len(board.taken) == before
    assert len(board.asked) <= 1


def test_a_report_says_what_a_cut_answer_did_not(board: Switchboard, contoso: Org) -> None:
    board.next = [CUT]
    send()
    assert only().state == State.UNKNOWN
    told = board.report(contoso, board.taken[0].fields["StatusCallback"], MessageStatus="delivered")
    assert (told.status_code, only().state) == (204, State.DELIVERED)


def test_a_process_that_died_meanwhile_is_not_followed_by_a_second_message(
    board: Switchboard, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Died(BaseException):
        """The process is gone."""

    def die(*_args: object, **_kwargs: object) -> None:
        raise Died

    challenge = str(uuid4())
    with monkeypatch.context() as patched:
        patched.setattr(egress, "request", die)
        with pytest.raises(Died):
            send(challenge)
    send(challenge)
    assert (only().state, only().reason, board.taken) == (State.UNKNOWN, "interrupted", [])


@pytest.mark.parametrize(
    ("status", "error", "reason"),
    [
        (400, 21211, "carrier_21211"),
        (401, 20003, "carrier_20003"),
        (404, 0, "carrier_0"),
        (302, 1, "carrier_1"),
    ],
)
def test_what_the_carrier_will_never_take_is_not_tried_again(
    board: Switchboard, status: int, error: int, reason: str, caplog: pytest.LogCaptureFixture
) -> None:
    board.next, board.error = [status], error
    challenge = str(uuid4())
    with caplog.at_level(logging.DEBUG), pytest.raises(Undeliverable, match=reason):
        send(challenge)
    assert (only().state, only().reason, only().cost) == (State.FAILED, reason, Decimal(0))
    assert MOBILE not in caplog.text
    assert "wrong:" not in caplog.text
    send(challenge)
    assert len(board.asked) == 1


def test_a_private_address_takes_the_operators_permission(board: Switchboard, settings: object) -> None:
    settings.REKEY_ALLOW_PRIVATE_ADDRESSES = False  # type: ignore[attr-defined]  # pytest-django's fixture
    with pytest.raises(Undeliverable, match="address_scheme"):
        send()
    board.connect(settings=board.settings(base_url=board.url.replace("http:", "https:")))
    with pytest.raises(Undeliverable, match="address_private"):
        send()
    assert board.asked == []


def test_the_job_tries_again_and_sends_once(
    board: Switchboard, contoso: Org, jobs: Callable[[], list[str]]
) -> None:
    """The whole way of a code: 429, then 503, then it is taken; and the job that runs once more does nothing."""
    board.next = [429, 503]
    challenge = _sms_challenge(contoso)
    for _try in range(2):
        with pytest.raises(Unreached):
            jobs()
        assert Challenge.objects.get(pk=challenge.pk).sent_at is None
        _put_back()
    assert jobs() == ["registration.deliver"]
    (taken,) = board.taken
    code = taken.fields["Body"].partition(" ")[0]
    assert verification.answer(challenge.pk, code, purpose=Purpose.RESET, binding="tests").passed
    app.tasks["registration.deliver"].func(schema="contoso", challenge=str(challenge.pk))
    assert len(board.taken) == 1


def test_a_job_whose_code_must_not_be_sent_ends_and_says_why(
    board: Switchboard, contoso: Org, jobs: Callable[[], list[str]]
) -> None:
    board.next = [400]
    challenge = _sms_challenge(contoso)
    assert jobs() == ["registration.deliver"]
    event = AuditEvent.objects.get(activity="code_not_sent")
    assert (event.reason, event.status, event.subject) == (
        "carrier_21211",
        "failure",
        "adele@contoso.example",
    )
    assert MOBILE not in str(event.data)
    assert Challenge.objects.get(pk=challenge.pk).sealed is None


def test_nobody_has_no_message(board: Switchboard, contoso: Org, jobs: Callable[[], list[str]]) -> None:
    """A decoy has the same row and the same job; nothing is handed over and nothing written."""
    verification.challenge(
        "mobile_phone", user=None, state=None, purpose=Purpose.RESET, binding="tests", language="en"
    )
    assert jobs() == ["registration.deliver"]
    assert (board.asked, PhoneMessage.objects.count()) == ([], 0)


def test_retries_are_within_the_life_of_a_code() -> None:
    retry = app.tasks["registration.deliver"].retry_strategy
    assert isinstance(retry, RetryStrategy)
    waits = [retry.linear_wait * tries for tries in range(1, retry.max_attempts or 1)]
    assert len(waits) >= 5
    assert sum(waits[:5]) < verification.CODE_LIFE.total_seconds()


def _sms_challenge(org: Org) -> Challenge:
    return verification.challenge(
        "mobile_phone",
        user=org.user("adele"),
        state={"number": MOBILE, "way": "sms"},
        purpose=Purpose.RESET,
        binding="tests",
        language="en",
    )


def _put_back() -> None:
    """Let the job that failed wait again, as its worker does."""
    with connection.cursor() as cursor:
        cursor.execute("update public.procrastinate_jobs set status = 'todo' where status = 'doing'")


def test_another_organization_has_none_of_it(board: Switchboard, fabrikam: Org) -> None:
    """Fabrikam, entered last, has no carrier, and sees no message of Contoso's."""
    with pytest.raises(Undeliverable, match="no_carrier"):
        send()
    assert (board.asked, PhoneMessage.objects.count()) == ([], 0)
