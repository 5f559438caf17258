"""An organization's one colour, made into a set that stays readable on light and on dark pages (WCAG 2.2, 1.4.3 and 1.4.11).

The colour itself fills buttons, whatever it is; what stands on it is white or dark. Links, edges and washes take the same hue,
moved in lightness as far as their background asks.
"""

import colorsys
import re
from dataclasses import dataclass

TEXT = 4.5
TEXT_ON_DARK = 5.5  # Thin bright letters on a dark page look fainter than the formula says.
EDGE = 3.0
WHITE, INK, BLACK = "#ffffff", "#15181e", "#000000"
DEFAULT_FILL = "#3355d1"

# The neutral colours of static/app.css.
LIGHT_CARD, LIGHT_PAGE = "#ffffff", "#f4f5f8"
DARK_CARD, DARK_PAGE = "#171b22", "#0d0f14"

_HEX = re.compile(r"#[0-9a-f]{6}", re.ASCII)
_Rgb = tuple[float, float, float]


@dataclass(frozen=True)
class Scheme:
    """The colours of one scheme, light or dark."""

    text: str
    edge: str
    wash: str
    page: str


@dataclass(frozen=True)
class Palette:
    """All colours that follow from the one an organization chose."""

    fill: str
    fill_hover: str
    on_fill: str
    light: Scheme
    dark: Scheme


def normalized(colour: str) -> str | None:
    """Return a colour as #rrggbb in lower case; None when it is anything else.

    >>> normalized(" #F2C811 "), normalized("red"), normalized("#fff;} body{display:none")
    ('#f2c811', None, None)
    """
    tidy = colour.strip().lower()
    return tidy if _HEX.fullmatch(tidy) else None


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colours, between 1 and 21.

    >>> round(contrast("#ffffff", "#000000"), 1), round(contrast("#767676", "#ffffff"), 2)
    (21.0, 4.54)
    """
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def mixed(colour: str, ground: str, share: float) -> str:
    """Return `ground` with this share of `colour` in it.

    >>> mixed("#000000", "#ffffff", 0.5)
    '#808080'
    """
    return _hex(*(a * share + b * (1 - share) for a, b in zip(_rgb(colour), _rgb(ground), strict=True)))


def readable_on(fill: str) -> str:
    """Return the text colour for a fill: white where it can be read, else as little darker than ink as it takes.

    >>> readable_on("#0f766e"), readable_on("#f2c811")
    ('#ffffff', '#15181e')
    """
    return next((text for text in (WHITE, INK) if contrast(fill, text) >= TEXT), BLACK)


def tuned(colour: str, grounds: tuple[str, ...], want: float) -> str:
    """Return the colour, moved in lightness until it has the wanted contrast on each ground.

    Light grounds make it darker, dark ones lighter, so all grounds must be of one kind.

    >>> tuned("#f2c811", ("#ffffff",), 4.5), tuned("#0f766e", ("#ffffff",), 4.5)
    ('#8b7308', '#0f766e')
    """
    hue, lightness, saturation = colorsys.rgb_to_hls(*_rgb(colour))
    end = 0.0 if _luminance(grounds[0]) > 0.18 else 1.0
    while min(contrast(colour, ground) for ground in grounds) < want and lightness != end:
        lightness = max(end, lightness - 0.01) if end == 0.0 else min(end, lightness + 0.01)
        colour = _hex(*colorsys.hls_to_rgb(hue, lightness, saturation))
    return colour


def palette(fill: str) -> Palette:
    """Return the set of colours that follows from `fill`, a normalized colour.

    >>> palette("#f2c811").light.text
    '#826b07'
    """
    on_fill = readable_on(fill)
    return Palette(
        fill=fill,
        fill_hover=_pressed(fill, on_fill),
        on_fill=on_fill,
        light=_scheme(fill, LIGHT_CARD, mixed(fill, LIGHT_PAGE, 0.05), TEXT),
        dark=_scheme(fill, DARK_CARD, mixed(fill, DARK_PAGE, 0.025), TEXT_ON_DARK),
    )


def shades(fill: str) -> dict[str, str]:
    """Return the eleven steps that the desk's skin wants, the lightest first; white text can be read on the step 600.

    >>> shades("#f2c811")["600"], shades("#0f766e")["600"]
    ('#8b7308', '#0f766e')
    """
    base = tuned(fill, (WHITE,), TEXT)
    lighter = {"50": 0.06, "100": 0.12, "200": 0.25, "300": 0.45, "400": 0.7, "500": 0.87, "600": 1.0}
    darker = {"700": 0.85, "800": 0.7, "900": 0.55, "950": 0.4}
    return {step: mixed(base, WHITE, share) for step, share in lighter.items()} | {
        step: mixed(base, BLACK, share) for step, share in darker.items()
    }


def css(colours: Palette) -> str:
    """Return the style sheet that lays this palette over app.css."""
    return (
        f":root{{--brand-fill:{colours.fill};--brand-fill-hover:{colours.fill_hover};--on-brand:{colours.on_fill};"
        f"{_properties(colours.light)}}}\n"
        f"@media (prefers-color-scheme:dark){{:root{{{_properties(colours.dark)}}}}}\n"
    )


def _pressed(fill: str, on_fill: str) -> str:
    """Move a fill away from its text, so that the text stays readable; pure black and white can only move towards it."""
    moved = mixed(BLACK if on_fill == WHITE else WHITE, fill, 0.14)
    return moved if moved != fill else mixed(on_fill, fill, 0.14)


def _scheme(fill: str, card: str, page: str, text: float) -> Scheme:
    wash = mixed(fill, card, 0.07)
    grounds = (card, wash, page)
    return Scheme(tuned(fill, grounds, text), tuned(fill, grounds, EDGE), wash, page)


def _properties(scheme: Scheme) -> str:
    return f"--brand:{scheme.text};--brand-edge:{scheme.edge};--brand-wash:{scheme.wash};--page:{scheme.page}"


def _rgb(colour: str) -> _Rgb:
    red, green, blue = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    return red, green, blue


def _hex(red: float, green: float, blue: float) -> str:
    return f"#{round(red * 255):02x}{round(green * 255):02x}{round(blue * 255):02x}"


def _luminance(colour: str) -> float:
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in _rgb(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
