"""The hook that catches what nobody expected: it is logged, and told in one line."""

import logging
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from logging.handlers import RotatingFileHandler
from pathlib import Path
from types import TracebackType

from studio.i18n.errors import MaquetteError

LOG_BYTES, LOG_FILES = 1_000_000, 3
_log = logging.getLogger(__name__)


class ErrorHook:
    """Logs every uncaught exception of any thread and reports it as one MaquetteError.

    `on_error` is called in the thread that failed; connect it to a Qt signal to cross over.
    """

    def __init__(self, log_folder: Path, on_error: Callable[[MaquetteError], None]) -> None:
        self.log_path = log_folder / "maquette.log"
        self._on_error = on_error
        self._previous = (sys.excepthook, threading.excepthook)
        self._reporting = False
        with suppress(OSError):  # a disk that takes no log does not keep the studio from starting
            log_folder.mkdir(parents=True, exist_ok=True)
        self._handler = RotatingFileHandler(
            self.log_path, maxBytes=LOG_BYTES, backupCount=LOG_FILES, encoding="utf-8", delay=True
        )
        self._handler.setFormatter(
            logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s")
        )

    def install(self) -> None:
        root = logging.getLogger()
        root.addHandler(self._handler)
        if root.level > logging.INFO:
            root.setLevel(logging.INFO)
        sys.excepthook = self.report
        threading.excepthook = lambda args: self.report(
            args.exc_type, args.exc_value, args.exc_traceback
        )

    def uninstall(self) -> None:
        sys.excepthook, threading.excepthook = self._previous
        logging.getLogger().removeHandler(self._handler)
        self._handler.close()

    def report(
        self,
        kind: type[BaseException],
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Log one uncaught exception with its traceback and pass on its one line."""
        if issubclass(kind, KeyboardInterrupt):
            self._previous[0](kind, error or kind(), trace)
            return
        _log.error("uncaught", exc_info=(kind, error or kind(), trace))
        if self._reporting:  # telling of it failed, too: the log has both
            return
        self._reporting = True
        try:
            self._forward(kind, error)
        finally:
            self._reporting = False

    def _forward(self, kind: type[BaseException], error: BaseException | None) -> None:
        if isinstance(error, MaquetteError):
            self._on_error(error)
        else:
            self._on_error(
                MaquetteError("unexpected", detail=error or kind.__name__, log=self.log_path)
            )
