"""Spans of music that can be liked or not."""

from collections.abc import Callable

from PySide6.QtCore import QPointF, QRectF, Qt

from studio.i18n import t
from studio.media.audio.tracks import Tracks
from studio.project.judgements import Place
from studio.widgets.parts import Parts


class MusicParts(Parts):
    """Spans from bar to bar, where the length of a bar is known; else from second to second."""

    def __init__(self, tracks: Tracks, bar_s_of: Callable[[int], float]) -> None:
        """bar_s_of: how long a bar of a work is, in seconds, by its id."""
        self.canvas = self._tracks = tracks
        self._bar_s_of = bar_s_of
        self.bar_s = 1.0

    def prepare(self, work_id: int) -> None:
        self.bar_s = self._bar_s_of(work_id)

    def is_ready(self) -> bool:
        pieces = self._tracks.pieces()
        return len(pieces) == 1 and pieces[0].length > 0 and not self._tracks.isHidden()

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

    def words(self, place: Place) -> str:
        return t("mark.span", start=f"{place.start:.1f}", end=f"{place.end:.1f}")
