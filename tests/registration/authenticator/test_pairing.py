"""A phone becomes a person's by a code of minutes, and goes again from either side."""

from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.utils import timezone

from registration import configuring
from registration import state as states
from registration.authenticator import pairing
from registration.budgets import PAIR
from registration.models import AuditEvent, Challenge, Device
from tenants.context import entered
from tenants.shield import throttle
from tests.building import Browser, Org, give_email, run_jobs
from tests.registration.authenticator.phone import Phone, key_pair, signed
from tests.registration.steps import proved, put

ADD, CONFIRM, INFO = "/security-info/add/app_notification/", "/security-info/confirm/", "/security-info/"


@pytest.fixture
def here(contoso: Org) -> Org:
    """Contoso, which lets phones reset."""
    configuring.configure({"methods": ["app_notification"], "required": 1}, actor="tests")
    return contoso


def begins(org: Org, name: str = "adele") -> tuple[Browser, str]:
    """Begin to register a phone; return the browser, and the code that its page shows."""
    browser = proved(org, org.user(name))
    assert browser.post(ADD).headers["location"] == CONFIRM
    return browser, code_of(browser.get(CONFIRM))


def code_of(page: Any) -> str:
    """Return the code that a page shows."""
    code = str(page.context["secret"])
    assert f'<code class="key" dir="ltr">{code}</code>' in page.content.decode()
    return code


def test_a_phone_is_paired_by_its_code(here: Org) -> None:
    browser, code = begins(here)
    phone = Phone(here, name="  Adele's\n phone ")
    assert not Device.objects.exists()
    answer = phone.pairs(code)
    assert answer.status_code == 200
    assert answer.json()["name"] == "adele@contoso.example"
    assert answer.json()["organization"] == "Contoso"
    assert phone.say("open").json()["error"] == "gone"  # until the page has seen it
    assert browser.get(CONFIRM, headers={"x-waiting": "1"}).status_code == 204
    assert browser.get(CONFIRM).headers["location"] == INFO
    device = Device.objects.get()
    assert (device.user, device.kind, device.confirmed) == (here.user("adele"), "app_notification", True)
    assert states.of(device) == {"key": phone.key, "name": "Adele's phone"}
    assert phone.say("open").status_code == 200
    page = browser.get(INFO).content.decode()
    assert "Added: App notification." in page
    assert "Adele&#x27;s phone" in page
    assert [one.activity for one in AuditEvent.objects.filter(activity__contains="info_r")] == [
        "security_info_registered"
    ]


def test_the_code_is_behind_the_hash_alone(here: Org) -> None:
    browser, code = begins(here)
    page = browser.get(CONFIRM)
    plain = code.replace("-", "")
    uri = page.context["uri"]
    assert uri == f"http://contoso.localhost:8000/authenticator/#pair={plain}"
    challenge = Challenge.objects.get(purpose="enrol")
    assert plain not in challenge.digest
    assert plain.encode() not in bytes(challenge.sealed or b"")


def test_a_code_is_typed_as_people_type(here: Org) -> None:
    browser, code = begins(here)
    assert Phone(here).pairs(f" {code.lower().replace('-', ' ')} ").status_code == 200
    assert browser.get(CONFIRM).headers["location"] == INFO


def test_a_code_pairs_one_phone(here: Org) -> None:
    _browser, code = begins(here)
    assert [Phone(here).pairs(code).status_code for _phone in range(2)] == [200, 404]


@pytest.mark.parametrize("why", ["late", "wrong", "empty", "left", "again"])
def test_a_code_that_opens_nothing_says_so(here: Org, why: str) -> None:
    browser, code = begins(here)
    if why == "late":
        Challenge.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    elif why == "again":
        browser.post(ADD)
    elif why == "left":
        Challenge.objects.filter(purpose="enrol").update(consumed_at=timezone.now())
    typed = {"wrong": pairing.new_code(), "empty": ""}.get(why, code)
    answer = Phone(here).pairs(typed)
    assert (answer.status_code, answer.json()["error"]) == (404, "code")
    browser.get(CONFIRM)
    assert not Device.objects.exists()


