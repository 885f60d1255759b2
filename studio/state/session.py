"""One window's session: the engine, the open project, and the controllers that work on it.

Views read facts, listen to signals and call verbs of these parts; nothing here knows a widget.
"""

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal

from engine.protocol import Medium
from studio.client.engine_client import EngineClient, EngineState
from studio.client.inspector import Inspector
from studio.client.job_queue import JobQueue
from studio.i18n.errors import MaquetteError
from studio.project import opening
from studio.project.project import Project
from studio.project.shelf import glance_at
from studio.state import intake, problems
from studio.state.adaptation import Adaptation
from studio.state.blending import Blending
from studio.state.capabilities import Capabilities
from studio.state.carrying import Carrying
from studio.state.engine_files import EngineFiles
from studio.state.export_controller import ExportController
from studio.state.finding import Finding
from studio.state.generation import Generation
from studio.state.intake import Intake
from studio.state.judging import Judging
from studio.state.learning import Learning
from studio.state.library import Library
from studio.state.make_controller import MakeController
from studio.state.medium import MediumController, by_medium
from studio.state.models import Models
from studio.state.opening_mark import OpeningMark
from studio.state.presets import Presets
from studio.state.problems import Problem
from studio.state.project_controller import ProjectController
from studio.state.project_names import name_of
from studio.state.project_watch import ProjectWatch
from studio.state.services import MediumParts, MediumServices
from studio.state.settings import SettingsStore
from studio.state.suites import Suites
from studio.state.taste_profiles import TasteProfiles
from studio.state.timings import Timings
from studio.state.tray import Tray
from studio.state.workspace import Workspace


