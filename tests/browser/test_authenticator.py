"""The authenticator as people use it: Chromium is the phone, another one the screen beside it."""

import json
import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Playwright, expect

from registration import configuring
from registration import state as states
from registration.models import AuditEvent, Challenge, Device
from tests.browser.pocket import Pocket, pocket
from tests.browser.sites import Desktop, oathtool
from tests.building import Org, run_jobs

Open = Callable[..., Desktop]
Look = Callable[[Desktop, str], None]
Start = Callable[..., AbstractContextManager[Pocket]]
ADELE, NEW = "adele@contoso.example", "Quite-Another-9"
APPROVED = "Approved. Go on at your other screen."


@pytest.fixture
def here(contoso: Org) -> Org:
    """Contoso, which lets phones reset."""
    configuring.configure({"methods": ["app_notification", "app_code"], "required": 1}, actor="tests")
    return contoso


@pytest.fixture
def phone(live_server: Any, playwright: Playwright, tmp_path: Path) -> Start:
    """Return what starts adele's phone, on the same profile each time."""
    port = int(live_server.url.rpartition(":")[2])
    return lambda **choices: pocket(playwright, tmp_path / "phone", "contoso", port, **choices)


def paired(one: Desktop, mine: Pocket, name: str = "Pixel") -> None:
    """Add this phone at the other screen, by the code that it shows."""
    one.press("Add App notification").at("App notification").press("Continue")
    one.page.get_by_text("Can't scan it?").click()
    mine.open_page("/authenticator/").pair(one.page.locator("code.key").inner_text(), name)
    mine.state("This phone is paired. Go on at your other screen.")
    one.says("Added: App notification.")


def waits(one: Desktop) -> str:
    """Ask the phone in a reset; return the number."""
    one.choose("App notification").press("Continue").at("One moment")
    return one.page.locator(".number").inner_text()


def test_pair_approve_and_start_again(desktop: Open, look: Look, phone: Start, here: Org) -> None:
    one = desktop("contoso").sign_in(ADELE).at("Security info")
    with phone() as mine:
        mine.open_page()
        look(mine, "authenticator-empty")
        mine.press("Pair").says("ten letters and digits")
        look(mine, "authenticator-code-missing")
        mine.pair("ABCDE-FGHJK").says("This code opens nothing.")
        one.press("Add App notification").at("App notification")
        look(one, "phone-begin")
        one.press("Continue").says("Scan this picture")
        one.page.get_by_text("Can't scan it?").click()
        look(one, "phone-pair")
        code = one.page.locator("code.key").inner_text()
        mine.open_page(f"/authenticator/#pair={code.replace('-', '')}")
        assert "#" not in mine.page.url  # what stood behind the hash stays in no history
        mine.fill("Name of this phone", "Pixel")
        mine.page.get_by_role("button", name="Pair", exact=True).click()
        mine.state("This phone is paired. Go on at your other screen.")
        one.says("Added: App notification.").says("Pixel").says("You're ready.")
        look(one, "phone-registered")
        expect(mine.page.locator("#accounts")).to_contain_text("Contoso · Ready")
        look(mine, "authenticator-paired")
        assert mine.keys() == [[False, "InvalidAccessError"]]

    one.sign_out().begin_reset(ADELE)
    with phone() as mine:  # started again: the key is still there, and signs
        assert mine.open_page().keys() == [[False, "InvalidAccessError"]]
        number = waits(one)
        look(one, "reset-phone")
        mine.asked().says("Reset the password of adele@contoso.example").says("Chrome on Linux").says(
            "127.0.0.1"
        )
        assert not _alone(number, mine.page.locator("#ask").inner_text())
        look(mine, "authenticator-asked")
        mine.approve("7").says("Type the two digits")
        mine.approve(number).state(APPROVED)
    one.at("Choose a new password").choose_password(NEW).at("Your password is changed")


def test_wrong_number_then_no(desktop: Open, look: Look, phone: Start, here: Org) -> None:
    one = desktop("contoso").sign_in(ADELE).at("Security info")
    with phone() as mine:
        paired(one, mine)
        one.sign_out().begin_reset(ADELE)
        number = int(waits(one))
        mine.asked().approve(str(10 + (number - 9) % 90))
        mine.state("That is not the number. The request has ended; you can ask again at your other screen.")
        one.at("Prove it's you").says("Another number was typed on the phone.")
        look(one, "reset-phone-wrong")
        waits(one)
        mine.asked().press("No, it's not me")
        mine.state("Denied. Nobody gets in by this request, and we wrote to your addresses about it.")
        look(mine, "authenticator-denied")
    one.at("The request was denied")
    assert AuditEvent.objects.filter(activity="request_denied", actor=ADELE).count() == 1


