"""A work beside the references, feature by feature: where it lies in what is usual for one hand."""

from dataclasses import dataclass

from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QHelpEvent, QPainter, QPen
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from studio.widgets import theme

_ROW_PX, _LEGEND_PX, _GAP_PX, _DOT_PX = 22, 22, 12, 8
_NAMES_SHARE = 0.46
_MOST = 3.0  # deviations: what lies farther is drawn at the edge


@dataclass(frozen=True, slots=True)
class Gap:
    name: str
    gap: float  # from the references' mean, in deviations of one hand
    detail: str  # both values, for the tooltip and for those who cannot see


class Gaps(QWidget):
    """One line each: the middle is the references' mean, the band what is usual, the dot the work.

    Far ones are bright; those inside the band step back.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._gaps: tuple[Gap, ...] = ()
        self._ends = "", "", ""
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def gaps(self) -> tuple[Gap, ...]:
        return self._gaps

    def show_gaps(self, gaps: tuple[Gap, ...], less: str, theirs: str, more: str) -> None:
        """The words stand under the axis: at its ends, and in its middle."""
        self._gaps, self._ends = gaps, (less, theirs, more)
        self.setAccessibleDescription("; ".join(f"{gap.name}: {gap.detail}" for gap in gaps))
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(240, _ROW_PX * len(self._gaps) + _LEGEND_PX)

    def minimumSizeHint(self) -> QSize:
        return QSize(200, self.sizeHint().height())

    def _axis(self) -> QRectF:
        left = self.width() * _NAMES_SHARE + _GAP_PX
        return QRectF(left, 0, self.width() - left - _DOT_PX, _ROW_PX * len(self._gaps))

    def paintEvent(self, event) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        c, axis = theme.colours(), self._axis()
        if not self._gaps:
            return
        unit = axis.width() / (2 * _MOST)
        middle = axis.center().x()
        painter.fillRect(QRectF(middle - unit, 0, 2 * unit, axis.height()), QColor(c.raised))
        painter.setPen(QPen(QColor(c.edge), 1))
        painter.drawLine(round(middle), 0, round(middle), round(axis.height()))
        for place, gap in enumerate(self._gaps):
            self._draw_row(painter, gap, place * _ROW_PX, axis, unit)
        self._draw_legend(painter, axis)

    def _draw_row(self, painter: QPainter, gap: Gap, top: int, axis: QRectF, unit: float) -> None:
        c, far = theme.colours(), abs(gap.gap) > 1
        face = theme.font(theme.SMALL_PX + 1)
        painter.setFont(face)
        painter.setPen(QColor(c.text if far else c.dim))
        names = QRectF(0, top, axis.x() - _GAP_PX, _ROW_PX)
        name = QFontMetricsF(face).elidedText(gap.name, Qt.TextElideMode.ElideRight, names.width())
        flags = Qt.AlignmentFlag.AlignVCenter
        painter.drawText(names, flags | Qt.AlignmentFlag.AlignLeft, name)
        y, middle = top + _ROW_PX / 2, axis.center().x()
        x = middle + unit * max(-_MOST, min(_MOST, gap.gap))
        ink = QColor(c.text if far else c.dim)
        painter.setPen(QPen(ink, 1.4))
        painter.drawLine(round(middle), round(y), round(x), round(y))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(ink)
        side = _DOT_PX if far else _DOT_PX - 2
        painter.drawEllipse(QRectF(x - side / 2, y - side / 2, side, side))

    def _draw_legend(self, painter: QPainter, axis: QRectF) -> None:
        painter.setFont(theme.font(theme.SMALL_PX))
        painter.setPen(QColor(theme.colours().dim))
        line = QRectF(axis.x() - 8, axis.height(), axis.width() + 16, _LEGEND_PX)
        sides = (
            Qt.AlignmentFlag.AlignLeft,
            Qt.AlignmentFlag.AlignHCenter,
            Qt.AlignmentFlag.AlignRight,
        )
        for words, side in zip(self._ends, sides, strict=True):
            painter.drawText(line, side | Qt.AlignmentFlag.AlignVCenter, words)

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            place = int(event.pos().y() // _ROW_PX)
            if 0 <= place < len(self._gaps):
                gap = self._gaps[place]
                QToolTip.showText(event.globalPos(), f"{gap.name}: {gap.detail}", self)
            else:
                QToolTip.hideText()
            return True
        return super().event(event)
