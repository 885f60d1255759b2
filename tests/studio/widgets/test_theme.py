"""The colours can be read, and there is one home for them."""

import re
from dataclasses import asdict
from itertools import product
from pathlib import Path

import pytest
from PySide6.QtGui import QFontMetrics, QImage, QPainter
from PySide6.QtWidgets import QApplication

from studio.widgets import icons, theme
from studio.widgets.theme import DARK, LIGHT, Colours

STUDIO = Path(theme.__file__).parents[1]
READABLE = 4.5


@pytest.mark.parametrize("colours", [DARK, LIGHT], ids=["dark", "light"])
def test_text_is_readable_on_every_ground(colours: Colours) -> None:
    grounds = (colours.ground, colours.panel, colours.raised)
    for text, ground in product((colours.text, colours.dim), grounds):
        assert theme.contrast(text, ground) >= READABLE, (text, ground)
    assert theme.contrast(colours.text, colours.hover) >= READABLE
    assert theme.contrast(colours.text, colours.wall) >= READABLE
    assert theme.contrast(colours.on_accent, colours.accent) >= READABLE
    assert theme.contrast(colours.on_accent, colours.accent_hover) >= READABLE


def test_the_focus_ring_stands_out() -> None:
    for colours in (DARK, LIGHT):
        assert theme.contrast(colours.accent, colours.panel) >= 3


def test_contrast_of_black_and_white() -> None:
    assert theme.contrast("#000000", "#FFFFFF") == pytest.approx(21)
    assert theme.contrast("#777777", "#777777") == 1


def test_the_wall_around_pictures_is_neutral() -> None:
    for colours in (DARK, LIGHT):
        assert len({colours.wall[1:3], colours.wall[3:5], colours.wall[5:7]}) == 1


def test_no_colour_stands_outside_the_theme() -> None:
    for file in STUDIO.rglob("*"):
        if file.suffix in (".py", ".qss") and file.name != "theme.py":
            found = re.findall(r"#[0-9A-Fa-f]{6}\b|#[0-9A-Fa-f]{3}\b", file.read_text("utf-8"))
            assert not found, (file.name, found)


@pytest.mark.parametrize("colours", [DARK, LIGHT], ids=["dark", "light"])
def test_the_style_sheet_has_no_gap(colours: Colours) -> None:
    sheet = theme.style_sheet(colours)
    assert "$" not in sheet
    assert colours.accent in sheet
    for path in re.findall(r"url\(([^)]+)\)", sheet):
        assert Path(path).is_file(), path


def test_themes_change_the_application(qapp: QApplication) -> None:
    theme.apply(qapp, "light")
    assert theme.colours() is LIGHT
    theme.apply(qapp, "dark")
    assert theme.colours() is DARK


def test_both_themes_name_the_same_colours() -> None:
    assert asdict(DARK).keys() == asdict(LIGHT).keys()


def test_digits_are_equally_wide(qapp: QApplication) -> None:
    theme.load_fonts(qapp)
    for strong in (False, True):
        metrics = QFontMetrics(theme.font(theme.BASE_PX, strong))
        assert len({metrics.horizontalAdvance(digit) for digit in "0123456789"}) == 1


def test_nothing_moves_with_reduced_motion(qapp: QApplication) -> None:
    assert theme.motion_ms(reduced=True) == 0
    assert 120 <= theme.MOTION_MS <= 180


def test_every_icon_draws_something(qapp: QApplication) -> None:
    for file in (theme.ASSETS / "icons").glob("*.svg"):
        image = QImage(24, 24, QImage.Format.Format_ARGB32_Premultiplied)
        image.fill(0)
        painter = QPainter(image)
        icons.draw(painter, file.stem, image.rect().toRectF(), DARK.text)
        painter.end()
        assert any(image.pixelColor(x, y).alpha() for x in range(24) for y in range(24)), file.name
