"""Texts set for reading: across in a measure, or down in columns from right to left.

Line breaking across is Qt's own, which keeps closing marks off the beginning of a line. Down is
set here: one cell a character, marks in their vertical forms, hanging below a full column.
"""

import re
from dataclasses import dataclass, field
from itertools import pairwise

from PySide6.QtCore import QPointF, QRectF, QSizeF
from PySide6.QtGui import QFont, QFontMetricsF, QPainter, QTextLayout

from studio.state.recent import Recent
from studio.widgets import theme

LEADING = {False: 1.55, True: 1.8}  # of the em; Chinese wants more
COLUMN_PITCH, CELL_PITCH = 1.95, 1.12  # of the em
_TEXTS, _LINES = 12, 200  # that are remembered: what is on show, and what grows into it
_BASELINE = 0.88  # of a Chinese em box
_PARAGRAPH_GAP = 0.6  # of a line, between paragraphs of prose
_VERSE_SHARE = 0.8  # of the measure: shorter lines than this are verse
_DOWN = dict(
    zip(
        "，、。：；！？…—（）《》〈〉「」『』【】〔〕“”‘’",
        "︐︑︒︓︔︕︖︙︱︵︶︽︾︿﹀﹁﹂﹃﹄︻︼︹︺﹃﹄﹁﹂",
        strict=True,
    )
)
_CLOSING = frozenset("，、。：；！？）》〉」』】〕”’…")
_OPENING = frozenset("（《〈「『【〔“‘")
_RUN = re.compile(r"[!-~\u00a0-\u024f]+(?: [!-~\u00a0-\u024f]+)*")  # Latin words lie on their side


Column = list[tuple[str, float, float]]  # sign, top, advance


@dataclass(slots=True)
class Setting:
    """A text in its place: draw it anywhere. `end` is where the next word will stand."""

    size: QSizeF
    end: QRectF

    def draw(self, painter: QPainter, at: QPointF) -> None:
        raise NotImplementedError

    def line_boxes(self) -> list[list[QRectF]]:
        """Where each line of the text stands; one that is broken has several boxes."""
        raise NotImplementedError


@dataclass(slots=True)
class Across(Setting):
    blocks: list[tuple[QTextLayout, float]] = field(default_factory=list)  # and its top

    def draw(self, painter: QPainter, at: QPointF) -> None:
        seen = painter.clipBoundingRect() if painter.hasClipping() else QRectF()
        for layout, top in self.blocks:
            layout.draw(painter, at + QPointF(0, top), [], seen)  # lines out of sight are skipped

    def line_boxes(self) -> list[list[QRectF]]:
        found = []
        for layout, top in self.blocks:
            lines = (layout.lineAt(place) for place in range(layout.lineCount()))
            found.append([line.naturalTextRect().translated(0, top) for line in lines])
        return found


@dataclass(slots=True)
class Down(Setting):
    font: QFont
    cells: list[tuple[str, QPointF]] = field(default_factory=list)  # signs and their cells
    lines: list[list[QRectF]] = field(default_factory=list)

    def line_boxes(self) -> list[list[QRectF]]:
        return self.lines

    def draw(self, painter: QPainter, at: QPointF) -> None:
        em = self.font.pixelSize()
        painter.setFont(self.font)
        for sign, place in self.cells:
            spot = at + place
            if len(sign) > 1 or sign.isascii():
                painter.save()
                painter.translate(spot + QPointF(em * (1 - _BASELINE) * 1.6, 0))
                painter.rotate(90)
                painter.drawText(QPointF(0, 0), sign)
                painter.restore()
            else:
                painter.drawText(spot + QPointF(0, em * _BASELINE), _DOWN.get(sign, sign))


