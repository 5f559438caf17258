"""What is under way ends when the password is set elsewhere, or when what was proved is taken away."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from functools import partial
from typing import Any

import psycopg
import pytest
from django.core import mail
from django.db import connection, connections

from registration import configuring, enrolling
from registration.models import Challenge, Device, User
from registration.origin import NOWHERE
from resets.budgets import TELL_DESTINATION
from tenants.context import entered
from tests.building import (
    PASSWORD,
    Browser,
    Org,
    give_app,
    give_email,
    give_questions,
    run_jobs,
    sign_in,
)
from tests.journeys.people import answer, ask_email, begin_reset, choose_password, code_in_mail, prove_app
from tests.resets.steps import begun
from tests.tenants.shield.solving import fetched

NEW, OTHER = "Quite-Another-9", "Something-Else-8"
HOME, VERIFY = "adele@home.example", "/reset/verify/"


def passed_by_mail(org: Org) -> Browser:
    """Return the browser of somebody who has proved adele's mailbox, the only gate, and waits."""
    thief = org.browser()
    begin_reset(thief, "adele@contoso.example")
    ask_email(thief, HOME)
    answer(thief, code_in_mail())
    return thief


def test_the_owners_change_ends_a_thiefs_reset(contoso: Org) -> None:
    give_email(contoso.user("adele"))
    thief = passed_by_mail(contoso)
    owner = contoso.browser()
    sign_in(owner, "adele@contoso.example")
    owner.post("/password/", {"current": PASSWORD, "new_password": NEW, "confirm": NEW})
    assert choose_password(thief, OTHER).headers["location"] == "/reset/stopped/"
    assert User.objects.get(sign_in_name="adele@contoso.example").check_password(NEW)


def test_a_removed_method_has_proved_nothing(contoso: Org) -> None:
    adele = contoso.user("adele")
    give_email(adele)
    give_app(adele)
    thief = passed_by_mail(contoso)
    enrolling.remove(adele, Device.objects.get(kind="email"), actor=adele, origin=NOWHERE)
    assert choose_password(thief, OTHER).headers["location"] == "/reset/verify/"


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("name", ["adele@contoso.example", "nobody@contoso.example"])
def test_answers_in_two_resets_wait_for_nothing_of_a_person(name: str) -> None:
    """What locked the person's rows would make two answers at once slower for who exists."""
    contoso = Org("contoso")
    with entered(contoso.row):
        give_app(contoso.user("adele"))
        other = begun(contoso, name)
    with psycopg.connect(**connection.get_connection_params()) as held:
        held.execute("select * from contoso.registration_device for update")
        held.execute("select * from contoso.registration_user for no key update")
        with connection.cursor() as cursor:
            cursor.execute("set lock_timeout = '2s'")
        assert prove_app(other, "000000").status_code == 200
    with connection.cursor() as cursor:
        cursor.execute("reset lock_timeout")


def test_a_removed_mailbox_has_proved_nothing_though_another_stays(contoso: Org) -> None:
    adele = contoso.user("adele")
    device = give_email(adele)
    give_email(adele, "adele@work.example")
    thief = passed_by_mail(contoso)
    enrolling.remove(adele, device, actor=adele, origin=NOWHERE)
    assert choose_password(thief, OTHER).headers["location"] == "/reset/verify/"
    assert User.objects.get(sign_in_name="adele@contoso.example").check_password(PASSWORD)


def test_a_mailbox_that_was_changed_for_another_has_proved_nothing(contoso: Org) -> None:
    adele = contoso.user("adele")
    device = give_email(adele)
    thief = passed_by_mail(contoso)
    asked = enrolling.begin(
        adele,
        "email",
        {"address": "adele@new.example"},
        binding="mine",
        language="en",
        origin=NOWHERE,
        instead_of=device.pk,
    )
    assert isinstance(asked, Challenge)
    made = enrolling.confirm(adele, asked.pk, code_in_mail(), binding="mine", origin=NOWHERE)
    assert isinstance(made, Device)
    assert choose_password(thief, OTHER).headers["location"] == "/reset/verify/"


def under_way(contoso: Org, name: str) -> dict[str, Callable[[], Any]]:
    """Return what can be done at once in resets of one name, by what each is called."""

    def questions() -> Browser:
        browser = begun(contoso, name)
        browser.post(VERIFY, {"action": "choose", "method": "questions"})
        return browser

    asked = [questions() for _one in range(4)]
    drawn = dict.fromkeys(asked[0].get(VERIFY).context["form"].fields, "wrong")
    others = [begun(contoso, name) for _one in range(7)]
    fresh = contoso.browser()
    solved = {"sign_in_name": name, "captcha": fetched(fresh)}
    answers = {
        f"wrong answers {number}": partial(browser.post, VERIFY, {"action": "answer", **drawn})
        for number, browser in enumerate(asked)
    }
    codes = {
        f"a wrong code {number}": partial(prove_app, browser, "000000")
        for number, browser in enumerate(others[:4])
    }
    return {
        **answers,
        **codes,
        "start": partial(fresh.post, "/reset/", solved),
        "a code that is sent": partial(ask_email, others[4], HOME),
        "questions that are asked": partial(
            others[5].post, VERIFY, {"action": "choose", "method": "questions"}
        ),
        "a password too early": partial(choose_password, others[6], NEW),
    }


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("name", ["adele@contoso.example", "nobody@contoso.example"])
def test_four_at_once_wait_for_nothing_of_a_person(name: str) -> None:
    """Wrong answers of each kind, beginning, asking for a proof: at once, while somebody writes to the person's rows."""
    contoso = Org("contoso")
    with entered(contoso.row):
        values = {
            "methods": ["app_code", "email", "questions"],
            "required": 1,
            "weak_alone_acknowledged": True,
        }
        configuring.configure(values, actor="tests")
        adele = contoso.user("adele")
        for give in (give_app, give_email, give_questions):
            give(adele)
        doing = under_way(contoso, name)

    def do(one: Callable[[], Any]) -> int:
        try:
            return int(one().status_code)
        finally:
            connections.close_all()

    with (
        ThreadPoolExecutor(max_workers=4) as four,
        psycopg.connect(**connection.get_connection_params()) as held,
    ):
        for table in ("user", "device", "formerpassword"):
            held.execute(f"select * from contoso.registration_{table} for no key update")
        waiting = {called: four.submit(do, one) for called, one in doing.items()}
        done, late = wait(waiting.values(), timeout=60)
        held.rollback()
    assert [called for called, one in waiting.items() if one in late] == []
    assert {one.result() for one in done} <= {200, 302}


def test_a_stranger_elsewhere_does_not_keep_the_owner_from_the_mailbox(contoso: Org) -> None:
    give_email(contoso.user("adele"))
    stranger = contoso.browser()
    stranger.defaults["REMOTE_ADDR"] = "203.0.113.9"
    begin_reset(stranger, "nobody@contoso.example")
    for _time in range(TELL_DESTINATION.limit + 1):
        ask_email(stranger, HOME)
        stranger.post("/reset/verify/", {"action": "back"})
    mail.outbox = []
    owner = contoso.browser()
    begin_reset(owner, "adele@contoso.example")
    assert ask_email(owner, HOME).headers["location"] == "/reset/verify/"
    run_jobs()
    assert [one.to for one in mail.outbox] == [[HOME]]


def test_letters_that_are_no_digits_are_a_wrong_code(contoso: Org) -> None:
    give_app(contoso.user("adele"))
    browser = contoso.browser()
    begin_reset(browser, "adele@contoso.example")
    assert prove_app(browser, "éééééé").status_code == 200
