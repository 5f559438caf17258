"""Whoever is named, the pages, the queries, the hashes and the jobs are the same; only the right mailbox gets a code."""

from typing import Any

import pytest
from django.core import mail

from registration import configuring, people
from registration.models import AuditEvent, Challenge
from resets import flow
from resets.budgets import START_NAME
from resets.models import Reset
from tenants.shield import throttle
from tests.building import PASSWORD, Org, app_code, give_app, give_email, run_jobs
from tests.journeys.people import answer, ask_email, begin_reset, choose_password, code_in_mail, prove_app
from tests.registration.steps import text_of
from tests.resets.steps import HERE, HOME, NEW, begun, where
from tests.tenants.branding.queries import asked

ADELE, BO, NOBODY = "adele@contoso.example", "bo@contoso.example", "nobody@contoso.example"


def seen(org: Org, name: str, address: str = HOME) -> list[tuple[int, str, str, int]]:
    """Return what somebody who knows nothing but a name and an address sees and causes: each page, each count of queries."""
    browser, found = begun(org, name), []
    steps: list[Any] = [
        lambda: browser.get("/reset/verify/"),
        lambda: prove_app(browser, "000000"),
        lambda: ask_email(browser, address),
        lambda: browser.get("/reset/verify/"),
        lambda: answer(browser, "00000x"),
        lambda: browser.post("/reset/verify/", {"action": "resend"}),
        lambda: browser.post("/reset/verify/", {"action": "back"}),
        lambda: choose_password(browser, NEW),
    ]
    for step in steps:
        with asked() as queries:
            page = step()
        text = text_of(page, name, address)
        found.append((page.status_code, page.headers.get("location", ""), text, len(queries)))
    return found


@pytest.fixture
def adele_sees(contoso: Org) -> list[tuple[int, str, str, int]]:
    """Contoso asks for two; adele has two and bo none."""
    configuring.configure({"required": 2}, actor="tests")
    adele = contoso.user("adele")
    give_app(adele)
    give_email(adele)
    begun(contoso, NOBODY).get("/reset/verify/")  # what is read once in a while has been read
    return seen(contoso, ADELE)


def test_what_adele_sees(adele_sees: list[tuple[int, str, str, int]]) -> None:
    assert [(status, location) for status, location, _text, _count in adele_sees] == [
        (200, ""),
        (200, ""),
        (302, "/reset/verify/"),
        (200, ""),
        (200, ""),
        (302, "/reset/verify/"),
        (200, ""),
        (302, "/reset/verify/"),
    ]
    assert not any(name in text for _s, _l, text, _c in adele_sees for name in ("ad•••", "Adele"))


def test_the_cost_of_each_step(adele_sees: list[tuple[int, str, str, int]]) -> None:
    assert [count for _status, _location, _text, count in adele_sees] == [8, 39, 23, 7, 25, 25, 11, 5]


@pytest.mark.parametrize(
    ("name", "address"),
    [(NOBODY, HOME), (BO, HOME), (ADELE, "adele@else.example"), ("chief@contoso.example", HOME)],
)
def test_everybody_sees_the_same(contoso: Org, adele_sees: Any, name: str, address: str) -> None:
    assert seen(contoso, name, address) == adele_sees


def test_somebody_disabled_sees_the_same(contoso: Org, adele_sees: Any) -> None:
    people.change(contoso.user("adele"), {"is_active": False}, actor="tests")
    assert seen(contoso, ADELE) == adele_sees


@pytest.mark.parametrize(
    ("name", "address", "mails"), [(ADELE, HOME, 1), (ADELE, "a@else.example", 0), (NOBODY, HOME, 0)]
)
def test_only_the_right_address_of_the_right_person_is_written_to(
    contoso: Org, name: str, address: str, mails: int
) -> None:
    give_email(contoso.user("adele"))
    ask_email(begun(contoso, name), address)
    mail.outbox = []
    assert run_jobs() == ["registration.deliver"]
    assert [one.to for one in mail.outbox] == [[HOME]] * mails


