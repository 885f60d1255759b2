"""How one work looks in the gallery: the picture, first lines or notes, its stars, its heart."""

from collections import OrderedDict

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen, QPixmap
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from engine.messages import Medium
from studio.media.audio.music import Music
from studio.media.audio.notes import draw_sketch
from studio.media.audio.sketches import Sketches
from studio.media.text.excerpt import draw_excerpt
from studio.project.project import WorkRow
from studio.state.shelves import Shelves
from studio.views.gallery_model import WORK_ROLE
from studio.widgets import icons, theme
from studio.widgets.stars import draw_stars

CELL = QSize(140, 116)
_PICTURE = QSize(132, 90)
_TOP_PX, _STAR_PX = 4, 11
_DRAWN = 400  # pieces of music


class GalleryDelegate(QStyledItemDelegate):
    def __init__(self, shelves: Shelves, sketches: Sketches, parent=None) -> None:
        super().__init__(parent)
        self._shelves, self._sketches = shelves, sketches
        self._drawn: OrderedDict[tuple[str, str, float], QPixmap] = OrderedDict()
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
        is_picture = work.medium is Medium.IMAGE
        size = QSize(work.width_px, work.height_px) if is_picture else _PICTURE
        box = self._picture_box(cell, size)
        painter.save()
        hints = QPainter.RenderHint
        painter.setRenderHints(hints.Antialiasing | hints.SmoothPixmapTransform)
        if is_picture:
            self._draw_picture(painter, box, self._shelves.thumbs.get(work.digest))
        elif work.medium is Medium.TEXT:
            self._draw_text(painter, box, work)
        else:
            self._draw_music(painter, box, work)
        self._draw_marks(painter, cell, box, work)
        state = option.state  # pyright: ignore[reportAttributeAccessIssue]
        self._draw_frame(painter, box, work, state)
        painter.restore()

    @staticmethod
    def _picture_box(cell: QRectF, size: QSize) -> QRectF:
        fitted = size.scaled(_PICTURE, Qt.AspectRatioMode.KeepAspectRatio)
        left = cell.x() + (cell.width() - fitted.width()) / 2
        top = cell.y() + _TOP_PX + (_PICTURE.height() - fitted.height()) / 2
        return QRectF(round(left), round(top), fitted.width(), fitted.height())

    @staticmethod
    def _draw_picture(painter: QPainter, box: QRectF, image: QImage | None) -> None:
        if image is None or image.isNull():
            painter.fillRect(box, QColor(theme.colours().raised))
        else:
            painter.drawImage(box, image)

    def _draw_text(self, painter: QPainter, box: QRectF, work: WorkRow) -> None:
        painter.fillRect(box, QColor(theme.colours().raised))
        text = self._shelves.texts.get(work.shown_digest)
        if text is not None:
            draw_excerpt(painter, box.adjusted(9, 6, -7, -6), text, theme.SMALL_PX + 1)

    def _draw_music(self, painter: QPainter, box: QRectF, work: WorkRow) -> None:
        """Drawn once: hundreds of notes are slow to draw at every scroll."""
        music = self._sketches.of_work(work)
        if music is None:
            painter.fillRect(box, QColor(theme.colours().raised))
            return
        key = (work.digest, theme.colours().raised, painter.device().devicePixelRatioF())
        if key not in self._drawn:
            self._drawn[key] = _canvas(box.size().toSize(), key[2], music)
            while len(self._drawn) > _DRAWN:
                self._drawn.popitem(last=False)
        painter.drawPixmap(box.topLeft(), self._drawn[key])

    @staticmethod
    def _draw_marks(painter: QPainter, cell: QRectF, box: QRectF, work: WorkRow) -> None:
        line = cell.y() + _TOP_PX + _PICTURE.height() + 5
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


def _canvas(size: QSize, ratio: float, music: Music) -> QPixmap:
    ground = QColor(theme.colours().raised)
    canvas = QPixmap(size * ratio)
    canvas.setDevicePixelRatio(ratio)
    canvas.fill(ground)
    painter = QPainter(canvas)
    draw_sketch(painter, QRectF(8, 8, size.width() - 16, size.height() - 16), music.sketch, ground)
    painter.end()
    return canvas
