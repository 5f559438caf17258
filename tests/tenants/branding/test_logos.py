"""An uploaded picture is drawn again within limits, or refused with the reason."""

import hashlib
import io

import pytest
from PIL import Image

from tenants.branding.logos import (
    ICON_BYTES,
    LOGO_BYTES,
    UPLOAD_BYTES,
    LogoProblem,
    Picture,
    clean_icon,
    clean_logo,
)
from tenants.branding.messages import LOGO_PROBLEMS, PARAMETERS
from tests.tenants.branding import pictures


def opened(picture: Picture) -> Image.Image:
    return Image.open(io.BytesIO(picture.png))


@pytest.mark.parametrize(
    ("upload", "code"),
    [
        (pictures.SVG, "not_png_or_jpeg"),
        (pictures.GIF, "not_png_or_jpeg"),
        (pictures.HTML, "not_png_or_jpeg"),
        (b"", "not_png_or_jpeg"),
        (b"\x89PNG\r\n\x1a\n", "not_png_or_jpeg"),
        (pictures.plain()[:-20], "broken"),
        (b"x" * (UPLOAD_BYTES + 1), "too_many_bytes"),
        (pictures.bomb(12_000, 12_000), "too_many_pixels"),
        (pictures.bomb(60_000, 60_000), "too_many_pixels"),
        (pictures.bomb(2_001, 2_000), "too_many_pixels"),
        (pictures.moving(), "moving"),
        (pictures.encoded(Image.new("RGBA", (20, 20), (0, 0, 0, 0))), "empty"),
    ],
)
@pytest.mark.parametrize("clean", [clean_logo, clean_icon])
def test_what_is_refused_and_why(clean: object, upload: bytes, code: str) -> None:
    assert callable(clean)
    with pytest.raises(LogoProblem) as refused:
        clean(upload)
    assert refused.value.code == code


def test_every_reason_has_its_words() -> None:
    codes = [
        "too_many_bytes",
        "too_many_pixels",
        "not_png_or_jpeg",
        "moving",
        "broken",
        "empty",
        "too_detailed",
    ]
    assert sorted(LOGO_PROBLEMS) == sorted(codes)
    assert all("%(" not in str(text) % PARAMETERS for text in LOGO_PROBLEMS.values())


def test_logo_fits_its_box_and_its_bytes() -> None:
    picture = clean_logo(pictures.plain(1400, 500))
    assert opened(picture).format == "PNG"
    assert opened(picture).size == (336, 120)
    assert len(picture.png) <= LOGO_BYTES
    assert picture.digest == hashlib.sha256(picture.png).hexdigest()


def test_small_logo_is_not_blown_up() -> None:
    assert opened(clean_logo(pictures.plain(30, 20))).size == (30, 20)


def test_detail_is_given_up_before_the_picture_is() -> None:
    assert len(clean_logo(pictures.noise(500, 400)).png) <= LOGO_BYTES


def test_icon_becomes_a_square() -> None:
    picture = clean_icon(pictures.plain(300, 100))
    assert opened(picture).size == (64, 64)
    assert len(picture.png) <= ICON_BYTES


def test_transparent_margins_are_cut_off() -> None:
    image = Image.new("RGBA", (200, 200), (0, 0, 0, 0))
    image.paste((200, 0, 0, 255), (50, 80, 150, 120))
    assert opened(clean_logo(pictures.encoded(image))).size == (100, 40)


def test_nothing_but_the_picture_survives() -> None:
    attacks = (
        pictures.with_comment("<script>alert(1)</script>"),
        pictures.plain() + b"<script>alert(1)</script>",
    )
    for upload in attacks:
        picture = clean_logo(upload)
        assert b"<script>" in upload
        assert b"script" not in picture.png
        assert not opened(picture).info.get("Comment")


def test_jpeg_is_turned_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # lies on its side
    upload = pictures.encoded(Image.new("RGB", (100, 40), "red"), "JPEG", exif=exif)
    assert opened(clean_logo(upload)).size == (40, 100)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
def test_every_kind_of_png_is_understood(mode: str) -> None:
    colour = {"P": 1, "L": 128, "LA": (9, 255)}.get(mode, 1 if mode in {"1", "I;16"} else "red")
    assert clean_logo(pictures.encoded(Image.new(mode, (20, 20), colour))).png  # type: ignore[arg-type]


def test_print_colours_are_understood() -> None:
    assert clean_logo(pictures.encoded(Image.new("CMYK", (20, 20), (0, 99, 99, 0)), "JPEG")).png
