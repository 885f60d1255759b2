"""What nobody expected is logged, and told in one line."""

import logging
import sys
import threading
from pathlib import Path

from studio.app.error_hook import ErrorHook
from studio.i18n.errors import MaquetteError


def test_uncaught_errors_are_logged_and_told_once(tmp_path: Path) -> None:
    told: list[MaquetteError] = []
    previous = (sys.excepthook, threading.excepthook)
    hook = ErrorHook(tmp_path / "logs", told.append)
    hook.install()
    try:
        try:
            raise RuntimeError("the reason")
        except RuntimeError as error:
            sys.excepthook(RuntimeError, error, error.__traceback__)
        thread = threading.Thread(target=[].pop)
        thread.start()
        thread.join()
        known = MaquetteError("export_nothing")
        sys.excepthook(MaquetteError, known, None)
    finally:
        hook.uninstall()
    assert (sys.excepthook, threading.excepthook) == previous
    assert [error.key for error in told] == ["unexpected", "unexpected", "export_nothing"]
    assert "the reason" in str(told[0])
    text = hook.log_path.read_text(encoding="utf-8")
    assert "Traceback" in text
    assert "pop from empty list" in text
    logging.getLogger("studio.test").warning("after uninstalling")
    assert hook.log_path.read_text(encoding="utf-8") == text
