"""Sign-in: one answer for every failure, by the same work; limits that an outsider cannot turn against anybody."""

from typing import Any

import pytest
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.utils import timezone

from registration import people
from registration.budgets import SIGN_IN_NAME, SIGN_IN_NETWORK
from registration.models import AuditEvent
from tenants.context import entered
from tenants.models import Counter
from tenants.shield import throttle
from tenants.shield.client import network
from tenants.shield.throttle import Budget
from tests.building import PASSWORD, Org, sign_in
from tests.registration.steps import put, signed_in, text_of
from tests.tenants.branding.queries import asked

ADELE, NOBODY = "adele@contoso.example", "nobody@contoso.example"
OUTSIDER, HERE = "203.0.113.9", network("127.0.0.1")


@pytest.fixture
def hashes(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the hasher was asked to do, in its order."""
    done: list[str] = []
    for name in ("encode", "verify"):
        real = getattr(Argon2PasswordHasher, name)

        def counted(self: Any, *args: Any, _real: Any = real, _name: str = name) -> Any:
            done.append(_name)
            return _real(self, *args)

        monkeypatch.setattr(Argon2PasswordHasher, name, counted)
    return done


def failed(org: Org, name: str, password: str) -> tuple[int, str, int]:
    """Return a refused sign-in's status, page and number of queries."""
    browser = org.browser()
    browser.get("/sign-in/")
    with asked() as queries:
        response = sign_in(browser, name, password)
    return response.status_code, text_of(response, name), len(queries)


@pytest.mark.parametrize("typed", [ADELE, "Adele@Contoso.Example", "  adele@contoso.example "])
def test_the_name_is_taken_in_any_case(contoso: Org, typed: str) -> None:
    browser = contoso.browser()
    assert sign_in(browser, typed).headers["location"] == "/"
    assert browser.session["_auth_user_id"] == str(contoso.user("adele").pk)


def test_wrong_name_and_wrong_password_are_one_answer(contoso: Org, hashes: list[str]) -> None:
    wrong_password = failed(contoso, ADELE, "Wrong-Horse-7")
    assert hashes == ["verify"]
    wrong_name = failed(contoso, NOBODY, PASSWORD)
    assert hashes == ["verify", "encode"]
    assert wrong_name == wrong_password
    assert wrong_name[0] == 200


def test_disabled_is_the_answer_of_a_wrong_password(contoso: Org, hashes: list[str]) -> None:
    adele = contoso.user("adele")
    wrong = failed(contoso, ADELE, "Wrong-Horse-7")
    people.change(adele, {"is_active": False}, actor="tests")
    assert failed(contoso, ADELE, PASSWORD) == wrong
    assert hashes == ["verify", "verify"]


def test_who_has_no_password_yet_is_the_answer_of_a_wrong_one(contoso: Org, hashes: list[str]) -> None:
    wrong = failed(contoso, ADELE, "Wrong-Horse-7")
    people.add("new@contoso.example", actor="tests")
    assert failed(contoso, "new@contoso.example", "") != wrong  # an empty field is said to be empty
    assert failed(contoso, "new@contoso.example", PASSWORD) == wrong
    assert len(hashes) == 2


def spent(budget: Budget, *parts: str) -> None:
    """Use up a budget, but for one."""
    for _try in range(budget.limit - 1):
        throttle.spend(budget, *parts)


def test_after_ten_tries_of_a_name_the_right_password_waits(contoso: Org, hashes: list[str]) -> None:
    spent(SIGN_IN_NAME, ADELE, HERE)
    sign_in(contoso.browser(), ADELE, "Wrong-Horse-7")
    page = sign_in(contoso.browser(), ADELE.upper())
    assert (page.status_code, hashes) == (200, ["verify"])
    assert page.context["form"].errors.as_data()["__all__"][0].code == "too_many_login_attempts"


def test_a_right_password_gives_the_tries_back(contoso: Org) -> None:
    spent(SIGN_IN_NAME, ADELE, HERE)
    assert [sign_in(contoso.browser(), ADELE).status_code for _time in range(2)] == [302, 302]


def test_an_outsider_locks_nobody_out(contoso: Org) -> None:
    spent(SIGN_IN_NAME, ADELE, network(OUTSIDER))
    tries = [
        contoso.browser().post("/sign-in/", {"login": ADELE, "password": password}, REMOTE_ADDR=OUTSIDER)
        for password in ("Wrong-Horse-7", PASSWORD)
    ]
    assert [one.status_code for one in tries] == [200, 200]
    assert sign_in(contoso.browser(), ADELE).status_code == 302


def test_one_network_does_not_try_name_after_name(contoso: Org, hashes: list[str]) -> None:
    spent(SIGN_IN_NETWORK, HERE)
    pages = [sign_in(contoso.browser(), f"name{number}@contoso.example") for number in range(2)]
    assert [page.context["form"].errors.as_data()["__all__"][0].code for page in pages] == [
        "username_password_mismatch",
        "too_many_login_attempts",
    ]
    assert len(hashes) == 1


def test_one_host_of_ipv6_has_one_address_for_each_try_and_no_more_tries_by_that(contoso: Org) -> None:
    pages = []
    for number in range(SIGN_IN_NETWORK.limit + 1):
        form = {"login": f"name{number}@contoso.example", "password": "Wrong-Horse-7"}
        address = f"2001:db8:1:2{number:02x}::{number:x}"
        pages.append(contoso.browser().post("/sign-in/", form, REMOTE_ADDR=address))
    codes = [page.context["form"].errors.as_data()["__all__"][0].code for page in pages]
    assert codes[-2:] == ["username_password_mismatch", "too_many_login_attempts"]
    elsewhere = {"login": ADELE, "password": PASSWORD}
    assert contoso.browser().post("/sign-in/", elsewhere, REMOTE_ADDR="2001:db8:1:300::1").status_code == 302


@pytest.mark.parametrize("name", [ADELE, NOBODY])
def test_what_is_refused_is_written_down_once_for_each_wait(contoso: Org, fabrikam: Org, name: str) -> None:
    with entered(contoso.row):
        for _try in range(SIGN_IN_NAME.limit + 4):
            sign_in(contoso.browser(), name, "Wrong-Horse-7")
        reasons = AuditEvent.objects.filter(activity="sign_in_failed", subject=name).values_list(
            "reason", flat=True
        )
        assert sorted(reasons) == ["too_often"] + ["wrong_name_or_password"] * SIGN_IN_NAME.limit
        Counter.objects.update(waits_until=timezone.now())
        for _try in range(3):
            sign_in(contoso.browser(), name, "Wrong-Horse-7")
        assert reasons.filter(reason="too_often").count() == 2
    assert not AuditEvent.objects.filter(activity="sign_in_failed").exists()


def test_what_a_network_is_refused_is_written_down_once_whatever_the_names(contoso: Org) -> None:
    spent(SIGN_IN_NETWORK, HERE)
    for number in range(5):
        sign_in(contoso.browser(), f"name{number}@contoso.example", "Wrong-Horse-7")
    assert AuditEvent.objects.filter(reason="too_often").count() == 1


def test_each_organization_counts_for_itself(contoso: Org, fabrikam: Org) -> None:
    with entered(contoso.row):
        spent(SIGN_IN_NAME, "adele@fabrikam.example", HERE)
        throttle.spend(SIGN_IN_NAME, "adele@fabrikam.example", HERE)
    assert sign_in(fabrikam.browser(), "adele@fabrikam.example").status_code == 302


def test_a_success_and_a_failure_are_written_down(contoso: Org) -> None:
    sign_in(contoso.browser(), ADELE.upper(), "Wrong-Horse-7")
    sign_in(contoso.browser(), ADELE)
    columns = ("activity", "status", "reason", "subject", "address", "method")
    found = list(AuditEvent.objects.order_by("at").values_list(*columns))[-2:]
    assert found == [
        ("sign_in_failed", "failure", "wrong_name_or_password", ADELE, "127.0.0.1", "password"),
        ("signed_in", "success", "", ADELE, "127.0.0.1", "password"),
    ]


def test_a_password_in_the_wrong_field_is_not_kept(contoso: Org) -> None:
    sign_in(contoso.browser(), "My-Secret-1", "x")
    assert AuditEvent.objects.latest("at").subject == ""
    assert not AuditEvent.objects.filter(actor__icontains="secret").exists()


def test_sign_out_takes_a_post(contoso: Org) -> None:
    browser = signed_in(contoso, contoso.user("adele"))
    browser.get("/sign-out/")
    assert "_auth_user_id" in browser.session
    assert browser.post("/sign-out/").headers["location"] == "/sign-in/"
    assert "_auth_user_id" not in browser.session


def test_nobody_is_sent_to_another_host(contoso: Org) -> None:
    form = {"login": ADELE, "password": PASSWORD, "next": "https://evil.example/"}
    assert contoso.browser().post("/sign-in/", form).headers["location"] == "/"


def test_the_session_begins_anew(contoso: Org) -> None:
    browser = contoso.browser()
    put(browser, seen=1)
    before = browser.session.session_key
    cookie = sign_in(browser, ADELE).cookies["session"]
    assert cookie.value not in {before, ""}
    assert (cookie["httponly"], cookie["samesite"], cookie["domain"]) == (True, "Lax", "")


def test_the_cost_of_signing_in(contoso: Org) -> None:
    browser = contoso.browser()
    browser.get("/sign-in/")
    with asked() as page:
        browser.get("/sign-in/")
    with asked() as posted:
        sign_in(browser, ADELE)
    assert (len(page), len(posted)) == (0, 14)
