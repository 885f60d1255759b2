"""How long the artist waits: from the start of the process to the first painted window."""

import os
import sys
import time
from pathlib import Path

import psutil
from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtWidgets import QApplication

from studio.app import application


class _FirstPaint(QObject):
    """Notes how old this process is when the window is painted for the first time. The paint
    event comes before the painting; what is asked for then is done after all is on the screen."""

    def __init__(self) -> None:
        super().__init__()
        self.took_ms: float | None = None
        self._waits = False

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Paint and not self._waits:
            self._waits = True
            QTimer.singleShot(0, self._on_painted)
        return False

    def _on_painted(self) -> None:
        QApplication.sync()
        self.took_ms = 1000 * age_s()
        QApplication.quit()


def measure() -> int:
    """Open the window as `run` does, print the milliseconds to its first paint, close it."""
    application.scale_interface(application.SettingsStore().settings.scale)
    qt = application.make_qt(sys.argv[:1])
    studio = application.App(qt)
    watcher = _FirstPaint()
    studio.window.stage.empty.installEventFilter(watcher)
    for wall in studio.window.stage.walls.values():
        wall.canvas.installEventFilter(watcher)
    studio.start()
    qt.exec()
    studio.window.close()
    studio.close()
    sys.stdout.write(f"{watcher.took_ms:.0f}\n")
    return 0


def age_s() -> float:
    """For how long this process has run. On Linux by the clock that the kernel counts it with:
    psutil adds the time at which the machine began, which is told there in whole seconds."""
    if not sys.platform.startswith("linux"):
        return time.time() - psutil.Process().create_time()
    after_name = Path("/proc/self/stat").read_text("utf-8", "replace").rpartition(")")[2]
    started_ticks = int(after_name.split()[19])  # field 22 of proc(5), the name is the second
    return time.clock_gettime(time.CLOCK_BOOTTIME) - started_ticks / os.sysconf("SC_CLK_TCK")
