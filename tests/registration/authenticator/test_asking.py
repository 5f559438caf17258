"""A phone is asked, and answers: once, within a minute, by its own key, for its own person, in its own organization."""

import time
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.utils import timezone

from registration import configuring
from registration.authenticator import messages
from registration.models import AuditEvent, Challenge, Device
from tenants.context import entered
from tests.building import Browser, Org, give_email, run_jobs, sign_in
from tests.journeys.people import choose_password
from tests.registration.authenticator.phone import Phone, key_pair, signed
from tests.registration.steps import proved, put, text_of
from tests.resets.steps import NEW, begun, newest, where, why_stopped

ADELE, NOBODY = "adele@contoso.example", "nobody@contoso.example"
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"


@pytest.fixture
def here(contoso: Org) -> Org:
    """Contoso, which lets phones reset."""
    configuring.configure({"methods": ["app_notification", "email"], "required": 1}, actor="tests")
    return contoso


@pytest.fixture
def phone(here: Org) -> Phone:
    """adele's phone."""
    mine = Phone(here)
    mine.given(here.user("adele"))
    return mine


def waits(org: Org, name: str = ADELE) -> tuple[Browser, Any]:
    """Begin a reset and choose the phone; return the browser and the page that waits."""
    browser = begun(org, name)
    browser.post(
        "/reset/verify/",
        {"action": "choose", "method": "app_notification"},
        headers={"user-agent": FIREFOX},
    )
    assert where(browser) == "/reset/wait/"
    page = browser.get("/reset/wait/")
    run_jobs()
    return browser, page


def number_of(page: Any) -> str:
    """Return the number that a page shows."""
    number = str(page.context["drawn"]["number"])
    assert f'<p class="number" dir="ltr">{number}</p>' in page.content.decode()
    return number


def test_the_right_number_opens_the_gate(here: Org, phone: Phone) -> None:
    browser, page = waits(here)
    asked = phone.asked()
    assert asked is not None
    assert {key: asked[key] for key in ("purpose", "browser", "system", "address")} == {
        "purpose": "reset",
        "browser": "Firefox",
        "system": "Windows",
        "address": "127.0.0.1",
    }
    assert asked["until"] - asked["at"] == pytest.approx(60_000, abs=2_000)
    number = number_of(page)
    assert number not in map(str, asked.values())
    assert phone.answer(number).json()["outcome"] == "approved"
    assert browser.get("/reset/wait/").headers["location"] == "/reset/password/"
    assert choose_password(browser, NEW).headers["location"] == "/reset/done/"
    assert here.user("adele").check_password(NEW)
    assert AuditEvent.objects.get(activity="password_reset").method == "app_notification"
    assert Device.objects.get(kind="app_notification").last_used_at is not None


def test_the_phone_is_never_told_the_number(here: Org, phone: Phone) -> None:
    _browser, page = waits(here)
    answer = phone.say("open").json()
    assert set(answer) == {"request", "now"}
    assert set(answer["request"]) == {"id", "purpose", "browser", "system", "address", "at", "until"}
    assert number_of(page) not in [str(value) for value in answer["request"].values()]


def test_a_wrong_number_counts_and_ends_the_request(here: Org, phone: Phone) -> None:
    browser, page = waits(here)
    number, request = number_of(page), str((phone.asked() or {})["id"])
    wrong = str(10 + (int(number) - 9) % 90)
    assert phone.answer(wrong).json()["outcome"] == "wrong"
    assert phone.answer(number, request=request).status_code == 409
    assert browser.get("/reset/wait/").headers["location"] == "/reset/verify/"
    page = browser.get("/reset/verify/")
    assert page.status_code == 200
    assert "Another number was typed on the phone." in page.content.decode()
    assert (newest().failures, newest().passed) == (1, [])
    gate = AuditEvent.objects.get(activity="reset_gate")
    assert (gate.status, gate.reason, gate.method) == ("failure", "wrong", "app_notification")


def test_after_five_wrong_numbers_the_reset_is_over(here: Org, phone: Phone) -> None:
    browser = begun(here, ADELE)
    for _try in range(5):
        browser.post("/reset/verify/", {"action": "choose", "method": "app_notification"})
        run_jobs()
        phone.answer("00")
        browser.get("/reset/wait/")
    assert why_stopped(browser) == "too_many_tries"


