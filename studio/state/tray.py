"""What comes in: dropped, pasted and chosen works are read elsewhere and join the references."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject, Signal

from engine.protocol import MAX_REFERENCES
from studio.client.background import Background
from studio.i18n.errors import MaquetteError
from studio.project.project import Project
from studio.state import intake, problems
from studio.state.history import History
from studio.state.medium import Media
from studio.state.problems import Problem


class Tray(QObject):
    """The way into the references. What is refused is told in `problems_raised`."""

    problems_raised = Signal(object)  # tuple[Problem, ...]; empty when all went well
    arrived = Signal(object)  # Intake: references that are in the project now

    def __init__(self, background: Background, media: Media, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._background, self._media = background, media

    def add(
        self,
        project: Project,
        history: History,
        sources: Sequence[intake.Source],
        found: Sequence[Problem],
        is_open: Callable[[Project], bool],
    ) -> None:
        """Read and keep them; `found` was wrong already. What comes late for a project is lost."""
        rows = {medium: project.references.all(medium) for medium in self._media}
        room = {medium: MAX_REFERENCES - len(present) for medium, present in rows.items()}

        def collected(taken: intake.Intake) -> None:
            if not is_open(project):
                return
            wrong = [*found, *taken.problems]
            try:
                if taken.items:
                    history.add_references(taken.items)
                    self.arrived.emit(taken)
            except MaquetteError as error:
                wrong.append(problems.of_error(error))
            self.problems_raised.emit(tuple(wrong))

        self._background.run(
            lambda: intake.keep(project, intake.collect(self._media, sources, room)),
            collected,
            lambda error: self.problems_raised.emit((*found, problems.of_error(error))),
        )
