"""References → style, by itself: soon after the tray changed, the engine is asked."""

from enum import Enum
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal

from engine.messages import AdaptRequest, Medium, Preview, Reference, StyleResult
from studio.client.background import Background
from studio.client.job_queue import Job, JobQueue, JobState
from studio.project.project import Project, ReferenceRow, StyleRow
from studio.state import problems
from studio.state.problems import Problem

SETTLE_MS = 400  # several drops, or a slider that is still moving, become one adaptation


class StyleState(Enum):
    EMPTY = "empty"  # no references
    WAITING = "waiting"  # the tray has just changed
    ADAPTING = "adapting"
    READY = "ready"
    FAILED = "failed"


class Adaptation(QObject):
    """Keeps the style in step with the tray; the old style is in use until the new one stands."""

    changed = Signal()
    progressed = Signal()
    preview_arrived = Signal(object, object)  # Job, Preview: the first look

    def __init__(self, jobs: JobQueue, background: Background, parent: QObject | None = None):
        super().__init__(parent)
        self._jobs, self._background = jobs, background
        self._project: Project | None = None
        self._medium = Medium.IMAGE
        self._job_id = ""
        self._round = 0  # what was prepared for an older tray is dropped
        self._weights: dict[int, float] = {}
        self._ids: dict[str, int] = {}
        self.state = StyleState.EMPTY
        self.job: Job | None = None
        self.style: StyleRow | None = None
        self.problem: Problem | None = None
        self.refusals: dict[int, Problem] = {}
        self._soon = QTimer(self, singleShot=True, interval=SETTLE_MS)
        self._soon.timeout.connect(self._on_settled)
        jobs.job_changed.connect(self._on_job_changed)
        jobs.job_finished.connect(self._on_job_finished)
        jobs.preview_arrived.connect(self._on_preview)

    def attach(self, project: Project, medium: Medium) -> None:
        """Serve this medium of this project from now on."""
        self.stop()
        self._project, self._medium, self.style, self.refusals = project, medium, None, {}
        self.state, self.problem = StyleState.EMPTY, None
        self.update()

    @property
    def is_busy(self) -> bool:
        return self.state in (StyleState.WAITING, StyleState.ADAPTING)

    @property
    def seconds(self) -> float:
        return float(self.style.lineage.get("seconds", 0.0)) if self.style else 0.0

    def update(self) -> None:
        """The tray may have changed: use the style that fits it, or adapt soon."""
        assert self._project is not None
        weights = {row.id: row.weight for row in self._project.references(self._medium)}
        if self.is_busy and weights == self._weights:
            return
        self.stop()
        self._weights = weights
        latest = self._project.latest_style(self._medium)
        if not weights:
            self.style, self.refusals = None, {}
            self._set(StyleState.EMPTY)
        elif latest is not None and stands_for(latest) == weights:
            self._use(latest)
        else:
            self.refusals = {key: line for key, line in self.refusals.items() if key in weights}
            self._soon.start()
            self._set(StyleState.WAITING)

    @property
    def parents(self) -> int:
        """Of how many styles this one is a blend; 0 when it was learned."""
        return len(self.style.lineage.get("blend", ())) if self.style else 0

    @property
    def weights(self) -> dict[int, float]:
        """The tray that the style is for, by reference id."""
        return dict(self._weights)

    def use(self, style: StyleRow) -> None:
        """Another style for the tray as it is, until the tray changes."""
        if not self.is_busy and stands_for(style) == self._weights:
            self._use(style)

    def retry(self) -> None:
        self._set(StyleState.WAITING)
        self._on_settled()

    def stop(self) -> None:
        """Cancel what runs; the last good style stays."""
        self._soon.stop()
        self._round += 1
        if self._job_id:
            job_id, self._job_id, self.job = self._job_id, "", None
            self._jobs.cancel(job_id)

    def cancel(self) -> None:
        if self.is_busy:
            self.stop()
            self._set(StyleState.READY if self.style else StyleState.FAILED, CANCELLED)

    @property
    def caution(self) -> Problem | None:
        """What to know of this style: that it only recombines its references."""
        language = self.style.lineage.get("memory_only", "") if self.style else ""
        return Problem("style.memory_only", {"language": language}) if language else None

    @property
    def remarks(self) -> tuple[Problem, ...]:
        """How references were read that were not as they should be."""
        kept = self.style.lineage.get("remarks", ()) if self.style else ()
        return tuple(map(problems.unpack, kept))

    def _set(self, state: StyleState, problem: Problem | None = None) -> None:
        self.state, self.problem = state, problem
        self.changed.emit()

    def _use(self, style: StyleRow) -> None:
        self.style = style
        refused = style.lineage.get("refused", {})
        self.refusals = {int(key): problems.unpack(kept) for key, kept in refused.items()}
        self._set(StyleState.READY)

    def _on_settled(self) -> None:
        assert self._project is not None
        project, this_round = self._project, self._round
        job_id, folder = self._jobs.open_job()
        rows = project.references(self._medium)
        self._background.run(
            lambda: lay_out(project, rows, folder),
            lambda paths: self._submit(job_id, folder, rows, paths, this_round),
            lambda error: self._set(StyleState.FAILED, problems.of_error(error, retry=True)),
        )

    def _submit(
        self,
        job_id: str,
        folder: Path,
        rows: tuple[ReferenceRow, ...],
        paths: list[str],
        this_round: int,
    ) -> None:
        if this_round != self._round:
            return
        self._job_id = job_id
        self._ids = {path: row.id for path, row in zip(paths, rows, strict=True)}
        references = tuple(
            Reference(path=path, weight=row.weight) for path, row in zip(paths, rows, strict=True)
        )
        out, preview_dir = str(folder / "new.style"), str(folder)
        self._set(StyleState.ADAPTING)
        self.job = self._jobs.submit(
            AdaptRequest(
                job_id=job_id,
                references=references,
                out=out,
                medium=self._medium,
                preview_dir=preview_dir,
            )
        )

    def _on_preview(self, job: Job, preview: Preview) -> None:
        if job.id == self._job_id:
            self.preview_arrived.emit(job, preview)

    def _on_job_changed(self, job: Job) -> None:
        if job.id == self._job_id and not job.is_over:
            self.job = job
            self.progressed.emit()

    def _on_job_finished(self, job: Job) -> None:
        if job.id != self._job_id:
            return
        self._job_id, self.job = "", None
        if job.state is JobState.DONE and isinstance(job.result, StyleResult):
            self._keep(job.result)
        elif job.state is JobState.FAILED:
            self._set(StyleState.FAILED, problems.of_job(job))
        else:
            self._set(StyleState.READY if self.style else StyleState.FAILED, CANCELLED)

    def _keep(self, result: StyleResult) -> None:
        """Into the project before anything is made with it."""
        assert self._project is not None
        project, weights, this_round = self._project, dict(self._weights), self._round
        medium = self._medium
        refused = {
            str(self._ids[item.path]): problems.pack(problems.of_engine(item))
            for item in result.refused
            if item.path in self._ids
        }
        lineage = {
            "digest": result.digest,
            "seconds": result.seconds,
            "refused": refused,
            "memory_only": result.memory_only,
            "notes": result.notes,
            "sounds": result.sounds,
            "remarks": [problems.pack(problems.of_engine(each)) for each in result.remarks],
        }
        self._background.run(
            lambda: project.add_style(Path(result.path).read_bytes(), lineage, weights, medium),
            lambda style: self._use(style) if this_round == self._round else None,
            lambda error: self._set(StyleState.FAILED, problems.of_error(error, retry=True)),
        )


CANCELLED = Problem("style.cancelled", retry=True)


def stands_for(style: StyleRow) -> dict[int, float]:
    """The tray that a style belongs to: what it was learned from, or where it was blended."""
    tray = style.lineage.get("tray")
    if not isinstance(tray, dict):
        return style.reference_weights
    return {int(key): float(weight) for key, weight in tray.items()}


def learned_styles(project: Project, medium: Medium) -> tuple[StyleRow, ...]:
    """Of each set of references the style that was learned last, the newest first; no blends."""
    found: dict[frozenset[int], StyleRow] = {}
    for style in project.styles(medium):
        if style.reference_weights and "blend" not in style.lineage:
            found.setdefault(frozenset(style.reference_weights), style)
    return tuple(found.values())


def lay_out(project: Project, rows: tuple[ReferenceRow, ...], folder: Path) -> list[str]:
    """The references as files under their own names, as the engine's sentences will call them."""
    paths = []
    for row in rows:
        place = folder / "references" / str(row.id)
        place.mkdir(parents=True, exist_ok=True)
        path = place / (Path(row.name).name or "reference")
        path.write_bytes(project.blob(row.digest))
        paths.append(str(path))
    return paths
