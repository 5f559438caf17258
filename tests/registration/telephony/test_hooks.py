"""What a carrier reports: signed for its address, once, in its own organization; and what a call says and takes."""

import re
from datetime import timedelta
from typing import Any
from uuid import uuid4
from xml.etree import ElementTree

import pytest
from django.utils import timezone

from registration import telephony
from registration.models import Challenge, PhoneMessage
from tenants.context import entered
from tests.building import HOSTS, Org
from tests.registration.telephony.asking import MOBILE, OFFICE, asked
from tests.switchboard import Switchboard

State = PhoneMessage.State


def only() -> PhoneMessage:
    """Return the only message there is."""
    return PhoneMessage.objects.get()


def texted(board: Switchboard) -> str:
    """Text somebody, and return the address of its reports."""
    telephony.text(MOBILE, "123456", challenge=str(uuid4()))
    return board.taken[-1].fields["StatusCallback"]


def rung(board: Switchboard, org: Org, language: str = "en", **values: Any) -> tuple[Challenge, str]:
    """Call adele, and return the challenge and the address that asks what to say."""
    challenge = asked(org.user("adele"), "office_phone", **values)
    telephony.ring(OFFICE, challenge=str(challenge.pk), language=language)
    return challenge, board.taken[-1].fields["Url"]


def read(board: Switchboard, org: Org, code: str = "987654", language: str = "en") -> str:
    """Call adele to read a code out, and return the address that asks what to say."""
    challenge = asked(org.user("adele"), "mobile_phone")
    telephony.read_out(MOBILE, code, challenge=str(challenge.pk), language=language)
    return board.taken[-1].fields["Url"]


def answer(board: Switchboard, org: Org, address: str, by: str = "human") -> ElementTree.Element:
    """Answer a call as a person or a machine, and return what it says."""
    told = board.report(org, address, CallStatus="in-progress", AnsweredBy=by)
    assert (told.status_code, told["Content-Type"]) == (200, "text/xml")
    return ElementTree.fromstring(told.content)


def press(board: Switchboard, org: Org, said: ElementTree.Element, key: str, **fields: str) -> Any:
    """Press a key where the call asks for one."""
    gather = said.find("Gather")
    assert gather is not None
    return board.report(org, gather.attrib["action"], Digits=key, CallStatus="in-progress", **fields)


def verdict(challenge: Challenge) -> str:
    """Return how a challenge was settled."""
    return Challenge.objects.get(pk=challenge.pk).verdict


@pytest.mark.parametrize(
    ("told", "state", "reason"),
    [
        ({"MessageStatus": "sent"}, State.SENT, ""),
        ({"MessageStatus": "delivered"}, State.DELIVERED, ""),
        ({"MessageStatus": "undelivered", "ErrorCode": "30003"}, State.FAILED, "carrier_30003"),
        ({"MessageStatus": "failed", "ErrorCode": "<b>"}, State.FAILED, "failed"),
        ({"MessageStatus": "something-new"}, State.SENT, ""),
        ({}, State.SENT, ""),
    ],
)
def test_how_far_it_has_come(
    board: Switchboard, contoso: Org, told: dict[str, str], state: State, reason: str
) -> None:
    assert board.report(contoso, texted(board), **told).status_code == 204
    assert (only().state, only().reason) == (state, reason)


def test_what_has_arrived_stays_arrived(board: Switchboard, contoso: Org) -> None:
    address = texted(board)
    for status in ("delivered", "sent", "failed", "delivered"):
        assert board.report(contoso, address, MessageStatus=status).status_code == 204
    assert only().state == State.DELIVERED


def test_a_price_counts_as_billed(board: Switchboard, contoso: Org) -> None:
    board.report(contoso, texted(board), MessageStatus="delivered", Price="-0.0425")
    assert (str(only().cost), only().is_billed) == ("0.0425", True)


@pytest.mark.parametrize("signature", ["", "AAAA", "é", "x" * 10_000])
def test_a_wrong_signature_changes_nothing(board: Switchboard, contoso: Org, signature: str) -> None:
    address = texted(board)
    assert board.post(contoso, address, signature, MessageStatus="delivered").status_code == 403
    assert board.report(contoso, address, secret="another", MessageStatus="delivered").status_code == 403
    assert only().state == State.SENT


def test_a_signature_is_for_its_address_and_its_fields(board: Switchboard, contoso: Org) -> None:
    _challenge, address = rung(board, contoso)
    said = answer(board, contoso, address)
    stolen = _signature_of(board, contoso, address, Digits="1")
    gather = said.find("Gather")
    assert gather is not None
    for digits, to in (("#", address), ("1", gather.attrib["action"]), ("#", gather.attrib["action"])):
        assert board.post(contoso, to, stolen, Digits=digits).status_code == 403
    assert verdict(_challenge) == ""


