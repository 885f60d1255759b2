"""How one work looks in the gallery: the work as its medium draws it, its stars, its heart."""

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPointF, QRectF, QSize, QSizeF, Qt
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from studio.project.rows import WorkRow
from studio.views.gallery_model import WORK_ROLE
from studio.views.medium_view import CELL_SIZE, MediumViews
from studio.widgets import icons, theme
from studio.widgets.stars import draw_stars

CELL = QSize(140, 116)
_TOP_PX, _STAR_PX = 4, 11


class GalleryDelegate(QStyledItemDelegate):
    def __init__(self, views: MediumViews, parent=None) -> None:
        super().__init__(parent)
        self._views = views
        self.current: int | None = None  # the work on the easel

    def sizeHint(self, option, index) -> QSize:
        return CELL

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        work: WorkRow = index.data(WORK_ROLE)
        cell = QRectF(option.rect)  # pyright: ignore[reportAttributeAccessIssue] - a stub's gap
        view = self._views[work.medium]
        size = view.cell_size or QSize(work.width_px, work.height_px)
        box = self._picture_box(cell, size)
        painter.save()
        hints = QPainter.RenderHint
        painter.setRenderHints(hints.Antialiasing | hints.SmoothPixmapTransform)
        view.draw_cell(painter, box, work)
        self._draw_marks(painter, cell, box, work)
        state = option.state  # pyright: ignore[reportAttributeAccessIssue]
        self._draw_frame(painter, box, work, state)
        painter.restore()

    def draw_work(self, painter: QPainter, room: QSizeF, work: WorkRow) -> None:
        """The work alone, as it stands in a cell."""
        view = self._views[work.medium]
        size = view.cell_size or QSize(work.width_px, work.height_px)
        fitted = QSizeF(size).scaled(room, Qt.AspectRatioMode.KeepAspectRatio)
        view.draw_cell(painter, QRectF(QPointF(0, 0), fitted), work)

    @staticmethod
    def _picture_box(cell: QRectF, size: QSize) -> QRectF:
        fitted = size.scaled(CELL_SIZE, Qt.AspectRatioMode.KeepAspectRatio)
        left = cell.x() + (cell.width() - fitted.width()) / 2
        top = cell.y() + _TOP_PX + (CELL_SIZE.height() - fitted.height()) / 2
        return QRectF(round(left), round(top), fitted.width(), fitted.height())

    @staticmethod
    def _draw_marks(painter: QPainter, cell: QRectF, box: QRectF, work: WorkRow) -> None:
        line = cell.y() + _TOP_PX + CELL_SIZE.height() + 5
        if work.rating:
            draw_stars(painter, box.x(), line, work.rating, _STAR_PX)
        if work.liked is not None:
            left = box.x() + work.rating * (_STAR_PX + 1) + (5 if work.rating else 0)
            thumb = QRectF(left, line, _STAR_PX + 1, _STAR_PX + 1)
            name = "thumbs-up" if work.liked else "thumbs-down"
            icons.draw(painter, name, thumb, theme.colours().text)
        if work.kept:
            heart = QRectF(box.right() - _STAR_PX - 1, line, _STAR_PX, _STAR_PX)
            icons.draw(painter, "heart", heart, theme.colours().text, filled=True)

    def _draw_frame(
        self, painter: QPainter, box: QRectF, work: WorkRow, state: QStyle.StateFlag
    ) -> None:
        """The work on the easel is framed, selected ones thinly; in accent under the keys."""
        c = theme.colours()
        selected = bool(state & QStyle.StateFlag.State_Selected)
        focused = bool(state & QStyle.StateFlag.State_HasFocus)
        if not (selected or work.id == self.current):
            return
        width = 2.0 if work.id == self.current else 1.2
        painter.setPen(QPen(QColor(c.accent if focused else c.text), width))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(box.adjusted(-2, -2, 2, 2))
