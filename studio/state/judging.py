"""What the critic says of works: asked when somebody looks, kept in memory, never waited for."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QObject

from engine.protocol import (
    JudgeRequest,
    JudgeResult,
    Medium,
    NamedStyle,
    Reference,
    WorkReport,
)
from studio.client.background import Background
from studio.client.job_queue import Job, JobQueue
from studio.project.project import Project
from studio.project.rows import DEFAULT_MEDIUM, ReferenceRow, StyleRow, WorkRow
from studio.state.adaptation import adapted_styles
from studio.state.engine_files import EngineFiles
from studio.state.job_controller import JobController, Task
from studio.state.problems import Problem
from studio.state.recent import Recent
from studio.state.titles import short_names

KEPT = 5000
MOST_STYLES = 12  # newest ones that a work is held against
Key = tuple[str, str]  # digests of the work as it is shown, and of all references
Sets = frozenset[frozenset[int]]  # of references: of each a style, however these were weighted


@dataclass(frozen=True, slots=True)
class Verdict:
    """On several works together. diversity: how many different ones there are, 1 … their number."""

    works: tuple[int, ...]
    match: float
    diversity: float


@dataclass(frozen=True, slots=True)
class JudgeOrder:
    """Works to be judged together, against references and beside styles."""

    project: Project
    keys: tuple[Key, ...]  # of the works
    works: tuple[WorkRow, ...]
    references: tuple[ReferenceRow, ...]
    styles: tuple[StyleRow, ...]

    @property
    def sets(self) -> Sets:
        return sets_of(self.styles)


class Judging(JobController[JudgeOrder]):
    """Reports on works against the references in the tray, and against the project's styles.

    What was said before there was another style holds but for the style that is nearest: it is
    shown, and asked for anew when somebody looks. `changed`: a report has come, or will not come.
    """

    def __init__(
        self,
        jobs: JobQueue,
        background: Background,
        files: EngineFiles,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(jobs, background, parent)
        self._files = files
        self._project: Project | None = None
        self._medium = DEFAULT_MEDIUM
        self._rows: tuple[ReferenceRow, ...] = ()
        self._theirs = ""  # digests of the references
        self._known: Recent[Key, WorkReport] = Recent(KEPT)
        self._verdicts: Recent[tuple[Key, ...], Verdict] = Recent(KEPT)
        self._styles_of: Recent[tuple[Key, ...], Sets] = Recent(KEPT)  # that were asked about
        self._failed: dict[tuple[Key, ...], Problem] = {}

    def attach(self, project: Project, medium: Medium) -> None:
        """Judge works of this medium of this project from now on."""
        self.stop()
        if project is not self._project:
            self._known.clear()
            self._styles_of.clear()
        self._project, self._medium = project, medium
        self._verdicts.clear()
        self.update()

    def update(self) -> None:
        """The tray may have changed: what was said holds for the references it was said against."""
        assert self._project is not None
        self._rows = self._project.references.all(self._medium)
        self._theirs = " ".join(sorted(row.digest for row in self._rows))
        self._failed.clear()
        self.changed.emit()

    def stop(self) -> None:
        """Drop what waits; what runs ends by itself and is not heard."""
        self._drop(running=False)

    # ---- facts ---------------------------------------------------------------------------------

    @property
    def is_busy(self) -> bool:
        """Whether any answer is on its way."""
        return bool(self._tasks)

    @property
    def can_judge(self) -> bool:
        """Whether there is something to hold works against."""
        return bool(self._rows)

    def report(self, work: WorkRow) -> WorkReport | None:
        """What lies at hand; it is not asked for."""
        return self._known.get((work.shown_digest, self._theirs))

    def verdict(self, works: Sequence[WorkRow]) -> Verdict | None:
        return self._verdicts.get(self._keys(works))

    def problem(self, works: Sequence[WorkRow]) -> Problem | None:
        """Why there is no report on exactly these."""
        return self._failed.get(self._keys(works))

    def is_asked(self, works: Sequence[WorkRow]) -> bool:
        """Whether an answer on exactly these is on its way."""
        keys = self._keys(works)
        return any(task.asked.keys == keys for task in self._tasks.values())

    # ---- asking the engine ---------------------------------------------------------------------

    def ask(self, works: Sequence[WorkRow], again: bool = False) -> None:
        """Judge these together, unless that is known, under way, or failed (but for `again`)."""
        keys = self._keys(works)
        if again:
            self._failed.pop(keys, None)
        if not works or not self._rows or keys in self._failed:
            return
        assert self._project is not None
        styles = adapted_styles(self._project, self._medium)[:MOST_STYLES]
        if self._is_known(keys, sets_of(styles)):
            return
        order = JudgeOrder(self._project, keys, tuple(works), self._rows, styles)
        self._start(order, lambda job_id, _folder: request_of(order, self._files, job_id))
        self.changed.emit()

    def _is_known(self, keys: tuple[Key, ...], sets: Sets) -> bool:
        """Whether these were judged beside these styles, together or by themselves, or will be."""
        orders = [task.asked for task in self._tasks.values()]
        asked = any(order.keys == keys and order.sets == sets for order in orders)
        at_hand = len(keys) == 1 or keys in self._verdicts
        return asked or (at_hand and self._styles_of.get(keys) == sets)

    def _keys(self, works: Iterable[WorkRow]) -> tuple[Key, ...]:
        return tuple((work.shown_digest, self._theirs) for work in works)

    def _on_done(self, task: Task[JudgeOrder], job: Job) -> None:
        self._end(task)
        assert isinstance(job.request, JudgeRequest)
        assert isinstance(job.result, JudgeResult)
        self._keep(task.asked, job.request.works, job.result)
        self._forget(task)
        self.changed.emit()

    def _keep(self, order: JudgeOrder, paths: tuple[str, ...], result: JudgeResult) -> None:
        places = dict(zip(paths, order.keys, strict=True))
        for report in result.works:
            self._known.put(places[report.path], report)
            self._styles_of.put((places[report.path],), order.sets)
        self._styles_of.put(order.keys, order.sets)
        reported = {report.path for report in result.works}
        pairs = zip(order.works, paths, strict=True)
        works = tuple(work.id for work, path in pairs if path in reported)
        self._verdicts.put(order.keys, Verdict(works, result.match, result.diversity))

    def _on_failed(self, task: Task[JudgeOrder], problem: Problem) -> None:
        self._failed[task.asked.keys] = problem
        self._forget(task)
        self.changed.emit()

    def _on_cancelled(self, task: Task[JudgeOrder]) -> None:
        """The engine was restarted for another reason: whoever looks next asks again."""
        self._forget(task)
        self.changed.emit()


def sets_of(styles: Iterable[StyleRow]) -> Sets:
    return frozenset(frozenset(style.reference_weights) for style in styles)


def request_of(order: JudgeOrder, files: EngineFiles, job_id: str) -> JudgeRequest:
    """Write works, references and styles as files, and ask for reports. Slow."""
    project, styles = order.project, order.styles
    theirs = files.references(project, order.references)
    paths = files.works(project, order.works)
    return JudgeRequest(
        job_id=job_id,
        references=tuple(
            Reference(path=str(theirs[row.id]), weight=row.weight) for row in order.references
        ),
        works=tuple(str(paths[work.id]) for work in order.works),
        medium=order.works[0].medium,
        styles=tuple(
            NamedStyle(path=str(files.style(project, style)), name=name)
            for style, name in zip(styles, names_of(project, styles), strict=True)
        ),
    )


def names_of(project: Project, styles: Sequence[StyleRow]) -> list[str]:
    """Each by its references, as short as they can be told apart."""
    keys = list(dict.fromkeys(key for style in styles for key in style.reference_weights))
    names = short_names([project.references.get(key).name for key in keys])
    short = dict(zip(keys, names, strict=True))
    return [", ".join(short[key] for key in style.reference_weights) for style in styles]
