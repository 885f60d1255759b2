"""Draws a page of music: staves, clefs, signatures, bars, symbols, ties.

Signs are of the font Maquette Music, by their code points in SMuFL; all lengths are in staff
spaces, by which the painter is scaled.
"""

from collections.abc import Sequence
from functools import cache

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QFont, QFontDatabase, QPainter, QPainterPath, QPen

from studio.media.audio.notation.chords import Chords, TieEnd
from studio.media.audio.notation.layout import LINES, Page, PlacedBar, System
from studio.media.audio.notation.written import Staff, signature
from studio.widgets import theme

FONT_FILE, FAMILY = "MaquetteMusic-Regular.otf", "Maquette Music"
CLEFS = {"G": (0xE050, 3.0), "F": (0xE062, 1.0), "percussion": (0xE069, 2.0)}
SIGNS = {-2: 0xE264, -1: 0xE260, 0: 0xE261, 1: 0xE262, 2: 0xE263}
DIGIT, METRONOME = 0xE080, 0xECA5
STAFF_LINE, BAR_LINE, THICK_LINE = 0.11, 0.16, 0.5
# the heights of a signature's signs in the treble clef; a space lower in the bass clef
_SHARP_HEIGHTS = (0.0, 1.5, -0.5, 1.0, 2.5, 0.5, 2.0)
_FLAT_HEIGHTS = (2.0, 0.5, 2.5, 1.0, 3.0, 1.5, 3.5)
_WORDS, _NUMBERS, _NAMES = 1.7, 1.2, 1.35  # sizes of letters


@cache
def family() -> str:
    """Of the music font, which is loaded when it is first needed."""
    QFontDatabase.addApplicationFont(str(theme.ASSETS / "fonts" / FONT_FILE))
    return FAMILY