def test_an_answer_counts_once(here: Org, phone: Phone) -> None:
    browser, page = waits(here)
    request = str((phone.asked() or {})["id"])
    number = number_of(page)
    tries = [phone.answer(number, request=request).status_code for _try in range(2)]
    assert [*tries, phone.answer("", decision="deny", request=request).status_code] == [200, 409, 409]
    assert browser.get("/reset/wait/").headers["location"] == "/reset/password/"


def test_a_message_that_is_played_again_is_refused(here: Org, phone: Phone) -> None:
    browser, page = waits(here)
    body = phone.body("answer", request=str((phone.asked() or {})["id"]), number="00", decision="approve")
    assert phone.post("answer", body).status_code == 200
    browser.get("/reset/wait/")
    assert phone.post("answer", body).json()["error"] == "replayed"
    looked = phone.body("open")
    assert phone.post("open", looked).status_code == 200
    assert phone.post("open", looked).json()["error"] == "replayed"
    assert number_of(page)


@pytest.mark.parametrize("seconds", [-120, 120])
def test_a_message_of_another_time_is_refused(here: Org, phone: Phone, seconds: int) -> None:
    phone._last = 0
    body = phone.body("open")
    parts = dict(messages.read(body["message"]))
    parts["at"] = str(int(parts["at"]) + 1000 * seconds)
    text = messages.write(parts)
    answer = phone.post("open", {"message": text, "signature": signed(phone.pair_of_keys, text)})
    assert (answer.status_code, answer.json()["error"]) == (403, "clock")
    assert abs(answer.json()["now"] - int(parts["at"])) > 60_000  # by which the phone sets its clock


@pytest.mark.parametrize("forged", ["key", "number", "request", "half", "none", "r is 0"])
def test_what_the_phone_did_not_sign_is_refused(here: Org, phone: Phone, forged: str) -> None:
    browser, page = waits(here)
    body = phone.body(
        "answer", request=str((phone.asked() or {})["id"]), number=number_of(page), decision="approve"
    )
    if forged == "key":
        body["signature"] = signed(key_pair(), body["message"])
    elif forged == "half":
        body["signature"] = body["signature"][:43]
    elif forged == "none":
        body["signature"] = ""
    elif forged == "r is 0":
        body["signature"] = messages.encoded(bytes(64))
    else:
        parts = dict(messages.read(body["message"]))
        parts[forged] = "55" if forged == "number" else str(newest().pk)
        body["message"] = messages.write(parts)
    answer = phone.post("answer", body)
    assert (answer.status_code, answer.json()["error"]) == (403, "forged")
    assert browser.get("/reset/wait/").status_code == 200
    assert newest().passed == []


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{}",
        "[]",
        '{"act": "open"}',
        '{"b":"1","a":"2"}',
        '{"act":1}',
        "null",
        "x" * 5000,
        "[" * 3000,
        '{"act":"\\ud800"}',
        '{"act":"open","act":"open"}',
    ],
)
def test_what_is_no_message_says_so(here: Org, phone: Phone, text: str) -> None:
    answer = phone.post("open", {"message": text, "signature": ""})
    assert answer.status_code in {400, 403}
    assert answer.json()["error"] in {"malformed", "elsewhere"}
    assert answer.json()["text"]


@pytest.mark.parametrize("parts", [{"key": ""}, {"key": "x" * 87}, {"account": ""}, {"account": "nobody"}])
def test_a_message_of_no_phone_is_of_one_that_is_gone(here: Org, phone: Phone, parts: dict[str, str]) -> None:
    """Whatever it lacks, and whoever signed it."""
    answer = phone.say("open", **parts)
    assert (answer.status_code, answer.json()["error"]) == (410, "gone")


def test_a_message_without_a_key_is_of_one_that_is_gone(here: Org, phone: Phone) -> None:
    parts = {
        "act": "open",
        "audience": here.schema,
        "at": str(int(time.time() * 1000)),
        "account": phone.account,
    }
    answer = phone.post("open", {"message": messages.write(parts), "signature": "AA"})
    assert (answer.status_code, answer.json()["error"]) == (410, "gone")


def test_a_message_for_another_act_is_refused(here: Org, phone: Phone) -> None:
    assert phone.post("remove", phone.body("open")).json()["error"] == "elsewhere"
    assert Device.objects.filter(kind="app_notification").exists()


