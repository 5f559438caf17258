"""The demo's telephones: texts can be read, calls answered and keys pressed, each in the organization that called."""

import stat
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from config.demo import phones
from registration import connecting, telephony
from registration.models import Challenge, PhoneMessage
from tenants import hosts
from tenants.context import entered
from tests.building import Org
from tests.registration.telephony.asking import MOBILE, OFFICE, asked

WORDS = "123456 is your code."


@pytest.fixture(autouse=True)
def data(tmp_path: Path, settings: Any, contoso: Org) -> Path:
    """Keep the messages of a test in a folder of its own; Contoso texts and calls by the inbox."""
    settings.REKEY_DATA = tmp_path
    connecting.connect({"carrier": "inbox"}, settings={}, actor="tests")
    hosts.forget()
    return tmp_path


def rung(org: Org) -> tuple[Challenge, str]:
    """Call adele's office, and return the challenge and the call's name."""
    challenge = asked(org.user("adele"), "office_phone")
    telephony.ring(OFFICE, challenge=str(challenge.pk), language="en")
    return challenge, phones.names()[0]


def shown(org: Org) -> str:
    """Return the inbox's page."""
    return str(org.browser().get("/inbox/").content.decode())


def post(org: Org, name: str, **fields: str) -> int:
    """Press one of the page's buttons."""
    return int(org.browser().post(f"/inbox/calls/{name}/", fields).status_code)


def test_a_text_can_be_read_and_is_private(contoso: Org, data: Path) -> None:
    telephony.text(MOBILE, WORDS, challenge=str(uuid4()))
    (name,) = phones.names()
    phone = phones.read(name)
    assert phone is not None
    assert (phone.number, phone.organization, phone.words, phone.is_call) == (MOBILE, "Contoso", WORDS, False)
    assert WORDS in shown(contoso)
    (path,) = (data / "phones").iterdir()
    assert (stat.S_IMODE(path.stat().st_mode), stat.S_IMODE(path.parent.stat().st_mode)) == (0o600, 0o700)
    assert PhoneMessage.objects.get().reference == name


def test_a_call_is_answered_and_its_hash_key_approves(contoso: Org) -> None:
    challenge, name = rung(contoso)
    assert "Answer" in shown(contoso)
    assert post(contoso, name, key="#") == 302  # it rings: there is nothing to press
    assert Challenge.objects.get(pk=challenge.pk).verdict == ""
    assert post(contoso, name) == 302
    page = shown(contoso)
    assert "If it is you, press the hash key." in page
    assert 'name="key" value="#"' in page
    assert post(contoso, name, key="#") == 302
    assert Challenge.objects.get(pk=challenge.pk).verdict == "approved"
    page = shown(contoso)
    assert "Thank you. Goodbye." in page
    assert 'name="key"' not in page


def test_a_mailbox_that_answers_proves_nothing(contoso: Org) -> None:
    challenge, name = rung(contoso)
    post(contoso, name, machine="1")
    post(contoso, name, key="#")
    post(contoso, name)
    assert Challenge.objects.get(pk=challenge.pk).verdict == ""
    assert "The call was ended at once." in shown(contoso)
    assert PhoneMessage.objects.get().reason == "machine"


def test_a_code_that_was_read_out_stays_on_the_page(contoso: Org) -> None:
    challenge = asked(contoso.user("adele"), "mobile_phone")
    telephony.read_out(MOBILE, "987654", challenge=str(challenge.pk), language="de")
    (name,) = phones.names()
    assert "9, 8, 7" not in shown(contoso)
    post(contoso, name)
    page = shown(contoso)
    assert "9, 8, 7, 6, 5, 4." in page
    assert 'lang="de"' in page


@pytest.mark.parametrize("key", ["##", "x", "\0", ""])
def test_what_is_no_key_presses_nothing(contoso: Org, key: str) -> None:
    challenge, name = rung(contoso)
    post(contoso, name)
    assert post(contoso, name, key=key) == 302
    assert Challenge.objects.get(pk=challenge.pk).verdict == ""


@pytest.mark.parametrize("name", ["nothing", "0" * 20 + "-" + "0" * 8])
def test_a_name_that_is_no_call_is_not_there(contoso: Org, name: str) -> None:
    assert post(contoso, name) == 404
    assert contoso.browser().get(f"/inbox/calls/{name}/").status_code == 405


def test_an_answer_counts_in_the_organization_that_called(contoso: Org, fabrikam: Org) -> None:
    """The page is the same on every host; Fabrikam's is not where the call came from."""
    hosts.forget()
    with entered(contoso.row):
        challenge, name = rung(contoso)
    post(fabrikam, name)
    post(fabrikam, name, key="#")
    assert PhoneMessage.objects.count() == 0
    with entered(contoso.row):
        assert Challenge.objects.get(pk=challenge.pk).verdict == "approved"
        assert PhoneMessage.objects.get().challenge == UUID(str(challenge.pk))


def test_there_is_none_outside_the_demo(contoso: Org, settings: Any) -> None:
    settings.REKEY_DEMO = False
    hosts.forget()
    assert telephony.available().sms is False
    assert telephony.refusal(MOBILE) == "no_carrier"
