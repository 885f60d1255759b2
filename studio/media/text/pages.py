"""A wall for texts: one large and well set, two side by side, or several while they grow."""

import math
from dataclasses import dataclass
from functools import lru_cache

from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt, Signal
from PySide6.QtGui import QColor, QFontMetricsF, QKeyEvent, QPainter, QWheelEvent
from PySide6.QtWidgets import QAbstractScrollArea, QFrame, QWidget

from studio.media.text.typeset import COLUMN_PITCH, Down, Setting, Typesetter
from studio.media.text.words import text_of
from studio.widgets import grid, theme

SIZES_PX = (13, 15, theme.TEXT_PX, 22, 26, 32, 40, 48)
HOME = SIZES_PX.index(theme.TEXT_PX)
_SHORT_LINES, _SHORT_VERSE = 16, 6  # texts of so few lines are set larger
_RESERVED_EM = {False: 20.0, True: 12.0}  # the width of a text that grows: it must not wander
_MARGIN_PX, _GAP_PX, _CAPTION_PX = 48, 32, 24
_HIGH = 0.42  # a text hangs a little above the middle


@dataclass(frozen=True, slots=True)
class Page:
    """One text; `lines` it will have when it is finished, if that is known."""

    text: str
    caption: str = ""
    lines: int = 0
    grows: bool = False


def is_chinese(text: str) -> bool:
    return _begins_chinese(text[:400])  # what is asked for every frame of a text that grows


@lru_cache(maxsize=64)
def _begins_chinese(words: str) -> bool:
    return text_of(words).is_chinese


def _size(step: int) -> int:
    return SIZES_PX[min(len(SIZES_PX) - 1, max(0, step))]


def _lines_to_come(page: Page) -> int:
    """Lines of the finished text; many while that is not known, or when they are long."""
    if page.grows and not page.lines:
        return 1000
    lines = page.text.split("\n")
    is_prose = max(map(len, lines)) > 2.2 * theme.MEASURE_EM
    return 1000 if is_prose else max(page.lines, len(lines))