class Typesetter:
    """Sets texts, and remembers those on show; of a text that grows only the end is set anew."""

    def __init__(self) -> None:
        self._across: Recent[tuple[str, int, float, bool], Across] = Recent(_TEXTS)
        self._down: Recent[tuple[str, int, float], Down] = Recent(_TEXTS)
        self._paragraphs: Recent[tuple[str, int, int, float, bool], QTextLayout] = Recent(_LINES)
        self._columns: Recent[tuple[str, int, float], list[Column]] = Recent(_LINES)

    def across(self, text: str, size_px: int, width: float, chinese: bool) -> Across:
        """The text in lines of at most `width`; closing marks hang beside its ink."""
        key = (text, size_px, width, chinese)
        setting = self._across.get(key)
        if setting is None:
            setting = self._set_across(text, size_px, width, chinese)
            self._across.put(key, setting)
        return setting

    def _set_across(self, text: str, size_px: int, width: float, chinese: bool) -> Across:
        font = theme.serif(size_px, chinese)
        step = round(size_px * LEADING[chinese])
        paragraphs = text.split("\n")
        verse = _is_verse(paragraphs, font)
        blocks, top, widest = [], 0.0, 0.0
        end = QRectF(0, 0, 1, size_px)
        for number, words in enumerate(paragraphs):
            indent = 0.0 if verse or not chinese else 2.0 * size_px
            layout = self._paragraph(words, font, int(width), indent, verse, step)
            blocks.append((layout, top))
            for place in range(layout.lineCount()):
                line = layout.lineAt(place)
                x = line.x() + line.naturalTextWidth()
                hangs = words[line.textStart() + line.textLength() - 1 :][:1] in _CLOSING
                widest = max(widest, x - (0.5 * size_px if chinese and hangs else 0.0))
                end = QRectF(x + 3, top + line.y() + line.ascent() - 0.8 * size_px, 1, size_px)
            top += max(1, layout.lineCount()) * step
            if not verse and not chinese and words and number < len(paragraphs) - 1:
                top += step * _PARAGRAPH_GAP
        return Across(QSizeF(widest, top), end, blocks)

    def _paragraph(
        self, words: str, font: QFont, width: int, indent: float, verse: bool, step: int
    ) -> QTextLayout:
        key = (words, font.pixelSize(), width, indent, verse)
        known = self._paragraphs.get(key)
        if known is not None:
            return known
        layout = QTextLayout(words, font)
        layout.setCacheEnabled(True)
        hang = 2.0 * font.pixelSize() if verse else 0.0  # the rest of a verse that is too long
        layout.beginLayout()
        top = 0.0
        while (line := layout.createLine()).isValid():
            left = indent if not top else hang
            line.setLineWidth(max(1.0, width - left))
            line.setPosition(QPointF(left, top + (step - line.height()) / 2))
            top += step
        layout.endLayout()
        self._paragraphs.put(key, layout)
        return layout

    def down(self, text: str, size_px: int, height: float) -> Down:
        """The text in columns of at most `height`, the first one at the right."""
        key = (text, size_px, height)
        setting = self._down.get(key)
        if setting is None:
            setting = self._set_down(text, size_px, height)
            self._down.put(key, setting)
        return setting

    def _set_down(self, text: str, size_px: int, height: float) -> Down:
        font = theme.serif(size_px, chinese=True)
        columns: list[Column] = []
        owners: list[int] = []  # the line of the text that each column belongs to
        for number, words in enumerate(text.split("\n")):
            more = self._line(words, font, max(height, size_px * CELL_PITCH * 4))
            columns += more
            owners += [number] * len(more)
        pitch = size_px * COLUMN_PITCH
        width = pitch * len(columns) - (pitch - size_px)
        cells, tallest = [], 0.0
        lines: list[list[QRectF]] = [[] for _ in range(owners[-1] + 1)] if owners else []
        end = QRectF(max(0.0, width - size_px), 0, size_px, 1)
        for number, column in enumerate(columns):
            left = width - size_px - number * pitch
            for sign, top, advance in column:
                cells.append((sign, QPointF(left, top)))
                tallest = max(tallest, top + advance)
            bottom = column[-1][1] + column[-1][2] if column else 0.0
            end = QRectF(left, bottom + 3, size_px, 1)
            lines[owners[number]].append(QRectF(left, 0, size_px, bottom))
        return Down(QSizeF(width, tallest), end, font, cells, lines)

    def _line(self, words: str, font: QFont, height: float) -> list[Column]:
        key = (words, font.pixelSize(), height)
        columns = self._columns.get(key)
        if columns is None:
            columns = _columns(words, font, height)
            self._columns.put(key, columns)
        return columns


def _is_verse(paragraphs: list[str], font: QFont) -> bool:
    """Whether most lines are the poet's own and end before the full measure does."""
    metrics, width = QFontMetricsF(font), theme.MEASURE_EM * font.pixelSize()
    lines = [words for words in paragraphs if words.strip()]
    long = sum(metrics.horizontalAdvance(words[:400]) > width * _VERSE_SHARE for words in lines)
    return long * 2 < len(lines) or not lines


def _signs(words: str) -> list[str]:
    """Characters one by one, Latin words together."""
    signs, place = [], 0
    for run in _RUN.finditer(words):
        signs += [*words[place : run.start()], run.group()]
        place = run.end()
    return [*signs, *words[place:]]


def _cell(sign: str) -> float:
    """How much of a column one sign takes, in em."""
    return 0.3 if sign == " " else CELL_PITCH


def _columns(words: str, font: QFont, height: float) -> list[Column]:
    """One line of the text as columns; an empty line is an empty column."""
    metrics, em = QFontMetricsF(font), font.pixelSize()
    signs = [
        (s, metrics.horizontalAdvance(s) + 0.2 * em if len(s) > 1 else em * _cell(s))
        for s in _signs(words)
    ]
    column: Column = []
    done, top = [column], 0.0
    for (sign, advance), (following, _) in pairwise([*signs, ("", 0.0)]):
        full = top + advance > height and sign not in _CLOSING  # closing marks hang below
        lonely = sign in _OPENING and following and top + 2 * advance > height
        if column and (full or lonely):
            column = []
            done.append(column)
            top = 0.0
        column.append((sign, top, advance))
        top += advance
    return done
