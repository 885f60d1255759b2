"""What is carried over the window: where it may fall, and what becomes of it."""

from PySide6.QtCore import QMimeData, QPoint, Qt
from PySide6.QtGui import QDragEnterEvent, QDragMoveEvent, QDropEvent
from PySide6.QtWidgets import QWidget

from studio.i18n import t
from studio.state import intake
from studio.state.adaptation import StyleState
from studio.state.session import Session
from studio.views.file_commands import FileCommands
from studio.views.medium_view import MediumViews
from studio.views.references_panel import ReferencesPanel
from studio.views.stage import Stage
from studio.views.work_mime import OWN
from studio.widgets.base import label


class WindowDrops:
    """The window hands its drag and drop events on to here.

    What falls onto the stage, once there are references, is what the next works start from, where
    the medium knows such a start; anywhere else, files, pictures and texts are references. A work
    of ours falls among the references alone, so that a slip of the hand adds nothing."""

    def __init__(
        self,
        session: Session,
        views: MediumViews,
        references: ReferencesPanel,
        stage: Stage,
        files: FileCommands,
        window: QWidget,
    ) -> None:
        self._session, self._views = session, views
        self._references, self._stage, self._files = references, stage, files
        self._window = window
        self._start: intake.Source | None = None  # what is carried, if works can start from it
        self._hint = label("title")
        self._hint.setParent(stage)
        self._hint.setObjectName("DropHint")
        self._hint.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._hint.hide()

    def enter(self, event: QDragEnterEvent) -> None:
        if event.mimeData().hasFormat(OWN):
            event.acceptProposedAction()  # where it may fall is seen when it moves
        elif intake.accepts(event.mimeData()):
            event.acceptProposedAction()
            self._start = self._start_in(event.mimeData())
            self._references.slot.invite(True)
            self._stage.empty.invite(True)

    def move(self, event: QDragMoveEvent) -> None:
        point = event.position().toPoint()
        if event.mimeData().hasFormat(OWN):
            inside = self._is_over(self._references, point)
            self._references.slot.invite(inside)
            event.setAccepted(inside)
        else:
            over = self._start is not None and self._is_over(self._stage, point)
            self._references.slot.invite(not over)
            self._show_hint(over)

    def leave(self) -> None:
        self._references.slot.invite(False)
        self._stage.empty.invite(False)
        self._hint.hide()

    def drop(self, event: QDropEvent) -> None:
        self.leave()
        point, mime = event.position().toPoint(), event.mimeData()
        if mime.hasFormat(OWN) and not self._is_over(self._references, point):
            event.ignore()
            return
        event.acceptProposedAction()
        start = self._start_in(mime) if self._is_over(self._stage, point) else None
        if start is None or not self._view.start_from(start):
            self._files.drop(mime)

    @property
    def _view(self):
        return self._views[self._session.workspace.medium]

    def _start_in(self, mime: QMimeData) -> intake.Source | None:
        """One thing that works can start from, where there is a style to make them in."""
        if mime.hasFormat(OWN) or self._session.adaptation.state is StyleState.EMPTY:
            return None
        found, problems = intake.sources(mime)
        alone = len(found) == 1 and not problems
        return found[0] if alone and self._view.starts_from(found[0]) else None

    def _show_hint(self, over: bool) -> None:
        self._hint.setText(t("stage.start_from"))
        self._hint.setGeometry(self._stage.rect().adjusted(12, 12, -12, -12))
        self._hint.setVisible(over)
        self._hint.raise_()

    def _is_over(self, panel: QWidget, point: QPoint) -> bool:
        """point: in the window."""
        return panel.isVisible() and panel.rect().contains(panel.mapFrom(self._window, point))
