"""Three tasks of a new artist, timed: `xvfb-run python packaging/tasks.py [--engine COMMAND]`.

The real window with the real engine in an empty home, on the shipped samples; every step is a click
on the widget, or a key, that an artist would use. Counted are clicks and keys, and the seconds from
the first of them to what the task is about; the first task begins with the start of the program.
Prints a table in Markdown.
"""

import argparse
import os
import shlex
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))
BEGUN = time.time()
PATIENCE_S = 600.0


@dataclass
class Result:
    task: str
    clicks: int
    keys: int
    seconds: float
    waited: float  # of these, for the engine


class Walk:
    """One window, one artist."""

    def __init__(self, engine: tuple[str, ...]) -> None:
        from studio.app import application
        from studio.state.settings import SettingsStore

        SettingsStore().update(language="en", engine_command=engine)
        self._qt = application.make_qt(["maquette"])
        self._app = application.App(self._qt)
        self._window, self._session = self._app.window, self._app.session
        self._window.resize(1440, 900)
        self._app.start()
        self._clicks = self._keys = 0
        self._waited = 0.0

    def walk(self) -> list[Result]:
        try:
            self._wait(self._window.isVisible, "the window")
            return [
                self._timed("First picture kept", self._picture, BEGUN),
                self._timed("First poem exported", self._poem),
                self._timed("First tune dragged out", self._tune),
            ]
        finally:
            self._window.close()
            self._app.close()

    def _timed(self, task: str, do: Callable[[], None], begun: float | None = None) -> Result:
        start = time.time() if begun is None else begun
        self._clicks = self._keys = 0
        self._waited = 0.0
        do()
        return Result(task, self._clicks, self._keys, time.time() - start, self._waited)

    # ---- the tasks -----------------------------------------------------------------------------

    def _picture(self) -> None:
        """By the tour: its samples, its Make; then K."""
        from PySide6.QtCore import Qt

        tour = self._window.tour
        self._click(tour.show_me)
        self._wait(lambda: tour.step == "make", "the samples")
        self._click(tour.show_me)
        work = self._made()
        self._key(Qt.Key.Key_K)
        self._wait(lambda: self._session.workspace.project.works.get(work).kept, "the heart")

    def _poem(self) -> None:
        """A new project, the card of verse, Make, Export as the dialog proposes."""
        from PySide6.QtCore import Qt

        window = self._window
        self._key(Qt.Key.Key_N, Qt.KeyboardModifier.ControlModifier)
        self._begin("verse")
        before = set(Path.home().rglob("*.txt"))
        self._click(window.work_bar.export, then=self._confirm_export)
        self._wait(lambda: set(Path.home().rglob("*.txt")) - before, "the file")

    def _tune(self) -> None:
        """A new project, the card of tunes, Make, a drag from the button under the music."""
        from PySide6.QtCore import Qt
        from PySide6.QtGui import QDrag

        carried: list[list[str]] = []

        def take(drag: QDrag, *_: object) -> None:
            """What the other program would be given; there is none on this screen."""
            carried.append([url.toLocalFile() for url in drag.mimeData().urls()])

        QDrag.exec = take  # pyright: ignore[reportAttributeAccessIssue]
        self._key(Qt.Key.Key_N, Qt.KeyboardModifier.ControlModifier)
        self._begin("tunes")
        self._drag(self._window.work_bar.export)
        self._wait(lambda: carried and all(Path(name).stat().st_size for name in carried[0]), "it")

    def _begin(self, card: str) -> None:
        cards = self._window.stage.empty.cards
        self._wait(cards.isVisible, "the cards")
        self._click(cards.by_name[card].samples)
        self._wait(self._session.workspace.references, "the samples")
        self._click(self._window.brief.make_panel.make)
        self._made()

    def _confirm_export(self) -> None:
        from studio.views.export_dialog import ExportDialog

        dialog = self._qt.activeModalWidget()
        assert isinstance(dialog, ExportDialog)
        self._click(dialog.export)

    def _made(self) -> int:
        works, begun = self._session.workspace.project.works, time.time()
        self._wait(lambda: works.all(self._session.workspace.medium), "the work")
        self._wait(lambda: not self._session.generation.is_busy, "the end of the job")
        self._waited += time.time() - begun
        self._wait(lambda: self._session.workspace.current is not None, "the work on the wall")
        return works.all(self._session.workspace.medium)[0].id

    # ---- hands ---------------------------------------------------------------------------------

    def _click(self, widget, then: Callable[[], None] | None = None) -> None:
        """A click in the middle of what can be seen. then: in the dialog that it opens."""
        from PySide6.QtCore import Qt, QTimer
        from PySide6.QtTest import QTest

        self._wait(lambda: widget.isVisible() and widget.isEnabled(), f"{widget.accessibleName()}")
        self._clicks += 1
        if then is not None:
            QTimer.singleShot(500, then)
        QTest.mouseClick(widget, Qt.MouseButton.LeftButton)

    def _key(self, key, modifiers=None) -> None:
        from PySide6.QtCore import Qt
        from PySide6.QtTest import QTest

        self._keys += 1
        self._window.activateWindow()  # there is no window manager that would
        self._wait(self._window.isActiveWindow, "the keys")
        QTest.keyClick(self._window, key, modifiers or Qt.KeyboardModifier.NoModifier)

    def _drag(self, widget) -> None:
        """Press, move away; counted as one click."""
        from PySide6.QtCore import QPoint, Qt
        from PySide6.QtTest import QTest

        self._clicks += 1
        start = widget.rect().center()
        QTest.mousePress(widget, Qt.MouseButton.LeftButton, pos=start)
        for step in (4, 20, 40):
            QTest.mouseMove(widget, start + QPoint(step, step))
        QTest.mouseRelease(widget, Qt.MouseButton.LeftButton, pos=start + QPoint(40, 40))

    def _wait(self, until: Callable[[], object], what: str) -> None:
        from PySide6.QtCore import QCoreApplication, QEventLoop

        end = time.monotonic() + PATIENCE_S
        while not until():
            if time.monotonic() > end:
                raise TimeoutError(f"waited {PATIENCE_S:.0f} s for {what}")
            QCoreApplication.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 20)
            time.sleep(0.005)


def table(results: list[Result]) -> str:
    lines = ["| Task | Clicks | Keys | Seconds | of these, making |", "|---|---:|---:|---:|---:|"]
    for one in results:
        numbers = f"{one.clicks} | {one.keys} | {one.seconds:.1f} | {one.waited:.1f}"
        lines.append(f"| {one.task} | {numbers} |")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--engine", default="", help="a command that starts another engine")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as home:
        for name in ("HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME"):
            os.environ[name] = home
        print(table(Walk(tuple(shlex.split(options.engine))).walk()))


if __name__ == "__main__":
    main()
