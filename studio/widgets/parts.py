"""Where parts of a work lie on the wall: regions of a picture, lines of a text, spans of music."""

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtWidgets import QWidget

from studio.media.audio.tracks import Tracks
from studio.media.image.easel import Easel
from studio.media.text.pages import Pages
from studio.state.feedback import Place

_STEP, _LEAST = 0.05, 0.02  # of a picture's side


class Parts:
    """What one kind of wall knows of places. All points are those of its `canvas`."""

    canvas: QWidget

    def is_ready(self) -> bool:
        """Whether one work hangs there, and no other."""
        raise NotImplementedError

    def first(self) -> Place:
        """Where the keys begin."""
        raise NotImplementedError

    def between(self, one: QPointF, other: QPointF) -> Place | None:
        """What lies between two points; None where that is nothing."""
        raise NotImplementedError

    def moved(self, place: Place, key: Qt.Key, grow: bool) -> Place | None:
        """After an arrow key, or a larger part after one with Shift; None for other keys."""
        raise NotImplementedError

    def boxes(self, place: Place) -> list[QRectF]:
        raise NotImplementedError


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


class TextParts(Parts):
    """Lines as they stand in the file, whether they are broken on the wall or not."""

    def __init__(self, pages: Pages) -> None:
        self._pages, self.canvas = pages, pages.viewport()

    def is_ready(self) -> bool:
        return len(self._pages.pages()) == 1 and not self._pages.pages()[0].grows

    def first(self) -> Place:
        return Place(start=0, end=1)

    def between(self, one: QPointF, other: QPointF) -> Place | None:
        drawn = QRectF(one, other).normalized()
        vertical = self._pages.is_vertical and self._pages.speaks_chinese()
        found = []
        for number, boxes in enumerate(self._pages.line_boxes()):
            for box in boxes:
                if vertical:
                    met = box.left() <= drawn.right() and drawn.left() <= box.right()
                else:
                    met = box.top() <= drawn.bottom() and drawn.top() <= box.bottom()
                if met:
                    found.append(number)
        return Place(start=min(found), end=max(found) + 1) if found else None

    def moved(self, place: Place, key: Qt.Key, grow: bool) -> Place | None:
        vertical = self._pages.is_vertical and self._pages.speaks_chinese()
        on, back = Qt.Key.Key_Down, Qt.Key.Key_Up
        if vertical:
            on, back = Qt.Key.Key_Left, Qt.Key.Key_Right
        if key not in (on, back):
            return None
        step, lines = (1 if key == on else -1), len(self._pages.line_boxes())
        start, end = int(place.start), int(place.end)
        if grow:
            return Place(start=start, end=min(lines, max(start + 1, end + step)))
        step = min(lines - end, max(-start, step))
        return Place(start=start + step, end=end + step)

    def boxes(self, place: Place) -> list[QRectF]:
        lines = self._pages.line_boxes()
        shown = lines[int(place.start) : int(place.end)]
        return [box for boxes in shown for box in boxes]


class MusicParts(Parts):
    """Spans from bar to bar, where the length of a bar is known; else from second to second."""

    def __init__(self, tracks: Tracks) -> None:
        self.canvas = self._tracks = tracks
        self.bar_s = 1.0

    def is_ready(self) -> bool:
        pieces = self._tracks.pieces()
        return len(pieces) == 1 and pieces[0].length > 0

    def _length(self) -> float:
        return self._tracks.pieces()[0].length

    def first(self) -> Place:
        _heard, head_s = self._tracks.head()
        start = min(int(head_s / self.bar_s) * self.bar_s, max(0.0, self._length() - self.bar_s))
        return self._span(start, start + self.bar_s)

    def _span(self, start: float, end: float) -> Place:
        return Place(start=round(max(0.0, start), 2), end=round(min(self._length(), end), 2))

    def between(self, one: QPointF, other: QPointF) -> Place | None:
        lane, length = self._tracks.lane_box(), self._length()
        if lane.isEmpty():
            return None
        shares = sorted((point.x() - lane.x()) / lane.width() for point in (one, other))
        low, high = (min(1.0, max(0.0, share)) * length for share in shares)
        first, last = int(low / self.bar_s), int(high / self.bar_s - 1e-6)
        return self._span(first * self.bar_s, (last + 1) * self.bar_s)

    def moved(self, place: Place, key: Qt.Key, grow: bool) -> Place | None:
        step = {Qt.Key.Key_Left: -self.bar_s, Qt.Key.Key_Right: self.bar_s}.get(key)
        if step is None:
            return None
        if grow:
            return self._span(place.start, max(place.start + self.bar_s, place.end + step))
        if place.start + step < -0.01 or place.end + step > self._length() + self.bar_s / 2:
            return place
        return self._span(place.start + step, place.end + step)

    def boxes(self, place: Place) -> list[QRectF]:
        lane, length = self._tracks.lane_box(), self._length()
        x, wide = lane.x() + lane.width() * place.start / length, lane.width() / length
        return [QRectF(x, lane.y(), wide * (place.end - place.start), lane.height())]
