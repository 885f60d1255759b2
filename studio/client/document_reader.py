"""Documents that only the engine can read, read in a process of its own: it may be slow, may need
much memory, may die, and the window notices none of it."""

import subprocess
import sys
import threading
from subprocess import DEVNULL, PIPE, Popen

from engine.protocol import DOCUMENTS
from studio.client.engine_client import SOURCE_ROOT

MAX_BYTES = DOCUMENTS.max_bytes
PATIENCE_S = 10.0  # its own limit is shorter


def reader_command() -> tuple[str, ...]:
    """The engine's reader beside this studio, as `engine_client.default_command` is the engine."""
    if getattr(sys, "frozen", False):
        return (sys.executable, "--read")
    return (sys.executable, "-m", "engine.media.text.codec.plain")


class DocumentReader:
    """The words of PDF, Word and EPUB files. Any thread may ask; each waits for its own answer."""

    def __init__(self, command: tuple[str, ...] = (), patience_s: float = PATIENCE_S) -> None:
        self._command, self._patience_s = command or reader_command(), patience_s
        self._lock = threading.Lock()
        self._running: set[Popen[bytes]] = set()
        self._open = True

    def words(self, data: bytes) -> str:
        """What stands in a document; "" when nothing does or it cannot be read in time."""
        process = self._start() if len(data) <= MAX_BYTES else None
        if process is None:
            return ""
        try:
            words, _ = process.communicate(data, self._patience_s)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            return ""
        finally:
            with self._lock:
                self._running.discard(process)
        return words.decode("utf-8", "replace") if process.returncode == 0 else ""

    def close(self) -> None:
        """End what is being read; who waits for it gets no words."""
        with self._lock:
            self._open = False
            for process in self._running:
                process.kill()

    def _start(self) -> Popen[bytes] | None:
        where = None if getattr(sys, "frozen", False) else SOURCE_ROOT
        quiet = getattr(subprocess, "CREATE_NO_WINDOW", 0)
        with self._lock:
            if not self._open:
                return None
            try:
                process = Popen(
                    self._command,
                    stdin=PIPE,
                    stdout=PIPE,
                    stderr=DEVNULL,
                    cwd=where,
                    creationflags=quiet,
                )
            except OSError:
                return None
            self._running.add(process)
            return process
