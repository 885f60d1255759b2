"""Works as places on a plane of two numbers: pictures as themselves, others as dots."""

from dataclasses import dataclass, field

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QHelpEvent, QImage, QKeyEvent, QMouseEvent, QPainter, QPen
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from studio.widgets import theme

_LEFT_PX, _BOTTOM_PX, _TOP_PX = 44, 40, 12
_PICTURE = QSize(60, 44)
_DOT_PX = 11
_LEAST_SPAN = 0.24
_STEPS = (0.05, 0.1, 0.2)


@dataclass(frozen=True, slots=True)
class Spot:
    """One work; x and y from 0 to 1."""

    work_id: int
    x: float
    y: float
    detail: str
    image: QImage = field(default_factory=QImage)


@dataclass(frozen=True, slots=True)
class _Span:
    low: float
    high: float

    def share(self, value: float) -> float:
        return (value - self.low) / (self.high - self.low)

    def ticks(self) -> list[float]:
        step = next((s for s in _STEPS if (self.high - self.low) / s <= 6), _STEPS[-1])
        first = round(self.low / step + 0.499)
        return [n * step for n in range(first, first + 8) if n * step <= self.high + 1e-9]


def _span(values: list[float]) -> _Span:
    """All values, with air around them, inside 0 … 1."""
    low, high = min(values, default=0.0), max(values, default=1.0)
    air = max(0.06 * (high - low), (_LEAST_SPAN - (high - low)) / 2, 0.02)
    return _Span(max(-0.02, low - air), min(1.02, high + air))


