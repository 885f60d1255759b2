"""Feedback → a style that follows it, by itself, soon after something was said.

What is learned is a pure function of the feedback that stands: an undone rating finds again what
was known before it. Only a learned style that makes works comes into the project.
"""

from collections import OrderedDict
from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QObject, QTimer

from engine.protocol import Medium, StyleResult
from studio.client.background import Background
from studio.client.job_queue import Job, JobQueue
from studio.i18n.errors import MaquetteError
from studio.project.project import Project
from studio.project.rows import DEFAULT_MEDIUM, StyleRow
from studio.state import problems
from studio.state.adaptation import Adaptation
from studio.state.engine_files import EngineFiles
from studio.state.feedback import Feedback, feedback_of
from studio.state.job_controller import JobController, Task
from studio.state.learned_style import (
    FeedbackState,
    LearnedStyle,
    LearnOrder,
    read_feedback,
    request_of,
)
from studio.state.medium import Media
from studio.state.problems import Problem

SETTLE_MS = 250  # several stars in a row are learned from at once
_KEPT = 8  # what was learned before, for undo; each has a style file in the scratch folder


class Learning(JobController[LearnOrder]):
    """Keeps what is learned in step with the feedback. Nothing waits for it but the next works."""

    def __init__(
        self,
        jobs: JobQueue,
        background: Background,
        media: Media,
        adaptation: Adaptation,
        files: EngineFiles,
        version: Callable[[], str],
        parent: QObject | None = None,
    ) -> None:
        """version: the engine's, "" until it is known: what another one learned does not count."""
        super().__init__(jobs, background, parent)
        self._media, self._adaptation = media, adaptation
        self._files, self._version = files, version
        self._project: Project | None = None
        self._medium = DEFAULT_MEDIUM
        self._round = 0  # what was read of older feedback is dropped
        self._known: OrderedDict[str, tuple[Task[LearnOrder], LearnedStyle]] = OrderedDict()
        self._failed: tuple[str, Problem] | None = None  # key
        self._style_digest = ""
        self.is_busy = False  # the feedback that stands is not learned yet, but will be
        self.feedback, self.feature_space = Feedback(), ""
        self.learned: LearnedStyle | None = None  # the one before, while a new one is learned
        self.problem: Problem | None = None
        self._soon = QTimer(self, singleShot=True, interval=SETTLE_MS)
        self._soon.timeout.connect(self._on_settled)
        adaptation.changed.connect(self._on_style_changed)

    def attach(self, project: Project, medium: Medium) -> None:
        """Serve this medium of this project from now on."""
        self.stop()
        self._project, self._medium = project, medium
        self._keep_known(0)
        self.feedback, self.learned, self.problem, self._failed = Feedback(), None, None, None
        self.update()

    def stop(self) -> None:
        """Drop what waits; what runs ends by itself and is not heard."""
        self._soon.stop()
        self._round += 1
        self._drop(running=False)
        self.is_busy = False

    def update(self) -> None:
        """Something may have been said, or taken back."""
        self._round += 1
        self.is_busy = self._has_enough()
        if not self.is_busy:
            self.learned = self.problem = None
        self._soon.start()
        self.changed.emit()

    def _has_enough(self) -> bool:
        """Whether there is something to be learned now; quick, as two short queries tell."""
        if self._project is None or self._adaptation.style is None:
            return False
        try:
            self.feedback = feedback_of(self._project, self._medium)
        except MaquetteError:
            return False  # the same is reported when it is read in full
        return self.feedback.is_enough()

    @property
    def has_enough(self) -> bool:
        """Whether there is enough to follow in the feedback that stands."""
        return self.feedback.is_enough(self.feature_space)

    def retry(self) -> None:
        self._failed = None
        self.update()

    def _on_style_changed(self) -> None:
        style = self._adaptation.style
        if (style.digest if style else "") != self._style_digest and self._project is not None:
            self.update()

    # ---- the feedback that stands --------------------------------------------------------------

    def _on_settled(self) -> None:
        """Without an engine, wait: whoever knows that it is ready says so by `update`."""
        assert self._project is not None
        project, rules, style = self._project, self._media[self._medium], self._adaptation.style
        self._style_digest = style.digest if style else ""
        if version := self._version():
            self._background.run(
                lambda: read_feedback(project, rules, style, version),
                partial(self._on_read, self._round, style),
                lambda error: self._settle(None, problems.of_error(error, retry=True)),
            )

    def _on_read(self, this_round: int, style: StyleRow | None, found: FeedbackState) -> None:
        if this_round != self._round:
            return
        self.feedback, self.feature_space, key = found.feedback, found.feature_space, found.key
        if style is None or not key:
            self._settle(None)
        elif key in self._known:
            self._settle(self._known[key][1])
        elif found.learned is not None:
            self._settle(found.learned)
        elif self._failed is not None and self._failed[0] == key:
            self._settle(None, self._failed[1])
        elif all(task.asked.state.key != key for task in self._tasks.values()):
            self._ask(style, found)

    def _settle(self, learned: LearnedStyle | None, problem: Problem | None = None) -> None:
        self.is_busy, self.learned, self.problem = False, learned, problem
        self.changed.emit()

    # ---- asking the engine ---------------------------------------------------------------------

    def _ask(self, style: StyleRow, found: FeedbackState) -> None:
        """A job that runs for older feedback is left to end: it may be wanted by an undo."""
        assert self._project is not None
        self._drop_waiting()
        order = LearnOrder(self._project, self._media[self._medium], style, found)
        self._start(order, lambda job_id, folder: request_of(order, self._files, job_id, folder))
        self.changed.emit()

    def _on_done(self, task: Task[LearnOrder], job: Job) -> None:
        self._end(task)
        key, result = task.asked.state.key, job.result
        assert isinstance(result, StyleResult)
        self._known[key] = task, LearnedStyle.of_result(key, result)
        self._keep_known(_KEPT)
        self._look_again()

    def _on_failed(self, task: Task[LearnOrder], problem: Problem) -> None:
        self._failed = task.asked.state.key, problem
        self._forget(task)
        self._look_again()

    def _on_cancelled(self, task: Task[LearnOrder]) -> None:
        self._forget(task)
        self._look_again()

    def _look_again(self) -> None:
        if not self._soon.isActive():
            self._on_settled()

    def _keep_known(self, most: int) -> None:
        while len(self._known) > most:
            _key, (task, _learned) = self._known.popitem(last=False)
            self._forget(task)
