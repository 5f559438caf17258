"""Uploaded images are never served as they came: they are decoded within limits, and drawn again as a small PNG.

Whatever else was in the file (metadata, a script behind the picture, a second format) is gone afterwards. SVG is refused: it
is a document that can run. The refusals are codes; `messages` has the words.
"""

import hashlib
import io
import warnings
from collections.abc import Iterator
from dataclasses import dataclass

from PIL import Image, ImageOps, UnidentifiedImageError

UPLOAD_BYTES = 1024 * 1024
PIXELS = 4_000_000
LOGO_BYTES, ICON_BYTES = 10 * 1024, 5 * 1024
#: Twice the size on the page, for sharp screens; the second is for pictures that would be too many bytes.
LOGO_BOXES, ICON_BOXES = ((480, 120), (280, 60)), ((64, 64), (32, 32))
_COLOURS = (256, 128, 64, 32, 16)


class LogoProblem(Exception):
    """An upload that is not taken; `code` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Picture:
    """A PNG that we drew, and the name under which it is served."""

    png: bytes
    digest: str


def clean_logo(upload: bytes) -> Picture:
    """Return the logo to keep: at most 480 x 120 pixels and 10 kB. Raises `LogoProblem`."""
    return _drawn(_decoded(upload), LOGO_BOXES, LOGO_BYTES)


def clean_icon(upload: bytes) -> Picture:
    """Return the icon to keep: a square of at most 64 pixels and 5 kB. Raises `LogoProblem`."""
    image = _decoded(upload)
    side = max(image.size)
    return _drawn(ImageOps.pad(image, (side, side), color=(0, 0, 0, 0)), ICON_BOXES, ICON_BYTES)


def _decoded(upload: bytes) -> Image.Image:
    """Return the picture without its empty margins; the header is looked at before anything is unpacked."""
    if len(upload) > UPLOAD_BYTES:
        raise LogoProblem("too_many_bytes")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(upload), formats=("PNG", "JPEG")) as probe:
                if probe.width * probe.height > PIXELS:
                    raise LogoProblem("too_many_pixels")
                if getattr(probe, "n_frames", 1) > 1:
                    raise LogoProblem("moving")
                probe.verify()
            with Image.open(io.BytesIO(upload), formats=("PNG", "JPEG")) as image:
                upright = ImageOps.exif_transpose(image).convert("RGBA")
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise LogoProblem("too_many_pixels") from error
    except UnidentifiedImageError as error:
        raise LogoProblem("not_png_or_jpeg") from error
    except (OSError, SyntaxError, ValueError, EOFError) as error:
        raise LogoProblem("broken") from error
    visible = upright.getbbox()
    if visible is None:
        raise LogoProblem("empty")
    return upright.crop(visible)


def _drawn(image: Image.Image, boxes: tuple[tuple[int, int], ...], most: int) -> Picture:
    for box in boxes:
        small = image.copy()
        small.thumbnail(box, Image.Resampling.LANCZOS)
        for candidate in _encodings(small):
            if len(candidate) <= most:
                return Picture(candidate, hashlib.sha256(candidate).hexdigest())
    raise LogoProblem("too_detailed")


def _encodings(image: Image.Image) -> Iterator[bytes]:
    """Yield the picture as PNG, with fewer colours each time."""
    yield _png(image)
    for colours in _COLOURS:
        yield _png(image.quantize(colours, Image.Quantize.FASTOCTREE))


def _png(image: Image.Image) -> bytes:
    out = io.BytesIO()
    image.save(out, "PNG", optimize=True)
    return out.getvalue()