class WorksMap(QWidget):
    """The arrow keys walk from work to work by x; the return key, or a click, opens one."""

    chosen = Signal(int)  # work id

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._spots: tuple[Spot, ...] = ()
        self._at: int | None = None  # work id: under the mouse, or the keys
        self._words = "", ""
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setMinimumSize(280, 150)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def spots(self) -> tuple[Spot, ...]:
        return self._spots

    def show_spots(self, spots: tuple[Spot, ...], across: str, up: str) -> None:
        """across, up: what lies at the far ends of the axes."""
        self._spots, self._words = spots, (across, up)
        if self._at not in {spot.work_id for spot in spots}:
            self._at = None
        self.setAccessibleDescription("; ".join(spot.detail for spot in spots))
        self.update()

    # ---- geometry ------------------------------------------------------------------------------

    def _area(self) -> QRectF:
        return QRectF(self.rect()).adjusted(_LEFT_PX, _TOP_PX, -_TOP_PX, -_BOTTOM_PX)

    def _spans(self) -> tuple[_Span, _Span]:
        return _span([spot.x for spot in self._spots]), _span([spot.y for spot in self._spots])

    def _box(self, spot: Spot, area: QRectF) -> QRectF:
        """Of the picture or the dot, with its middle at its place."""
        across, up = self._spans()
        pictured = not spot.image.isNull()
        size = QSize(_DOT_PX, _DOT_PX)
        if pictured:
            size = spot.image.size().scaled(_PICTURE, Qt.AspectRatioMode.KeepAspectRatio)
            area = area.adjusted(_PICTURE.width() / 2, 22, -_PICTURE.width() / 2, -22)
        x = area.x() + area.width() * across.share(spot.x)
        y = area.bottom() - area.height() * up.share(spot.y)
        return QRectF(x - size.width() / 2, y - size.height() / 2, size.width(), size.height())

    def _under(self, point: QPointF) -> Spot | None:
        area = self._area()
        found = (
            s
            for s in reversed(self._spots)
            if self._box(s, area).adjusted(-3, -3, 3, 3).contains(point)
        )
        return next(found, None)

    # ---- painting ------------------------------------------------------------------------------

    def paintEvent(self, event) -> None:
        painter = QPainter(self)
        hints = QPainter.RenderHint
        painter.setRenderHints(hints.Antialiasing | hints.SmoothPixmapTransform)
        if not self._spots:
            return
        area = self._area()
        self._draw_axes(painter, area)
        for spot in sorted(self._spots, key=lambda one: one.work_id == self._at):
            self._draw_spot(painter, spot, area)

    def _draw_axes(self, painter: QPainter, area: QRectF) -> None:
        c, flags = theme.colours(), Qt.AlignmentFlag
        across, up = self._spans()
        inner = area
        if not self._spots[0].image.isNull():
            inner = area.adjusted(_PICTURE.width() / 2, 22, -_PICTURE.width() / 2, -22)
        painter.setFont(theme.font(theme.SMALL_PX))
        for tick in across.ticks():
            x = inner.x() + inner.width() * across.share(tick)
            painter.setPen(QPen(QColor(c.line), 1))
            painter.drawLine(QPointF(x, area.top()), QPointF(x, area.bottom()))
            painter.setPen(QColor(c.dim))
            line = QRectF(x - 24, area.bottom() + 4, 48, 16)
            painter.drawText(line, flags.AlignCenter, f"{tick:.2f}")
        for tick in up.ticks():
            y = inner.bottom() - inner.height() * up.share(tick)
            painter.setPen(QPen(QColor(c.line), 1))
            painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y))
            painter.setPen(QColor(c.dim))
            line = QRectF(0, y - 8, _LEFT_PX - 8, 16)
            painter.drawText(line, flags.AlignRight | flags.AlignVCenter, f"{tick:.2f}")
        painter.setPen(QColor(c.text))
        under = QRectF(area.x(), area.bottom() + 20, area.width(), 18)
        painter.drawText(under, flags.AlignRight | flags.AlignVCenter, f"{self._words[0]} →")
        top = QRectF(area.x() + 8, area.y() + 4, area.width(), 16)
        painter.drawText(top, flags.AlignLeft | flags.AlignVCenter, f"↑ {self._words[1]}")

    def _draw_spot(self, painter: QPainter, spot: Spot, area: QRectF) -> None:
        c, box = theme.colours(), self._box(spot, area)
        marked = spot.work_id == self._at
        if spot.image.isNull():
            painter.setPen(QPen(QColor(c.ground), 1.5))
            painter.setBrush(QColor(c.text if marked else c.dim))
            painter.drawEllipse(box)
        else:
            painter.drawImage(box, spot.image)
        if marked:
            ink = c.accent if self.hasFocus() and self.property("keyboard") else c.text
            painter.setPen(QPen(QColor(ink), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(box.adjusted(-2, -2, 2, 2))

    # ---- events --------------------------------------------------------------------------------

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        spot = self._under(event.position())
        self.setCursor(Qt.CursorShape.PointingHandCursor if spot else Qt.CursorShape.ArrowCursor)
        self._mark(spot.work_id if spot else None)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if (spot := self._under(event.position())) is not None:
            self.chosen.emit(spot.work_id)

    def leaveEvent(self, event) -> None:
        self._mark(None)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {Qt.Key.Key_Right: 1, Qt.Key.Key_Down: 1, Qt.Key.Key_Left: -1, Qt.Key.Key_Up: -1}
        key = Qt.Key(event.key())
        if key in steps and self._spots:
            order = [spot.work_id for spot in sorted(self._spots, key=lambda spot: spot.x)]
            place = order.index(self._at) + steps[key] if self._at in order else 0
            self.setProperty("keyboard", True)
            self._mark(order[place % len(order)])
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self._at is not None:
            self.chosen.emit(self._at)
        else:
            event.ignore()

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            spot = self._under(QPointF(event.pos()))
            QToolTip.showText(event.globalPos(), spot.detail if spot else "", self)
            return True
        return super().event(event)

    def _mark(self, work_id: int | None) -> None:
        if work_id != self._at:
            self._at = work_id
            details = {spot.work_id: spot.detail for spot in self._spots}
            self.setToolTip(details.get(work_id or 0, ""))
            self.update()
