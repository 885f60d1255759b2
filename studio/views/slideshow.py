"""The works of the gallery one after the other on the whole screen, until Esc."""

from PySide6.QtCore import QObject, QTimer

from studio.state.session import Session
from studio.views.actions import Actions
from studio.views.gallery_panel import GalleryPanel

PAUSE_MS = 5000


class Slideshow(QObject):
    """Begins with the work that is looked at; after the last one comes the first."""

    def __init__(self, session: Session, actions: Actions, gallery: GalleryPanel) -> None:
        super().__init__(gallery)
        self._workspace, self._actions, self._gallery = session.workspace, actions, gallery
        self._was_full = False
        self.pause = QTimer(self, interval=PAUSE_MS)
        self.pause.timeout.connect(self._on_paused)
        actions["slideshow"].toggled.connect(self._on_toggled)
        session.workspace.medium_changed.connect(self.end)

    def end(self) -> None:
        self._actions["slideshow"].setChecked(False)

    def _on_toggled(self, on: bool) -> None:
        full = self._actions["fullscreen"]
        if on:
            self._was_full = full.isChecked()
            full.setChecked(True)
            self.pause.start()
        else:
            self.pause.stop()
            full.setChecked(self._was_full)

    def _on_paused(self) -> None:
        model = self._gallery.model
        following = model.neighbour(self._workspace.current, 1) or model.neighbour(None, 0)
        if following is not None:
            self._workspace.select(following)
