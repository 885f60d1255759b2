"""One window's session: the engine, the open project, and the controllers that work on it.

Views read facts, listen to signals and call verbs of these parts; nothing here knows a widget.
"""

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from engine.protocol import Medium
from studio.client.engine_client import EngineClient, EngineState
from studio.client.job_queue import JobQueue
from studio.project.project import Project
from studio.state import intake, problems
from studio.state.adaptation import Adaptation
from studio.state.blending import Blending
from studio.state.engine_files import EngineFiles
from studio.state.export_controller import ExportController
from studio.state.generation import Generation
from studio.state.judging import Judging
from studio.state.learning import Learning
from studio.state.make_controller import MakeController
from studio.state.medium import MediumController, by_medium
from studio.state.problems import Problem
from studio.state.project_controller import ProjectController
from studio.state.services import MediumParts, MediumServices
from studio.state.settings import SettingsStore, data_folder
from studio.state.taste_profiles import TasteProfiles
from studio.state.timings import Timings
from studio.state.tray import Arrival, Tray
from studio.state.workspace import Workspace


class Session(QObject):
    """Holds the parts, opens and closes projects, and keeps all parts on the same one."""

    engine_changed = Signal()

    def __init__(
        self,
        settings: SettingsStore,
        client: EngineClient,
        jobs: JobQueue,
        timings: Timings,
        project: Project,
        media: Sequence[MediumParts],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.settings, self.client, self.jobs = settings, client, jobs
        rules = by_medium([each.rules for each in media])
        self.workspace = Workspace(rules, self)
        self.edits = ProjectController(self.workspace)
        background, files = self.workspace.background, EngineFiles(jobs.scratch / "files", rules)
        self.adaptation = Adaptation(jobs, background, self)
        self.blending = Blending(jobs, background, self.adaptation, self)
        self.learning = Learning(
            jobs, background, rules, self.adaptation, files, self._engine_version, self
        )
        self.judging = Judging(jobs, background, files, self)
        self.generation = Generation(jobs, background, rules, timings, self)
        self.maker = MakeController(
            self.workspace, self.adaptation, self.learning, self.generation, self
        )
        self.exporter = ExportController(self.workspace, jobs, settings, self)
        self.profiles = TasteProfiles(settings.path.with_name("tastes.json"), self)
        services = MediumServices(self.workspace, self.edits, self.maker, jobs)
        self.controllers: dict[Medium, MediumController] = {
            each.rules.medium: each.controller(services) for each in media
        }
        self.tray = Tray(background, rules, self.controllers, self)
        self._listen()
        self._attach(project)

    def _listen(self) -> None:
        self.workspace.medium_changing.connect(self._on_medium_changing)
        self.workspace.work_changed.connect(lambda _id: self.learning.update())
        self.workspace.judged.connect(self.learning.update)
        self.tray.arrived.connect(self._on_arrived)
        self.client.ready.connect(self._on_engine_ready)
        self.client.state_changed.connect(self._on_engine_state)

    # ---- the project ---------------------------------------------------------------------------

    def _attach(self, project: Project) -> None:
        workspace = self.workspace
        workspace.attach(project)
        workspace.history.references_changed.connect(self._on_references_changed)
        self.exporter.cancel()
        for controller in self.controllers.values():
            controller.leave()
            controller.attach(project)
        for medium, controller in self.controllers.items():
            if (work_id := controller.restore(project, workspace.history)) is not None:
                workspace.open_on(medium, work_id)
        self.maker.forget_wish()
        workspace.briefs.attach(project)
        self.generation.attach(project)
        self._serve_medium()
        if not project.is_untitled:
            self.settings.add_recent(project.path)
        if project.notice is not None:
            workspace.report(project.notice)
        workspace.announce()

    def _serve_medium(self) -> None:
        """All that serves one medium alone serves the one that is worked on."""
        project, medium = self.workspace.project, self.workspace.medium
        self.blending.attach(project, medium)
        self.adaptation.attach(project, medium)
        self.learning.attach(project, medium)
        self.judging.attach(project, medium)
        self.controllers[medium].enter()

    def _on_medium_changing(self) -> None:
        self.maker.forget_wish()
        for controller in self.controllers.values():
            controller.leave()
        self._serve_medium()

    def _switch(self, project: Project) -> None:
        self.workspace.project_leaving.emit()
        old, old_history = self.workspace.project, self.workspace.history
        self._attach(project)
        old_history.deleteLater()
        if old is not project:
            old.close()

    def open(self, path: Path) -> None:
        """Raises nothing: what cannot be opened is told in one line, the open project stays."""
        if path.resolve() != self.workspace.project.path.resolve():
            self.workspace.attempt(lambda: self._switch(Project.open(path)))

    def new(self) -> None:
        self.workspace.attempt(lambda: self._switch(Project.fresh(data_folder())))

    def save_as(self, path: Path) -> None:
        workspace = self.workspace
        workspace.project_leaving.emit()  # what is being written belongs into the copy, too
        workspace.background.run(
            lambda: workspace.project.save_as(path), self._switch, workspace.report
        )

    def close(self) -> None:
        """Nothing waits to be saved but what is being written; engine and threads end here."""
        self.workspace.project_leaving.emit()
        for part in (self.adaptation, self.blending, self.learning, self.judging):
            part.stop()
        self.generation.cancel_all()
        self.exporter.cancel()
        for controller in self.controllers.values():
            controller.leave()
        self.client.shutdown()
        for controller in self.controllers.values():
            controller.close()
        self.workspace.background.close()
        self.jobs.close()
        self.workspace.project.close()

    # ---- references ----------------------------------------------------------------------------

    def add_sources(self, sources: Sequence[intake.Source], found: Sequence[Problem] = ()) -> None:
        """Files, folders, pictures and texts into the tray; what is refused is told there."""
        workspace = self.workspace
        self.tray.add(
            workspace.project,
            workspace.history,
            sources,
            found,
            lambda project: project is workspace.project,
        )

    def _on_arrived(self, arrival: Arrival) -> None:
        """The first references of a medium say how its works are asked for."""
        workspace = self.workspace
        workspace.show_medium(arrival.taken.medium(workspace.medium))
        for medium, wishes in arrival.wishes.items():
            came = len(arrival.taken.of(medium))
            if came == len(workspace.project.references.all(medium)):
                workspace.attempt(
                    lambda medium=medium, wishes=wishes: workspace.briefs.change(medium, **wishes)
                )

    def _on_references_changed(self) -> None:
        self.judging.update()
        self.workspace.references_changed.emit()
        self.adaptation.update()

    # ---- the engine ----------------------------------------------------------------------------

    def _on_engine_ready(self, hello) -> None:
        self.generation.device = hello.device
        self.learning.update()
        self.engine_changed.emit()

    def _engine_version(self) -> str:
        return self.client.hello.engine_version if self.client.hello is not None else ""

    def _on_engine_state(self, state: EngineState) -> None:
        self.engine_changed.emit()
        if state is EngineState.FAILED and self.client.failure is not None:
            problem = problems.of_error(self.client.failure, retry=True)
            self.workspace.problem_raised.emit(problem)
