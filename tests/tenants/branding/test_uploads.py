"""What may be uploaded, over HTTP: pictures alone, small, drawn again; of a file nothing but its picture is kept."""

import io

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from tenants import hosts
from tenants.branding.logos import UPLOAD_BYTES, clean_logo
from tenants.branding.messages import LOGO_PROBLEMS, PARAMETERS
from tenants.branding.models import Brand
from tenants.context import entered
from tests.building import Browser, Org, give_app
from tests.registration.steps import proved
from tests.tenants.branding import pictures

FORM = {"fill": "#0f766e", "logo_alt": "", "helpdesk": "", "privacy": "", "terms": "", "language": ""}
#: What somebody may send, under what name and type, and why it is refused.
REFUSED = {
    "svg": (pictures.SVG, "logo.svg", "image/svg+xml", "not_png_or_jpeg"),
    "svg that says png": (pictures.SVG, "logo.png", "image/png", "not_png_or_jpeg"),
    "html": (pictures.HTML, "logo.html", "text/html", "not_png_or_jpeg"),
    "html that says png": (pictures.HTML, "logo.png", "image/png", "not_png_or_jpeg"),
    "gif": (pictures.GIF, "logo.gif", "image/gif", "not_png_or_jpeg"),
    "webp": (pictures.encoded(Image.new("RGB", (9, 9)), "WEBP"), "logo.png", "image/png", "not_png_or_jpeg"),
    "script": (b"#!/bin/sh\nid", "logo.png.sh", "application/x-sh", "not_png_or_jpeg"),
    "half a picture": (pictures.plain()[:-20], "logo.png", "image/png", "broken"),
    "too many bytes": (b"\x89PNG\r\n\x1a\n" + b"x" * UPLOAD_BYTES, "logo.png", "image/png", "too_many_bytes"),
    "pixel bomb": (pictures.bomb(12_000, 12_000), "logo.png", "image/png", "too_many_pixels"),
    "pixel bomb of two sides": (pictures.bomb(60_000, 60_000), "logo.png", "image/png", "too_many_pixels"),
    "moving": (pictures.moving(), "logo.png", "image/png", "moving"),
    "empty picture": (
        pictures.encoded(Image.new("RGBA", (20, 20), (0, 0, 0, 0))), "logo.png", "image/png", "empty",
    ),
}  # fmt: skip


@pytest.fixture
def desk(contoso: Org) -> Browser:
    """The browser of Contoso's administrator, at the desk."""
    chief = contoso.user("chief")
    return proved(contoso, chief, give_app(chief))


def page() -> str:
    return f"/admin/branding/brand/{Brand.objects.get().pk}/change/"


def row() -> tuple[object, ...]:
    brand = Brand.objects.get()
    return bytes(brand.logo), bytes(brand.icon), brand.logo_digest, brand.icon_digest


@pytest.mark.parametrize("field", ["new_logo", "new_icon"])
@pytest.mark.parametrize("what", REFUSED)
def test_is_refused_with_its_reason_and_leaves_nothing(desk: Browser, field: str, what: str) -> None:
    content, name, kind, code = REFUSED[what]
    before = row()
    answer = desk.post(page(), {**FORM, field: SimpleUploadedFile(name, content, kind)})
    assert answer.status_code == 200
    errors = answer.context["adminform"].form.errors.as_data()
    assert [error.code for error in errors[field]] == [code]
    assert str(LOGO_PROBLEMS[code]) % PARAMETERS in errors[field][0].messages[0]
    assert row() == before


@pytest.mark.parametrize(
    "name",
    ["../../../etc/passwd", "..\\x.png", "logo.svg", "a\x00.png", "x" * 300, "<script>.png", "logo.php"],
)
def test_its_name_and_type_are_not_kept(desk: Browser, contoso: Org, name: str) -> None:
    upload = SimpleUploadedFile("logo.png", pictures.plain(), "text/html; charset=x")
    upload.name = name
    assert desk.post(page(), {**FORM, "new_logo": upload}).status_code == 302
    hosts.forget()
    brand = Brand.objects.get()
    assert bytes(brand.logo) == clean_logo(pictures.plain()).png
    served = contoso.browser().get(f"/brand/logo/{brand.logo_digest}.png")
    assert served.headers["Content-Type"] == "image/png"
    assert served.headers["Content-Disposition"] == 'inline; filename="logo.png"'


def test_what_stands_behind_the_picture_is_gone(desk: Browser, contoso: Org) -> None:
    """A file that is a picture and a page at once is a picture alone afterwards."""
    both = pictures.with_comment("<script>alert(1)</script>") + pictures.HTML + b"PK\x03\x04"
    assert desk.post(page(), {**FORM, "new_logo": SimpleUploadedFile("a.png", both)}).status_code == 302
    kept = bytes(Brand.objects.get().logo)
    assert b"script" not in kept
    assert b"PK" not in kept
    assert Image.open(io.BytesIO(kept)).size == (40, 40)


def test_it_can_do_nothing_but_be_looked_at(desk: Browser, contoso: Org) -> None:
    desk.post(page(), {**FORM, "new_logo": SimpleUploadedFile("a.png", pictures.plain())})
    hosts.forget()
    served = contoso.browser().get(f"/brand/logo/{Brand.objects.get().logo_digest}.png")
    assert served.headers["X-Content-Type-Options"] == "nosniff"
    assert served.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert "Set-Cookie" not in served.headers


def test_who_may_not_brand_uploads_nothing(contoso: Org, fabrikam: Org) -> None:
    with entered(contoso.row):
        target, before = page(), row()
        bo = proved(contoso, contoso.user("bo"))
        for browser in (contoso.browser(), bo, fabrikam.browser()):
            answer = browser.post(target, {**FORM, "new_logo": SimpleUploadedFile("a.png", pictures.plain())})
            assert answer.status_code in {302, 403}
        assert row() == before


@pytest.mark.parametrize("path", ["/sign-in/", "/reset/", "/admin/", "/csp-report/", "/nothing/"])
def test_more_than_a_form_can_hold_is_not_read(contoso: Org, path: str) -> None:
    """Anybody can send it, anywhere: the check of a form's token would take it in."""
    strict = Client(enforce_csrf_checks=True, headers={"host": "contoso.localhost"})
    file = SimpleUploadedFile("a.png", b"x" * settings.REKEY_LARGEST_REQUEST)
    assert strict.post(path, {"file": file}).status_code == 413


def test_no_upload_touches_a_disk() -> None:
    assert settings.FILE_UPLOAD_HANDLERS == ["django.core.files.uploadhandler.MemoryFileUploadHandler"]
    assert settings.FILE_UPLOAD_MAX_MEMORY_SIZE == settings.REKEY_LARGEST_REQUEST
    assert 2 * UPLOAD_BYTES < settings.REKEY_LARGEST_REQUEST  # a logo and an icon in one form


def test_a_length_that_is_none_is_no_length(contoso: Org) -> None:
    for said in ("", "-1", "x", "1e9", "²"):
        assert contoso.browser().get("/sign-in/", CONTENT_LENGTH=said).status_code == 200
