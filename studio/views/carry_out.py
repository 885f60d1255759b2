"""Works leave by the hand: from the wall, the gallery or the button, and by the copy key."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, QSize, Qt
from PySide6.QtGui import QDrag, QGuiApplication, QMouseEvent, QPainter, QPixmap
from PySide6.QtWidgets import QApplication, QWidget

from studio.i18n import t
from studio.state import problems
from studio.state.session import Session
from studio.views.actions import Actions
from studio.views.gallery_panel import GalleryPanel
from studio.views.medium_view import CELL_SIZE, MediumViews
from studio.views.stage import Stage
from studio.views.work_mime import Copied, WorkMime, mime_of, read_copied
from studio.widgets import theme

_BADGE = QSize(34, 22)


class CarryOut(QObject):
    """Watches the places that works are dragged from; a press that goes nowhere is theirs."""

    def __init__(
        self,
        session: Session,
        views: MediumViews,
        actions: Actions,
        stage: Stage,
        gallery: GalleryPanel,
        button: QWidget,
    ) -> None:
        """button: under the work; it exports when clicked, and can be dragged."""
        super().__init__(stage)
        self._session, self._workspace, self._views = session, session.workspace, views
        self._stage, self._gallery, self._button = stage, gallery, button
        self._pressed: QPoint | None = None
        actions["copy"].triggered.connect(self._on_copy)
        actions["as_sound"].setChecked(session.settings.settings.carry_sound)
        actions["as_sound"].toggled.connect(lambda on: session.settings.update(carry_sound=on))
        gallery.view.carry_asked.connect(lambda: self._carry(gallery.view, gallery.selected()))
        for place in (button, *(wall.canvas for wall in stage.walls.values())):
            place.installEventFilter(self)

    def mime(self, work_ids: Sequence[int]) -> WorkMime:
        return WorkMime(self._session.carrying, work_ids, self._kind())

    def _kind(self) -> str:
        return self._workspace.media[self._workspace.medium].shown_as

    # ---- copying -------------------------------------------------------------------------------

    def _chosen(self) -> list[int]:
        """The selected works, or the one that is looked at."""
        selected, current = self._gallery.selected(), self._workspace.current
        if len(selected) > 1 or current is None:
            return selected
        return [current]

    def _on_copy(self) -> None:
        """Read and written on another thread; then it is on the clipboard, and said."""
        if not (chosen := self._chosen()):
            return
        carrying, kind = self._session.carrying, self._kind()
        self._workspace.background.run(
            lambda: read_copied(carrying, chosen, kind),
            lambda copied: self._on_read(copied, len(chosen)),
            self._workspace.report,
        )

    def _on_read(self, copied: Copied, count: int) -> None:
        QGuiApplication.clipboard().setMimeData(mime_of(copied))
        words = t("carry.copied", n=count)
        if len(copied.files) == 1:
            words = f"{words}: {copied.files[0].name}"
        self._gallery.said.show_text(words, done=True)

    # ---- dragging ------------------------------------------------------------------------------

    def eventFilter(self, place: QObject, event: QEvent) -> bool:
        kinds = QEvent.Type
        if event.type() == kinds.MouseButtonPress and isinstance(event, QMouseEvent):
            left = event.button() == Qt.MouseButton.LeftButton
            self._pressed = event.position().toPoint() if left else None
        elif event.type() == kinds.MouseButtonRelease:
            self._pressed = None
        elif event.type() == kinds.MouseMove and isinstance(event, QMouseEvent):
            return self._moved(place, event)
        return False

    def _moved(self, place: QObject, event: QMouseEvent) -> bool:
        """Whether a drag began, which the place is then not told of."""
        if self._pressed is None or not event.buttons() & Qt.MouseButton.LeftButton:
            return False
        way = (event.position().toPoint() - self._pressed).manhattanLength()
        if way < QApplication.startDragDistance() or not isinstance(place, QWidget):
            return False
        current = self._workspace.current
        if current is None or not (place is self._button or self._may_leave(place)):
            return False
        self._pressed = None
        if place is self._button:
            QApplication.sendEvent(place, QEvent(QEvent.Type.Leave))
        self._carry(place, [current])
        return True

    def _may_leave(self, wall: QWidget) -> bool:
        """Whether a pull on the wall means the work, not the view of it."""
        stage = self._stage
        away = stage.is_growing or stage.is_reading or stage.is_comparing or stage.is_editing
        away = away or stage.is_choosing
        return not away and wall is stage.wall.canvas and stage.wall.lets_works_go()

    def _carry(self, place: QWidget, work_ids: list[int]) -> None:
        if not work_ids:
            return
        drag, mime = QDrag(place), self.mime(work_ids)
        drag.setMimeData(mime)
        drag.setPixmap(self._face(work_ids))
        drag.setHotSpot(QPoint(CELL_SIZE.width() // 3, CELL_SIZE.height() // 3))
        drag.exec(Qt.DropAction.CopyAction)
        if mime.problem is not None:
            self._workspace.problem_raised.emit(problems.of_error(mime.problem))

    def _face(self, work_ids: Sequence[int]) -> QPixmap:
        """What hangs on the pointer: the first work, and how many there are."""
        work, ratio = (
            self._workspace.project.works.get(work_ids[0]),
            self._stage.devicePixelRatioF(),
        )
        pixmap = QPixmap(CELL_SIZE * ratio)
        pixmap.setDevicePixelRatio(ratio)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.setOpacity(0.85)
        self._gallery.delegate.draw_work(painter, pixmap.deviceIndependentSize(), work)
        if len(work_ids) > 1:
            painter.setOpacity(1.0)
            badge = QRect(QPoint(0, 0), _BADGE)
            painter.fillRect(badge, theme.colours().text)
            painter.setPen(theme.colours().ground)
            painter.setFont(theme.font(theme.BASE_PX, strong=True))
            painter.drawText(badge, Qt.AlignmentFlag.AlignCenter, str(len(work_ids)))
        painter.end()
        return pixmap
