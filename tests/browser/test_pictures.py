"""The pictures of the documentation, drawn anew: PICTURES=1 make test ARGS=tests/browser/test_pictures.py."""

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import expect

from config.demo import seed
from registration import configuring
from tests.browser.sites import Desktop, administrator
from tests.building import KEY, Org, app_code, give_app, give_email

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


def test_policy(desktop: Callable[..., Desktop], painted: Org) -> None:
    one = administrator(desktop, "contoso", "chief@contoso.example", KEY, **WIDE)
    one.open("/admin/registration/authenticationmethods/")
    expect(one.page.get_by_text("Methods available to users")).to_be_visible()
    _draw(one, "policy")


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
