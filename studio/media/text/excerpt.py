"""The first lines of a text, small: for cards in the tray and in the gallery."""

import re
from collections.abc import Iterator

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QTextLayout

from studio.media.text.words import Text
from studio.widgets import theme

_MAX_CHARACTERS = 400
_VERSE_CHARACTERS = 24
_FEWEST_LINES, _MOST_LINES = 11, 30  # of a box: letters no larger, no smaller
_MARK = re.compile(r"(?<=[，。；！？])")


def draw_excerpt(
    painter: QPainter, box: QRectF, text: Text, size_px: int, ink: QColor | None = None
) -> None:
    """As many whole lines as the box holds; the last one ends in … when there are more.

    ink: of a printed page; by default the text's colour of the theme."""
    font = theme.serif(size_px, text.is_chinese)
    font = font if ink is None else theme.printed(font)
    step = _step(text, size_px)
    room = max(1, int(box.height() // step))
    lines = _lines(text.words[:_MAX_CHARACTERS], font, box.width(), room + 1)
    if len(lines) > room:
        lines = lines[:room]
        lines[-1] = f"{lines[-1].rstrip('，。、；：,.;: ')}…"
    metrics = QFontMetricsF(font)
    painter.setFont(font)
    painter.setPen(ink or QColor(theme.colours().text))
    for place, line in enumerate(lines):
        shown = metrics.elidedText(line, Qt.TextElideMode.ElideRight, box.width())
        baseline = box.y() + place * step + (step + metrics.ascent() - metrics.descent()) / 2
        painter.drawText(QPointF(box.x(), baseline), shown)


def size_that_fits(box: QRectF, text: Text) -> int:
    """The largest size in pixels at which all lines have room, but no smaller than reads well."""
    for size_px in range(int(box.height() / _FEWEST_LINES), int(box.height() / _MOST_LINES), -1):
        font, step = theme.serif(size_px, text.is_chinese), _step(text, size_px)
        room = int(box.height() // step)
        if len(_lines(text.words[:_MAX_CHARACTERS], font, box.width(), room + 1)) <= room:
            return size_px
    return max(1, int(box.height() / _MOST_LINES))


def _step(text: Text, size_px: int) -> int:
    """From one line to the next, in pixels."""
    return round(size_px * (1.6 if text.is_chinese else 1.42))


def _paragraphs(words: str, font, width: float) -> Iterator[str]:
    """The lines of the text; Chinese verses that are too long break after their marks."""
    metrics = QFontMetricsF(font)
    for line in filter(str.strip, words.split("\n")):
        if len(line) <= _VERSE_CHARACTERS and metrics.horizontalAdvance(line) > width:
            yield from filter(None, _MARK.split(line))
        else:
            yield line


def _lines(words: str, font, width: float, limit: int) -> list[str]:
    """The words broken into lines of this width, at most `limit` of them."""
    lines: list[str] = []
    for paragraph in _paragraphs(words, font, width):
        layout = QTextLayout(paragraph.strip(), font)
        layout.beginLayout()
        while (line := layout.createLine()).isValid() and len(lines) < limit:
            line.setLineWidth(width)
            start = line.textStart()
            lines.append(layout.text()[start : start + line.textLength()])
        layout.endLayout()
        if len(lines) >= limit:
            break
    return lines
