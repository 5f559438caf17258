"""The pictures of the documentation, drawn anew: PICTURES=1 make test ARGS=tests/browser/test_pictures.py."""

import io
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from config.demo import seed
from registration import configuring
from tenants import glances
from tenants.models import Organization
from tests.browser.sites import Desktop, administrator
from tests.building import KEY, Org, app_code, give_app, give_email
from tests.registration.happened import happened

FOLDER = Path(__file__).parents[2] / "docs" / "pictures"
MOST_BYTES = 150_000
CARD: dict[str, Any] = {"viewport": {"width": 560, "height": 720}, "device_scale_factor": 2}
PHONE: dict[str, Any] = {"viewport": {"width": 360, "height": 720}, "device_scale_factor": 2}
WIDE: dict[str, Any] = {"viewport": {"width": 1280, "height": 800}, "device_scale_factor": 1.5}


@pytest.fixture
def painted(contoso: Org) -> Org:
    """Contoso as the demo shows it."""
    seed._paint("Contoso", "#0f766e")
    configuring.configure({"required": 2}, actor="tests")
    for name in ("adele", "chief"):
        give_app(contoso.user(name))
    give_email(contoso.user("adele"))
    return contoso


def test_sign_in(desktop: Callable[..., Desktop], painted: Org) -> None:
    for name, choices in (("", CARD), ("-dark", {**CARD, "color_scheme": "dark"}), ("-phone", PHONE)):
        _draw(desktop("contoso", **choices).open("/sign-in/"), f"sign-in{name}")


def test_reset(desktop: Callable[..., Desktop], painted: Org) -> None:
    for name, choices in (("", CARD), ("-dark", {**CARD, "color_scheme": "dark"}), ("-phone", PHONE)):
        one = desktop("contoso", **choices).begin_reset("adele@contoso.example").choose("Authenticator app")
        _draw(one, f"reset{name}")


def test_security_info(desktop: Callable[..., Desktop], painted: Org) -> None:
    one = desktop("contoso", **WIDE).sign_in("adele@contoso.example").at("Enter your code")
    one.fill("Code", app_code()).press("Continue").at("Security info")
    _draw(one, "security-info")


def test_the_administrators_desk(desktop: Callable[..., Desktop], painted: Org) -> None:
    """Each page in one of the looks: light, dark, German, Arabic, and as on a phone."""
    adele, bo = painted.user("adele"), painted.user("bo")
    give_app(bo)
    give_email(bo, "bo@home.example")
    for days in range(30):
        ago = timedelta(days=days, minutes=1)
        happened("reset_started", adele, ago=ago, times=3 + days % 5)
        happened("reset_gate", adele, ago=ago, method="app_code", reason="wrong")
        happened("password_reset", adele, ago=ago, times=2 + days % 5, method="email")
        happened("security_info_registered", adele, ago=ago, times=days % 3, method="app_code")
    one = administrator(desktop, "contoso", "chief@contoso.example", KEY, **WIDE)
    _draw(one.open("/admin/"), "desk")
    one.open("/admin/registration/properties/").page.get_by_label("Selected", exact=True).wait_for()
    _draw(one, "properties")
    one.page.get_by_label("Selected", exact=True).check()
    one.press("Save").page.get_by_text("Nothing is saved yet.").wait_for()
    _draw(one, "impact")
    _draw(one.open("/admin/registration/usage/"), "usage")
    one.open("/admin/branding/brand/")
    preview = one.page.frame_locator(".desk-preview iframe:not([data-going])")
    preview.get_by_role("heading", name="Sign in").wait_for()
    _draw(one, "branding")
    person = f"/admin/registration/user/{adele.pk}/change/"
    one.page.emulate_media(color_scheme="dark")
    _draw(one.open("/admin/registration/authenticationmethods/"), "methods-dark")
    _draw(one.open(person), "person-dark")
    one.page.emulate_media(color_scheme="light")
    _draw(one.open("/admin/registration/user/?lng=de"), "people-de")
    _draw(one.open("/admin/registration/auditevent/?lng=ar"), "audit-log-ar")
    one.page.set_viewport_size(PHONE["viewport"])
    _draw(one.open(f"{person}?lng=en"), "person-phone")


def test_the_providers_desk(
    desktop: Callable[..., Desktop], painted: Org, provider: Org, settings: Any
) -> None:
    give_app(provider.user("chief"))
    for organization in Organization.objects.all():
        glances.look.task.func(schema=organization.schema_name, organization=str(organization.pk))
    one = administrator(desktop, "public", "chief@localhost", KEY, **WIDE)
    settings.REKEY_PORT = int(one.root.rpartition(":")[2])
    _draw(one.open("/admin/tenants/organization/"), "organizations")
    row = painted.row
    one.page.emulate_media(color_scheme="dark")
    _draw(one.open(f"/admin/tenants/organization/{row.pk}/change/"), "organization-dark")
    one.page.emulate_media(color_scheme="light")
    _draw(one.open("/admin/tenants/baseline/add/?lng=de"), "baseline-de")
    _draw(one.open("/admin/tenants/organization/add/?lng=ar"), "organization-new-ar")
    one.page.set_viewport_size(PHONE["viewport"])
    _draw(one.open("/admin/tenants/organization/?lng=en"), "organizations-phone")
    one.page.set_viewport_size(WIDE["viewport"])
    one.open(f"/admin/tenants/visit/add/?organization={row.pk}").page.locator("#id_reason").fill(
        "INC-4711: nobody gets a mail"
    )
    one.press("Enter").page.wait_for_url("**://contoso.localhost*/admin/")
    _draw(one, "visit")


def _draw(one: Desktop, name: str) -> None:
    """Write a picture, small enough to be kept in the repository."""
    FOLDER.mkdir(exist_ok=True)
    image = (
        Image.open(io.BytesIO(one.page.screenshot(animations="disabled", caret="hide")))
        .convert("RGB")
        .quantize(192)
    )
    file = FOLDER / f"{name}.png"
    image.save(file, optimize=True)
    assert file.stat().st_size < MOST_BYTES, file
