"""What was said of works → a style that follows it, by itself, soon after something was said.

What is learned is a pure function of what stands said: an undone rating finds again what was known
before it. Only a taught style that makes works comes into the project.
"""

from collections import OrderedDict
from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QObject, QTimer, Signal

from engine.messages import LearnRequest, Medium, StyleResult
from studio.client.background import Background
from studio.client.job_queue import Job, JobQueue, JobState
from studio.i18n.errors import MaquetteError
from studio.project.project import Project, StyleRow
from studio.state import problems
from studio.state.adaptation import Adaptation
from studio.state.engine_files import Laying
from studio.state.feedback import Said, said_of
from studio.state.learned_style import Read, Taught, read, request_of
from studio.state.problems import Problem

SETTLE_MS = 250  # several stars in a row are learned from at once
_KEPT = 8  # what was learned before, for undo; each has a style file in the scratch folder


class Learning(QObject):
    """Keeps what is learned in step with what was said. Nothing waits for it but the next works."""

    changed = Signal()

    def __init__(
        self,
        jobs: JobQueue,
        background: Background,
        adaptation: Adaptation,
        laying: Laying,
        version: Callable[[], str],
        parent: QObject | None = None,
    ) -> None:
        """version: the engine's, "" until it is known: what another one taught does not count."""
        super().__init__(parent)
        self._jobs, self._background, self._adaptation = jobs, background, adaptation
        self._laying, self._version = laying, version
        self._project: Project | None = None
        self._medium = Medium.IMAGE
        self._round = 0  # what was read or laid out for something said before is dropped
        self._asked: dict[str, str] = {}  # job id → key
        self._known: OrderedDict[str, tuple[str, Taught]] = OrderedDict()  # key → job id, Taught
        self._failed: tuple[str, Problem] | None = None  # key
        self._style_digest = ""
        self.is_busy = False  # what stands said is not learned yet, but will be
        self.said, self.kind = Said(), ""
        self.taught: Taught | None = None  # what stands; the one before while a new one is learned
        self.problem: Problem | None = None
        self._soon = QTimer(self, singleShot=True, interval=SETTLE_MS)
        self._soon.timeout.connect(self._on_settled)
        jobs.job_finished.connect(self._on_job_finished)
        adaptation.changed.connect(self._on_style_changed)

    def attach(self, project: Project, medium: Medium) -> None:
        """Serve this medium of this project from now on."""
        self.stop()
        self._project, self._medium = project, medium
        self._keep_known(0)
        self.said, self.taught, self.problem, self._failed = Said(), None, None, None
        self.update()

    def stop(self) -> None:
        """Drop what waits; what runs ends by itself and is not heard."""
        self._soon.stop()
        self._round += 1
        self._drop_waiting()
        self._asked.clear()
        self.is_busy = False

    def update(self) -> None:
        """Something may have been said, or taken back."""
        self._round += 1
        self.is_busy = self._teaches()
        if not self.is_busy:
            self.taught = self.problem = None
        self._soon.start()
        self.changed.emit()

    def _teaches(self) -> bool:
        """Whether there is something to be learned now; quick, as two short queries tell."""
        if self._project is None or self._adaptation.style is None:
            return False
        try:
            self.said = said_of(self._project, self._medium)
        except MaquetteError:
            return False  # the same is told when it is read in full
        return self.said.teaches()

    @property
    def teaches(self) -> bool:
        """Whether there is enough to follow in what stands said."""
        return self.said.teaches(self.kind)

    def retry(self) -> None:
        self._failed = None
        self.update()

    def _on_style_changed(self) -> None:
        style = self._adaptation.style
        if (style.digest if style else "") != self._style_digest and self._project is not None:
            self.update()

    # ---- what stands said ----------------------------------------------------------------------

    def _on_settled(self) -> None:
        """Without an engine, wait: whoever knows that it is ready says so by `update`."""
        assert self._project is not None
        project, medium, style = self._project, self._medium, self._adaptation.style
        self._style_digest = style.digest if style else ""
        if version := self._version():
            self._background.run(
                lambda: read(project, medium, style, version),
                partial(self._on_read, self._round, style),
                self._on_error,
            )

    def _on_read(self, this_round: int, style: StyleRow | None, found: Read) -> None:
        if this_round != self._round:
            return
        self.said, self.kind, key = found.said, found.kind, found.key
        if style is None or not key:
            self._settle(None)
        elif key in self._known:
            self._settle(self._known[key][1])
        elif found.taught is not None:
            self._settle(found.taught)
        elif self._failed is not None and self._failed[0] == key:
            self._settle(None, self._failed[1])
        elif key not in self._asked.values():
            self._ask(style, found)

    def _settle(self, taught: Taught | None, problem: Problem | None = None) -> None:
        self.is_busy, self.taught, self.problem = False, taught, problem
        self.changed.emit()

    def _on_error(self, error: Exception) -> None:
        self._settle(None, problems.of_error(error, retry=True))

    # ---- asking the engine ---------------------------------------------------------------------

    def _ask(self, style: StyleRow, found: Read) -> None:
        assert self._project is not None
        project = self._project
        job_id, folder = self._jobs.open_job()
        self._background.run(
            lambda: request_of(project, style, found, self._laying, job_id, folder),
            partial(self._submit, self._round, found.key),
            self._on_error,
        )
        self.changed.emit()

    def _submit(self, this_round: int, key: str, request: LearnRequest) -> None:
        if this_round == self._round:
            self._drop_waiting()
            self._asked[request.job_id] = key
            self._jobs.submit(request)

    def _drop_waiting(self) -> None:
        """Of what was said before; a job that runs is left to end: it may be wanted by an undo."""
        for job in self._jobs.jobs():
            if job.id in self._asked and job.state is JobState.WAITING:
                del self._asked[job.id]
                self._jobs.cancel(job.id)

    def _on_job_finished(self, job: Job) -> None:
        key, style = self._asked.pop(job.id, ""), self._adaptation.style
        if not key or style is None:
            return
        if job.state is JobState.DONE and isinstance(job.result, StyleResult):
            self._known[key] = job.id, Taught.of_result(key, job.result)
            self._keep_known(_KEPT)
        else:
            if job.state is JobState.FAILED:
                self._failed = key, problems.of_job(job)
            self._jobs.forget(job.id)
        if not self._soon.isActive():
            self._on_settled()

    def _keep_known(self, most: int) -> None:
        while len(self._known) > most:
            _key, (job_id, _taught) = self._known.popitem(last=False)
            self._jobs.forget(job_id)