def test_an_address_is_known_in_any_case(contoso: Org) -> None:
    give_email(contoso.user("adele"))
    browser = begun(contoso, ADELE)
    ask_email(browser, " ADELE@Home.example ")
    answer(browser, code_in_mail())
    assert where(browser) == "/reset/password/"


def test_a_decoys_code_opens_nothing(contoso: Org, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("registration.verification.secrets.choice", lambda digits: "7")
    browser = begun(contoso, NOBODY)
    ask_email(browser, HOME)
    answer(browser, "777777")
    assert (Reset.objects.get().passed, Reset.objects.get().failures) == ([], 1)


def test_five_wrong_ones_end_a_reset_of_nobody_as_any(contoso: Org) -> None:
    browser = begun(contoso, NOBODY)
    for _try in range(5):
        prove_app(browser, "000000")
    assert browser.get("/reset/stopped/").context["code"] == "too_many_tries"


def test_after_a_first_proof_the_own_addresses_are_masked(contoso: Org) -> None:
    configuring.configure({"required": 2}, actor="tests")
    adele = contoso.user("adele")
    give_app(adele)
    give_email(adele)
    browser = begun(contoso, ADELE)
    prove_app(browser, app_code())
    (option,) = browser.get("/reset/verify/").context["options"]
    assert (option["kind"], option["detail"]) == ("email", "ad•••@home.example")


@pytest.mark.parametrize("name", [ADELE, NOBODY])
def test_beginning_is_limited_by_name_and_network(contoso: Org, name: str) -> None:
    for _start in range(START_NAME.limit):
        assert flow.may_start(name, HERE).allowed
    for _try in range(2):
        page = begin_reset(contoso.browser(), name.upper())
        assert (page.status_code, Reset.objects.count()) == (200, 0)
    events = AuditEvent.objects.filter(activity="reset_started", status="failure")
    assert list(events.values_list("reason", "subject")) == [("too_often", name)]  # once for each wait
    assert not throttle.peek(START_NAME, name, HERE.network).allowed
    assert throttle.peek(START_NAME, name, "203.0.113.0/24").allowed


def test_codes_of_apps_are_not_limited_for_the_whole_organization(contoso: Org) -> None:
    for number in range(6):
        browser = begun(contoso, f"name{number}@contoso.example")
        for _try in range(2):
            prove_app(browser, "000000")
    assert [one.failures for one in Reset.objects.all()] == [2] * 6


def test_one_mailbox_gets_no_eleventh_code_in_an_hour(contoso: Org) -> None:
    for number in range(11):
        ask_email(begun(contoso, f"name{number}@contoso.example"), HOME)
    assert Challenge.objects.filter(purpose="reset").count() == 10


def test_without_the_captcha_nothing_begins(contoso: Org) -> None:
    page = contoso.browser().post("/reset/", {"sign_in_name": ADELE, "captcha": "x"})
    assert (page.status_code, Reset.objects.exists()) == (200, False)


def test_a_name_in_a_link_is_filled_in(contoso: Org) -> None:
    page = contoso.browser().get("/reset/", {"username": ADELE})
    assert page.context["form"]["sign_in_name"].value() == ADELE


def test_what_is_no_name_is_not_kept(contoso: Org) -> None:
    begun(contoso, "My-Secret-1")
    assert Reset.objects.get().typed == ""
    assert AuditEvent.objects.get(activity="reset_started").subject == ""


def test_a_german_browser_reads_german(contoso: Org) -> None:
    page = contoso.browser(**{"accept-language": "de-AT,de;q=0.9"}).get("/reset/")
    assert page.headers["content-language"] == "de"
    assert '<html lang="de"' in page.content.decode()


def test_no_link_or_form_gives_the_name_back(contoso: Org) -> None:
    text = begun(contoso, ADELE).get("/reset/verify/").content.decode()
    assert ADELE not in text
    assert PASSWORD not in text
