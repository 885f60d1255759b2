"""What the window is about: one open project, its jobs and its history, as facts and verbs.

Views read the facts, listen to the signals and call the verbs; nothing here knows a widget. What
is done by hand stands in `worktable`, what is made in `workshop`; here they meet a project and the
engine.
"""

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from engine.messages import Medium, Preview
from studio.client.engine_client import EngineClient, EngineState
from studio.client.job_queue import Job, JobQueue
from studio.media.audio.export import BY_THE_ENGINE, MusicExport
from studio.media.audio.music_sources import Openings
from studio.media.audio.player import Player
from studio.media.audio.sketches import Sketches
from studio.media.image.start_picture import Starting
from studio.media.text import drafts
from studio.project.project import Project
from studio.state import intake, problems
from studio.state.adaptation import Adaptation
from studio.state.blending import Blending
from studio.state.engine_files import Laying
from studio.state.export import Format
from studio.state.generation import Making
from studio.state.history import History
from studio.state.judging import Judging
from studio.state.learning import Learning
from studio.state.problems import Problem
from studio.state.settings import SettingsStore, data_folder
from studio.state.taste_profiles import Profiles
from studio.state.timings import Timings
from studio.state.tray import Tray
from studio.state.workshop import Workshop


class Session(Workshop):
    """The controller behind one window."""

    project_leaving = Signal()  # the last moment to keep what is being written
    project_changed = Signal()
    medium_changed = Signal()  # and with it everything below; also after project_changed
    style_changed = Signal()
    growing = Signal(str, object)  # job id, tuple[Preview, ...]: its works as they stand
    works_added = Signal(object)  # tuple[WorkRow, ...]
    engine_changed = Signal()

    def __init__(
        self,
        settings: SettingsStore,
        client: EngineClient,
        jobs: JobQueue,
        timings: Timings,
        project: Project,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(settings, parent)
        self.client, self.jobs = client, jobs
        self.tray = Tray(self.background, self.shelves.read_text, self)
        self.adaptation = Adaptation(jobs, self.background, self)
        self.blending = Blending(jobs, self.background, self.adaptation, self)
        self.laying = Laying(jobs.scratch / "laid")
        self.learning = Learning(
            jobs, self.background, self.adaptation, self.laying, self._engine_version, self
        )
        self.judging = Judging(jobs, self.background, self.laying, self)
        self.profiles = Profiles(settings.path.with_name("tastes.json"), self)
        self.making = Making(jobs, self.background, timings, self)
        self.starting, self.openings = Starting(self), Openings(self)
        self.sketches = Sketches(jobs, self.background, self)
        self.player = Player(self.background, parent=self)
        self.music_export = MusicExport(jobs, self.background, self)
        self.drafts = drafts.Drafts(self)
        self._listen()
        self._attach(project)

    def _listen(self) -> None:
        self.drafts.failed.connect(self._tell)
        self.tray.arrived.connect(self._on_arrived)
        self.adaptation.changed.connect(self._on_style_changed)
        self.learning.changed.connect(self._make_if_ready)
        look = self.adaptation.preview_arrived
        look.connect(lambda job, preview: self.growing.emit(job.id, (preview,)))
        self.making.changed.connect(self.making_changed)
        self.making.preview_arrived.connect(self._on_growing)
        self.making.works_added.connect(self._on_works_added)
        self.player.silent.connect(self.problem_raised)
        self.music_export.exported.connect(self.exported)
        self.music_export.failed.connect(self.export_failed)
        self.client.ready.connect(self._on_engine_ready)
        self.client.state_changed.connect(self._on_engine_state)

    # ---- the project ---------------------------------------------------------------------------

    def _attach(self, project: Project) -> None:
        self.project = project
        self.history = History(project, self)
        self.history.references_changed.connect(self._on_references_changed)
        self.history.work_changed.connect(self.work_changed)
        self.history.work_changed.connect(lambda _id: self.learning.update())
        self.history.judged.connect(self.learning.update)
        self.history.failed.connect(self._tell)
        self.shelves.read_from(project.blob)
        self.player.stop()
        self.music_export.cancel()
        self.sketches.attach(project)
        self._looked_at = {}
        self.medium = project.medium()
        if written := drafts.restore(project, self.history):
            self.medium, self._looked_at[Medium.TEXT] = Medium.TEXT, written
        self._make_when_ready = False
        self.briefs.attach(project)
        self.making.attach(project)
        self.blending.attach(project, self.medium)
        self.adaptation.attach(project, self.medium)
        self.learning.attach(project, self.medium)
        self.judging.attach(project, self.medium)
        if not project.is_untitled:
            self.settings.add_recent(project.path)
        if project.notice is not None:
            self._tell(project.notice)
        for fact in (self.project_changed, self.medium_changed, self.brief_changed):
            fact.emit()
        self._warm_up()

    def show_medium(self, medium: Medium) -> None:
        """Work on this medium from now on; nothing of the other one is lost."""
        if medium is self.medium:
            return
        self._make_when_ready = False
        self.player.stop()
        self.medium = medium
        self._try(lambda: self.project.save_medium(medium))
        self.blending.attach(self.project, medium)
        self.adaptation.attach(self.project, medium)
        self.learning.attach(self.project, medium)
        self.judging.attach(self.project, medium)
        self.medium_changed.emit()
        self.references_changed.emit()
        for fact in (self.brief_changed, self.making_changed, self.current_changed):
            fact.emit()
        self._warm_up()

    def _warm_up(self) -> None:
        if self.medium is Medium.AUDIO:
            self.player.warm_up()

    def _switch(self, project: Project) -> None:
        self.project_leaving.emit()
        old, old_history = self.project, self.history
        self._attach(project)
        old_history.deleteLater()
        if old is not project:
            old.close()

    def open(self, path: Path) -> None:
        """Raises nothing: what cannot be opened is told in one line, the open project stays."""
        if path.resolve() != self.project.path.resolve():
            self._try(lambda: self._switch(Project.open(path)))

    def new(self) -> None:
        self._try(lambda: self._switch(Project.fresh(data_folder())))

    def save_as(self, path: Path) -> None:
        self.project_leaving.emit()  # what is being written belongs into the copy, too
        self.background.run(lambda: self.project.save_as(path), self._switch, self._tell)

    def close(self) -> None:
        """Nothing waits to be saved but what is being written; engine and threads end here."""
        self.project_leaving.emit()
        self.adaptation.stop()
        self.blending.stop()
        self.learning.stop()
        self.judging.stop()
        self.making.cancel_all()
        self.music_export.cancel()
        self.player.stop()
        self.client.shutdown()
        for threads in (self.shelves, self.background, self.drafts):
            threads.close()
        self.jobs.close()
        self.project.close()

    # ---- references ----------------------------------------------------------------------------

    def add_sources(self, sources: Sequence[intake.Source], found: Sequence[Problem] = ()) -> None:
        """Files, folders, pictures and texts into the tray; what is refused is told there."""
        self.tray.add(self.project, self.history, sources, found, lambda one: one is self.project)

    # ---- music ----------------------------------------------------------------------------------

    def export(self, work_ids: Sequence[int], target: Path, wanted: Format, quality: int) -> None:
        if wanted in BY_THE_ENGINE:
            self.music_export.start(self.project, work_ids, target, wanted)
        else:
            super().export(work_ids, target, wanted, quality)

    # ---- facts from below ----------------------------------------------------------------------

    def _on_arrived(self, taken: intake.Intake) -> None:
        self.show_medium(taken.medium(self.medium))
        if taken.texts == len(self.project.references(Medium.TEXT)):
            self._try(lambda: self.briefs.write_as(taken.script))  # as the first ones are

    def _on_references_changed(self) -> None:
        self.judging.update()
        self.references_changed.emit()
        self.adaptation.update()

    def _on_style_changed(self) -> None:
        self.style_changed.emit()
        self._make_if_ready()
        self.making_changed.emit()

    def _on_growing(self, job: Job, _preview: Preview) -> None:
        asked = self.making.asked(job.id)
        if asked is not None and asked.medium is self.medium:
            self.growing.emit(job.id, job.previews)

    def _on_works_added(self, rows) -> None:
        if rows and rows[-1].medium is not self.medium:
            self._looked_at[rows[-1].medium] = rows[-1].id
            return
        self.works_added.emit(rows)
        if rows:
            self.select(rows[-1].id)

    def _on_engine_ready(self, hello) -> None:
        self.making.device = hello.device
        self.learning.update()
        self.engine_changed.emit()

    def _engine_version(self) -> str:
        return self.client.hello.engine_version if self.client.hello is not None else ""

    def _on_engine_state(self, state: EngineState) -> None:
        self.engine_changed.emit()
        if state is EngineState.FAILED and self.client.failure is not None:
            self.problem_raised.emit(problems.of_error(self.client.failure, retry=True))
