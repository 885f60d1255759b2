"""Draws a page of music: staves, clefs, signatures, bars, symbols, ties.

Signs are of the font Maquette Music, by their code points in SMuFL; all lengths are in staff
spaces, by which the painter is scaled.
"""

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QPainter

from studio.i18n import knows, t
from studio.media.audio.notation.chords import SIGNS, Chords, TieEnd
from studio.media.audio.notation.layout import LINES, NUMBER_ABOVE, Page, PlacedBar, System
from studio.media.audio.notation.pen import Pen
from studio.media.audio.notation.written import Staff, signature

CLEFS = {"G": (0xE050, 3.0), "F": (0xE062, 1.0), "percussion": (0xE069, 2.0)}
DIGIT, METRONOME = 0xE080, 0xECA5
STAFF_LINE, BAR_LINE, THICK_LINE = 0.11, 0.16, 0.5
# the heights of a signature's signs in the treble clef; a space lower in the bass clef
_SHARP_HEIGHTS = (0.0, 1.5, -0.5, 1.0, 2.5, 0.5, 2.0)
_FLAT_HEIGHTS = (2.0, 0.5, 2.5, 1.0, 3.0, 1.5, 3.5)
_WORDS, _NUMBERS, _NAMES = 1.7, 1.2, 1.35  # sizes of letters


class Engraver:
    """One page in one colour. space: pixels of a staff space."""

    def __init__(self, page: Page, space: float, ink: QColor, faint: QColor) -> None:
        self.page, self.space, self._ink, self._faint = page, space, ink, faint

    def point(self, x: float, y: float) -> QPointF:
        """In pixels."""
        return QPointF(x * self.space, y * self.space)

    def draw(self, painter: QPainter, shown: QRectF) -> None:
        """What of the page is inside a box of pixels."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        pen = Pen(painter, self.space, self._ink)
        faint = Pen(painter, self.space, self._faint)
        open_ties: dict[tuple[int, int], TieEnd] = {}
        for system in self.page.systems:
            top = (system.tops[0] - system.high - 5) * self.space
            bottom = (system.bottom + 6) * self.space
            if shown.top() <= bottom and top <= shown.bottom():
                for top in system.tops:
                    for line in range(int(LINES) + 1):
                        y = top + line
                        faint.line(system.x, y, system.x + system.wide, y, STAFF_LINE)
                self._draw_system(pen, system, open_ties)
            else:
                open_ties.clear()

    # ---- systems -------------------------------------------------------------------------------

    def _draw_system(
        self, pen: Pen, system: System, open_ties: dict[tuple[int, int], TieEnd]
    ) -> None:
        score, end = self.page.score, system.x + system.wide
        for staff, top in zip(score.staves, system.tops, strict=True):
            self._draw_clef(pen, staff, system.fifths, system.x, top)
        if len(score.staves) > 1:
            pen.line(system.x, system.tops[0], system.x, system.bottom, BAR_LINE)
            for side, way in ((system.tops[0], -1), (system.bottom, 1)):
                pen.line(system.x - 0.6, side, system.x, side + 0.35 * way, 0.18)
            pen.line(system.x - 0.6, system.tops[0], system.x - 0.6, system.bottom, 0.4)
        self._draw_marks(pen, system)
        for number, (staff, top) in enumerate(zip(score.staves, system.tops, strict=True)):
            chords = Chords(pen, staff, number, top, open_ties)
            chords.begin_system(system.bars[0].columns[0][1] - 1.6)
            for bar in system.bars:
                self._draw_changes(pen, staff, bar, top)
                chords.draw_bar(bar)
            chords.end_system(end)
        self._draw_bar_lines(pen, system)

    def _draw_clef(self, pen: Pen, staff: Staff, fifths: int, x: float, top: float) -> None:
        code, line = CLEFS.get(staff.clef, CLEFS["G"])
        pen.glyph(code, x + 0.5, top + line)
        if staff.clef != "percussion":
            self._draw_signature(pen, staff, fifths, x + 3.7, top)

    def _draw_signature(self, pen: Pen, staff: Staff, fifths: int, x: float, top: float) -> None:
        heights = _SHARP_HEIGHTS if fifths > 0 else _FLAT_HEIGHTS
        lower = 1.0 if staff.clef == "F" else 0.0
        for place, sign in enumerate(signature(fifths).values()):
            pen.glyph(SIGNS[sign], x + 1.05 * place, top + heights[place] + lower)

    def _draw_changes(self, pen: Pen, staff: Staff, bar: PlacedBar, top: float) -> None:
        x = bar.x + 0.7
        if bar.fifths is not None and staff.clef != "percussion":
            self._draw_signature(pen, staff, bar.fifths, x, top)
            x += 1.05 * max(1, abs(bar.fifths)) + 0.6
        if bar.metre is not None:
            wide = max(len(str(number)) for number in bar.metre)
            for number, height in zip(bar.metre, (1.0, 3.0), strict=True):
                at = x - 0.4 + 0.9 * (wide - len(str(number)))
                for place, digit in enumerate(str(number)):
                    pen.glyph(DIGIT + int(digit), at + 1.75 * place, top + height)

    def _draw_bar_lines(self, pen: Pen, system: System) -> None:
        last = self.page.score.bars - 1
        for bar in system.bars:
            x = bar.x + bar.wide
            if bar.number == last:
                pen.line(x - 0.9, system.tops[0], x - 0.9, system.bottom, BAR_LINE)
                x -= THICK_LINE / 2
            thick = THICK_LINE if bar.number == last else BAR_LINE
            pen.line(x, system.tops[0], x, system.bottom, thick)

    def _draw_marks(self, pen: Pen, system: System) -> None:
        """Tempo, names of parts, numbers of bars, chord symbols."""
        score, first = self.page.score, system.bars[0]
        above = system.tops[0] - system.high
        symbols = [s for s in score.symbols if first.number <= s[0] <= system.bars[-1].number]
        if first.number == 0:
            if score.tempo:
                y = above - (3.4 if symbols else 1.4)
                pen.glyph(METRONOME, system.x + 0.5, y, 0.6)
                pen.words(system.x + 1.8, y, f"= {score.tempo:g}", 1.9)
            self._draw_names(pen, system)
        else:
            number = str(first.number + (0 if score.upbeat else 1))
            pen.words(system.x + 0.2, system.tops[0] - NUMBER_ABOVE, number, _NUMBERS)
        bars = {bar.number: bar for bar in system.bars}
        free = 0.0
        for place, onset, text in symbols:
            begun = onset - (score.upbeat if place == 0 else 0)
            x = bars[place].at(max(0, begun))
            if x >= free:
                pen.words(x, above - 1.1, text, _WORDS, bold=True)
                free = x + 1.05 * len(text) + 0.8

    def _draw_names(self, pen: Pen, system: System) -> None:
        for staff, top in zip(self.page.score.staves, system.tops, strict=True):
            if staff.name:
                pen.words(0.2, top + LINES / 2 + 0.5, spoken(staff.name)[:11], _NAMES)


def spoken(name: str) -> str:
    """The name of a part in the language of the window, where it is one of the engine's own; what
    an artist's score calls a part stays."""
    words, _, number = name.rpartition(" ")
    words, number = (words, f" {number}") if words and number.isdigit() else (name, "")
    for group in ("part", "instrument"):
        if knows(key := f"{group}.{words.lower()}"):
            return t(key) + number
    return name
