"""What the tests of the window at work do in every medium: learn, make three, and never block."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from studio.views.main_window import MainWindow
from tests.studio.test_window import drop, files

CONTROL = Qt.KeyboardModifier.ControlModifier
MAX_PAINTS = 4
PAINTS = 5  # that are timed, to know what one costs


def learn_from(qtbot: QtBot, window: MainWindow, paths: Sequence[Path], **brief: object) -> None:
    """The brief asks for three works of the same seeds every time."""
    drop(window, files(*paths))
    qtbot.waitUntil(lambda: window.session.adaptation.style is not None, timeout=8000)
    window.session.set_brief(replace(window.session.brief, count=3, seed=1, **brief))
    window.session.seed_locked = True


def make(qtbot: QtBot, window: MainWindow, total: int = 3) -> None:
    """By keys; until there are so many works in the gallery."""
    qtbot.keyClick(window, Qt.Key.Key_Return, CONTROL)
    qtbot.waitUntil(lambda: window.gallery.model.rowCount() == total, timeout=8000)


@contextmanager
def never_blocked(widget: QWidget) -> Iterator[None]:
    """Ninety-nine of a hundred turns of the event loop cost less than some paints of the whole
    window: a ratio, the same on slow machines, of this thread's own processor time, so that what
    else the machine does is left out."""
    begun = time.thread_time()
    for _ in range(PAINTS):
        widget.grab()
    paint = (time.thread_time() - begun) / PAINTS
    gaps, last = [], [time.thread_time()]

    def tick() -> None:
        now = time.thread_time()
        gaps.append(now - last[0])
        last[0] = now

    heart = QTimer(widget, interval=5)
    heart.timeout.connect(tick)
    heart.start()
    yield
    heart.stop()
    assert sorted(gaps)[int(len(gaps) * 0.99)] < MAX_PAINTS * paint
