"""Phones at the gates of a reset: whoever has the phone passes, and nobody learns whether there is one."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from licensing import subscribing
from registration import configuring, people
from registration.models import AuditEvent, Challenge
from registration.roles import Role
from tenants import hosts
from tenants.context import entered
from tests.building import PASSWORD, Browser, Org, give_app, give_email, give_mobile, give_office, run_jobs
from tests.journeys.people import answer, choose_password
from tests.resets.steps import NEW, begun, newest, prove_email, where, why_stopped
from tests.resets.steps_of_all import choose_mobile, choose_office
from tests.telephones import MOBILE, OFFICE, OTHER_MOBILE, Telephones

ADELE, NOBODY = "adele@contoso.example", "nobody@contoso.example"
GATE, WAIT, DONE = "/reset/verify/", "/reset/wait/", "/reset/password/"


@pytest.fixture
def here(contoso: Org, phones: Telephones) -> Org:
    """Contoso, where adele may reset by either phone."""
    phones.connect(contoso)
    configuring.configure({"methods": ["mobile_phone", "office_phone", "email"]}, actor="tests")
    give_mobile(contoso.user("adele"))
    give_office(contoso.user("adele"))
    return contoso


def heard(phones: Telephones, number: str = MOBILE) -> str:
    """Answer the call, and return the code that is read out."""
    spoken = phones.answer(number)
    assert spoken is not None
    return spoken.sentences[1].replace(", ", "").rstrip(".")


def kinds(browser: Browser) -> list[str]:
    """Return what the gate offers."""
    return [one["kind"] for one in browser.get(GATE).context["options"]]


@pytest.mark.parametrize("way", ["sms", "call"])
def test_a_code_to_the_mobile_phone_resets(here: Org, phones: Telephones, way: str) -> None:
    browser = begun(here, ADELE)
    assert choose_mobile(browser, MOBILE, way=way).headers["location"] == GATE
    code = phones.code() if way == "sms" else heard(phones)
    assert answer(browser, code).headers["location"] == GATE
    assert where(browser) == DONE
    choose_password(browser, NEW)
    assert here.user("adele").check_password(NEW)
    assert AuditEvent.objects.get(activity="password_reset").method == "mobile_phone"


def test_what_a_text_of_a_reset_says(here: Org, phones: Telephones) -> None:
    choose_mobile(begun(here, ADELE), MOBILE)
    code, words = phones.code(), phones.words()
    assert words.startswith(f"{code} is your code to reset your password at Contoso.")
    assert words.endswith(f"\n\n@contoso.localhost #{code}")
    assert len(words) <= 160 and words.isascii()


def test_a_key_pressed_at_the_desk_resets(here: Org, phones: Telephones) -> None:
    browser = begun(here, ADELE)
    choose_office(browser, OFFICE)
    assert where(browser) == WAIT
    assert browser.get(WAIT).status_code == 200
    phones.press()
    assert browser.get(WAIT).headers["location"] == DONE
    choose_password(browser, NEW)
    assert here.user("adele").check_password(NEW)


@pytest.mark.parametrize("key", ["", "silence", "machine"])
def test_silence_and_voicemail_prove_nothing(here: Org, phones: Telephones, key: str) -> None:
    browser = begun(here, ADELE)
    choose_office(browser, OFFICE)
    if key == "machine":
        assert phones.answer(OFFICE, by_machine=True) is None
    elif key == "":
        phones.press(key="")
    else:
        phones.all()
    assert browser.get(WAIT).status_code == 200
    assert (where(browser), newest().passed) == (WAIT, [])


def test_another_key_ends_the_reset(here: Org, phones: Telephones) -> None:
    browser = begun(here, ADELE)
    choose_office(browser, OFFICE)
    phones.press(key="*")
    browser.get(WAIT)
    assert why_stopped(browser) == "denied"
    assert here.user("adele").check_password(PASSWORD)


@pytest.mark.parametrize(
    ("country", "text"),
    [
        ("DE", "0151 23456789"),
        ("DE", "(0151) 2345-6789"),
        ("", "0049 151 23456789"),
        ("FR", "+49 (0)151 23456789"),
        ("DE", "٠١٥١٢٣٤٥٦٧٨٩"),
    ],
)
def test_a_number_is_known_in_any_spelling(here: Org, phones: Telephones, country: str, text: str) -> None:
    browser = begun(here, ADELE)
    choose_mobile(browser, text, country=country)
    answer(browser, phones.code())
    assert where(browser) == DONE


@pytest.mark.parametrize(
    ("name", "number"),
    [(NOBODY, MOBILE), ("bo@contoso.example", MOBILE), (ADELE, OTHER_MOBILE), (ADELE, OFFICE)],
)
def test_nothing_is_sent_to_whom_it_is_not(here: Org, phones: Telephones, name: str, number: str) -> None:
    browser, rung = begun(here, name), []
    asks: list[Callable[[], Any]] = [
        lambda: choose_mobile(browser, number),
        lambda: choose_mobile(browser, number, way="call"),
        lambda: choose_office(browser, number),
    ]
    for ask in asks:
        ask()
        rung.append(len(phones.all()))  # each by itself: the next one voids it
    assert rung == [0, 0, int(number == OFFICE)]
    assert Challenge.objects.filter(purpose="reset").count() == 3


def test_nobody_waits_as_everybody(here: Org, phones: Telephones) -> None:
    """The whole page, its buttons and its words, whether it rings or not; and both may ask again."""
    pages: list[Any] = []
    for name in (ADELE, NOBODY):
        browser = begun(here, name)
        choose_office(browser, OFFICE)
        browser.post(WAIT, {"action": "resend"})
        text = browser.get(WAIT).content.decode()
        assert 'data-resend="10"' in text and 'data-after="10"' in text and "Call again" in text
        pages.append(text.split("<main")[1].split("csrfmiddlewaretoken")[0])
    assert pages[0] == pages[1]
    assert [one["number"] for one in phones.all()] == [OFFICE]  # the first was void before it was made


def test_another_call_makes_the_first_one_worthless(here: Org, phones: Telephones) -> None:
    browser = begun(here, ADELE)
    choose_office(browser, OFFICE)
    phones.all()
    browser.post(WAIT, {"action": "resend"})
    first, second = (one["message"] for one in phones.all(OFFICE))
    assert first != second
    phones.press_at(first)
    assert browser.get(WAIT).status_code == 200
    phones.press_at(second)
    assert browser.get(WAIT).headers["location"] == DONE


def test_after_a_first_proof_the_numbers_are_masked(here: Org, phones: Telephones) -> None:
    configuring.configure({"required": 2}, actor="tests")
    give_email(here.user("adele"))
    browser = begun(here, ADELE)
    prove_email(browser)
    found = {one["kind"]: one["detail"] for one in browser.get(GATE).context["options"]}
    assert found == {"mobile_phone": "+49 ••••• 89", "office_phone": "+49 ••••• 20"}
    choose_mobile(browser, MOBILE)
    answer(browser, phones.code())
    assert where(browser) == DONE


def test_what_was_chosen_stands_nowhere_in_clear(here: Org, phones: Telephones) -> None:
    choose_mobile(begun(here, ADELE), MOBILE)
    phones.all()
    digits = MOBILE[3:].encode()
    for row in (newest(), *Challenge.objects.filter(purpose="reset")):
        for value in vars(row).values():
            assert digits not in (bytes(value) if isinstance(value, memoryview) else str(value).encode())
    assert digits.decode() not in str(list(AuditEvent.objects.values()))


@pytest.mark.parametrize(
    ("edition", "trial", "calls"), [("p1", None, True), ("p1", date(2100, 1, 1), False), ("m365", None, True)]
)
def test_calls_are_there_only_where_they_are_included(
    here: Org, phones: Telephones, edition: str, trial: date | None, calls: bool
) -> None:
    subscribing.assign(here.row, edition=edition, trial_ends=trial, actor="tests")
    hosts.forget()
    browser = begun(here, ADELE)
    assert ("office_phone" in kinds(browser)) is calls
    assert ("In a call that reads it out" in browser.get(GATE).content.decode()) is calls
    choose_office(browser, OFFICE)
    browser.post(WAIT, {"action": "back"})
    choose_mobile(browser, MOBILE, way="call")
    assert [("words" in one, one["number"]) for one in phones.all()] == [(not calls, MOBILE)]


def test_what_the_edition_loses_in_the_middle_does_not_ring(here: Org, phones: Telephones) -> None:
    browser = begun(here, ADELE)
    choose_office(browser, OFFICE)
    subscribing.assign(here.row, edition="p1", trial_ends=date(2100, 1, 1), actor="tests")
    hosts.forget()
    assert phones.all() == []
    assert AuditEvent.objects.get(activity="code_not_sent").reason == "not_included"
    assert browser.get(WAIT).status_code == 200


def test_an_administrator_proves_a_phone_beside_another_method(here: Org, phones: Telephones) -> None:
    chief = here.user("chief")
    give_mobile(chief, OTHER_MOBILE)
    give_email(chief, "chief@home.example")
    browser = begun(here, "chief@contoso.example")
    choose_mobile(browser, OTHER_MOBILE)
    answer(browser, phones.code(OTHER_MOBILE))
    assert where(browser) == GATE
    prove_email(browser, "chief@home.example")
    assert where(browser) == DONE
    assert Role.GLOBAL_ADMINISTRATOR in chief.roles_in_force


def test_phones_of_one_organization_ring_in_no_other(here: Org, phones: Telephones, fabrikam: Org) -> None:
    subscribing.assign(fabrikam.row, edition="p1", trial_ends=None, actor="tests")
    phones.connect(fabrikam)
    with entered(fabrikam.row):
        configuring.configure({"methods": ["mobile_phone", "office_phone"]}, actor="tests")
        give_app(fabrikam.user("adele"))
    browser = begun(fabrikam, "adele@fabrikam.example")
    choose_mobile(browser, MOBILE)
    choose_office(browser, OFFICE)
    assert phones.all() == []
    with entered(here.row):
        mine = begun(here, ADELE)
        choose_office(mine, OFFICE)
    (call,) = phones.all()
    assert call["schema"] == "contoso"
    phones.press_at(call["message"])  # entered at Fabrikam
    assert mine.get(WAIT).status_code == 200
    with entered(here.row):
        phones.press_at(call["message"])
    assert mine.get(WAIT).headers["location"] == DONE


def test_somebody_disabled_waits_and_passes_no_further(here: Org, phones: Telephones) -> None:
    people.change(here.user("adele"), {"is_active": False}, actor="tests")
    browser = begun(here, ADELE)
    choose_office(browser, OFFICE)
    phones.press()
    browser.get(WAIT)
    assert why_stopped(browser) == "account_disabled"
    assert run_jobs() == []
