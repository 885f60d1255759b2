"""One studio of the soak: a process of its own, what it has said, and how it is killed.

It is forked from a process that has imported what a studio imports, so that a thousand of them
cost no thousand imports. Everything after the imports is the studio's own beginning.
"""

import json
import multiprocessing
import os
import sys
import tempfile
import threading
from pathlib import Path
from typing import Any

import psutil

START_S = 300.0  # a machine may be busy; a studio that takes longer does not start
BEFORE = "before"  # what is done before the first word
_SERVER = multiprocessing.get_context("forkserver" if os.name == "posix" else "spawn")


def prepare() -> None:
    """Once, before the first studio: what all of them inherit."""
    os.environ |= {"QT_QPA_PLATFORM": "offscreen", "OMP_NUM_THREADS": "1"}
    os.environ["PYTHONPATH"] = str(Path(__file__).parents[2])
    if hasattr(_SERVER, "set_forkserver_preload"):
        _SERVER.set_forkserver_preload(["tests.soak.actor"])


class Studio:
    def __init__(self, path: Path, folder: Path, options: dict[str, Any]) -> None:
        """options: of `tests.soak.actor.live`."""
        out, self._in = os.pipe(), None
        self._words = os.fdopen(out[0], "rb")
        with os.fdopen(out[1], "wb") as speaking:
            handle = multiprocessing.reduction.DupFd(speaking.fileno())  # pyright: ignore
            self.process = _SERVER.Process(target=_begin, args=(handle, path, folder, options))
            self.process.start()
        self.lines: list[dict[str, Any]] = []
        self._news = threading.Condition()
        self._is_over = False
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        for line in self._words:
            if line.endswith(b"\n"):
                with self._news:
                    self.lines.append(json.loads(line))
                    self._news.notify_all()
        with self._news:
            self._is_over = True
            self._news.notify_all()

    def wait(self, key: str, value: object = None, seconds: float = START_S) -> bool:
        """Until it has said {key: value}, or {key: anything}. False when that does not come."""
        return self.wait_after(0, key, value, seconds)

    def wait_after(
        self, start: int, key: str, value: object = None, seconds: float = START_S
    ) -> bool:
        """The same of the lines from number `start` on."""

        def said() -> bool:
            return any(key in line and value in (None, line[key]) for line in self.lines[start:])

        with self._news:
            self._news.wait_for(lambda: said() or self._is_over, timeout=seconds)
            return said()

    @property
    def doing(self) -> str:
        """What it was at when it said its last word."""
        begun = [line["begin"] for line in self.lines if "begin" in line]
        return begun[-1] if begun else BEFORE

    @property
    def is_alive(self) -> bool:
        return self.process.is_alive()

    def kill_engine(self) -> bool:
        """False where none runs just now."""
        try:
            for child in psutil.Process(self.process.pid).children():
                child.kill()
                return True
        except psutil.Error:
            pass
        return False

    def kill(self) -> None:
        try:
            children = psutil.Process(self.process.pid).children(recursive=True)
        except psutil.Error:
            children = []
        self.process.kill()
        self.process.join()
        psutil.wait_procs(children, timeout=60)  # they end with their parent
        self._reader.join()
        self._words.close()
        self.process.close()


def _begin(handle: Any, path: Path, folder: Path, options: dict[str, Any]) -> None:
    """In the new process: its words go to the pipe, its temporary files into its folder."""
    os.dup2(handle.detach(), 1)
    sys.stdout = os.fdopen(1, "w", buffering=1, encoding="utf-8")
    errors = os.open(folder / "stderr.txt", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(errors, 2)
    tempfile.tempdir = os.environ["TMPDIR"] = str(folder / "tmp")
    from tests.soak.actor import live

    live(path, folder, **options)