def test_without_a_signature_nothing_tells_what_exists(board: Switchboard, contoso: Org) -> None:
    address = texted(board)
    unknown = re.sub(r"[0-9a-f-]{36}", str(uuid4()), address)
    assert board.post(contoso, address, "").content == board.post(contoso, unknown, "").content
    assert board.report(contoso, unknown, MessageStatus="delivered").status_code == 404


def test_a_report_is_posted(board: Switchboard, contoso: Org) -> None:
    assert contoso.browser().get(texted(board).partition("8000")[2]).status_code == 405


@pytest.mark.parametrize("path", ["twilio/else", "inbox/state", "nobody/state", "inbox/answer"])
def test_another_address_is_none(board: Switchboard, contoso: Org, path: str) -> None:
    texted(board)
    assert contoso.browser().post(f"/carriers/{path}/{only().pk}/").status_code == 404


def test_a_host_header_moves_no_signature(board: Switchboard, contoso: Org) -> None:
    """The address that is signed is the primary host's, whatever host the request names."""
    address = texted(board)
    signature = _signature_of(
        board, contoso, address.replace("contoso", "fabrikam"), MessageStatus="delivered"
    )
    assert board.post(contoso, address, signature, MessageStatus="delivered").status_code == 403


def test_another_organizations_report_is_none(board: Switchboard, contoso: Org, fabrikam: Org) -> None:
    """Fabrikam has a carrier with the very same secret; a report of Contoso's message does nothing there."""
    board.connect()
    with entered(contoso.row):
        address = texted(board)
        own = only().pk
    at_fabrikam = address.replace(HOSTS["contoso"], HOSTS["fabrikam"])
    assert board.report(fabrikam, at_fabrikam, MessageStatus="delivered").status_code == 404
    stolen = _signature_of(board, contoso, address, MessageStatus="delivered")
    assert board.post(fabrikam, at_fabrikam, stolen, MessageStatus="delivered").status_code == 403
    assert PhoneMessage.objects.count() == 0
    with entered(contoso.row):
        assert (only().pk, only().state) == (own, State.SENT)


def test_a_code_is_read_to_a_person_once(board: Switchboard, contoso: Org) -> None:
    address = read(board, contoso)
    said = answer(board, contoso, address)
    words = [say.text for say in said.iter("Say")]
    assert words == [
        "Hello, this is Contoso. Your code is:",
        "9, 8, 7, 6, 5, 4.",
        "Once more:",
        *words[1:2],
        "Goodbye.",
    ]
    assert said.find("Hangup") is not None
    assert (only().state, only().sealed) == (State.DELIVERED, None)
    assert list(answer(board, contoso, address).iter("Say")) == []


@pytest.mark.parametrize("by", ["machine_start", "machine_end_beep", "fax", "anything"])
def test_no_code_is_read_to_a_machine(board: Switchboard, contoso: Org, by: str) -> None:
    address = read(board, contoso)
    assert list(answer(board, contoso, address, by).iter("Say")) == []
    assert (only().state, only().reason, only().sealed) == (State.FAILED, "machine", None)
    assert list(answer(board, contoso, address).iter("Say")) == []


@pytest.mark.parametrize(
    ("language", "voice"),
    [("de", "de-DE"), ("de-AT", "de-DE"), ("ar", "arb"), ("xx", "en-US"), ("", "en-US")],
)
def test_a_call_is_in_a_language(board: Switchboard, contoso: Org, language: str, voice: str) -> None:
    first = next(answer(board, contoso, read(board, contoso, language=language)).iter("Say"))
    assert first.attrib["language"] == voice
    assert "Contoso" in (first.text or "")


def test_an_organizations_name_is_no_instruction(board: Switchboard, contoso: Org) -> None:
    row = contoso.row
    row.name = '<Hangup/> & "Sons"'
    row.save()
    with entered(row):
        said = answer(board, contoso, read(board, contoso))
    assert len(said.findall("Hangup")) == 1
    assert "<Hangup/> & " in (next(said.iter("Say")).text or "")


def test_the_hash_key_approves_once(board: Switchboard, contoso: Org) -> None:
    challenge, address = rung(board, contoso)
    said = answer(board, contoso, address)
    gather = said.find("Gather")
    assert gather is not None
    assert (gather.attrib["finishOnKey"], gather.attrib["numDigits"]) == ("", "1")
    first = press(board, contoso, said, "#")
    assert b"Goodbye" in first.content
    assert verdict(challenge) == "approved"
    assert b"Say" not in press(board, contoso, said, "*").content
    assert verdict(challenge) == "approved"


