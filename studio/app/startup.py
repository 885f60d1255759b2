"""How long the artist waits: from the start of the process to the first painted window."""

import sys
import time

from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtWidgets import QApplication

from studio.app import application


class _FirstPaint(QObject):
    """Notes the moment of the window's first paint."""

    def __init__(self, started: float) -> None:
        super().__init__()
        self._started = started
        self.took_ms: float | None = None

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Paint and self.took_ms is None:
            self.took_ms = 1000 * (time.time() - self._started)
            QTimer.singleShot(0, QApplication.quit)
        return False


def measure(started: float) -> int:
    """Open the window, print the milliseconds to its first paint, close it."""
    application.scale_interface(application.SettingsStore().settings.scale)
    qt = application.make_qt(sys.argv[:1])
    studio = application.App(qt)
    watcher = _FirstPaint(started)
    studio.window.stage.empty.installEventFilter(watcher)
    for wall in studio.window.stage.walls.values():
        wall.canvas.installEventFilter(watcher)
    studio.window.show()
    qt.exec()
    studio.window.close()
    studio.close()
    sys.stdout.write(f"{watcher.took_ms:.0f}\n")
    return 0
