"""A poem set on a picture: on its calmer side, in the ink that can be read there."""

import re
from dataclasses import dataclass
from itertools import pairwise

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QImage, QLinearGradient, QPainter

from studio.widgets import theme

_GRID = 32, 24  # what a picture is looked at
_SHARE = 0.46  # of the width, that words take
_HAN = re.compile(r"[\u3400-\u9fff]")
_FEWEST_LINES, _LEAST_PX = 9, 7  # of a side: letters no larger, no smaller
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
    write(painter, room, words, QColor("#161412" if setting.light else "#f6f3ec"))


def write(painter: QPainter, room: QRectF, words: str, ink: QColor) -> None:
    """All of the words, in the largest letters in which they have room, in the middle."""
    chinese = bool(_HAN.search(words))
    flags = Qt.AlignmentFlag.AlignLeft | Qt.TextFlag.TextWordWrap
    size_px = max(_LEAST_PX, round(room.height() / _FEWEST_LINES))
    font = theme.printed(theme.serif(size_px, chinese))
    needed = QFontMetricsF(font).boundingRect(room, flags, words)
    while size_px > _LEAST_PX and not _has_room(needed, room):
        size_px -= 1
        font = theme.printed(theme.serif(size_px, chinese))
        needed = QFontMetricsF(font).boundingRect(room, flags, words)
    painter.setFont(font)
    painter.setPen(ink)
    top = max(room.top(), room.center().y() - needed.height() / 2)
    painter.drawText(QRectF(room.left(), top, room.width(), room.height()), flags, words)


def words_of(data: bytes) -> str:
    """Of a work of words."""
    return data.decode("utf-8", "replace").strip("\n")


def _has_room(needed: QRectF, room: QRectF) -> bool:
    return needed.height() <= room.height() and needed.width() <= room.width()