def test_a_code_lives_five_minutes(here: Org) -> None:
    begins(here)
    left = Challenge.objects.get(purpose="enrol").expires_at - timezone.now()
    assert 290 < left.total_seconds() <= 300


@pytest.mark.parametrize("broken", ["another signature", "no key", "a point that is none"])
def test_a_phone_without_its_key_is_not_paired(here: Org, broken: str) -> None:
    browser, code = begins(here)
    phone = Phone(here)
    body = phone.body("pair", code=code, name="x")
    if broken == "another signature":
        body["signature"] = signed(key_pair(), body["message"])
    else:
        key = "" if broken == "no key" else "B" + "A" * 86
        body = phone.body("pair", code=code, name="x", key=key)
    assert phone.post("pair", body).status_code == 404
    assert browser.get(CONFIRM).status_code == 200


def test_another_organizations_code_is_none(contoso: Org, fabrikam: Org) -> None:
    with entered(contoso.row):
        configuring.configure({"methods": ["app_notification"], "required": 1}, actor="tests")
        browser, code = begins(contoso)
    assert Phone(fabrikam).pairs(code).status_code == 404
    with entered(contoso.row):
        assert browser.get(CONFIRM).status_code == 200
        assert not Device.objects.exists()


def test_tries_of_codes_are_counted(here: Org) -> None:
    for _try in range(PAIR.limit):
        throttle.spend(PAIR, "127.0.0.0/24")
    _browser, code = begins(here)
    answer = Phone(here).pairs(code)
    assert (answer.status_code, answer.json()["error"]) == (429, "too_often")


def test_up_to_five(here: Org) -> None:
    for number in range(5):
        Phone(here, name=f"Phone {number}").given(here.user("adele"))
    browser = proved(here, here.user("adele"))
    assert browser.post(ADD).headers["location"] == INFO
    assert "as many of these as you may" in browser.get(INFO).content.decode()


def test_two_phones_at_once_are_five_at_most(here: Org) -> None:
    browser, code = begins(here)
    for number in range(5):
        Phone(here, name=f"Phone {number}").given(here.user("adele"))
    put(browser, proved_by="app_notification")
    Phone(here).pairs(code)
    assert "as many of these as you may" in browser.get(CONFIRM, follow=True).content.decode()
    assert Device.objects.count() == 5


def test_security_info_removes_it_and_the_phone_is_told(here: Org) -> None:
    phone = Phone(here)
    device = phone.given(here.user("adele"))
    browser = proved(here, here.user("adele"))
    browser.post(f"/security-info/{device.pk}/remove/")
    answer = phone.say("open")
    assert (answer.status_code, answer.json()["error"]) == (410, "gone")
    assert "Pair it again" in answer.json()["text"]


def test_the_phone_removes_itself(here: Org) -> None:
    give_email(here.user("adele"))
    phone, other = Phone(here), Phone(here, name="Old phone")
    phone.given(here.user("adele"))
    kept = other.given(here.user("adele"))
    mail.outbox = []
    assert phone.say("remove").status_code == 200
    assert phone.say("open").json()["error"] == "gone"
    assert list(Device.objects.filter(kind="app_notification")) == [kept]
    deleted = AuditEvent.objects.get(activity="security_info_deleted")
    assert (deleted.actor, deleted.method) == ("adele@contoso.example", "app_notification")
    run_jobs()
    assert sorted(one.to[0] for one in mail.outbox) == ["adele@home.example", "adele@post.example"]


def test_nobody_else_removes_it(here: Org) -> None:
    phone, theirs = Phone(here), Phone(here)
    phone.given(here.user("adele"))
    theirs.given(here.user("bo"))
    theirs.account = phone.account
    assert theirs.say("remove").json()["error"] == "gone"
    body = theirs.body("remove", key=phone.key)
    assert phone.post("remove", body).json()["error"] == "forged"
    assert Device.objects.count() == 2


def test_several_accounts_on_one_phone(here: Org) -> None:
    """One page, one key for each account: each is asked for itself."""
    mine, theirs = Phone(here), Phone(here)
    mine.given(here.user("adele"))
    theirs.given(here.user("bo"))
    assert mine.asked() is None
    assert theirs.asked() is None
    assert mine.key != theirs.key