def test_forged_and_played_again(desktop: Open, phone: Start, here: Org) -> None:
    """What goes over the wire is caught, and sent again as it was and with another signature."""
    one = desktop("contoso").sign_in(ADELE).at("Security info")
    with phone() as mine:
        paired(one, mine)
        one.sign_out().begin_reset(ADELE)
        number = waits(one)
        mine.asked()
        with mine.page.expect_request("**/methods/app_notification/answer/") as caught:
            mine.approve(number)
        mine.state(APPROVED)
        send = """async ([path, body]) => { const r = await fetch(path, {method: "POST", body: new URLSearchParams(body)});
            return [r.status, (await r.json()).error]; }"""
        body = dict(caught.value.post_data_json or {})
        assert set(body) == {"message", "signature"}
        path = "/methods/app_notification/answer/"
        again = mine.page.evaluate(send, [path, body])
        later = {**body, "message": body["message"].replace('"approve"', '"deny"')}
        assert [again, mine.page.evaluate(send, [path, later])] == [[403, "replayed"], [403, "forged"]]
    one.at("Choose a new password")


def test_a_push_wakes_it(desktop: Open, phone: Start, here: Org) -> None:
    """The browser hands a push to the page's worker as if its service had brought it."""
    one = desktop("contoso").sign_in(ADELE).at("Security info")
    with phone(permissions=["notifications"]) as mine:
        paired(one, mine)
        cdp = mine.context.new_cdp_session(mine.page)
        seen: list[Any] = []
        cdp.on("ServiceWorker.workerRegistrationUpdated", lambda it: seen.extend(it["registrations"]))
        cdp.send("ServiceWorker.enable")
        mine.page.evaluate("() => navigator.serviceWorker.ready.then(() => undefined)")
        mine.page.wait_for_timeout(500)
        (registration,) = {it["registrationId"] for it in seen if it["scopeURL"].endswith("/authenticator/")}
        one.sign_out().begin_reset(ADELE)
        number = waits(one)
        run_jobs()
        said = {"title": "Reset your password?", "body": "Contoso: Open the authenticator.", "tag": "request"}
        cdp.send(
            "ServiceWorker.deliverPushMessage",
            {"origin": mine.root, "registrationId": registration, "data": json.dumps(said)},
        )
        mine.asked()
        shown = """() => navigator.serviceWorker.ready.then((it) => it.getNotifications())
            .then((all) => all.map((it) => [it.title, it.body, it.tag]))"""
        assert mine.page.evaluate(shown) == [list(said.values())]
        mine.approve(number).state(APPROVED)
        assert mine.page.evaluate(shown) == []  # what is answered is shown no more
    one.at("Choose a new password")


