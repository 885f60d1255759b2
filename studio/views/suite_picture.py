"""A poem set on a picture: on its calmer side, in the ink that can be read there."""

import re
from dataclasses import dataclass
from itertools import pairwise

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QImage, QLinearGradient, QPainter

from studio.widgets import theme

_GRID = 32, 24  # what a picture is looked at
_SHARE = 0.46  # of the width, that words take
_HAN = re.compile(r"[\u3400-\u9fff]")
_FEWEST_LINES, _MOST_LINES = 9, 34  # of a side: letters no larger, no smaller
_LEAST_PX = 7
_VEIL = 150  # of 255: how far the ground behind words is brought towards one colour


@dataclass(frozen=True, slots=True)
class Setting:
    """side: "left" or "right"; light: whether the ground there is light, and the ink dark."""

    side: str
    light: bool


def setting_of(image: QImage) -> Setting:
    """Where words disturb least: the side whose neighbours differ least in lightness."""
    wide, tall = _GRID
    small = image.scaled(
        wide, tall, Qt.AspectRatioMode.IgnoreAspectRatio, Qt.TransformationMode.SmoothTransformation
    )
    light = [[small.pixelColor(x, y).lightnessF() for x in range(wide)] for y in range(tall)]
    part = round(wide * _SHARE)
    sides = {"left": range(part - 1), "right": range(wide - part, wide - 1)}

    def unrest(columns: range) -> float:
        across = sum(abs(row[x] - row[x + 1]) for row in light for x in columns)
        down = sum(abs(one[x] - other[x]) for one, other in pairwise(light) for x in columns)
        return across + down

    side = min(sides, key=lambda name: unrest(sides[name]))
    mean = sum(row[x] for row in light for x in sides[side]) / (tall * len(sides[side]))
    return Setting(side, mean > 0.5)


def draw_set(painter: QPainter, box: QRectF, image: QImage, words: str) -> None:
    """The picture as large as the box allows, and the words on it."""
    size = image.size().scaled(box.size().toSize(), Qt.AspectRatioMode.KeepAspectRatio)
    target = QRectF(0, 0, size.width(), size.height())
    target.moveCenter(box.center())
    painter.drawImage(target, image)
    if not words:
        return
    setting = setting_of(image)
    ground = QColor("white" if setting.light else "black")
    veil = QRectF(target)
    veil.setWidth(target.width() * (_SHARE + 0.12))
    if setting.side == "right":
        veil.moveRight(target.right())
    left, right = veil.topLeft(), veil.topRight()
    fade = QLinearGradient(left, right) if setting.side == "left" else QLinearGradient(right, left)
    for place, strength in ((0.0, _VEIL), (0.7, _VEIL), (1.0, 0)):
        colour = QColor(ground)
        colour.setAlpha(strength)
        fade.setColorAt(place, colour)
    painter.fillRect(veil, fade)
    room = QRectF(target.left(), target.top(), target.width() * _SHARE, target.height())
    if setting.side == "right":
        room.moveRight(target.right())
    margin = target.height() * 0.07
    room.adjust(margin, margin, -margin / 2, -margin)
    write(painter, room, words, QColor(theme.DARK_INK if setting.light else theme.LIGHT_INK))


def write(painter: QPainter, room: QRectF, words: str, ink: QColor) -> None:
    """All of the words, in the middle: in the largest letters in which no line has to break, or,
    where these would be too small, in which all lines have room."""
    left = Qt.AlignmentFlag.AlignLeft
    broken = left | Qt.TextFlag.TextWordWrap
    readable = max(_LEAST_PX, round(room.height() / _MOST_LINES))
    flags, found = left, _fitting(room, words, left, readable)
    if found is None:
        flags, found = broken, _fitting(room, words, broken, _LEAST_PX)
    font = found or _font(words, _LEAST_PX)
    needed = QFontMetricsF(font).boundingRect(room, flags, words)
    painter.setFont(font)
    painter.setPen(ink)
    top = max(room.top(), room.center().y() - needed.height() / 2)
    painter.drawText(QRectF(room.left(), top, room.width(), room.height()), flags, words)


def _fitting(room: QRectF, words: str, flags: int, least_px: int) -> QFont | None:
    """The largest in which the words have room; None where the smallest is too large."""
    for size_px in range(round(room.height() / _FEWEST_LINES), least_px - 1, -1):
        font = _font(words, size_px)
        needed = QFontMetricsF(font).boundingRect(room, flags, words)
        if needed.height() <= room.height() and needed.width() <= room.width():
            return font
    return None


def _font(words: str, size_px: int) -> QFont:
    return theme.printed(theme.serif(size_px, bool(_HAN.search(words))))


def words_of(data: bytes) -> str:
    """Of a work of words."""
    return data.decode("utf-8", "replace").strip("\n")
