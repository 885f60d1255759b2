"""A pen for music: glyphs of the music font, lines, areas and words, at places in staff spaces."""

from collections.abc import Sequence
from functools import cache

from PySide6.QtCore import QPointF
from PySide6.QtGui import QColor, QFont, QFontDatabase, QPainter, QPainterPath, QPen

from studio.widgets import theme

FONT_FILE, FAMILY = "MaquetteMusic-Regular.otf", "Maquette Music"
EM = 4.0  # staff spaces of the font's em


@cache
def family() -> str:
    """Of the music font, which is loaded when it is first needed."""
    QFontDatabase.addApplicationFont(str(theme.ASSETS / "fonts" / FONT_FILE))
    return FAMILY


class Pen:
    """Of one colour. space: pixels of a staff space."""

    def __init__(self, painter: QPainter, space: float, ink: QColor) -> None:
        self._painter, self.space, self._ink = painter, space, ink
        self._font = QFont(family())

    def glyph(self, code: int, x: float, y: float, size: float = 1.0) -> None:
        self._font.setPixelSize(max(1, round(size * EM * self.space)))
        self._painter.setFont(self._font)
        self._painter.setPen(self._ink)
        self._painter.drawText(QPointF(x * self.space, y * self.space), chr(code))

    def line(self, x: float, y: float, to_x: float, to_y: float, thick: float) -> None:
        self._painter.setPen(QPen(self._ink, max(1.0, thick * self.space)))
        self._painter.drawLine(self.point(x, y), self.point(to_x, to_y))

    def fill(self, corners: Sequence[tuple[float, float]]) -> None:
        path = QPainterPath(self.point(*corners[0]))
        for corner in corners[1:]:
            path.lineTo(self.point(*corner))
        path.closeSubpath()
        self._painter.fillPath(path, self._ink)

    def curve(self, x: float, to_x: float, y: float, *, above: bool) -> None:
        """A tie."""
        bend = min(1.3, 0.4 + 0.12 * (to_x - x)) * (-1 if above else 1)
        third = (to_x - x) / 3
        path = QPainterPath(self.point(x, y))
        inner, outer = y + bend * 0.95, y + bend * 1.2
        path.cubicTo(
            self.point(x + third, outer), self.point(to_x - third, outer), self.point(to_x, y)
        )
        path.cubicTo(
            self.point(to_x - third, inner), self.point(x + third, inner), self.point(x, y)
        )
        self._painter.fillPath(path, self._ink)

    def words(self, x: float, y: float, text: str, size: float, *, bold: bool = False) -> None:
        font = QFont(theme.FAMILIES)
        font.setPixelSize(max(8, round(size * self.space)))
        font.setBold(bold)
        self._painter.setFont(font)
        self._painter.setPen(self._ink)
        self._painter.drawText(self.point(x, y), text)

    def point(self, x: float, y: float) -> QPointF:
        return QPointF(x * self.space, y * self.space)
