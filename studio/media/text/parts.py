"""Lines of a text that can be liked or not."""

from PySide6.QtCore import QPointF, QRectF, Qt

from studio.i18n import t
from studio.media.text.pages import Pages
from studio.project.judgements import Place
from studio.widgets.parts import Parts


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

    def words(self, place: Place) -> str:
        first, last = int(place.start) + 1, int(place.end)
        return t("mark.lines", n=last - first + 1, first=first, last=last)
