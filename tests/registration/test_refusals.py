"""What a page shows when it refuses, and that the help desk finds it: by its reference and by its code, and nobody else's."""

import re
from typing import Any

import pytest

from registration import people
from registration.activation import invite
from registration.budgets import REFUSED_NETWORK
from registration.models import AuditEvent, User
from registration.roles import Role
from resets.budgets import START_NAME
from tenants import hosts, provisioning
from tenants.context import entered
from tests.building import Browser, Org, give_app, sign_in
from tests.journeys.people import begin_reset
from tests.registration.steps import proved, signed_in
from tests.tenants.branding.queries import asked

CODE = re.compile(r'<dd dir="ltr">(RK-[A-Z]+-\d{3})</dd>')
REFERENCE = re.compile(r'<dd dir="ltr">([0-9A-F]{8})</dd>')
AUDIT = "/admin/registration/auditevent/"


def read_out(page: Any) -> tuple[str, str]:
    """Return what a person reads out: the code and the reference."""
    text = page.content.decode()
    (code,), (reference,) = CODE.findall(text), REFERENCE.findall(text)
    return code, reference


def told(reference: str) -> tuple[str, str, str, str]:
    """Return what the audit trail says of a reference: activity, reason, code, whose it was."""
    event = AuditEvent.objects.get(data__contains={"reference": reference})
    return event.activity, event.reason, event.data["code"], event.subject


@pytest.fixture
def adele(contoso: Org) -> User:
    return contoso.user("adele")


def test_a_wrong_password(fabrikam: Org, contoso: Org) -> None:
    found = []
    for name in ("adele@contoso.example", "nobody@contoso.example"):
        code, reference = read_out(sign_in(contoso.browser(), name, "Wrong-Horse-7"))
        found.append(code)
        assert told(reference) == ("sign_in_failed", "wrong_name_or_password", code, name)
    assert found == ["RK-SIGNIN-001"] * 2


def test_too_many_of_them_share_the_reference_of_their_wait(contoso: Org) -> None:
    for _try in range(10):
        sign_in(contoso.browser(), "adele@contoso.example", "Wrong-Horse-7")
    first, second = (
        read_out(sign_in(contoso.browser(), "adele@contoso.example", "Wrong-Horse-7")) for _again in range(2)
    )
    assert first == second
    assert first[0] == "RK-SIGNIN-002"
    assert told(first[1]) == ("sign_in_failed", "too_often", "RK-SIGNIN-002", "adele@contoso.example")


@pytest.mark.parametrize("name", ["adele@contoso.example", "nobody@contoso.example"])
def test_so_do_resets_that_were_begun_too_often(contoso: Org, name: str) -> None:
    for _start in range(START_NAME.limit):
        begin_reset(contoso.browser(), name)
    first, second = (read_out(begin_reset(contoso.browser(), name)) for _again in range(2))
    assert first == second
    assert told(first[1]) == ("reset_started", "too_often", "RK-RESET-105", name)


def test_a_link_that_is_spent(contoso: Org, adele: User) -> None:
    old = invite(adele, actor="tests")
    invite(adele, actor="tests")
    path = old.partition("contoso.localhost")[2].partition("/")[2]
    code, reference = read_out(contoso.browser().get(f"/{path}"))
    assert code == "RK-LINK-001"
    assert told(reference) == ("refused", "activation_spent", code, "")
    event = AuditEvent.objects.get(activity="refused")
    assert event.data == {"code": code, "reference": reference, "page": "activate"}
    assert path.split("/")[-2] not in str(event.data)  # the token


def test_a_form_without_its_token(contoso: Org, adele: User) -> None:
    browser = Browser(headers={"host": "contoso.localhost"}, enforce_csrf_checks=True)
    browser.cookies = signed_in(contoso, adele).cookies
    page = browser.post("/password/", {})
    code, reference = read_out(page)
    assert (page.status_code, code) == (403, "RK-PAGE-419")
    assert told(reference) == ("refused", "form_too_old", code, "adele@contoso.example")


def test_the_desks_door(contoso: Org, adele: User) -> None:
    code, reference = read_out(signed_in(contoso, adele).get("/admin/", follow=True))
    assert code == "RK-DESK-001"
    assert told(reference) == ("desk_refused", "no_role", code, "adele@contoso.example")
    assert AuditEvent.objects.filter(activity__in=["refused", "desk_refused"]).count() == 1


def test_a_page_of_the_desk_that_a_role_does_not_have(contoso: Org) -> None:
    browser = _with(contoso, Role.PASSWORD_ADMINISTRATOR)
    code, reference = read_out(browser.get("/admin/registration/telephony/", follow=True))
    assert code == "RK-DESK-002"
    assert told(reference) == ("desk_refused", "desk_forbidden", code, "bo@contoso.example")


