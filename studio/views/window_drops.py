"""What is carried over the window: where it may fall, and what becomes of it."""

from PySide6.QtCore import QPoint
from PySide6.QtGui import QDragEnterEvent, QDragMoveEvent, QDropEvent
from PySide6.QtWidgets import QWidget

from studio.state import intake
from studio.views.file_commands import FileCommands
from studio.views.references_panel import ReferencesPanel
from studio.views.stage import Stage
from studio.views.work_mime import OWN


class WindowDrops:
    """The window hands its drag and drop events on to here.

    Files, pictures and texts may fall anywhere; a work of ours falls among the references alone, so
    that a slip of the hand adds nothing."""

    def __init__(
        self, references: ReferencesPanel, stage: Stage, files: FileCommands, window: QWidget
    ) -> None:
        self._references, self._stage, self._files = references, stage, files
        self._window = window

    def enter(self, event: QDragEnterEvent) -> None:
        if event.mimeData().hasFormat(OWN):
            event.acceptProposedAction()  # where it may fall is seen when it moves
        elif intake.accepts(event.mimeData()):
            event.acceptProposedAction()
            self._references.slot.invite(True)
            self._stage.empty.invite(True)

    def move(self, event: QDragMoveEvent) -> None:
        if event.mimeData().hasFormat(OWN):
            inside = self._is_over(self._references, event.position().toPoint())
            self._references.slot.invite(inside)
            event.setAccepted(inside)

    def leave(self) -> None:
        self._references.slot.invite(False)
        self._stage.empty.invite(False)

    def drop(self, event: QDropEvent) -> None:
        self.leave()
        point = event.position().toPoint()
        if event.mimeData().hasFormat(OWN) and not self._is_over(self._references, point):
            event.ignore()
            return
        event.acceptProposedAction()
        self._files.drop(event.mimeData())

    def _is_over(self, panel: QWidget, point: QPoint) -> bool:
        """point: in the window."""
        return panel.isVisible() and panel.rect().contains(panel.mapFrom(self._window, point))
