"""The end of a reset: the password, what is void from then on, and who is told."""

from typing import Any

import pytest
from django.core import mail
from django.db import connection

from registration import activation, configuring, people
from registration.budgets import SIGN_IN_NAME
from registration.models import AuditEvent
from tenants.context import entered
from tests.building import PASSWORD, Browser, Org, app_code, give_app, give_email, run_jobs, sign_in
from tests.journeys.people import choose_password, prove_app
from tests.registration.steps import signed_in
from tests.resets.steps import HOME, NEW, begun, newest, open_codes, prove_email, where
from tests.tenants.branding.queries import asked

ADELE = "adele@contoso.example"


@pytest.fixture
def proved(contoso: Org) -> Browser:
    """Return adele's browser, her one gate passed."""
    give_app(contoso.user("adele"))
    browser = begun(contoso, ADELE)
    prove_app(browser, app_code())
    return browser


def refusals(page: Any) -> list[str]:
    """Return the codes of what is wrong with a new password."""
    errors = page.context["form"].errors.as_data()["new_password"]
    return [str(error.code) for error in errors]


def test_every_violation_is_told_at_once(contoso: Org, proved: Browser) -> None:
    page = choose_password(proved, "adele")
    assert refusals(page) == ["too_short", "too_few_classes", "contains_name"]
    event = AuditEvent.objects.get(activity="reset_password_refused")
    assert (event.reason, event.status) == ("too_short", "failure")
    assert contoso.user("adele").check_password(PASSWORD)


def test_a_refused_password_can_be_followed_by_another(contoso: Org, proved: Browser) -> None:
    choose_password(proved, "adele")
    assert choose_password(proved, NEW).headers["location"] == "/reset/done/"
    assert contoso.user("adele").check_password(NEW)


def test_ten_wrong_passwords_before_it_keep_nobody_from_signing_in_after_it(contoso: Org) -> None:
    give_app(contoso.user("adele"))
    for _try in range(SIGN_IN_NAME.limit):
        sign_in(contoso.browser(), ADELE, "Wrong-Horse-7")
        sign_in(contoso.browser(), "bo@contoso.example", "Wrong-Horse-7")
    assert sign_in(contoso.browser(), ADELE).status_code == 200
    browser = begun(contoso, ADELE)
    prove_app(browser, app_code())
    assert sign_in(contoso.browser(), ADELE).status_code == 200  # a proof alone gives nothing back
    choose_password(browser, NEW)
    assert sign_in(contoso.browser(), ADELE, NEW).status_code == 302
    assert sign_in(contoso.browser(), "bo@contoso.example").status_code == 200


def test_the_signed_in_change_gives_no_tries_back(contoso: Org) -> None:
    browser = signed_in(contoso, contoso.user("adele"))
    for _try in range(SIGN_IN_NAME.limit):
        sign_in(contoso.browser(), ADELE, "Wrong-Horse-7")
    changed = browser.post("/password/", {"current": PASSWORD, "new_password": NEW, "confirm": NEW})
    assert changed.status_code == 302
    assert sign_in(contoso.browser(), ADELE, NEW).status_code == 200


@pytest.mark.parametrize(
    ("profile", "password", "code"),
    [("entra", "Quïte-Another-9", "not_ascii"), ("nist", "quite\u200b another one", "invisible")],
)
def test_characters_that_a_profile_has_not_are_refused(
    contoso: Org, proved: Browser, profile: str, password: str, code: str
) -> None:
    configuring.configure({"profile": profile}, actor="tests")
    assert refusals(choose_password(proved, password)) == [code]
    assert contoso.user("adele").check_password(PASSWORD)


def test_two_that_differ_are_refused(contoso: Org, proved: Browser) -> None:
    page = proved.post("/reset/password/", {"new_password": NEW, "confirm": NEW + "x"})
    assert "confirm" in page.context["form"].errors
    assert contoso.user("adele").check_password(PASSWORD)


@pytest.mark.parametrize(
    ("profile", "password"),
    [
        ("entra", " Quite-Another-9 "),
        ("entra", "Aa1" + "x" * 253),
        ("nist", "Пароль-длинный-9"),
        ("nist", "a🙂B" * 5),
    ],
)
def test_a_password_is_kept_as_it_was_typed(
    contoso: Org, proved: Browser, profile: str, password: str
) -> None:
    configuring.configure({"profile": profile}, actor="tests")
    choose_password(proved, password)
    adele = contoso.user("adele")
    assert (adele.check_password(password), adele.check_password(password.strip() + "-")) == (True, False)