def test_what_strangers_look_for_is_in_the_log_alone(contoso: Org, caplog: Any) -> None:
    code, reference = read_out(contoso.browser().get("/wp-login.php"))
    assert code == "RK-PAGE-404"
    assert f"refused: code={code} reference={reference}" in caplog.text
    assert not AuditEvent.objects.filter(activity="refused").exists()


def test_what_somebody_signed_in_does_not_find_is_written_down(contoso: Org, adele: User) -> None:
    code, reference = read_out(signed_in(contoso, adele).get("/nothing/"))
    assert told(reference) == ("refused", "not_found", code, "adele@contoso.example")


def test_nobody_fills_the_audit_trail(contoso: Org) -> None:
    for _try in range(REFUSED_NETWORK.limit + 3):
        contoso.browser().get("/activate/00000000-0000-0000-0000-000000000000/token/")
    assert AuditEvent.objects.filter(activity="refused").count() == REFUSED_NETWORK.limit


def test_strangers_do_not_hide_what_somebody_inside_tries(contoso: Org, adele: User) -> None:
    browser = signed_in(contoso, adele)
    for _try in range(REFUSED_NETWORK.limit + 1):
        contoso.browser().get("/activate/00000000-0000-0000-0000-000000000000/token/")
    code, reference = read_out(browser.get("/nothing/"))
    assert told(reference) == ("refused", "not_found", code, "adele@contoso.example")


def test_a_header_makes_no_reference(contoso: Org) -> None:
    browser = contoso.browser(**{"rekey.reference": "FORGED00", "rekey-reference": "FORGED00"})
    assert "FORGED00" not in browser.get("/nothing/").content.decode()


def test_pages_that_succeed_pay_nothing(contoso: Org) -> None:
    browser = contoso.browser()
    browser.get("/sign-in/")
    with asked() as queries:
        page = browser.get("/sign-in/")
    assert queries == []
    assert not CODE.findall(page.content.decode())


def test_when_something_breaks(contoso: Org, caplog: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_args: object) -> None:
        raise RuntimeError

    monkeypatch.setattr("resets.views.flow.unavailable", fail)
    browser = contoso.browser()
    browser.raise_request_exception = False
    browser.get("/sign-in/")
    with asked() as queries:
        page = browser.get("/reset/")
    code, reference = read_out(page)
    assert (page.status_code, code) == (500, "RK-PAGE-500")
    assert f"refused: code={code} reference={reference}" in caplog.text
    assert queries == []


@pytest.mark.parametrize(
    ("host", "code", "status"),
    [("nobody.localhost", "RK-HOST-001", 404), ("fabrikam.localhost", "RK-HOST-002", 403)],
)
def test_a_host_that_serves_nobody(
    contoso: Org, fabrikam: Org, caplog: Any, host: str, code: str, status: int
) -> None:
    provisioning.suspend(fabrikam.row, actor="tests")
    hosts.forget()
    page = Browser(headers={"host": host}).get("/sign-in/")
    assert (page.status_code, read_out(page)[0]) == (status, code)
    assert f"refused: code={code} reference={read_out(page)[1]}" in caplog.text


def test_the_help_desk_finds_it(fabrikam: Org, contoso: Org) -> None:
    code, reference = read_out(sign_in(contoso.browser(), "adele@contoso.example", "Wrong-Horse-7"))
    sign_in(contoso.browser(), "bo@contoso.example", "Wrong-Horse-7")
    chief = proved(contoso, contoso.user("chief"), give_app(contoso.user("chief")))
    for term, found in (
        (reference, ["adele@contoso.example"]),
        (f" {reference.lower()} ", ["adele@contoso.example"]),
        (code.lower(), ["bo@contoso.example", "adele@contoso.example"]),
        ("RK-RESET-013", []),
    ):
        rows = chief.get(AUDIT, {"reference": term}).context["events"]
        assert [row["event"].subject for row in rows] == found
    with entered(fabrikam.row):
        other = fabrikam.user("chief")
        browser = proved(fabrikam, other, give_app(other))
        assert browser.get(AUDIT, {"reference": reference}).context["events"] == []


def test_a_form_of_the_desk_says_its_codes(contoso: Org) -> None:
    chief = contoso.user("chief")
    browser = proved(contoso, chief, give_app(chief))
    page = browser.post("/admin/registration/user/add/", {"sign_in_name": "bo@fabrikam.example"})
    assert '<bdi dir="ltr">RK-DESK-006</bdi>' in page.content.decode()


def _with(org: Org, role: Role) -> Browser:
    """Return a browser in which bo is at the desk with a role."""
    people.change(org.user("bo"), {"roles": [role]}, actor="tests")
    AuditEvent.objects.all().delete()
    return proved(org, org.user("bo"), give_app(org.user("bo")))
