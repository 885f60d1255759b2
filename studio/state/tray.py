"""What comes in: dropped, pasted and chosen works are read elsewhere and join the references."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QObject, Signal

from engine.protocol import MAX_REFERENCES, Medium
from studio.client.background import Background
from studio.i18n.errors import MaquetteError
from studio.project.project import Project
from studio.state import intake, problems
from studio.state.history import History
from studio.state.medium import Media, MediumController
from studio.state.problems import Problem


@dataclass(frozen=True, slots=True)
class Arrival:
    """References that are in the project now, and what they say of the briefs of their media."""

    taken: intake.Intake
    wishes: Mapping[Medium, Mapping[str, Any]]  # fields of a brief and their values


class Tray(QObject):
    """The way into the references. What is refused is told in `problems_raised`."""

    problems_raised = Signal(object)  # tuple[Problem, ...]; empty when all went well
    arrived = Signal(object)  # Arrival

    def __init__(
        self,
        background: Background,
        media: Media,
        controllers: Mapping[Medium, MediumController],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._background, self._media, self._controllers = background, media, controllers

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

        def collected(arrival: Arrival) -> None:
            if not is_open(project):
                return
            wrong = [*found, *arrival.taken.problems]
            try:
                if arrival.taken.items:
                    history.add_references(arrival.taken.items)
                    self.arrived.emit(arrival)
            except MaquetteError as error:
                wrong.append(problems.of_error(error))
            self.problems_raised.emit(tuple(wrong))

        self._background.run(
            lambda: self._collect(project, sources, room),
            collected,
            lambda error: self.problems_raised.emit((*found, problems.of_error(error))),
        )

    def _collect(
        self, project: Project, sources: Sequence[intake.Source], room: Mapping[Medium, int]
    ) -> Arrival:
        """On another thread: the bytes are in the project, set aside."""
        taken = intake.keep(project, intake.collect(self._media, sources, room))
        came = {medium: taken.of(medium) for medium in self._media}
        wishes = {
            medium: self._controllers[medium].examine(items)
            for medium, items in came.items()
            if items
        }
        return Arrival(taken, wishes)