@pytest.mark.parametrize("key", ["*", "1", "0", "A"])
def test_another_key_denies(board: Switchboard, contoso: Org, key: str) -> None:
    challenge, address = rung(board, contoso)
    said = answer(board, contoso, address)
    assert b"Nothing is confirmed" in press(board, contoso, said, key).content
    assert verdict(challenge) == "denied"
    press(board, contoso, said, "#")
    assert verdict(challenge) == "denied"


def test_silence_proves_nothing(board: Switchboard, contoso: Org) -> None:
    challenge, address = rung(board, contoso)
    press(board, contoso, answer(board, contoso, address), "")
    board.report(contoso, board.taken[-1].fields["StatusCallback"], CallStatus="completed")
    assert (verdict(challenge), only().state) == ("", State.DELIVERED)


def test_a_greeting_with_a_key_in_it_proves_nothing(board: Switchboard, contoso: Org) -> None:
    """A mailbox may play the tone of #: a machine is hung up on, and asked for no key."""
    challenge, address = rung(board, contoso)
    assert [one.tag for one in answer(board, contoso, address, "machine_start")] == ["Hangup"]
    key = address.replace("/answer/", "/key/")
    for fields in ({"Digits": "#"}, {"Digits": "#", "AnsweredBy": "machine_start"}):
        assert board.report(contoso, key, **fields).status_code == 200
    assert (verdict(challenge), only().state) == ("", State.FAILED)


def test_a_machine_that_is_found_out_late_proves_nothing(board: Switchboard, contoso: Org) -> None:
    challenge, address = rung(board, contoso)
    press(board, contoso, answer(board, contoso, address, "unknown"), "#", AnsweredBy="machine_end_other")
    assert verdict(challenge) == ""


def test_a_key_without_a_call_proves_nothing(board: Switchboard, contoso: Org) -> None:
    challenge, address = rung(board, contoso)
    board.report(contoso, address.replace("/answer/", "/key/"), Digits="#")
    assert verdict(challenge) == ""
    read_address = read(board, contoso)
    board.report(contoso, read_address.replace("/answer/", "/key/"), Digits="#")
    assert PhoneMessage.objects.filter(state=State.SENT).count() == 2


@pytest.mark.parametrize(
    "over", [{"consumed_at": timezone.now()}, {"expires_at": timezone.now() - timedelta(1)}]
)
def test_what_is_over_is_not_asked(board: Switchboard, contoso: Org, over: dict[str, Any]) -> None:
    challenge, address = rung(board, contoso, **over)
    said = answer(board, contoso, address)
    assert said.find("Gather") is None
    assert verdict(challenge) == ""


def test_a_key_after_the_end_counts_for_nothing(board: Switchboard, contoso: Org) -> None:
    challenge, address = rung(board, contoso)
    said = answer(board, contoso, address)
    Challenge.objects.filter(pk=challenge.pk).update(expires_at=timezone.now())
    assert b"Nothing is confirmed" in press(board, contoso, said, "#").content
    assert verdict(challenge) == ""


@pytest.mark.parametrize("status", ["busy", "no-answer", "failed", "canceled"])
def test_a_call_that_nobody_answers(board: Switchboard, contoso: Org, status: str) -> None:
    rung(board, contoso)
    board.report(contoso, board.taken[-1].fields["StatusCallback"], CallStatus=status)
    assert (only().state, only().reason, only().sealed) == (State.FAILED, status, None)


def test_nothing_of_a_report_stands_in_a_log(
    board: Switchboard, contoso: Org, caplog: pytest.LogCaptureFixture
) -> None:
    address = read(board, contoso)
    with caplog.at_level("DEBUG"):
        answer(board, contoso, address)
        board.report(contoso, texted(board), MessageStatus="failed", To=MOBILE)
    assert "98765" not in caplog.text
    assert MOBILE not in caplog.text


def test_strangers_fields_do_no_harm(board: Switchboard, contoso: Org) -> None:
    address = texted(board)
    told = board.report(
        contoso, address, MessageStatus="delivered", Price="NaN", ErrorCode="9" * 4000, To="\0"
    )
    assert (told.status_code, only().state, only().is_billed) == (204, State.DELIVERED, False)


def _signature_of(board: Switchboard, org: Org, address: str, **fields: str) -> str:
    """Return the signature that the carrier would make for an address and fields."""
    found: list[str] = []
    original = board.post
    board.post = lambda _org, _address, signature, **_fields: found.append(signature)  # type: ignore[method-assign]
    try:
        board.report(org, address, **fields)
    finally:
        board.post = original  # type: ignore[method-assign]
    return found[0]