class Pages(QAbstractScrollArea):
    size_changed = Signal()
    edit_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._pages: tuple[Page, ...] = ()
        self._vertical = False
        self._step = HOME
        self._setter = Typesetter()
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMinimumSize(240, 160)
        self.viewport().setAutoFillBackground(False)

    # ---- what is shown -------------------------------------------------------------------------

    def pages(self) -> tuple[Page, ...]:
        return self._pages

    def show_pages(self, pages: tuple[Page, ...]) -> None:
        """Show these; the place in the text stays while it grows or is another's of the pair."""
        if pages == self._pages:
            return
        before, self._pages = self._pages, pages
        self._measure()
        if len(before) != len(pages) or not any(page.grows for page in pages):
            self.verticalScrollBar().setValue(0)
            self.horizontalScrollBar().setValue(self.horizontalScrollBar().maximum())
        if not any(page.grows for page in pages):
            self.setAccessibleDescription("\n\n".join(page.text for page in pages))
        self._update_from(before)

    def _update_from(self, before: tuple[Page, ...]) -> None:
        """Paint anew what has changed: of many texts that grow, only some."""
        if len(before) != len(self._pages) or len(before) <= 2:  # few: their size may change
            self.viewport().update()
            return
        for old, new, cell in zip(before, self._pages, self._cells(), strict=True):
            if old != new:
                self.viewport().update(cell.toAlignedRect())

    def speaks_chinese(self) -> bool:
        return any(is_chinese(page.text) for page in self._pages)

    @property
    def is_vertical(self) -> bool:
        return self._vertical

    def set_vertical(self, vertical: bool) -> None:
        self._vertical = vertical
        self._measure()
        self.horizontalScrollBar().setValue(self.horizontalScrollBar().maximum())
        self.viewport().update()

    # ---- size of the type ----------------------------------------------------------------------

    def is_at_home(self) -> bool:
        return self._step == HOME

    def size_px(self) -> int:
        """Larger for a few lines alone on the wall, smaller when many texts share it."""
        step = self._step - (len(self._pages) > 2) - (len(self._pages) > 6)
        if 1 <= len(self._pages) <= 2:
            lines = max(map(_lines_to_come, self._pages))
            bonus = (lines <= _SHORT_VERSE) + (lines <= _SHORT_LINES)
            while bonus > -1 and lines <= _SHORT_LINES and not self._fits(_size(step + bonus)):
                bonus -= 1
            step += bonus
        return _size(step)

    def _fits(self, size_px: int) -> bool:
        """Whether no verse has to be broken at this size."""
        width = self._cells()[0].width()
        for page in self._pages:
            chinese = is_chinese(page.text)
            metrics = QFontMetricsF(theme.serif(size_px, chinese))
            lines = [metrics.horizontalAdvance(line) for line in page.text.split("\n")]
            lines += [_RESERVED_EM[chinese] * size_px] if page.grows else []
            if max(lines) > width and not (self._vertical and chinese):
                return False
        return True

    def larger(self, steps: int) -> None:
        self._step = min(len(SIZES_PX) - 1, max(0, self._step + steps))
        self._measure()
        self.viewport().update()
        self.size_changed.emit()

    def home(self) -> None:
        self.larger(HOME - self._step)

    # ---- geometry ------------------------------------------------------------------------------

    def _cells(self) -> list[QRectF]:
        count = max(1, len(self._pages))
        margin = _MARGIN_PX if count <= 2 else _GAP_PX
        area = QRectF(self.viewport().rect()).adjusted(margin, margin, -margin, -margin)
        columns = count if count <= 2 else math.ceil(math.sqrt(count))
        return grid.cells(area, count, columns, _GAP_PX)

    def _set(self, page: Page, cell: QRectF) -> Setting:
        size, chinese = self.size_px(), is_chinese(page.text)
        if self._vertical and chinese:
            return self._setter.down(page.text, size, cell.height() - _CAPTION_PX)
        width = min(cell.width(), theme.MEASURE_EM * size)
        return self._setter.across(page.text, size, width, chinese)

    def _measure(self) -> None:
        """How far a text that is longer than the wall can be scrolled."""
        over = QSizeF(0, 0)
        if 0 < len(self._pages) <= 2:
            for page, cell in zip(self._pages, self._cells(), strict=True):
                size = self._set(page, cell).size
                caption = _CAPTION_PX if page.caption else 0
                over = over.expandedTo(
                    QSizeF(size.width() - cell.width(), size.height() + caption - cell.height())
                )
        down, across = self.verticalScrollBar(), self.horizontalScrollBar()
        down.setRange(0, max(0, math.ceil(over.height())))
        across.setRange(0, max(0, math.ceil(over.width())) if self._vertical else 0)
        for bar, side in ((down, self.viewport().height()), (across, self.viewport().width())):
            bar.setPageStep(max(1, side - 2 * _MARGIN_PX))
            bar.setSingleStep(self.size_px() * 2)

    def _place(self, page: Page, setting: Setting, cell: QRectF) -> QPointF:
        """Where the text begins: in the middle, a little high, or scrolled."""
        ink, tall = setting.size, setting.size.height()
        if page.lines and not self._vertical:
            done = max(1, page.text.count("\n") + 1)
            tall = max(tall, tall / done * page.lines)
        room = cell.height() - (_CAPTION_PX if page.caption else 0)
        wide = self._reserved(page, ink.width(), cell.width())
        left = cell.x() + (cell.width() - wide) / 2
        left += wide - ink.width() if isinstance(setting, Down) else 0
        top = cell.y() + max(0.0, (room - tall) * _HIGH)
        if page.grows and tall > room:  # the newest words stay in sight
            top = cell.y() + room - tall
        elif tall > room:
            top = cell.y() - self.verticalScrollBar().value()
        if ink.width() > cell.width() and self._vertical:
            bar = self.horizontalScrollBar()
            left = cell.x() - (bar.value() if bar.maximum() else ink.width() - cell.width())
        return QPointF(round(left), round(top))

    def _reserved(self, page: Page, ink: float, room: float) -> float:
        """The width that the text is centred by: while it grows, what it may come to."""
        if not page.grows:
            return ink
        chinese = is_chinese(page.text)
        wide = _RESERVED_EM[chinese] * self.size_px()
        if self._vertical and chinese:
            wide = max(4, page.lines) * COLUMN_PITCH * self.size_px()
        return max(ink, min(wide, room))

    def line_boxes(self) -> list[list[QRectF]]:
        """Where in the viewport each line of the first text stands, broken ones in parts."""
        if not self._pages:
            return []
        page, cell = self._pages[0], self._cells()[0]
        setting = self._set(page, cell)
        at = self._place(page, setting, cell)
        return [[box.translated(at) for box in boxes] for boxes in setting.line_boxes()]

    # ---- events --------------------------------------------------------------------------------

    def paintEvent(self, event) -> None:
        painter = QPainter(self.viewport())
        painter.setRenderHint(QPainter.RenderHint.TextAntialiasing)
        c = theme.colours()
        painter.fillRect(self.viewport().rect(), QColor(c.ground))
        alone = len(self._pages) == 1
        for page, cell in zip(self._pages, self._cells(), strict=False):
            if not alone and not event.region().intersects(cell.toAlignedRect()):
                continue
            setting = self._set(page, cell)
            at = self._place(page, setting, cell)
            area = QRectF(self.viewport().rect()) if alone else cell
            bottom = cell.bottom() - (_CAPTION_PX if page.caption else 0)
            painter.setClipRect(
                area if alone else QRectF(cell.topLeft(), QPointF(cell.right(), bottom))
            )
            painter.setPen(QColor(c.text))
            setting.draw(painter, at)
            if page.grows:
                painter.fillRect(setting.end.translated(at), QColor(c.accent))
            painter.setClipping(False)
            if page.caption:
                self._draw_caption(painter, page.caption, cell)
        if self.hasFocus() and self.property("keyboard"):
            painter.setPen(QColor(c.accent))
            painter.drawRect(self.viewport().rect().adjusted(0, 0, -1, -1))

    @staticmethod
    def _draw_caption(painter: QPainter, caption: str, cell: QRectF) -> None:
        painter.setFont(theme.font(theme.SMALL_PX))
        painter.setPen(QColor(theme.colours().dim))
        line = QRectF(cell.x(), cell.bottom() - _CAPTION_PX, cell.width(), _CAPTION_PX)
        painter.drawText(line, Qt.AlignmentFlag.AlignCenter, caption)

    def resizeEvent(self, event) -> None:
        super().resizeEvent(event)
        self._measure()

    def wheelEvent(self, event: QWheelEvent) -> None:
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.larger(1 if event.angleDelta().y() > 0 else -1)
        else:
            bar = self.horizontalScrollBar() if self._vertical else self.verticalScrollBar()
            bar.setValue(bar.value() - event.angleDelta().y() // 2)
        event.accept()

    def mouseDoubleClickEvent(self, event) -> None:
        self.edit_asked.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Up and down read on; everything else is the window's."""
        steps = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}
        pages = {Qt.Key.Key_PageUp: -1, Qt.Key.Key_PageDown: 1}
        bar, key = self.verticalScrollBar(), Qt.Key(event.key())
        if bar.maximum() and key in steps:
            bar.setValue(bar.value() + steps[key] * bar.singleStep())
        elif bar.maximum() and key in pages:
            bar.setValue(bar.value() + pages[key] * bar.pageStep())
        else:
            event.ignore()

    def focusInEvent(self, event) -> None:
        reasons = (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason)
        self.setProperty("keyboard", event.reason() in reasons)
        super().focusInEvent(event)
        self.viewport().update()

    def focusOutEvent(self, event) -> None:
        super().focusOutEvent(event)
        self.viewport().update()