class Session(QObject):
    """Holds the parts, opens and closes projects, and keeps all parts on the same one."""

    engine_changed = Signal()
    project_left = Signal(str)  # its name: a new one was begun, and one can go back

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
        self._renew = False  # the engine, as soon as it rests
        client.environment = settings.engine_environment()
        self.workspace = Workspace(rules, self)
        self.edits = ProjectController(self.workspace)
        self._left: Path | None = None  # the project that a new one was begun from
        self.watch = ProjectWatch(self.workspace.background, settings.projects_folder, self)
        background, files = self.workspace.background, EngineFiles(jobs.scratch / "files", rules)
        self.adaptation = Adaptation(jobs, background, timings, self)
        adaptation = self.adaptation
        self.blending = Blending(jobs, background, adaptation, self)
        self.learning = Learning(
            jobs, background, rules, adaptation, files, self._engine_version, self
        )
        self.judging = Judging(jobs, background, files, self)
        self.generation = Generation(jobs, background, rules, timings, self)
        self.capabilities = Capabilities(client, self.workspace, adaptation, rules, self)
        self.maker = MakeController(
            self.workspace, adaptation, self.learning, self.generation, self.capabilities, self
        )
        shared, served = settings.shared_folder(), self.capabilities.served_by
        self.library = Library(
            shared / "styles", self.workspace, jobs, adaptation, self.maker, served, self
        )
        self.suites = Suites(self.workspace, self.generation, self.judging, served, self)
        self.presets = Presets(shared / "presets.json", self)
        self.exporter = ExportController(self.workspace, jobs, settings, self)
        self.finding = Finding(background, rules, self)
        self.carrying = Carrying(self.workspace, settings)
        self.profiles = TasteProfiles(settings.path.with_name("tastes.json"), self)
        self.inspector = Inspector(client, jobs.scratch / "inspected", self)
        self.opening = OpeningMark(
            settings.path.with_name("opening"), self.inspector, self._is_reading, self
        )
        services = MediumServices(self.workspace, self.edits, self.maker, jobs, self.inspector)
        self.controllers: dict[Medium, MediumController] = {
            each.rules.medium: each.controller(services) for each in media
        }
        beside = client.sibling(self)
        self.models = Models(beside, JobQueue(beside, jobs.scratch / "models"), background, self)
        self.tray = Tray(background, rules, self)
        self._listen()
        self._attach(project)

    def _listen(self) -> None:
        self.workspace.medium_changing.connect(self._on_medium_changing)
        self.workspace.work_changed.connect(lambda _id: self.learning.update())
        self.workspace.judged.connect(self.learning.update)
        self.tray.arrived.connect(self._on_arrived)
        self.opening.changed.connect(self._on_resumed)
        self.adaptation.resumed.connect(self.opening.resume)
        self.watch.told.connect(self.workspace.problem_raised)
        self.watch.moved.connect(self._on_project_moved)
        self.watch.damaged.connect(self._on_project_damaged)
        self.client.ready.connect(self._on_engine_ready)
        self.models.came.connect(self._on_model_came)
        self.client.state_changed.connect(self._on_engine_state)
        self.client.hung.connect(self._on_engine_hung)
        self.jobs.job_finished.connect(lambda _job: QTimer.singleShot(0, self._renew_if_idle))

    # ---- the project ---------------------------------------------------------------------------

    def _attach(self, project: Project) -> None:
        workspace = self.workspace
        self.opening.attach(project)
        self.adaptation.rests = self.opening.problem
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
        self.finding.attach(project)
        self._serve_medium()
        self.watch.attach(project)
        self._note_recent()
        workspace.announce()
        for problem in filter(None, (notice_of(project), self.opening.problem)):
            workspace.problem_raised.emit(problem)

    def _is_reading(self) -> bool:
        return self.adaptation.is_busy

    def _on_resumed(self) -> None:
        self.adaptation.rests = None
        self.adaptation.update()

    def _note_recent(self) -> None:
        project = self.workspace.project
        self.workspace.attempt(lambda: self.settings.add_recent(project.path))

    def _on_project_damaged(self) -> None:
        """Go on with what is whole, before anything is added to what is not."""
        project, folder = self.workspace.project, self.settings.projects_folder()
        self.workspace.attempt(lambda: self._switch(opening.rescue(project, folder)))

    def _on_project_moved(self) -> None:
        self._note_recent()
        self.workspace.project_moved.emit()

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
        self._left = None
        self._attach(project)
        old_history.deleteLater()
        if old is not project:
            old.close()

    def open(self, path: Path) -> None:
        """Raises nothing: what cannot be opened is told in one line, the open project stays."""
        folder = self.settings.projects_folder()
        if path.resolve() != self.workspace.project.path.resolve():
            self.workspace.attempt(lambda: self._switch(opening.open_project(path, folder)))

    def new(self) -> None:
        """Begin anew, with the usual wishes; the project that was open is kept as it is."""
        self.workspace.brief_closing.emit()
        if glance_at(self.workspace.project).is_empty:
            self.workspace.attempt(self.workspace.wish_for_nothing)
            return
        name, left = name_of(self.workspace.project), self.workspace.project.path
        folder = self.settings.projects_folder()
        if self.workspace.attempt(lambda: self._switch(opening.fresh(folder))):
            self._left = left
            self.project_left.emit(name)

    @property
    def can_go_back(self) -> bool:
        """Whether the open project was just begun, and nothing is in it yet."""
        return self._left is not None and glance_at(self.workspace.project).is_empty

    def go_back(self) -> None:
        """To the project that was open before this one was begun."""
        if self._left is not None:
            self.open(self._left)

    def save_as(self, path: Path) -> None:
        workspace = self.workspace
        workspace.project_leaving.emit()  # what is being written belongs into the copy, too
        workspace.background.run(
            lambda: workspace.project.save_as(path), self._go_on_in, workspace.report
        )

    def _go_on_in(self, copy: Project) -> None:
        if copy is not self.workspace.project:
            self.workspace.attempt(lambda: self.generation.queue.hand_over(copy))
        self._switch(copy)

    def close(self) -> None:
        """Nothing waits to be saved but what is being written; engine and threads end here."""
        self._left = None
        self.watch.look()  # a project without a file is written anew before it is closed
        self.watch.stop()
        self.workspace.project_leaving.emit()
        for part in (self.adaptation, self.blending, self.learning, self.judging):
            part.stop()
        self.generation.cancel_all()
        self.library.stop()
        self.exporter.cancel()
        for controller in self.controllers.values():
            controller.leave()
        self.models.close()
        self.opening.close()
        self.client.shutdown()
        self.inspector.close()
        for controller in self.controllers.values():
            controller.close()
        self.workspace.background.close()
        with suppress(MaquetteError):  # what is new in the queue, where it can be kept
            self.generation.queue.save_now()
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

    def _on_arrived(self, taken: Intake) -> None:
        """The first references of a medium say how its works are asked for."""
        workspace = self.workspace
        workspace.show_medium(taken.medium(workspace.medium))
        for medium, controller in self.controllers.items():
            came = len(taken.of(medium))
            if came and came == len(workspace.project.references.all(medium)):
                controller.first_came()

    def _on_references_changed(self) -> None:
        self.opening.begin()
        self.judging.update()
        self.workspace.references_changed.emit()
        self.adaptation.update()

    # ---- the engine ----------------------------------------------------------------------------

    def renew_engine(self) -> None:
        """Let the engine be as the settings say now: at once, or when it has done its work."""
        wanted = self.settings.engine_environment()
        self.client.environment = self.models.environment = wanted
        self._renew = True
        self._renew_if_idle()

    def _renew_if_idle(self) -> None:
        idle = all(job.is_over for job in self.jobs.jobs())
        if self._renew and idle and self.client.state is EngineState.READY:
            self._renew = False
            self.client.restart()

    def _on_engine_ready(self, hello) -> None:
        self.generation.device = hello.device
        self.learning.update()
        self.engine_changed.emit()

    def restart_engine(self) -> None:
        """The artist does not wait any longer; what waits goes on with the new one, and what was
        being made is told as failed."""
        self.client.replace_hung()

    def _on_engine_hung(self, hung: bool) -> None:
        problem = Problem("error.engine_hangs", way_out="restart_engine")
        signal = self.workspace.problem_raised if hung else self.workspace.problem_over
        signal.emit(problem)

    def _on_model_came(self) -> None:
        """Where none knew the references, one may know them now."""
        choice = self.adaptation.choice
        if choice is not None and choice.is_unknown and not choice.is_named:
            self.adaptation.retry()

    def _engine_version(self) -> str:
        return self.client.hello.engine_version if self.client.hello is not None else ""

    def _on_engine_state(self, state: EngineState) -> None:
        self.engine_changed.emit()
        if state is EngineState.FAILED and self.client.failure is not None:
            problem = problems.of_error(self.client.failure, retry=True)
            self.workspace.problem_raised.emit(problem)


def notice_of(project: Project) -> Problem | None:
    """How the project was opened, if that was not the usual way, and what helps."""
    if project.notice is None:
        return None
    way_out = "save_as" if project.is_read_only or project.is_homeless else ""
    return problems.of_error(project.notice, way_out=way_out)
