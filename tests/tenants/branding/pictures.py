"""Pictures to upload: good ones, and such as attack."""

import io
import os
import struct
import zlib

from PIL import Image, PngImagePlugin


def encoded(image: Image.Image, kind: str = "PNG", **options: object) -> bytes:
    """Return the picture as a file."""
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def plain(width: int = 300, height: int = 100, colour: str = "#0f766e") -> bytes:
    """Return a picture of one colour."""
    return encoded(Image.new("RGB", (width, height), colour))


def noise(width: int, height: int) -> bytes:
    """Return a picture that cannot be compressed."""
    return encoded(Image.frombytes("RGB", (width, height), os.urandom(width * height * 3)))


def with_comment(text: str) -> bytes:
    """Return a picture that carries a text."""
    info = PngImagePlugin.PngInfo()
    info.add_text("Comment", text)
    return encoded(Image.new("RGB", (40, 40), "red"), pnginfo=info)


def moving() -> bytes:
    """Return a PNG of two pictures in turn."""
    frames = [Image.new("RGB", (20, 20), colour) for colour in ("red", "blue")]
    return encoded(frames[0], save_all=True, append_images=frames[1:], duration=100)


def bomb(width: int, height: int) -> bytes:
    """Return a small PNG that unpacks to many pixels."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    rows = zlib.compress(b"\0" * min(20_000_000, (width // 8 + 1) * height), 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
GIF = encoded(Image.new("P", (10, 10)), "GIF")
HTML = b"<!doctype html><script>alert(1)</script>"
