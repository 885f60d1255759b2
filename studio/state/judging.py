"""What the critic says of works: asked when somebody looks, kept in memory, never waited for."""

from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial

from PySide6.QtCore import QObject, Signal

from engine.messages import (
    JudgeRequest,
    JudgeResult,
    Medium,
    NamedStyle,
    Reference,
    WorkReport,
)
from studio.client.background import Background
from studio.client.job_queue import Job, JobQueue, JobState
from studio.project.project import Project, ReferenceRow, StyleRow, WorkRow
from studio.state import problems
from studio.state.adaptation import learned_styles
from studio.state.engine_files import Laying
from studio.state.problems import Problem
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
class _Asked:
    keys: tuple[Key, ...]
    works: tuple[int, ...]
    sets: Sets
    paths: tuple[str, ...] = ()


class Judging(QObject):
    """Reports on works against the references in the tray, and against the project's styles.

    What was said before there was another style holds but for the style that is nearest: it is
    shown, and asked for anew when somebody looks.
    """

    changed = Signal()  # a report has come, or will not come

    def __init__(
        self,
        jobs: JobQueue,
        background: Background,
        laying: Laying,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._jobs, self._background, self._laying = jobs, background, laying
        self._project: Project | None = None
        self._medium = Medium.IMAGE
        self._rows: tuple[ReferenceRow, ...] = ()
        self._theirs = ""  # digests of the references
        self._known: OrderedDict[Key, WorkReport] = OrderedDict()
        self._verdicts: dict[tuple[Key, ...], Verdict] = {}
        self._told_of: dict[tuple[Key, ...], Sets] = {}  # the styles that were asked about
        self._asked: dict[str, _Asked] = {}  # by job id
        self._failed: dict[tuple[Key, ...], Problem] = {}
        jobs.job_finished.connect(self._on_job_finished)

    def attach(self, project: Project, medium: Medium) -> None:
        """Judge works of this medium of this project from now on."""
        self.stop()
        if project is not self._project:
            self._known.clear()
            self._told_of.clear()
        self._project, self._medium = project, medium
        self._verdicts.clear()
        self.update()

    def update(self) -> None:
        """The tray may have changed: what was said holds for the references it was said against."""
        assert self._project is not None
        self._rows = self._project.references(self._medium)
        self._theirs = " ".join(sorted(row.digest for row in self._rows))
        self._failed.clear()
        self.changed.emit()

    def stop(self) -> None:
        """Drop what waits; what runs ends by itself and is not heard."""
        waiting = {job.id for job in self._jobs.jobs() if job.state is JobState.WAITING}
        asked, self._asked = self._asked, {}
        for job_id in asked.keys() & waiting:
            self._jobs.cancel(job_id)

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
        return any(asked.keys == self._keys(works) for asked in self._asked.values())

    def ask(self, works: Sequence[WorkRow], again: bool = False) -> None:
        """Judge these together, unless that is known, under way, or failed (but for `again`)."""
        keys = self._keys(works)
        if again:
            self._failed.pop(keys, None)
        if not works or not self._rows or keys in self._failed:
            return
        assert self._project is not None
        styles = learned_styles(self._project, self._medium)[:MOST_STYLES]
        sets = frozenset(frozenset(style.reference_weights) for style in styles)
        if self._is_told(keys, sets):
            return
        job_id, _folder = self._jobs.open_job()
        self._asked[job_id] = _Asked(keys, tuple(work.id for work in works), sets)
        project, rows, works = self._project, self._rows, tuple(works)
        self._background.run(
            lambda: self._request(project, rows, works, styles, job_id),
            partial(self._submit, job_id),
            lambda error: self._fail(job_id, problems.of_error(error, retry=True)),
        )
        self.changed.emit()

    def _is_told(self, keys: tuple[Key, ...], sets: Sets) -> bool:
        """Whether these were judged beside these styles, together or by themselves, or will be."""
        asked = any(one.keys == keys and one.sets == sets for one in self._asked.values())
        at_hand = len(keys) == 1 or keys in self._verdicts
        return asked or (at_hand and self._told_of.get(keys) == sets)

    def _keys(self, works: Iterable[WorkRow]) -> tuple[Key, ...]:
        return tuple((work.shown_digest, self._theirs) for work in works)

    def _request(
        self,
        project: Project,
        rows: tuple[ReferenceRow, ...],
        works: tuple[WorkRow, ...],
        styles: tuple[StyleRow, ...],
        job_id: str,
    ) -> JudgeRequest:
        theirs = self._laying.references(project, rows)
        paths = self._laying.works(project, works)
        return JudgeRequest(
            job_id=job_id,
            references=tuple(Reference(path=str(theirs[r.id]), weight=r.weight) for r in rows),
            works=tuple(str(paths[work.id]) for work in works),
            medium=works[0].medium,
            styles=tuple(
                NamedStyle(path=str(self._laying.style(project, style)), name=name)
                for style, name in zip(styles, names_of(project, styles), strict=True)
            ),
        )

    def _submit(self, job_id: str, request: JudgeRequest) -> None:
        if (asked := self._asked.get(job_id)) is not None:
            self._asked[job_id] = replace(asked, paths=request.works)
            self._jobs.submit(request)

    def _on_job_finished(self, job: Job) -> None:
        asked = self._asked.get(job.id)
        if asked is None:
            return
        if job.state is JobState.DONE and isinstance(job.result, JudgeResult):
            self._keep(asked, job.result)
            del self._asked[job.id]
            self.changed.emit()
        elif job.state is JobState.FAILED:
            self._fail(job.id, problems.of_job(job))
        else:  # the engine was restarted for another reason: whoever looks next asks again
            del self._asked[job.id]
            self.changed.emit()
        self._jobs.forget(job.id)

    def _keep(self, asked: _Asked, result: JudgeResult) -> None:
        places = dict(zip(asked.paths, asked.keys, strict=True))
        for report in result.works:
            self._known[places[report.path]] = report
            self._told_of[(places[report.path],)] = asked.sets
        self._told_of[asked.keys] = asked.sets
        while len(self._known) > KEPT:
            key, _report = self._known.popitem(last=False)
            self._told_of.pop((key,), None)
        told = {report.path for report in result.works}
        pairs = zip(asked.works, asked.paths, strict=True)
        works = tuple(work_id for work_id, path in pairs if path in told)
        self._verdicts[asked.keys] = Verdict(works, result.match, result.diversity)

    def _fail(self, job_id: str, problem: Problem) -> None:
        if (asked := self._asked.pop(job_id, None)) is not None:
            self._failed[asked.keys] = problem
            self.changed.emit()


def names_of(project: Project, styles: Sequence[StyleRow]) -> list[str]:
    """Each by its references, as short as they can be told apart."""
    keys = list(dict.fromkeys(key for style in styles for key in style.reference_weights))
    short = dict(zip(keys, short_names([project.reference(key).name for key in keys]), strict=True))
    return [", ".join(short[key] for key in style.reference_weights) for style in styles]