def test_a_request_lives_a_minute(here: Org, phone: Phone) -> None:
    browser, page = waits(here)
    asked = newest().challenge
    assert asked is not None
    assert 55 < (asked.expires_at - timezone.now()).total_seconds() <= 60
    request = str((phone.asked() or {})["id"])
    Challenge.objects.filter(pk=asked.pk).update(expires_at=timezone.now() - timedelta(seconds=1))
    assert phone.asked() is None
    assert phone.answer(number_of(page), request=request).status_code == 409
    assert browser.get("/reset/wait/").headers["location"] == "/reset/verify/"
    assert "No answer came in time." in browser.get("/reset/verify/").content.decode()


def test_an_answer_of_the_last_second_is_seen(here: Org, phone: Phone) -> None:
    browser, page = waits(here)
    number, request = number_of(page), str((phone.asked() or {})["id"])
    Challenge.objects.filter(pk=request).update(expires_at=timezone.now() + timedelta(seconds=1))
    assert phone.answer(number, request=request).status_code == 200
    asked = Challenge.objects.get(pk=request)
    assert (asked.expires_at - timezone.now()).total_seconds() > 20
    assert browser.get("/reset/wait/").headers["location"] == "/reset/password/"


def test_another_persons_phone_is_not_asked(here: Org, phone: Phone) -> None:
    theirs = Phone(here)
    theirs.given(here.user("bo"))
    browser, page = waits(here)
    assert theirs.asked() is None
    assert theirs.answer(number_of(page), request=str((phone.asked() or {})["id"])).status_code == 409
    theirs.account = phone.account
    assert theirs.say("open").json()["error"] == "gone"
    assert browser.get("/reset/wait/").status_code == 200


def test_another_organizations_phone_is_not_asked(contoso: Org, fabrikam: Org) -> None:
    """Same names, even the same key: what is said to one organization is worth nothing at the other."""
    with entered(contoso.row):
        configuring.configure({"methods": ["app_notification"], "required": 1}, actor="tests")
        phone = Phone(contoso)
        phone.given(contoso.user("adele"))
        browser, page = waits(contoso)
        body = phone.body(
            "answer", request=str((phone.asked() or {})["id"]), number=number_of(page), decision="approve"
        )
    assert phone.post("answer", body, to=fabrikam).json()["error"] == "elsewhere"
    phone.org = fabrikam
    assert phone.say("open").json()["error"] == "gone"
    with entered(fabrikam.row):
        twin = Phone(fabrikam)
        twin.pair_of_keys = phone.pair_of_keys
        twin.given(fabrikam.user("adele"))
        assert twin.asked() is None
    assert phone.post("answer", twin.body("answer"), to=contoso).json()["error"] == "elsewhere"
    with entered(contoso.row):
        assert browser.get("/reset/wait/").status_code == 200


def test_a_denial_ends_the_reset_is_written_down_and_told(here: Org, phone: Phone) -> None:
    give_email(here.user("adele"))
    browser, _page = waits(here)
    mail.outbox = []
    assert phone.deny().json()["outcome"] == "denied"
    denied = AuditEvent.objects.get(activity="request_denied")
    assert (str(denied.actor), denied.method, denied.data["asked_from"]) == (
        ADELE,
        "app_notification",
        "127.0.0.1",
    )
    run_jobs()
    assert sorted(one.to[0] for one in mail.outbox) == ["adele@home.example", "adele@post.example"]
    told = str(mail.outbox[0].body)
    assert "Firefox on Windows" in told
    assert "127.0.0.1" in told
    assert "Whoever tried knows your sign-in name." in told
    assert browser.get("/reset/wait/").headers["location"] == "/reset/stopped/"
    assert why_stopped(browser) == "denied"


@pytest.mark.parametrize("way", ["back", "another", "late"])
def test_no_denial_is_escaped(here: Org, phone: Phone, way: str) -> None:
    """Whoever began the reset neither goes back, nor asks by another method, nor waits it out."""
    browser, _page = waits(here)
    phone.deny()
    if way == "back":
        browser.post("/reset/wait/", {"action": "back"})
    elif way == "another":
        browser.post(
            "/reset/verify/", {"action": "choose", "method": "email", "email-address": "a@b.example"}
        )
    else:
        Challenge.objects.filter(kind="app_notification").update(
            expires_at=timezone.now() - timedelta(minutes=5)
        )
    browser.get("/reset/wait/")
    assert why_stopped(browser) == "denied"


