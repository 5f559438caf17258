"""The icon of the installed page: the organization's own look, at its own host."""

import io

import pytest
from PIL import Image

from tenants import hosts
from tenants.branding import app_icon, painting
from tenants.branding.logos import clean_icon
from tenants.context import entered
from tests.building import Org
from tests.tenants.branding import pictures


def shown(org: Org, size: int) -> Image.Image:
    """Return the icon as the manifest's address serves it."""
    answer = org.browser().get(app_icon.url(size))
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/png")
    assert "immutable" in answer.headers["cache-control"]
    return Image.open(io.BytesIO(answer.content))


@pytest.mark.parametrize("size", app_icon.SIZES)
def test_without_an_icon_it_is_the_colour(contoso: Org, size: int) -> None:
    painting.save_brand({"fill": "#0f766e"}, actor="tests")
    hosts.forget()
    icon = shown(contoso, size)
    assert icon.size == (size, size)
    assert icon.convert("RGB").getpixel((2, 2)) == (15, 118, 110)
    assert icon.convert("RGB").getpixel((size // 2, size * 3 // 10)) == (255, 255, 255)


def test_an_icon_stands_on_a_white_plate(contoso: Org) -> None:
    painting.save_brand({}, pictures={"icon": clean_icon(pictures.plain(50, 50, "#b91c1c"))}, actor="tests")
    hosts.forget()
    icon = shown(contoso, 192).convert("RGB")
    assert [icon.getpixel(at) for at in ((2, 2), (96, 96))] == [(255, 255, 255), (185, 28, 28)]


def test_the_manifest_names_it(contoso: Org) -> None:
    manifest = contoso.browser().get("/authenticator/manifest.webmanifest")
    assert manifest.headers["content-type"] == "application/manifest+json"
    found = manifest.json()
    assert (found["name"], found["start_url"], found["scope"]) == (
        "Contoso authenticator",
        "/authenticator/",
        "/authenticator/",
    )
    assert [icon["src"] for icon in found["icons"]] == [app_icon.url(size) for size in app_icon.SIZES]


def test_another_version_size_or_organization_is_not_there(contoso: Org, fabrikam: Org) -> None:
    with entered(contoso.row):
        painting.save_brand({"fill": "#0f766e"}, actor="tests")
        hosts.forget()
        address = app_icon.url(192)
    assert fabrikam.browser().get(address).status_code == 404
    assert contoso.browser().get(address.replace("192", "191")).status_code == 404
    assert contoso.browser().get(address).status_code == 200
