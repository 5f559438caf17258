"""The desk's reminder to who is not registered, and the choice of what one is asked for first, as a person sees them."""

from collections.abc import Callable

from tests.browser.looks import axe, keep
from tests.browser.sites import Desktop, administrator, oathtool
from tests.building import KEY, Org, give_app, give_email

Open = Callable[..., Desktop]
Look = Callable[[Desktop, str], None]


def test_remind_those_who_are_not_registered(desktop: Open, contoso: Org) -> None:
    give_app(contoso.user("chief"))
    give_email(contoso.user("chief"))
    one = administrator(desktop, "contoso", "chief@contoso.example", KEY).open("/admin/registration/user/")
    one.page.get_by_role("link", name="Remind those who are not registered").click()
    one.page.get_by_text("2 people may reset and have not registered enough methods.").wait_for()
    for scheme in ("light", "dark"):
        one.page.emulate_media(color_scheme=scheme)
        one.open("/admin/registration/user/remind/")
        one.page.get_by_role("button", name="Send 2 mails").wait_for()
        assert axe(one.page)["violations"] == []
        keep(one.page, f"desk-remind-{scheme}")
    one.press("Send 2 mails")
    one.page.get_by_text("2 people are reminded by mail.").wait_for()


def test_choose_what_is_asked_for_first(desktop: Open, look: Look, contoso: Org) -> None:
    give_email(contoso.user("adele"))
    give_email(contoso.user("adele"), "second@home.example")
    give_app(contoso.user("adele"))
    one = desktop("contoso").sign_in("adele@contoso.example").at("Enter your code")
    one.fill("Code", oathtool(KEY)).press("Continue").at("Security info")
    one.press("Ask for it first Email second@home.example").says(
        "We ask you for this first from now on: Email."
    )
    look(one, "security-info-default")
