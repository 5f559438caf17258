"""The demo's inbox as somebody uses it who tries the telephones out."""

from collections.abc import Callable
from uuid import uuid4

import pytest
from playwright.sync_api import expect

from config.demo import views
from registration import configuring, telephony
from registration.models import Challenge
from tests.browser.sites import Desktop
from tests.building import Org, run_jobs
from tests.registration.telephony.asking import asked
from tests.telephones import MOBILE, OFFICE, Telephones

Open = Callable[..., Desktop]
Look = Callable[[Desktop, str], None]


def test_an_office_phone_resets_by_the_key_that_is_pressed_in_the_inbox(
    desktop: Open, contoso: Org, phones: Telephones, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The whole way: the number is registered by one call, and the password reset by another."""
    monkeypatch.setattr(views, "totp_keys", list)
    phones.connect(contoso)
    configuring.configure({"methods": ["office_phone"], "required": 1}, actor="tests")
    one = desktop("contoso").sign_in("adele@contoso.example").at("Security info")
    one.press("Add Office phone").at("Office phone")
    one.fill("Office number", "+49 30 901820").press("Continue").says("This page goes on by itself.")
    inbox = desktop("contoso")
    _press_hash(inbox)
    one.says("Added: Office phone.").sign_out()
    one.begin_reset("adele@contoso.example").choose("Office phone")
    one.fill("Office number", "+49 30 901820").press("Continue").at("One moment")
    _press_hash(inbox)
    one.at("Choose a new password").choose_password("Quite-Another-9").at("Your password is changed")


def _press_hash(inbox: Desktop) -> None:
    run_jobs()
    inbox.open("/inbox/").press("Answer").press("#")
    expect(inbox.page.get_by_role("group", name="Keys")).to_have_count(0)


def test_a_text_is_read_and_a_call_answered(
    desktop: Open, look: Look, contoso: Org, phones: Telephones, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(views, "totp_keys", list)  # the demo's own organizations are not there
    phones.connect(contoso)
    telephony.text(MOBILE, "123456 is your code.", challenge=str(uuid4()))
    challenge = asked(contoso.user("adele"), "office_phone")
    telephony.ring(OFFICE, challenge=str(challenge.pk), language="ar")
    one = desktop("contoso").open("/inbox/").at("Inbox of the demo").says("123456 is your code.")
    look(one, "inbox-rings")
    one.press("Answer")
    keys = one.page.get_by_role("group", name="Keys")
    expect(keys.get_by_role("button")).to_have_count(12)
    look(one, "inbox-answered")
    one.press("#")
    expect(keys).to_have_count(0)
    assert Challenge.objects.get(pk=challenge.pk).verdict == "approved"