def test_where_it_is_woken_is_told(
    desktop: Open, phone: Start, here: Org, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A subscription of the browser's reaches the device; the push service itself is the test's."""
    monkeypatch.setattr("tenants.shield.egress.Guard.addresses", lambda _self, _target: ["9.9.9.9"])
    subscription = """
        const pair = crypto.subtle.generateKey({name: "ECDH", namedCurve: "P-256"}, true, ["deriveBits"]);
        const text = (bytes) => btoa(String.fromCharCode(...new Uint8Array(bytes)))
            .replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
        PushManager.prototype.getSubscription = async () => null;
        PushManager.prototype.subscribe = async () => {
            const point = await crypto.subtle.exportKey("raw", (await pair).publicKey);
            return { toJSON: () => ({ endpoint: "https://push.example/send/1",
                keys: { p256dh: text(point), auth: text(crypto.getRandomValues(new Uint8Array(16))) } }) };
        };"""
    one = desktop("contoso").sign_in(ADELE).at("Security info")
    with phone(permissions=["notifications"]) as mine:
        mine.page.add_init_script(subscription)
        paired(one, mine)
        mine.page.reload()
        with mine.page.expect_response("**/methods/app_notification/subscribe/") as told:
            mine.ready()
        assert told.value.status == 200
    assert states.of(Device.objects.get())["endpoint"] == "https://push.example/send/1"


def test_gone_at_either_side(desktop: Open, look: Look, phone: Start, here: Org) -> None:
    one = desktop("contoso").sign_in(ADELE).at("Security info")
    with phone() as mine:
        paired(one, mine)
        expect(mine.page.locator("#accounts")).to_contain_text("Ready")
        one.page.locator(".rows a", has_text="Remove").first.click()
        one.press("Remove").says("Removed: App notification.")
        expect(mine.page.locator("#accounts")).to_contain_text("Not registered any more")
        look(mine, "authenticator-gone")
        mine.press("Pair again")
        expect(mine.page.get_by_label("Code of the other screen")).to_be_focused()
        mine.page.locator("#accounts [data-remove]").click()
        mine.press("Remove for good").state("Removed from this phone.")
        paired(one, mine, "Old phone")
        mine.page.locator("#accounts [data-remove]").click()
        mine.press("Remove for good").state("Removed from this phone.")
        expect(mine.page.locator("#accounts")).to_be_hidden()
    assert not Device.objects.exists()


def test_codes_that_rekey_takes(desktop: Open, look: Look, phone: Start, here: Org) -> None:
    one = desktop("contoso").sign_in(ADELE).at("Security info")
    one.press("Add Authenticator app").press("Continue")
    one.page.get_by_text("Can't scan it?").click()
    key = one.page.locator("code.key").inner_text()
    here_link = one.page.get_by_role("link", name="Keep it in this browser's own authenticator")
    with phone() as mine:
        mine.open_page(str(here_link.get_attribute("href")))
        assert "#" not in mine.page.url
        expect(mine.page.get_by_label("Whose account")).to_have_value(f"Contoso:{ADELE}")
        mine.page.get_by_role("button", name="Add", exact=True).click()
        mine.state("Added. Type its code at the other screen to confirm it.")
        shown = mine.page.locator("#codes .totp")
        plain = key.replace(" ", "")
        assert shown.inner_text().replace(" ", "") in {oathtool(plain, steps=step) for step in (-1, 0, 1)}
        one.fill("Code", shown.inner_text()).press("Confirm").says("Added: Authenticator app.")
        look(mine, "authenticator-codes")
        assert mine.keys() == [[False, "InvalidAccessError"]]
        mine.page.get_by_text("Add a code").click()
        mine.fill("Key or link", "not a key!").press("Add").says("That is no key.")
        look(mine, "authenticator-key-wrong")
        mine.fill("Key or link", plain.lower()).fill("Whose account", "Bank").press("Add")
        expect(mine.page.locator("#codes li")).to_have_count(2)
        mine.page.locator("#codes li", has_text="Bank").locator("[data-remove]").click()
        mine.press("Remove for good").state("Removed from this phone.")
        expect(mine.page.locator("#codes li")).to_have_count(1)
    with phone() as mine:
        mine.open_page()
        mine.context.set_offline(True)  # the page and its codes are there without a network
        mine.page.reload()
        expect(mine.ready().page.locator("#codes .totp")).to_have_text(oathtool_shown(plain))
        mine.context.set_offline(False)
        mine.noise.clear()


def oathtool_shown(key: str) -> Any:
    """Return what the page may show now: the code of this step or of the next one, in two halves."""
    codes = [oathtool(key, steps=step) for step in (-1, 0, 1)]
    return re.compile("|".join(f"{code[:3]} {code[3:]}" for code in codes))


def test_by_keyboard_and_in_arabic(desktop: Open, look: Look, phone: Start, here: Org) -> None:
    one = desktop("contoso").sign_in(ADELE).at("Security info")
    with phone() as mine:
        paired(one, mine)
        one.sign_out().begin_reset(ADELE)
        number = waits(one)
        mine.asked()
        expect(mine.page.locator("#ask-title")).to_be_focused()
        mine.page.keyboard.press("Tab")
        expect(mine.page.get_by_label("The number on your other screen")).to_be_focused()
        mine.page.keyboard.type(number)
        mine.page.keyboard.press("Enter")
        mine.state(APPROVED)
        expect(mine.page.locator("#status")).to_be_focused()
        mine.open("/authenticator/?lng=ar").page.wait_for_selector("body[data-ready]")
        expect(mine.page.locator("html")).to_have_attribute("dir", "rtl")
        look(mine, "authenticator-arabic")
    one.at("Choose a new password")


def test_a_desk_opens_by_it(desktop: Open, phone: Start, here: Org) -> None:
    """Signed in, the phone is the second factor, and what it is asked says so."""
    one = desktop("contoso").sign_in("chief@contoso.example").at("Security info")
    with phone() as mine:
        paired(one, mine)
        one.sign_out().open("/admin/").sign_in("chief@contoso.example").at("One more proof")
        one.choose("App notification").press("Continue").at("App notification")
        number = one.page.locator(".number").inner_text()
        mine.asked().says("Sign-in check for chief@contoso.example").approve(number).state(APPROVED)
        one.page.wait_for_url(f"{one.root}/admin/")
    assert Challenge.objects.filter(purpose="prove", consumed_at=None).count() == 0


def _alone(number: str, words: str) -> bool:
    """Say whether a number stands among words as one of its own, not as a part of an address or a time."""
    return re.search(rf"(?<![\d.:]){number}(?![\d.:])", words) is not None
