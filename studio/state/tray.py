"""What comes in: dropped, pasted and chosen works are read elsewhere and join the references."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject, Signal

from engine.messages import MAX_REFERENCES, Medium
from studio.client.background import Background
from studio.i18n.errors import MaquetteError
from studio.project.project import Project
from studio.state import intake, problems
from studio.state.history import History
from studio.state.problems import Problem


class Tray(QObject):
    """The way into the references. What is refused is told in `problems_raised`."""

    problems_raised = Signal(object)  # tuple[Problem, ...]; empty when all went well
    arrived = Signal(object)  # Intake that is in the project now

    def __init__(
        self, background: Background, read: intake.Read, parent: QObject | None = None
    ) -> None:
        """`read` gives the words of any file, also of documents."""
        super().__init__(parent)
        self._background, self._read = background, read

    def add(
        self,
        project: Project,
        history: History,
        sources: Sequence[intake.Source],
        found: Sequence[Problem],
        is_open: Callable[[Project], bool],
    ) -> None:
        """Read and keep them; `found` was wrong already. What comes late for a project is lost."""
        room = {medium: MAX_REFERENCES - len(project.references(medium)) for medium in Medium}

        def collected(taken: intake.Intake) -> None:
            if not is_open(project):
                return
            told = [*found, *taken.problems]
            try:
                if taken.items:
                    history.add_references(taken.items)
                    self.arrived.emit(taken)
            except MaquetteError as error:
                told.append(problems.of_error(error))
            self.problems_raised.emit(tuple(told))

        self._background.run(
            lambda: intake.keep(project, intake.collect(sources, room, self._read)),
            collected,
            lambda error: self.problems_raised.emit((*found, problems.of_error(error))),
        )
