"""A start that fails on a project's references must not fail again, and again.

While references are shown for the first time a small file stands beside the settings. Whoever finds
it later, with the process that wrote it gone, knows that this project was never shown whole: it
comes up without its references, and says so. One file for each project, so that two windows do not
mistake each other.
"""

import hashlib
import json
import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import psutil
from PySide6.QtCore import QObject, QTimer, Signal

from studio.client.inspector import Inspector
from studio.project.project import Project
from studio.state.problems import Problem

LOOK_MS = 500
QUIET_LOOKS = 3  # in a row, until what was asked for is shown


class OpeningMark(QObject):
    """Whether the open project's references rest; `changed` when they no longer do."""

    changed = Signal()

    def __init__(
        self,
        folder: Path,
        inspector: Inspector,
        is_busy: Callable[[], bool],
        parent: QObject | None = None,
    ) -> None:
        """`is_busy()`: whether something else reads the references."""
        super().__init__(parent)
        self._folder, self._inspector, self._is_busy = folder, inspector, is_busy
        self._path: Path | None = None  # of the project's mark
        self._name = ""
        self._quiet = 0
        self._looks = QTimer(self, interval=LOOK_MS)
        self._looks.timeout.connect(self._on_look)

    @property
    def rests(self) -> bool:
        """Whether the references are left alone."""
        return self._inspector.rests

    @property
    def problem(self) -> Problem | None:
        """What to tell the artist of it."""
        if not self.rests:
            return None
        return Problem("safe_start.rests", {"name": self._name}, way_out="show_references")

    def attach(self, project: Project) -> None:
        """Another project is open."""
        self._end()
        self._name, self._path = project.name, self._folder / f"{_key(project.path)}.json"
        self._inspector.rests = _is_left(self._path) and bool(project.references.all())
        if not self.rests:
            self.begin()

    def begin(self) -> None:
        """References are shown from now on that were not before."""
        if self.rests or self._path is None:
            return
        with suppress(OSError):  # a full disk: then there is no safe start, but there is a start
            self._folder.mkdir(parents=True, exist_ok=True)
            self._path.write_text(json.dumps({"process": os.getpid(), "began": _began()}))
        self._quiet = 0
        self._looks.start()

    def resume(self) -> None:
        """The artist wants to see them all the same."""
        if self.rests:
            self._inspector.rests = False
            self.begin()
            self.changed.emit()

    def close(self) -> None:
        """The session ends as it should. References that rest go on resting."""
        self._end()

    def _on_look(self) -> None:
        idle = self._inspector.is_idle and not self._is_busy()
        self._quiet = self._quiet + 1 if idle else 0
        if self._quiet >= QUIET_LOOKS:
            self._end()

    def _end(self) -> None:
        self._looks.stop()
        if self._path is not None and not self.rests:
            with suppress(OSError):
                self._path.unlink(missing_ok=True)


def _key(path: Path) -> str:
    return hashlib.sha256(os.fsencode(path.resolve())).hexdigest()[:16]


def _began() -> float:
    return psutil.Process().create_time()


def _is_left(mark: Path) -> bool:
    """Whether a process began to show references and is gone."""
    try:
        said = json.loads(mark.read_bytes())
        process = psutil.Process(int(said["process"]))
        return process.pid == os.getpid() or process.create_time() != float(said["began"])
    except FileNotFoundError:
        return False
    except (OSError, ValueError, KeyError, TypeError, psutil.Error):
        return True
