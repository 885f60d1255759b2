"""The wall of music: one piece large, two to compare, or several while they grow."""

import math
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPixmap
from PySide6.QtWidgets import QWidget

from engine.protocol import Sketch
from studio.media.audio.music import clock
from studio.media.audio.notes import draw_head, draw_sketch
from studio.widgets import grid, theme

_MARGIN_PX, _GAP_PX, _CAPTION_PX, _RULER_PX = 48, 28, 22, 20
_ONE_COLUMN = 4  # more pieces stand in two columns
_MOST_TALL, _MOST_TALL_WAVE = 620, 300  # of one piece alone; of a waveform without notes
_STEPS_S = (1, 2, 5, 10, 15, 30, 60, 120, 300)
_TICK_PX = 72
_HIGH = 0.42  # a piece hangs a little above the middle


@dataclass(frozen=True, slots=True)
class Piece:
    """One row: its drawing, and over how many seconds it is drawn."""

    sketch: Sketch
    caption: str = ""
    seconds: float = 0.0  # 0: as long as it is
    key: str = ""  # of what is played when it is heard

    @property
    def length(self) -> float:
        return max(self.seconds, self.sketch.seconds)


class Tracks(QWidget):
    """Draws pieces once into a pixmap; over it moves the playhead of the one that is heard."""

    scrubbed = Signal(int, float)  # which piece, seconds
    toggled = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._pieces: tuple[Piece, ...] = ()
        self._heard = -1
        self._head_s = 0.0
        self._canvas = QPixmap()
        self._held = -1
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMinimumSize(240, 160)
        self.setMouseTracking(True)

    # ---- what is shown -------------------------------------------------------------------------

    def pieces(self) -> tuple[Piece, ...]:
        return self._pieces

    def show_pieces(self, pieces: tuple[Piece, ...]) -> None:
        if pieces != self._pieces:
            self._pieces = pieces
            self.setAccessibleDescription("; ".join(filter(None, (p.caption for p in pieces))))
            self.refresh()

    def show_head(self, heard: int, seconds: float) -> None:
        """Where it plays, or would; `heard` is the piece, -1 none."""
        if (heard, seconds) == (self._heard, self._head_s):
            return
        if heard != self._heard:
            self._heard = heard
            self.refresh()  # of two, the other one steps back
        else:
            self._update_head()
        self._head_s = seconds
        self._update_head()

    def head(self) -> tuple[int, float]:
        return self._heard, self._head_s

    def refresh(self) -> None:
        """Draw anew: other pieces, another theme, another size."""
        self._canvas = QPixmap()
        self.update()

    def _update_head(self) -> None:
        if (box := self._head_box()) is not None:
            self.update(box.adjusted(-6, -2, 6, 2).toAlignedRect())

    def _head_box(self) -> QRectF | None:
        """A sliver around the playhead."""
        if not 0 <= self._heard < len(self._pieces):
            return None
        box, length = self._lane(self._heard), self._pieces[self._heard].length
        if length <= 0:
            return None
        x = box.x() + box.width() * min(1.0, self._head_s / length)
        return QRectF(x, box.y(), 0, box.height())

    # ---- geometry ------------------------------------------------------------------------------

    def _cells(self) -> list[QRectF]:
        count = max(1, len(self._pieces))
        margin = _MARGIN_PX if count <= 2 else _GAP_PX
        area = QRectF(self.rect()).adjusted(margin, margin - 16, -margin, -16)
        notes = bool(self._pieces) and bool(self._pieces[0].sketch.notes)
        most = _MOST_TALL if notes else _MOST_TALL_WAVE
        if count == 1 and area.height() > most:
            area.setTop(area.top() + (area.height() - most) * _HIGH)
            area.setHeight(most)
        columns = 1 if count <= _ONE_COLUMN else 2 if count <= 8 else 3
        return grid.cells(area, count, columns, _GAP_PX if count <= 2 else 18)

    def _lane(self, place: int) -> QRectF:
        """Of one piece, without its caption and its ruler."""
        cell, piece = self._cells()[place], self._pieces[place]
        return cell.adjusted(
            0, _CAPTION_PX if piece.caption else 0, 0, -_RULER_PX if self._ruled() else 0
        )

    def lane_box(self) -> QRectF:
        """Where in the widget the first piece is drawn; empty without one."""
        return self._lane(0) if self._pieces else QRectF()

    def _ruled(self) -> bool:
        return len(self._pieces) <= 2

    def _at(self, event: QMouseEvent) -> int:
        where = event.position()
        for place in range(len(self._pieces)):
            if self._lane(place).adjusted(-8, -4, 8, _RULER_PX).contains(where):
                return place
        return -1

    def _seconds_at(self, place: int, event: QMouseEvent) -> float:
        lane, length = self._lane(place), self._pieces[place].length
        share = (event.position().x() - lane.x()) / max(1.0, lane.width())
        return min(1.0, max(0.0, share)) * length

    # ---- painting ------------------------------------------------------------------------------

    def paintEvent(self, event) -> None:
        if self._canvas.isNull():
            self._canvas = self._drawn()
        painter = QPainter(self)
        painter.drawPixmap(0, 0, self._canvas)
        if 0 <= self._heard < len(self._pieces) and self._pieces[self._heard].length > 0:
            lane, length = self._lane(self._heard), self._pieces[self._heard].length
            draw_head(painter, lane, self._head_s / length)
        if self.hasFocus() and self.property("keyboard"):
            painter.setPen(QColor(theme.colours().accent))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(self.rect().adjusted(0, 0, -1, -1))

    def _drawn(self) -> QPixmap:
        ratio = self.devicePixelRatioF()
        canvas = QPixmap(self.size() * ratio)
        canvas.setDevicePixelRatio(ratio)
        ground = QColor(theme.colours().ground)
        canvas.fill(ground)
        painter = QPainter(canvas)
        pair = len(self._pieces) == 2 and self._heard >= 0
        for place, piece in enumerate(self._pieces):
            dimmed = pair and place != self._heard
            lane = self._lane(place)
            keys = len(self._pieces) <= 2
            draw_sketch(painter, lane, piece.sketch, ground, piece.length, dimmed, keys)
            if piece.caption:
                self._draw_caption(painter, piece.caption, lane, dimmed)
            if self._ruled():
                self._draw_ruler(painter, lane, piece.length)
            else:
                self._draw_ground(painter, lane)
        painter.end()
        return canvas

    @staticmethod
    def _draw_caption(painter: QPainter, words: str, lane: QRectF, dimmed: bool) -> None:
        c = theme.colours()
        painter.setFont(theme.font(theme.SMALL_PX))
        painter.setPen(QColor(c.dim if dimmed else c.text))
        line = QRectF(lane.x(), lane.y() - _CAPTION_PX, lane.width(), _CAPTION_PX - 6)
        flags = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(line, flags, words)

    @staticmethod
    def _draw_ground(painter: QPainter, lane: QRectF) -> None:
        """A hairline that says how far a piece will go."""
        painter.setPen(QColor(theme.colours().line))
        bottom = round(lane.bottom()) + 6
        painter.drawLine(round(lane.x()), bottom, round(lane.right()), bottom)

    @staticmethod
    def _draw_ruler(painter: QPainter, lane: QRectF, length: float) -> None:
        if length <= 0:
            return
        c = theme.colours()
        room = max(1.0, lane.width() / _TICK_PX)
        step = next((step for step in _STEPS_S if length / step <= room), _STEPS_S[-1])
        painter.setFont(theme.font(theme.SMALL_PX))
        for tick in range(math.floor(length / step) + 1):
            x = lane.x() + lane.width() * tick * step / length
            painter.setPen(QColor(c.line))
            painter.drawLine(round(x), round(lane.bottom()) + 2, round(x), round(lane.bottom()) + 6)
            painter.setPen(QColor(c.dim))
            if x + 30 <= lane.right() + 24:
                words = QRectF(x + 4, lane.bottom() + 3, 44, _RULER_PX - 4)
                painter.drawText(words, Qt.AlignmentFlag.AlignLeft, clock(tick * step))

    # ---- events --------------------------------------------------------------------------------

    def resizeEvent(self, event) -> None:
        super().resizeEvent(event)
        self.refresh()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.StyleChange):
            self.refresh()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and (place := self._at(event)) >= 0:
            self._held = place
            self.scrubbed.emit(place, self._seconds_at(place, event))
        else:
            super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._held >= 0:
            self.scrubbed.emit(self._held, self._seconds_at(self._held, event))
        else:
            hand = (
                Qt.CursorShape.IBeamCursor if self._at(event) >= 0 else Qt.CursorShape.ArrowCursor
            )
            self.setCursor(hand)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._held = -1

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.toggled.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        event.ignore()  # everything is the window's

    def focusInEvent(self, event) -> None:
        reasons = (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason)
        self.setProperty("keyboard", event.reason() in reasons)
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event) -> None:
        super().focusOutEvent(event)
        self.update()
