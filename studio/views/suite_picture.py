"""A poem set on a picture: on its calmer side, in the ink that can be read there."""

from dataclasses import dataclass
from itertools import pairwise

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QImage, QLinearGradient, QPainter

from studio.state.medium import MediumRules

_GRID = 32, 24  # what a picture is looked at
_SHARE = 0.46  # of the width, that words take
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


def draw_set(
    painter: QPainter, box: QRectF, image: QImage, rules: MediumRules, words: bytes
) -> None:
    """The picture as large as the box allows, and a text's words on it."""
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
    painter.drawImage(room, _ink(room, rules, words, dark=setting.light))


def _ink(room: QRectF, rules: MediumRules, words: bytes, *, dark: bool) -> QImage:
    """The words alone; media draw in black."""
    scale = 2
    ink = QImage(room.size().toSize() * scale, QImage.Format.Format_ARGB32_Premultiplied)
    ink.fill(Qt.GlobalColor.transparent)
    painter = QPainter(ink)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.scale(scale, scale)
    rules.draw(painter, QRectF(0, 0, room.width(), room.height()), words, {})
    if not dark:
        painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_SourceIn)
        painter.fillRect(ink.rect(), QColor("white"))
    painter.end()
    return ink