def test_all_phones_of_a_person_are_asked(here: Org, phone: Phone) -> None:
    other = Phone(here, name="Old phone")
    second = other.given(here.user("adele"))
    browser, page = waits(here)
    assert (phone.asked() or {})["id"] == (other.asked() or {})["id"]
    assert other.answer(number_of(page)).status_code == 200
    assert phone.asked() is None
    assert browser.get("/reset/wait/").headers["location"] == "/reset/password/"
    second.refresh_from_db()
    assert second.last_used_at is not None


def test_a_phone_proves_again_and_opens_a_desk(here: Org) -> None:
    chief, phone = here.user("chief"), Phone(here)
    phone.given(chief)
    browser = here.browser()
    sign_in(browser, chief.sign_in_name)
    verify = "/verify/?next=/admin/"
    assert browser.get("/admin/").status_code == 302
    device = Device.objects.get(user=chief)
    browser.post(verify, {"action": "choose", "method": str(device.pk)}, headers={"user-agent": FIREFOX})
    page = browser.get(verify)
    run_jobs()
    asked = phone.asked()
    assert asked is not None
    assert asked["purpose"] == "prove"
    assert browser.get(verify, headers={"x-waiting": "1"}).status_code == 200
    phone.answer(number_of(page))
    assert browser.get(verify, headers={"x-waiting": "1"}).status_code == 204  # and nothing is used up
    assert browser.get(verify).headers["location"] == "/admin/"
    assert browser.get("/admin/").status_code == 200


def test_to_prove_again_the_chosen_phone_alone_is_asked(here: Org, phone: Phone) -> None:
    other = Phone(here, name="Old phone")
    chosen = other.given(here.user("adele"))
    browser = proved(here, here.user("adele"))
    put(browser, proved_at=0)
    browser.post("/verify/", {"action": "choose", "method": str(chosen.pk)})
    page = browser.get("/verify/")
    run_jobs()
    assert phone.asked() is None
    phone.answer(number_of(page), request=str((other.asked() or {})["id"]))
    assert browser.get("/verify/").status_code == 200
    other.answer(number_of(page))
    assert browser.get("/verify/").headers["location"] == "/security-info/"


@pytest.mark.parametrize("way", ["wrong", "denied", "late"])
def test_what_did_not_prove_is_said(here: Org, phone: Phone, way: str) -> None:
    browser = proved(here, here.user("adele"))
    put(browser, proved_at=0)
    browser.post("/verify/", {"action": "choose", "method": str(Device.objects.get().pk)})
    run_jobs()
    if way == "wrong":
        phone.answer("00")
    elif way == "denied":
        phone.deny()
    else:
        Challenge.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    said = browser.get("/verify/", follow=True).content.decode()
    words = {
        "wrong": "Another number",
        "denied": "The request was denied.",
        "late": "No answer came in time.",
    }
    assert words[way] in said
    assert browser.get("/security-info/").status_code == 302


def test_somebody_unknown_waits_by_a_number_and_nothing_rings(here: Org, phone: Phone) -> None:
    known, known_page = waits(here)
    run_jobs()
    unknown, unknown_page = waits(here, NOBODY)
    pages = [
        text_of(page, name, f">{number_of(page)}<")
        for page, name in ((known_page, ADELE), (unknown_page, NOBODY))
    ]
    assert pages[0] == pages[1]
    decoy = newest().challenge
    assert decoy is not None
    assert phone.answer(number_of(unknown_page), request=str(decoy.pk)).status_code == 409
    assert unknown.get("/reset/wait/").status_code == known.get("/reset/wait/").status_code == 200
    Challenge.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    said = [text_of(one.get("/reset/verify/"), ADELE, NOBODY) for one in (known, unknown)]
    assert said[0] == said[1]
    assert "No answer came in time." in said[0]


def test_it_opens_the_first_of_two_gates(here: Org, phone: Phone) -> None:
    configuring.configure({"required": 2}, actor="tests")
    give_email(here.user("adele"))
    browser, page = waits(here)
    phone.answer(number_of(page))
    browser.get("/reset/wait/")
    assert newest().passed == ["app_notification"]
    assert where(browser) == "/reset/verify/"
