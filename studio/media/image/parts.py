"""Regions of a picture that can be liked or not."""

from PySide6.QtCore import QPointF, QRectF, Qt

from studio.i18n import t
from studio.media.image.easel import Easel
from studio.project.judgements import Place
from studio.widgets.parts import Parts

_STEP, _LEAST = 0.05, 0.02  # of a picture's side


class PictureParts(Parts):
    def __init__(self, easel: Easel) -> None:
        self.canvas = self._easel = easel

    def is_ready(self) -> bool:
        sheets = self._easel.sheets()
        return len(sheets) == 1 and sheets[0].repeat == 1

    def first(self) -> Place:
        return Place(box=(0.3, 0.3, 0.7, 0.7))

    def between(self, one: QPointF, other: QPointF) -> Place | None:
        inside = QRectF(one, other).normalized() & self._easel.picture_box()
        whole = self._easel.picture_box()
        if whole.isEmpty() or inside.isEmpty():
            return None
        sides = (
            (inside.left() - whole.left()) / whole.width(),
            (inside.top() - whole.top()) / whole.height(),
            (inside.right() - whole.left()) / whole.width(),
            (inside.bottom() - whole.top()) / whole.height(),
        )
        left, top, right, bottom = (round(min(1.0, max(0.0, side)), 3) for side in sides)
        large = right - left >= _LEAST and bottom - top >= _LEAST
        return Place(box=(left, top, right, bottom)) if large else None

    def moved(self, place: Place, key: Qt.Key, grow: bool) -> Place | None:
        across = {Qt.Key.Key_Left: -_STEP, Qt.Key.Key_Right: _STEP}.get(key, 0.0)
        down = {Qt.Key.Key_Up: -_STEP, Qt.Key.Key_Down: _STEP}.get(key, 0.0)
        if not (across or down) or place.box is None:
            return None
        left, top, right, bottom = place.box
        if grow:
            right, bottom = min(1.0, right + across), min(1.0, bottom + down)
            right, bottom = max(left + _STEP, right), max(top + _STEP, bottom)
        else:
            across = min(1 - right, max(-left, across))
            down = min(1 - bottom, max(-top, down))
            left, right, top, bottom = left + across, right + across, top + down, bottom + down
        sides = (round(side, 3) for side in (left, top, right, bottom))
        return Place(box=tuple(sides))  # pyright: ignore[reportArgumentType] - four of them

    def boxes(self, place: Place) -> list[QRectF]:
        whole = self._easel.picture_box()
        if place.box is None:
            return []
        left, top, right, bottom = place.box
        across, down = whole.width(), whole.height()
        corner = QPointF(whole.x() + left * across, whole.y() + top * down)
        return [QRectF(corner.x(), corner.y(), (right - left) * across, (bottom - top) * down)]

    def words(self, place: Place) -> str:
        if place.box is None:
            return ""
        left, top, right, bottom = (round(100 * side) for side in place.box)
        return t("mark.box", left=left, top=top, right=right, bottom=bottom)
