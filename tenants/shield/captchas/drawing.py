"""Letters drawn so that a person reads them and a program does so badly: turned, touching, bent, and struck through."""

import math
from random import Random

from PIL import Image, ImageDraw, ImageFont

WIDTH, HEIGHT = 280, 84
_SCALE = 2  # drawn larger, so that it stays sharp on fine screens
_INK, _PAPER = 40, 255


def draw(text: str, chance: Random) -> Image.Image:
    """Return a grey picture of a text; the same chance draws the same picture."""
    picture = Image.new("L", (WIDTH * _SCALE, HEIGHT * _SCALE), _PAPER)
    _write(picture, text, chance)
    picture = _bend(picture, chance)
    _strike(picture, chance)
    _sprinkle(picture, chance)
    return picture


def _write(picture: Image.Image, text: str, chance: Random) -> None:
    """Put the letters side by side, each turned, sized and raised in its own way, so close that they may touch."""
    step = picture.width * 0.9 / len(text)
    for number, letter in enumerate(text):
        font = ImageFont.load_default(size=picture.height * chance.uniform(0.5, 0.6))
        mask = Image.new("L", (picture.height, picture.height), 0)
        middle = (mask.width / 2, mask.height / 2)
        ImageDraw.Draw(mask).text(
            middle, letter, fill=255, font=font, anchor="mm", stroke_width=chance.choice([1, 2])
        )
        mask = mask.rotate(chance.uniform(-24, 24), Image.Resampling.BICUBIC)
        centre = picture.width * 0.05 + step * (number + 0.5) + chance.uniform(-0.06, 0.06) * step
        height = picture.height * chance.uniform(0.42, 0.58)
        picture.paste(_INK, (round(centre - mask.width / 2), round(height - mask.height / 2)), mask)


def _bend(picture: Image.Image, chance: Random) -> Image.Image:
    """Move every small piece along two waves."""
    wide, high = chance.uniform(5, 9), chance.uniform(4, 8)
    along, across = chance.uniform(90, 150), chance.uniform(70, 120)
    start, begin = chance.uniform(0, math.tau), chance.uniform(0, math.tau)

    def moved(x: int, y: int) -> tuple[float, float]:
        return x + wide * math.sin(y / across * math.tau + start), y + high * math.sin(
            x / along * math.tau + begin
        )

    piece = 16
    mesh = []
    for x in range(0, picture.width, piece):
        for y in range(0, picture.height, piece):
            corners = [(x, y), (x, y + piece), (x + piece, y + piece), (x + piece, y)]
            mesh.append(
                ((x, y, x + piece, y + piece), tuple(part for corner in corners for part in moved(*corner)))
            )
    return picture.transform(
        picture.size, Image.Transform.MESH, mesh, Image.Resampling.BICUBIC, fillcolor=_PAPER
    )


def _strike(picture: Image.Image, chance: Random) -> None:
    """Draw curves through the letters, as thick and as dark as they are, some in the colour of the paper."""
    pen = ImageDraw.Draw(picture)
    for ink in (_INK, _INK, _PAPER):
        middle, swing = chance.uniform(0.25, 0.75) * picture.height, chance.uniform(0.1, 0.3) * picture.height
        length, start = chance.uniform(0.4, 1.1) * picture.width, chance.uniform(0, math.tau)
        points = [
            (x, middle + swing * math.sin(x / length * math.tau + start))
            for x in range(0, picture.width + 8, 8)
        ]
        pen.line(points, fill=ink, width=chance.choice([3, 4, 5]), joint="curve")


def _sprinkle(picture: Image.Image, chance: Random) -> None:
    """Scatter dots of both colours."""
    pen = ImageDraw.Draw(picture)
    for _ in range(160):
        x, y, size = (
            chance.uniform(0, picture.width),
            chance.uniform(0, picture.height),
            chance.uniform(0.5, 2.5),
        )
        pen.ellipse((x - size, y - size, x + size, y + size), fill=chance.choice([_INK, _PAPER]))
