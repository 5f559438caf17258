"""The policy as an administrator who knows Entra changes it: group by group, with a look at who loses, and a file of them."""

import os
from collections.abc import Callable

from tests.browser.looks import keep
from tests.browser.sites import Desktop, administrator
from tests.building import KEY, Org, give_app, give_email

Open = Callable[..., Desktop]


def test_narrow_the_scope_after_a_look_at_who_loses(desktop: Open, contoso: Org) -> None:
    give_app(contoso.user("chief"))
    give_email(contoso.user("adele"))
    give_email(contoso.user("bo"), "bo@home.example")
    one = administrator(desktop, "contoso", "chief@contoso.example", KEY)
    one.page.locator("#nav-sidebar").get_by_role("link", name="Properties").click()
    one.page.get_by_text("Who can reset a forgotten password by themselves").wait_for()
    one.page.get_by_label("Selected", exact=True).check()
    one.press("Save").page.get_by_role(
        "heading", name="1 person can no longer reset their password"
    ).wait_for()
    one.page.get_by_role("listitem").get_by_text("They are in none of the selected groups.").wait_for()
    one.page.get_by_role("cell", name="bo@contoso.example").wait_for()
    _keep(one, "desk-impact")
    with one.page.expect_download() as file:
        one.press("All of them as CSV")
    assert file.value.path().read_text("utf-8-sig").splitlines()[1].startswith("bo@contoso.example,Bo,")
    one.press("Back")
    assert one.page.get_by_label("Selected", exact=True).is_checked()
    one.press("Save").page.get_by_text("Nothing is saved yet.").wait_for()
    one.press("Save")
    one.page.get_by_text("was changed successfully").wait_for()
    one.open("/admin/registration/properties/").page.get_by_text("1 person, those of groups").wait_for()
    assert one.page.get_by_label("Selected", exact=True).is_checked()


def _keep(one: Desktop, name: str) -> None:
    """Draw a page in every look, where pictures are asked for."""
    if not os.environ.get("PICTURES"):
        return
    for scheme in ("light", "dark"):
        one.page.emulate_media(color_scheme=scheme)
        keep(one.page, f"{name}-{scheme}")
        one.page.set_viewport_size({"width": 360, "height": 800})
        keep(one.page, f"{name}-{scheme}-phone")
        one.page.set_viewport_size({"width": 1280, "height": 860})
    one.page.emulate_media(color_scheme="light")
