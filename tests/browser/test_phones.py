"""Mobile and office phone as a person meets them: registered, used for a reset, and set by an administrator."""

from collections.abc import Callable

from playwright.sync_api import expect

from registration import configuring
from tests.browser.looks import axe, keep
from tests.browser.sites import Desktop, administrator
from tests.building import KEY, Org, give_app
from tests.telephones import OFFICE, Telephones

Open = Callable[..., Desktop]
Look = Callable[[Desktop, str], None]
ADELE, BO = "adele@contoso.example", "bo@contoso.example"


def enable(org: Org, phones: Telephones, *methods: str, required: int = 1) -> None:
    """Let Contoso text and call, and its people use these methods."""
    phones.connect(org)
    configuring.configure({"methods": list(methods), "required": required}, actor="tests")


def test_a_mobile_phone(desktop: Open, look: Look, contoso: Org, phones: Telephones) -> None:
    enable(contoso, phones, "mobile_phone", "email")
    one = desktop("contoso").sign_in(ADELE).at("Security info").press("Add Mobile phone").at("Mobile phone")
    look(one, "mobile-enrol")
    one.fill("Mobile number", "0151 2345 6789").press("Continue").says("Choose the country")
    look(one, "mobile-enrol-no-country")
    one.page.get_by_label("Country or region").select_option("DE")
    one.fill("Mobile number", "030 901820").press("Continue").says("That is not a mobile number.")
    one.fill("Mobile number", "0151 2345 6789").press("Continue").says("We sent you a code.")
    look(one, "mobile-confirm")
    one.fill("Code", phones.code()).press("Confirm").says("Added: Mobile phone.").says("+49 1512 3456789")
    look(one, "mobile-registered")
    one.sign_out()

    one.begin_reset(ADELE).choose("Mobile phone")
    look(one, "reset-mobile")
    one.fill("Mobile number", "0049 151 23456789")
    one.page.get_by_label("In a call that reads it out").check()
    one.press("Continue").at("Enter your code")
    look(one, "reset-mobile-code")
    heard = phones.answer()
    assert heard is not None
    code = heard.sentences[1].rstrip(".").replace(", ", "")
    one.fill("Code", code).press("Continue").at("Choose a new password")
    one.choose_password("Quite-Another-9").at("Your password is changed")


def test_an_office_phone(desktop: Open, look: Look, contoso: Org, phones: Telephones) -> None:
    enable(contoso, phones, "office_phone", "email")
    one = desktop("contoso").sign_in(ADELE).at("Security info").press("Add Office phone").at("Office phone")
    look(one, "office-enrol")
    one.page.get_by_label("Country or region").select_option("DE")
    one.fill("Office number", "030 901820").press("Continue").says("This page goes on by itself.")
    look(one, "office-confirm")
    phones.press()
    one.says("Added: Office phone.").sign_out()

    one.begin_reset(ADELE).choose("Office phone")
    look(one, "reset-office")
    one.fill("Office number", "+49 30 901820").press("Continue").at("One moment")
    look(one, "reset-office-waiting")
    phones.press(key="#")
    one.at("Choose a new password")


def test_nothing_came(desktop: Open, look: Look, contoso: Org, phones: Telephones) -> None:
    """After ten seconds the page says so, and offers to call again: to who exists and to who does not."""
    enable(contoso, phones, "office_phone", "email")
    one = desktop("contoso")
    one.page.clock.install()
    one.begin_reset("nobody@contoso.example").choose("Office phone")
    one.fill("Office number", OFFICE).press("Continue").at("One moment")
    words = one.page.get_by_text("No call? Try once more, or use another method.")
    expect(words).to_be_hidden()
    expect(one.named("Call again")).to_be_disabled()
    one.page.clock.fast_forward(10_500)
    expect(words).to_be_visible()
    look(one, "reset-office-nothing-came")
    one.press("Call again").says("We are trying once more.").at("One moment")
    assert phones.all() == []
    one.press("Use another method").at("Prove it's you")


def test_an_office_number_set_at_the_desk(
    desktop: Open, look: Look, contoso: Org, phones: Telephones
) -> None:
    """An administrator sets it; its owner resets by it without ever having registered, and sees that it is set."""
    enable(contoso, phones, "office_phone", "email")
    give_app(contoso.user("chief"), KEY)
    chief = administrator(desktop, "contoso", "chief@contoso.example", KEY)
    found = {}
    chief.open(f"/admin/registration/user/{contoso.user('bo').pk}/change/").press("Set Office phone")
    for text, said in (("", "required"), ("+49 151 23456789", "That is a mobile number")):
        chief.page.get_by_label("Office number").fill(text)
        chief.press("Save")
        expect(chief.page.locator("form#set-method")).to_contain_text(said)
        for scheme in ("light", "dark"):
            chief.page.emulate_media(color_scheme=scheme)
            found[f"{text} {scheme}"] = axe(chief.page)["violations"]
            keep(chief.page, f"desk-office-{scheme}")
    assert [rules for rules in found.values() if rules] == []
    chief.page.get_by_label("Office number").fill("+49 30 901820")
    chief.press("Save")
    expect(chief.page.locator("body")).to_contain_text("+49 ••••• 20")

    one = desktop("contoso").begin_reset(BO).choose("Office phone")
    one.fill("Office number", "+49 30 90 18 20").press("Continue").at("One moment")
    phones.press()
    one.at("Choose a new password").choose_password("Quite-Another-9").at("Your password is changed")
    one.open("/sign-in/").sign_in(BO, "Quite-Another-9").at("One more proof").press("Continue").at(
        "Office phone"
    )
    look(one, "office-verify")
    phones.press()
    one.at("Security info").says("Your administrator set this number.")
    look(one, "office-set")


def test_arabic(desktop: Open, look: Look, contoso: Org, phones: Telephones) -> None:
    enable(contoso, phones, "mobile_phone", "office_phone")
    one = desktop("contoso", locale="ar")
    one.open("/sign-in/").page.locator("input[name=login]").fill(ADELE)
    one.page.locator("input[name=password]").fill("Correct-Horse-7")
    one.page.locator("main button.primary").click()
    one.open("/security-info/add/mobile_phone/")
    one.page.locator("select").select_option("EG")
    look(one, "mobile-arabic")
    one.page.locator("input[type=tel]").fill("٠١٠٠١٢٣٤٥٦٧")
    one.page.locator("main button.primary").click()
    one.page.locator("input[name=code]").fill(phones.code("+201001234567"))
    one.page.locator("main button.primary").click()
    expect(one.page.locator("main")).to_contain_text("+20 10 01234567")
    look(one, "mobile-arabic-registered")
