"""Where parts of a work lie on the wall: regions of a picture, lines of a text, spans of music."""

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtWidgets import QWidget

from studio.project.judgements import Place


class Parts:
    """What the wall of one medium knows of places. All points are those of its `canvas`."""

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

    def words(self, place: Place) -> str:
        """Which part that is, for those who cannot see it."""
        raise NotImplementedError

    def prepare(self, work_id: int) -> None:
        """Parts of this work are about to be chosen."""
