"""What the window is about: one open project, its jobs and its history, as facts and verbs.

Views read the facts, listen to the signals and call the verbs; nothing here knows a widget.
"""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from engine.messages import MAX_REFERENCES, Brief, GenerateRequest, Preview
from studio import intake, problems
from studio.adapting import Adaptation
from studio.background import Background
from studio.brief_edit import BriefEdit
from studio.client import EngineClient, EngineState
from studio.errors import MaquetteError
from studio.export import PictureFormat, export_works
from studio.history import History
from studio.jobs import Job, JobQueue
from studio.making import Making, brief_of, new_seed, varied
from studio.pictures import Pictures
from studio.problems import Problem
from studio.project import Project
from studio.settings import SettingsStore, data_folder
from studio.timings import Timings

THUMB_PX, THUMBS_KEPT = 320, 600
FULL_KEPT = 6


class Session(QObject):
    """The controller behind one window."""

    project_changed = Signal()
    references_changed = Signal()
    style_changed = Signal()
    brief_changed = Signal()
    making_changed = Signal()
    growing = Signal(str, object)  # job id, tuple[Preview, ...]: its works as they stand
    works_added = Signal(object)  # tuple[WorkRow, ...]
    work_changed = Signal(int)
    current_changed = Signal()
    engine_changed = Signal()
    tray_problem_raised = Signal(object)  # tuple[Problem, ...]
    problem_raised = Signal(object)  # Problem that belongs to no panel
    exported = Signal(object)  # tuple[Path, ...]
    export_failed = Signal(object)  # Problem

    def __init__(
        self,
        settings: SettingsStore,
        client: EngineClient,
        jobs: JobQueue,
        timings: Timings,
        project: Project,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.settings, self.client, self.jobs = settings, client, jobs
        self.background = Background(parent=self)
        self.thumbs = Pictures(self.background, THUMB_PX, THUMBS_KEPT, self)
        self.pictures = Pictures(self.background, 0, FULL_KEPT, self)
        self.adaptation = Adaptation(jobs, self.background, self)
        self.making = Making(jobs, self.background, timings, self)
        self.brief = Brief(seed=new_seed())
        self.seed_locked = False
        self.current: int | None = None  # the work that is looked at
        self._make_when_ready = False
        self._listen()
        self._attach(project)

    def _listen(self) -> None:
        self.adaptation.changed.connect(self._on_style_changed)
        self.adaptation.preview_arrived.connect(
            lambda job, preview: self.growing.emit(job.id, (preview,))
        )
        self.making.changed.connect(self.making_changed)
        self.making.preview_arrived.connect(self._on_growing)
        self.making.works_added.connect(self._on_works_added)
        self.client.ready.connect(self._on_engine_ready)
        self.client.state_changed.connect(self._on_engine_state)

    # ---- the project ---------------------------------------------------------------------------

    def _attach(self, project: Project) -> None:
        self.project = project
        self.history = History(project, self)
        self.history.references_changed.connect(self._on_references_changed)
        self.history.work_changed.connect(self.work_changed)
        self.history.failed.connect(
            lambda error: self.problem_raised.emit(problems.of_error(error))
        )
        self.thumbs.read_from(project.blob)
        self.pictures.read_from(project.blob)
        self.brief = project.brief() or self.brief
        self.current = None
        self._make_when_ready = False
        self.making.attach(project)
        self.adaptation.attach(project)
        if not project.is_untitled:
            self.settings.add_recent(project.path)
        if project.notice is not None:
            self.problem_raised.emit(problems.of_error(project.notice))
        self.project_changed.emit()
        self.brief_changed.emit()

    def _switch(self, project: Project) -> None:
        old, old_history = self.project, self.history
        self._attach(project)
        old_history.deleteLater()
        if old is not project:
            old.close()

    def open(self, path: Path) -> None:
        """Raises nothing: what cannot be opened is told in one line, the open project stays."""
        try:
            if path.resolve() != self.project.path.resolve():
                self._switch(Project.open(path))
        except MaquetteError as error:
            self.problem_raised.emit(problems.of_error(error))

    def new(self) -> None:
        try:
            self._switch(Project.fresh(data_folder()))
        except MaquetteError as error:
            self.problem_raised.emit(problems.of_error(error))

    def save_as(self, path: Path) -> None:
        self.background.run(
            lambda: self.project.save_as(path),
            self._switch,
            lambda error: self.problem_raised.emit(problems.of_error(error)),
        )

    def close(self) -> None:
        """Everything is saved already; only the engine and the threads end here."""
        self.adaptation.stop()
        self.making.cancel_all()
        self.client.shutdown()
        self.background.close()
        self.jobs.close()
        self.project.close()

    # ---- references ----------------------------------------------------------------------------

    def add_sources(self, sources: Sequence[intake.Source], found: Sequence[Problem] = ()) -> None:
        """Files, folders and pictures into the tray; what is refused is told there."""
        project = self.project
        room = MAX_REFERENCES - len(project.references())

        def collected(taken: intake.Intake) -> None:
            if project is not self.project:
                return
            told = [*found, *taken.problems]
            try:
                if taken.items:
                    self.history.add_references(taken.items)
            except MaquetteError as error:
                told.append(problems.of_error(error))
            self.tray_problem_raised.emit(tuple(told))

        self.background.run(
            lambda: intake.keep(project, intake.collect(sources, room)),
            collected,
            lambda error: self.tray_problem_raised.emit((*found, problems.of_error(error))),
        )

    def remove_reference(self, reference_id: int) -> None:
        self._try(lambda: self.history.remove_reference(reference_id))

    def set_weight(self, reference_id: int, weight: float) -> None:
        self._try(lambda: self.history.set_weight(reference_id, weight))

    # ---- making --------------------------------------------------------------------------------

    def set_brief(self, brief: Brief) -> None:
        """An edit by the artist: it can be undone."""
        if brief != self.brief:
            self.history.stack.push(BriefEdit(self.brief, brief, self.show_brief))

    def show_brief(self, brief: Brief) -> None:
        self.brief = brief
        self._try(lambda: self.project.save_brief(brief))
        self.brief_changed.emit()

    def can_make(self) -> bool:
        return self.adaptation.style is not None or self.adaptation.is_busy

    def make(self) -> None:
        """Make what the brief asks for; while the style is being adapted, as soon as it stands."""
        if self.adaptation.is_busy:
            self._make_when_ready = True
            self.making_changed.emit()
        elif self.adaptation.style is not None:
            self._make_when_ready = False
            if not self.seed_locked:
                self.show_brief(replace(self.brief, seed=new_seed()))
            self.making.start(self.adaptation.style, self.brief)

    def final_size(self, job_id: str) -> tuple[int, int] | None:
        """What the works of a job grow towards, when that is known."""
        job = self.making.job
        if job is None or job.id != job_id or not isinstance(job.request, GenerateRequest):
            return None
        return job.request.brief.width_px, job.request.brief.height_px

    @property
    def waits_for_style(self) -> bool:
        return self._make_when_ready

    def vary(self, work_id: int) -> None:
        """More works as this one was made, with new seeds."""
        row = self.project.work(work_id)
        fallback = replace(self.brief, width_px=row.width_px, height_px=row.height_px)
        brief = brief_of(self.project.sidecar(work_id), fallback)
        self.making.start(self.project.style(row.style_id), varied(brief, self.brief.count))

    def cancel(self) -> None:
        if self._make_when_ready:
            self._make_when_ready = False
            self.making_changed.emit()
        elif self.making.is_busy:
            self.making.cancel()
        else:
            self.adaptation.cancel()

    # ---- works ---------------------------------------------------------------------------------

    def select(self, work_id: int | None) -> None:
        if work_id != self.current:
            self.current = work_id
            self.current_changed.emit()

    def rate(self, work_id: int, value: int) -> None:
        self._try(lambda: self.history.rate(work_id, value))

    def toggle_kept(self, work_id: int) -> None:
        kept = self.project.work(work_id).kept
        self._try(lambda: self.history.set_kept(work_id, not kept))

    def set_hidden(self, work_id: int, hidden: bool) -> None:
        self._try(lambda: self.history.set_hidden(work_id, hidden))

    def export(
        self, work_ids: Sequence[int], target: Path, picture_format: PictureFormat, quality: int
    ) -> None:
        project = self.project
        self.background.run(
            lambda: export_works(project, work_ids, target, picture_format, quality=quality),
            self.exported.emit,
            lambda error: self.export_failed.emit(problems.of_error(error)),
        )

    # ---- facts from below ----------------------------------------------------------------------

    def _try(self, act) -> None:
        try:
            act()
        except MaquetteError as error:
            self.problem_raised.emit(problems.of_error(error))

    def _on_references_changed(self) -> None:
        self.references_changed.emit()
        self.adaptation.update()

    def _on_style_changed(self) -> None:
        self.style_changed.emit()
        if self._make_when_ready and not self.adaptation.is_busy:
            self._make_when_ready = False
            if self.adaptation.problem is None:
                self.make()
        self.making_changed.emit()

    def _on_growing(self, job: Job, _preview: Preview) -> None:
        if self.making.job is not None and job.id == self.making.job.id:
            self.growing.emit(job.id, job.previews)

    def _on_works_added(self, rows) -> None:
        self.works_added.emit(rows)
        if rows:
            self.select(rows[-1].id)

    def _on_engine_ready(self, hello) -> None:
        self.making.device = hello.device
        self.engine_changed.emit()

    def _on_engine_state(self, state: EngineState) -> None:
        self.engine_changed.emit()
        if state is EngineState.FAILED and self.client.failure is not None:
            self.problem_raised.emit(problems.of_error(self.client.failure, retry=True))
