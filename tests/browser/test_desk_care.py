"""The help desk starts a reset, and its owner finishes it: with the code that was read out, and with what they registered."""

from collections.abc import Callable

from django.core import mail

from registration import people
from registration.models import AuditEvent
from registration.roles import Role
from tests.browser.looks import axe, keep
from tests.browser.sites import Desktop, administrator, oathtool
from tests.building import KEY, Org, give_app, give_email, run_jobs

Open = Callable[..., Desktop]
BOS = "MFRGGZDFMZTWQ2LKMFRGGZDFMZTWQ2LK"


def test_the_help_desk_starts_a_reset_and_its_owner_finishes_it(desktop: Open, contoso: Org) -> None:
    adele, bo = contoso.user("adele"), contoso.user("bo")
    people.change(bo, {"roles": [Role.HELPDESK_ADMINISTRATOR]}, actor="tests")
    give_app(bo, BOS)
    give_app(adele)
    desk = administrator(desktop, "contoso", "bo@contoso.example", BOS)
    desk.open("/admin/registration/user/").press("adele@contoso.example")
    desk.page.get_by_role("heading", name="Authentication methods").wait_for()
    _keep(desk, "person")
    desk.press("Start a password reset")
    desk.page.get_by_text("read it to them").wait_for()
    _keep(desk, "start-reset")
    desk.press("Start a password reset")
    code = desk.page.locator(".person-code").inner_text()
    _keep(desk, "reset-started")
    hers = desktop("contoso").open("/sign-in/").press("Can't access your account?")
    hers.press("I have a code from the help desk").at("Get back in with the help desk")
    keep(hers.page, "reset-help")
    hers.fill("Sign-in name", "adele@contoso.example").fill("Code from the help desk", code.lower()).press(
        "Next"
    )
    hers.at("Prove it's you").prove_app(oathtool(KEY)).choose_password("Quite-Another-9")
    hers.page.wait_for_url("**/reset/done/")
    assert contoso.user("adele").check_password("Quite-Another-9")
    run_jobs()
    told = [one.subject for one in mail.outbox if one.to == ["adele@post.example"]]
    assert [("started" in one, "was reset" in one) for one in told] == [(True, False), (False, True)]
    done = AuditEvent.objects.get(activity="password_reset")
    assert (done.actor, done.data["helped_by"]) == ("adele@contoso.example", "bo@contoso.example")


def test_a_global_administrator_requires_registration_anew_and_grants_a_role(
    desktop: Open, contoso: Org
) -> None:
    adele = contoso.user("adele")
    give_app(contoso.user("chief"))
    give_email(adele)
    desk = administrator(desktop, "contoso", "chief@contoso.example", KEY)
    desk.open(f"/admin/registration/user/{adele.pk}/change/").press("Require re-registration")
    desk.page.get_by_text("At their next sign-in they register methods anew").wait_for()
    for scheme in ("light", "dark"):
        desk.page.emulate_media(color_scheme=scheme)
        assert axe(desk.page)["violations"] == []
        keep(desk.page, f"desk-reregister-{scheme}")
    desk.press("Require re-registration")
    desk.page.get_by_text("registers their methods anew when they sign in next").wait_for()
    assert not adele.devices.exists()
    desk.open("/admin/registration/user/roles/")
    box = desk.page.get_by_role("region", name="Reports Reader (0)")
    box.get_by_label("Sign-in name").fill("adele@contoso.example")
    box.get_by_role("button", name="Grant the role").click()
    desk.page.get_by_role("region", name="Reports Reader (1)").wait_for()
    assert contoso.user("adele").roles == ["reports_reader"]
    hers = desktop("contoso").sign_in("adele@contoso.example").at("A way back in")
    assert hers.page.get_by_role("button", name="Later").count() == 0


def _keep(one: Desktop, name: str) -> None:
    """Keep a picture in each scheme, wide and as on a phone."""
    wide = one.page.viewport_size
    for scheme in ("light", "dark"):
        one.page.emulate_media(color_scheme=scheme)
        keep(one.page, f"desk-care-{name}-{scheme}")
    one.page.set_viewport_size({"width": 360, "height": 780})
    keep(one.page, f"desk-care-{name}-phone")
    if wide:
        one.page.set_viewport_size(wide)