class Engraver:
    """One page in one colour. space: pixels of a staff space."""

    def __init__(self, page: Page, space: float, ink: QColor, faint: QColor) -> None:
        self.page, self.space, self.ink, self.faint = page, space, ink, faint
        self._signs = QFont(family())
        self._signs.setPixelSize(max(1, round(4 * space)))
        self._scale = 4 * space / self._signs.pixelSize() / space

    def draw(self, painter: QPainter, shown: QRectF) -> None:
        """What of the page is inside a box of pixels."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        open_ties: dict[tuple[int, int], TieEnd] = {}
        for system in self.page.systems:
            top = (system.tops[0] - system.high - 5) * self.space
            bottom = (system.bottom + 6) * self.space
            if shown.top() <= bottom and top <= shown.bottom():
                self._draw_system(painter, system, open_ties)
            else:
                open_ties.clear()

    # ---- drawing in staff spaces ---------------------------------------------------------------

    def glyph(self, painter: QPainter, code: int, x: float, y: float) -> None:
        painter.setFont(self._signs)
        painter.setPen(self.ink)
        painter.drawText(QPointF(x * self.space, y * self.space), chr(code))

    def line(
        self, painter: QPainter, x: float, y: float, to_x: float, to_y: float, thick: float
    ) -> None:
        painter.setPen(QPen(self.ink, max(1.0, thick * self.space)))
        painter.drawLine(self.point(x, y), self.point(to_x, to_y))

    def fill(self, painter: QPainter, corners: Sequence[tuple[float, float]]) -> None:
        path = QPainterPath(self.point(*corners[0]))
        for corner in corners[1:]:
            path.lineTo(self.point(*corner))
        path.closeSubpath()
        painter.fillPath(path, self.ink)

    def curve(self, painter: QPainter, x: float, to_x: float, y: float, *, above: bool) -> None:
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
        painter.fillPath(path, self.ink)

    def words(
        self, painter: QPainter, x: float, y: float, text: str, size: float, *, bold: bool = False
    ) -> None:
        font = QFont(theme.FAMILIES)
        font.setPixelSize(max(8, round(size * self.space)))
        font.setBold(bold)
        painter.setFont(font)
        painter.setPen(self.ink)
        painter.drawText(self.point(x, y), text)

    def point(self, x: float, y: float) -> QPointF:
        return QPointF(x * self.space, y * self.space)

    # ---- systems -------------------------------------------------------------------------------

    def _draw_system(
        self, painter: QPainter, system: System, open_ties: dict[tuple[int, int], TieEnd]
    ) -> None:
        score, end = self.page.score, system.x + system.wide
        for staff, top in zip(score.staves, system.tops, strict=True):
            painter.setPen(QPen(self.faint, max(1.0, STAFF_LINE * self.space)))
            for line in range(int(LINES) + 1):
                painter.drawLine(self.point(system.x, top + line), self.point(end, top + line))
            self._draw_clef(painter, staff, system.fifths, system.x, top)
        if len(score.staves) > 1:
            self.line(painter, system.x, system.tops[0], system.x, system.bottom, BAR_LINE)
            for side, way in ((system.tops[0], -1), (system.bottom, 1)):
                self.line(painter, system.x - 0.6, side, system.x, side + 0.35 * way, 0.18)
            self.line(painter, system.x - 0.6, system.tops[0], system.x - 0.6, system.bottom, 0.4)
        self._draw_marks(painter, system)
        for number, (staff, top) in enumerate(zip(score.staves, system.tops, strict=True)):
            chords = Chords(self, painter, staff, number, top, open_ties)
            chords.begin_system(system.bars[0].columns[0][1] - 1.6)
            for bar in system.bars:
                self._draw_changes(painter, staff, bar, top)
                chords.draw_bar(bar)
            chords.end_system(end)
        self._draw_bar_lines(painter, system)

    def _draw_clef(
        self, painter: QPainter, staff: Staff, fifths: int, x: float, top: float
    ) -> None:
        code, line = CLEFS.get(staff.clef, CLEFS["G"])
        self.glyph(painter, code, x + 0.5, top + line)
        if staff.clef != "percussion":
            self._draw_signature(painter, staff, fifths, x + 3.7, top)

    def _draw_signature(
        self, painter: QPainter, staff: Staff, fifths: int, x: float, top: float
    ) -> None:
        heights = _SHARP_HEIGHTS if fifths > 0 else _FLAT_HEIGHTS
        lower = 1.0 if staff.clef == "F" else 0.0
        for place, sign in enumerate(signature(fifths).values()):
            self.glyph(painter, SIGNS[sign], x + 1.05 * place, top + heights[place] + lower)

    def _draw_changes(self, painter: QPainter, staff: Staff, bar: PlacedBar, top: float) -> None:
        x = bar.x + 0.7
        if bar.fifths is not None and staff.clef != "percussion":
            self._draw_signature(painter, staff, bar.fifths, x, top)
            x += 1.05 * max(1, abs(bar.fifths)) + 0.6
        if bar.metre is not None:
            wide = max(len(str(number)) for number in bar.metre)
            for number, height in zip(bar.metre, (1.0, 3.0), strict=True):
                at = x - 0.4 + 0.9 * (wide - len(str(number)))
                for place, digit in enumerate(str(number)):
                    self.glyph(painter, DIGIT + int(digit), at + 1.75 * place, top + height)

    def _draw_bar_lines(self, painter: QPainter, system: System) -> None:
        last = self.page.score.bars - 1
        for bar in system.bars:
            x = bar.x + bar.wide
            if bar.number == last:
                self.line(painter, x - 0.9, system.tops[0], x - 0.9, system.bottom, BAR_LINE)
                x -= THICK_LINE / 2
            thick = THICK_LINE if bar.number == last else BAR_LINE
            self.line(painter, x, system.tops[0], x, system.bottom, thick)

    def _draw_marks(self, painter: QPainter, system: System) -> None:
        """Tempo, names of parts, numbers of bars, chord symbols."""
        score, first = self.page.score, system.bars[0]
        above = system.tops[0] - system.high
        symbols = [s for s in score.symbols if first.number <= s[0] <= system.bars[-1].number]
        if first.number == 0:
            if score.tempo:
                y = above - (3.4 if symbols else 1.4)
                small = QFont(self._signs)
                small.setPixelSize(max(1, round(2.8 * self.space)))
                painter.setFont(small)
                painter.setPen(self.ink)
                painter.drawText(self.point(system.x + 0.5, y), chr(METRONOME))
                self.words(painter, system.x + 2.0, y, f"= {score.tempo:g}", 1.6)
            self._draw_names(painter, system)
        else:
            number = str(first.number + (0 if score.upbeat else 1))
            self.words(painter, system.x + 0.2, system.tops[0] - 0.9, number, _NUMBERS)
        bars = {bar.number: bar for bar in system.bars}
        free = 0.0
        for place, onset, text in symbols:
            begun = onset - (score.upbeat if place == 0 else 0)
            x = bars[place].at(max(0, begun))
            if x >= free:
                self.words(painter, x, above - 1.1, text, _WORDS, bold=True)
                free = x + 1.05 * len(text) + 0.8

    def _draw_names(self, painter: QPainter, system: System) -> None:
        for staff, top in zip(self.page.score.staves, system.tops, strict=True):
            if staff.name:
                self.words(painter, 0.2, top + LINES / 2 + 0.5, staff.name[:11], _NAMES)