def test_the_password_stands_nowhere(contoso: Org, proved: Browser) -> None:
    choose_password(proved, "adele-" + NEW[:2])
    choose_password(proved, NEW)
    run_jobs()
    with connection.cursor() as cursor:
        cursor.execute(
            "select table_schema, table_name from information_schema.tables"
            " where table_schema in ('contoso', 'public') and table_type = 'BASE TABLE'"
        )
        for schema, table in cursor.fetchall():
            cursor.execute(f'select count(*) from "{schema}"."{table}" t where t::text like %s', [f"%{NEW}%"])
            assert cursor.fetchone() == (0,), table
    assert NEW not in str(dict(proved.session.items()))
    assert not any(NEW in str(one.message()) for one in mail.outbox)


def test_afterwards_nothing_more_can_be_done(contoso: Org, proved: Browser) -> None:
    choose_password(proved, NEW)
    assert where(proved) == "/reset/done/"
    for page in ("/reset/verify/", "/reset/password/", "/reset/wait/", "/reset/stopped/"):
        assert proved.post(page, {"action": "abandon"}).headers["location"] == "/reset/done/"
    choose_password(proved, "Yet-Another-77")
    assert contoso.user("adele").check_password(NEW)
    assert newest().stopped == ""


def test_another_reset_of_the_same_person_ends_too(contoso: Org, proved: Browser) -> None:
    other = begun(contoso, ADELE)
    prove_app(other, app_code(steps=1))
    assert where(other) == "/reset/password/"
    choose_password(proved, NEW)
    assert choose_password(other, "Yet-Another-77").headers["location"] == "/reset/stopped/"
    assert contoso.user("adele").check_password(NEW)


def test_every_open_code_and_link_is_void(contoso: Org, proved: Browser) -> None:
    link = activation.invite(contoso.user("adele"), actor="tests")
    assert open_codes() == 1
    choose_password(proved, NEW)
    assert open_codes() == 0
    browser = contoso.browser()
    browser.get(link.partition(":8000")[2])
    assert browser.get("/activate/").status_code == 410


def test_who_has_the_same_name_elsewhere_notices_nothing(contoso: Org, fabrikam: Org) -> None:
    elsewhere = fabrikam.browser()
    sign_in(elsewhere, "adele@fabrikam.example")
    with entered(contoso.row):
        give_app(contoso.user("adele"))
        browser = begun(contoso, ADELE)
        prove_app(browser, app_code())
        choose_password(browser, NEW)
        assert contoso.user("adele").check_password(NEW)
    assert fabrikam.user("adele").check_password(PASSWORD)
    assert elsewhere.get("/password/").status_code == 200
    assert {address for address, _subject in told()} == {"adele@post.example"}


def told() -> list[tuple[str, str]]:
    """Run the jobs, and return who was written to about what."""
    mail.outbox = []
    run_jobs()
    return sorted((one.to[0], str(one.subject)) for one in mail.outbox)


def test_the_person_is_told_at_each_address_once(contoso: Org) -> None:
    adele = contoso.user("adele")
    give_app(adele)
    give_email(adele, "ADELE@post.example")  # the primary one, in other letters
    give_email(adele, HOME)
    browser = begun(contoso, ADELE)
    prove_app(browser, app_code())
    choose_password(browser, NEW)
    assert [address.lower() for address, _subject in told()] == [HOME, "adele@post.example"]


@pytest.mark.parametrize(
    ("user", "administrators"), [(True, True), (True, False), (False, True), (False, False)]
)
def test_each_switch_for_itself(contoso: Org, user: bool, administrators: bool) -> None:
    configuring.configure({"notify_user": user, "notify_administrators": administrators}, actor="tests")
    people.change(contoso.user("bo"), {"roles": ["reports_reader"]}, actor="tests")
    chief = contoso.user("chief")
    give_app(chief)
    give_email(chief, HOME)
    browser = begun(contoso, chief.sign_in_name)
    prove_app(browser, app_code())
    prove_email(browser)
    choose_password(browser, NEW)
    expected = [HOME, "chief@post.example"] * user + ["bo@post.example"] * administrators
    assert [address for address, _subject in told()] == sorted(expected)


def test_administrators_are_not_told_of_users(contoso: Org, proved: Browser) -> None:
    choose_password(proved, NEW)
    assert [address for address, _subject in told()] == ["adele@post.example"]


def test_the_cost_of_the_last_steps(contoso: Org, proved: Browser) -> None:
    proved.get("/reset/password/")  # what is kept warm of the organization is read
    with asked() as page:
        proved.get("/reset/password/")
    with asked() as refused:
        choose_password(proved, "short")
    with asked() as posted:
        choose_password(proved, NEW)
    with asked() as done:
        proved.get("/reset/done/")
    assert [len(page), len(refused), len(posted), len(done)] == [6, 20, 31, 5]
