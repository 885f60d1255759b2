"""Words are kept while they are written: a killed studio loses at most the last second of them."""

import threading
from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer, Signal

from studio.client.background import Background
from studio.i18n.errors import MaquetteError
from studio.project.project import Project
from studio.state.history import History

KEEP_MS = 400  # between two transactions while somebody types


class DraftKeptError(MaquetteError):
    """Not a failure of ours to hide: the studio ended in the middle of an edit, and this is how
    the artist hears that the words are here."""


class Drafts(QObject):
    """Follows the one text that is written over. Writing to disk never holds up the keys."""

    failed = Signal(object)  # MaquetteError: the words are only in the window

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._background = Background(1, self)
        self._lock = threading.Lock()
        self._place: tuple[Project, int] | None = None
        self._words: Callable[[], str] = str
        self._soon = QTimer(self, singleShot=True, interval=KEEP_MS)
        self._soon.timeout.connect(self._on_time)

    def begin(self, project: Project, work_id: int, words: Callable[[], str]) -> None:
        """`words()` says what stands there, whenever it is asked."""
        self._place, self._words = (project, work_id), words

    def touch(self) -> None:
        """The words have changed."""
        if self._place is not None and not self._soon.isActive():
            self._soon.start()

    def end(self, *, kept: bool) -> None:
        """Writing is over; `kept`: the words are in the project as an edit, or are its own."""
        self._soon.stop()
        with self._lock:  # what is being stored now is stored before it is dropped
            place, self._place = self._place, None
        if place is not None and kept:
            project, work_id = place
            try:
                project.working_state.drop_draft(work_id)
            except MaquetteError as error:
                self.failed.emit(error)

    def close(self) -> None:
        self.end(kept=False)
        self._background.close()

    def _on_time(self) -> None:
        if (place := self._place) is not None:
            words = self._words()
            self._background.run(lambda: self._store(place, words), lambda _: None, self._report)

    def _store(self, place: tuple[Project, int], words: str) -> None:
        with self._lock:
            if self._place is place:
                project, work_id = place
                project.working_state.save_draft(work_id, words)

    def _report(self, error: Exception) -> None:
        self.failed.emit(error)


def restore(project: Project, history: History) -> int | None:
    """Make what was being written an edit of its work, which can be undone. Returns that work."""
    restored = None
    try:
        for work_id, words in project.working_state.drafts().items():
            before = project.works.get(work_id).shown_digest
            history.edit(work_id, words)
            project.working_state.drop_draft(work_id)
            if project.works.get(work_id).shown_digest != before:
                restored = work_id
                project.notice = project.notice or DraftKeptError("draft_kept", id=work_id)
    except MaquetteError as error:  # the drafts stay for the next opening
        project.notice = error
    return restored
