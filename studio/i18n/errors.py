"""What the artist is told when something fails, and the hook that catches what nobody expected.

Every text says what happened, what was kept and what to do. English and Chinese stand in
`i18n/errors.en.json` and `i18n/errors.zh.json` under `error.<key>`.
"""

import json
import logging
import sys
import threading
from collections.abc import Callable
from functools import cache
from logging.handlers import RotatingFileHandler
from pathlib import Path
from types import TracebackType

LOG_BYTES, LOG_FILES = 1_000_000, 3
_I18N = Path(__file__).parent
_log = logging.getLogger(__name__)


class MaquetteError(Exception):
    """An error with words for the artist: `key` and `params` name its text in any language.

    `str(error)` is the English text; the window shows `t(error.catalogue_key, **error.params)`.
    """

    def __init__(self, key: str, **params: object) -> None:
        super().__init__(key)
        self.key = key
        self.params = params

    @property
    def catalogue_key(self) -> str:
        return f"error.{self.key}"

    def text(self, language: str = "en") -> str:
        """The sentence in `language` ("en" or "zh")."""
        template = catalogue(language)[self.catalogue_key]
        return template.format(**self.params)

    def __str__(self) -> str:
        return self.text()


@cache
def catalogue(language: str) -> dict[str, str]:
    """The error texts of one language, by `error.<key>`."""
    return json.loads((_I18N / f"errors.{language}.json").read_text(encoding="utf-8"))


class ErrorHook:
    """Logs every uncaught exception of any thread and reports it as one MaquetteError.

    `on_error` is called in the thread that failed; connect it to a Qt signal to cross over.
    """

    def __init__(self, log_folder: Path, on_error: Callable[[MaquetteError], None]) -> None:
        self.log_path = log_folder / "maquette.log"
        self._on_error = on_error
        self._previous = (sys.excepthook, threading.excepthook)
        self._reporting = False
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
            self._tell(kind, error)
        finally:
            self._reporting = False

    def _tell(self, kind: type[BaseException], error: BaseException | None) -> None:
        if isinstance(error, MaquetteError):
            self._on_error(error)
        else:
            self._on_error(
                MaquetteError("unexpected", detail=error or kind.__name__, log=self.log_path)
            )
