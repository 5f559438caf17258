"""The icon of a page that a phone installs: the organization's own on a white plate, else a mark on its colour."""

import hashlib
import io

from django.urls import reverse
from PIL import Image, ImageDraw

from tenants.branding.context import here
from tenants.branding.models import Brand

SIZES = (192, 512)
#: Phones cut icons to a circle or less; what matters stands within this share of the side.
_SAFE = 0.62
_DRAWN = 4  # times the size, then made smaller: so edges are smooth


def version() -> str:
    """Return what changes whenever the icon does."""
    brand = here()
    return hashlib.sha256(f"1/{brand.palette.fill}/{brand.icon_digest}".encode()).hexdigest()[:16]


def url(size: int) -> str:
    """Return the address of the icon; it can be kept for ever."""
    return reverse("brand:app-icon", args=[version(), size])


def drawn(size: int) -> bytes:
    """Draw the icon of the entered organization, as PNG."""
    kept = Brand.objects.values_list("icon", flat=True).first()
    image = _with(bytes(kept), size) if kept else _mark(size)
    out = io.BytesIO()
    image.save(out, "PNG", optimize=True)
    return out.getvalue()


def _with(icon: bytes, size: int) -> Image.Image:
    plate = Image.new("RGB", (size, size), "#ffffff")
    side = int(size * _SAFE)
    with Image.open(io.BytesIO(icon), formats=("PNG",)) as opened:
        picture = opened.convert("RGBA").resize((side, side), Image.Resampling.LANCZOS)
    at = (size - side) // 2
    plate.paste(picture, (at, at), picture)
    return plate


def _mark(size: int) -> Image.Image:
    """Draw a shield with a tick, in the colour that can be read on the organization's."""
    palette, side = here().palette, size * _DRAWN
    image = Image.new("RGB", (side, side), palette.fill)
    pen = ImageDraw.Draw(image)
    unit, middle = side * _SAFE / 24, side / 2
    top = middle - 10.5 * unit

    def at(x: float, y: float) -> tuple[float, float]:
        return middle + (x - 12) * unit, top + (y - 1.5) * unit

    edge = [(12, 1.5), (20.5, 4.75), (20.5, 11), (19, 16), (16, 19.75), (12, 22.5)]
    shape = edge + [(24 - x, y) for x, y in reversed(edge)]
    pen.polygon([at(x, y) for x, y in shape], fill=palette.on_fill)
    tick = [at(7.75, 12), at(10.75, 15), at(16.5, 8.75)]
    pen.line(tick, fill=palette.fill, width=int(2.1 * unit), joint="curve")
    for x, y in (tick[0], tick[2]):
        pen.ellipse((x - unit, y - unit, x + unit, y + unit), fill=palette.fill)
    return image.resize((size, size), Image.Resampling.LANCZOS)
