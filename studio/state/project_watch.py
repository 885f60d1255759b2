"""An open project's file is looked after: what was written is folded into it after each pause, and
a file that was moved or deleted meanwhile is noticed, so that nothing written since is lost."""

import logging
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal

from studio.client.background import Background
from studio.i18n.errors import MaquetteError
from studio.project.database import ProjectError
from studio.project.project import Project
from studio.state.problems import Problem, of_error

LOOK_MS = 1000
PAUSE_S = 1.0  # after the last action, before the log is folded in
_log = logging.getLogger(__name__)


class ProjectWatch(QObject):
    """Looks once a second while a project is attached."""

    moved = Signal()  # the project's path is another one now
    told = Signal(object)  # Problem
    damaged = Signal()  # something in the project could not be read

    def __init__(
        self,
        background: Background,
        other_folder: Callable[[], Path],
        parent: QObject | None = None,
    ) -> None:
        """other_folder: where a project is written anew whose own folder is gone."""
        super().__init__(parent)
        self._background, self._other_folder = background, other_folder
        self._project: Project | None = None
        self._folding = self._is_homeless = self._is_given_up = False
        self._timer = QTimer(self, interval=LOOK_MS)
        self._timer.timeout.connect(self.look)

    def attach(self, project: Project) -> None:
        self._project = project
        self._is_homeless = self._is_given_up = False
        self._timer.start()

    def stop(self) -> None:
        self._timer.stop()
        self._project = None

    def look(self) -> None:
        project = self._project
        if project is None or project.is_read_only:
            return
        if project.document.is_damaged and not self._is_given_up:
            self._is_given_up = True
            self.damaged.emit()
            return
        if not project.document.is_in_place:
            self._follow(project)
            return
        self._is_homeless = False
        unfolded = project.document.seconds_unfolded()
        if unfolded is not None and unfolded >= PAUSE_S and not self._folding:
            self._folding = True
            self._background.run(project.document.fold, self._on_folded, self._on_not_folded)

    def _on_folded(self, _result: None) -> None:
        self._folding = False

    def _on_not_folded(self, error: Exception) -> None:
        """A full disk: the log keeps all, and the next look tries again."""
        self._folding = False
        _log.warning("not folded in: %s", error)

    # ---- a file that is not where it was -------------------------------------------------------

    def _follow(self, project: Project) -> None:
        document, old = project.document, project.path
        place = document.whereabouts()
        try:
            if place is not None:
                document.continue_at(place)
                self.told.emit(Problem("error.project_moved", {"name": place.name}))
            else:
                self._put_back(project, old)
            self.moved.emit()
        except MaquetteError as error:
            if not self._is_homeless:
                self._is_homeless = True
                params = {"name": old.name, "detail": of_error(error).text}
                self.told.emit(Problem("error.project_homeless", params, way_out="save_as"))

    def _put_back(self, project: Project, old: Path) -> None:
        """Where it was if nothing is there now, else beside it, else in the other folder."""
        names = [old.name, *(f"{old.stem} ({number}){old.suffix}" for number in range(2, 100))]
        failed: ProjectError | None = None
        for folder in (old.parent, self._other_folder()):
            place = next(path for name in names if not (path := folder / name).exists())
            try:
                if folder is old.parent and not folder.is_dir():
                    continue  # a disk that was unplugged: no folder is made in its stead
                project.document.put_back(place)
            except ProjectError as error:
                failed = error
                continue
            shown = place.name if folder == old.parent else str(place)
            self.told.emit(Problem("error.project_put_back", {"name": old.name, "place": shown}))
            return
        if failed is not None:
            raise failed
