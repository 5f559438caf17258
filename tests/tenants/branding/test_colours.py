"""Every colour there is makes pages that can be read, on the neutral colours that app.css really has."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenants.branding.colours import (
    BLACK,
    DARK_CARD,
    EDGE,
    LIGHT_CARD,
    TEXT,
    TEXT_ON_DARK,
    WHITE,
    contrast,
    css,
    mixed,
    normalized,
    palette,
    readable_on,
    shades,
)

APP_CSS = (Path(__file__).parents[3] / "static" / "app.css").read_text()
COLOURS = st.integers(0, 0xFFFFFF).map("#{:06x}".format)
EXTREMES = ["#000000", "#ffffff", "#808080", "#ff0000", "#00ff00", "#0000ff", "#ffff00", "#777777"]


def tokens(*, dark: bool) -> dict[str, str]:
    """Return the neutral colours of app.css in one scheme."""
    light_block, dark_block = re.findall(r":root \{(.*?)\n {0,2}\}", APP_CSS, re.DOTALL)[:2]
    found = dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6});", light_block))
    return found | dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6});", dark_block)) if dark else found


def properties(sheet: str) -> list[dict[str, str]]:
    """Return what a style sheet sets, block by block."""
    return [dict(re.findall(r"--([a-z-]+):(#[0-9a-f]{6})", block)) for block in sheet.splitlines()]


@given(COLOURS)
def test_text_on_a_fill_can_be_read_also_while_it_is_pointed_at(fill: str) -> None:
    colours = palette(fill)
    assert contrast(colours.fill, colours.on_fill) >= TEXT
    assert contrast(colours.fill_hover, colours.on_fill) >= TEXT
    assert colours.fill_hover != fill


@given(COLOURS)
@pytest.mark.parametrize("dark", [False, True])
def test_links_edges_and_neutral_text_can_be_read_on_every_ground(dark: bool, fill: str) -> None:
    neutral = tokens(dark=dark)
    scheme = palette(fill).dark if dark else palette(fill).light
    for ground in (neutral["card"], scheme.wash, scheme.page):
        assert contrast(scheme.text, ground) >= (TEXT_ON_DARK if dark else TEXT)
        assert contrast(scheme.edge, ground) >= EDGE
        assert contrast(neutral["text"], ground) >= 7
        assert contrast(neutral["muted"], ground) >= TEXT


@pytest.mark.parametrize("fill", EXTREMES)
def test_extremes_too(fill: str) -> None:
    test_text_on_a_fill_can_be_read_also_while_it_is_pointed_at.hypothesis.inner_test(fill)  # type: ignore[attr-defined]
    for dark in (False, True):
        test_links_edges_and_neutral_text_can_be_read_on_every_ground.hypothesis.inner_test(dark, fill)  # type: ignore[attr-defined]


@pytest.mark.parametrize("dark", [False, True])
def test_neutral_colours_of_the_style_sheet_are_those_of_the_rules(dark: bool) -> None:
    neutral = tokens(dark=dark)
    assert neutral["card"] == (DARK_CARD if dark else LIGHT_CARD)
    for tone in ("good", "warn", "bad"):
        assert contrast(neutral[tone], neutral[f"{tone}-wash"]) >= TEXT
        assert contrast(neutral["text"], neutral[f"{tone}-wash"]) >= 7
    assert contrast(neutral["bad"], neutral["card"]) >= TEXT
    assert contrast(neutral["muted"], neutral["sunken"]) >= TEXT
    assert contrast(neutral["line-strong"], neutral["card"]) >= EDGE
    assert contrast(neutral["line-strong"], neutral["field"]) >= EDGE


def test_style_sheet_without_a_brand_is_that_of_the_default_colour() -> None:
    light, dark = properties(css(palette("#3355d1")))
    for there, block in ((tokens(dark=False), light), (tokens(dark=True), dark)):
        assert {name: there[name] for name in block} == block


@given(COLOURS)
def test_white_can_be_read_on_the_step_of_the_desks_buttons(fill: str) -> None:
    assert contrast(shades(fill)["600"], WHITE) >= TEXT


@pytest.mark.parametrize(
    "text", ["", "#fff", "red", "#12345", "#1234567", "#12345g", "#f2c811;}", "#f2c81１"]
)
def test_anything_but_six_hexadecimal_digits_is_refused(text: str) -> None:
    assert normalized(text) is None


def test_case_and_surrounding_space_do_not_matter() -> None:
    assert normalized(" #F2C811\n") == "#f2c811"


def test_mixing_keeps_the_ends() -> None:
    assert mixed("#123456", "#ffffff", 0) == "#ffffff"
    assert mixed("#123456", "#ffffff", 1) == "#123456"


def test_the_least_readable_grey_gets_black() -> None:
    assert readable_on("#777777") == BLACK
