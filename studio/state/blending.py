"""Styles with shares → a style between them, which is used for the tray as it is."""

from collections.abc import Mapping
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from engine.messages import BlendRequest, Medium, StyleResult, WeightedStyle
from studio.client.background import Background
from studio.client.job_queue import Job, JobQueue, JobState
from studio.project.project import Project, StyleRow
from studio.state import problems
from studio.state.adaptation import Adaptation, learned_styles
from studio.state.problems import Problem

MOST = 4  # styles to choose from


class Blending(QObject):
    """One blend at a time. The blended style is a row of its own; its parents stay."""

    changed = Signal()

    def __init__(
        self,
        jobs: JobQueue,
        background: Background,
        adaptation: Adaptation,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._jobs, self._background, self._adaptation = jobs, background, adaptation
        self._project: Project | None = None
        self._medium = Medium.IMAGE
        self._job_id = ""
        self._shares: dict[int, float] = {}
        self.problem: Problem | None = None
        jobs.job_finished.connect(self._on_job_finished)

    def attach(self, project: Project, medium: Medium) -> None:
        self.stop()
        self._project, self._medium, self.problem = project, medium, None
        self.changed.emit()

    @property
    def is_busy(self) -> bool:
        return bool(self._job_id)

    def choices(self) -> tuple[StyleRow, ...]:
        """What can be blended: of each set of references the style that was learned last."""
        return learned_styles(self._project, self._medium)[:MOST] if self._project else ()

    def start(self, shares: Mapping[int, float]) -> None:
        """Blend styles, by their ids. With one alone, that one is used as it is."""
        assert self._project is not None
        self.stop()
        self._shares = {style_id: share for style_id, share in shares.items() if share > 0}
        if not self._shares or self._adaptation.is_busy:
            return
        self.problem = None
        project, (job_id, folder) = self._project, self._jobs.open_job()
        self._job_id = job_id
        self._background.run(
            partial(_lay_down, project, dict(self._shares), folder),
            lambda styles: self._submit(job_id, styles, folder / "blended.style"),
            lambda error: self._end(job_id, problems.of_error(error)),
        )
        self.changed.emit()

    def stop(self) -> None:
        job_id, self._job_id = self._job_id, ""
        if job_id in {job.id for job in self._jobs.jobs()}:
            self._jobs.cancel(job_id)

    def _submit(self, job_id: str, styles: tuple[WeightedStyle, ...], out: Path) -> None:
        if job_id != self._job_id:
            return
        if len(styles) == 1:
            self._keep(job_id, Path(styles[0].path), "", 0.0)
        else:
            self._jobs.submit(BlendRequest(job_id=job_id, styles=styles, out=str(out)))

    def _on_job_finished(self, job: Job) -> None:
        if job.id != self._job_id:
            return
        if job.state is JobState.DONE and isinstance(job.result, StyleResult):
            self._keep(job.id, Path(job.result.path), job.result.digest, job.result.seconds)
        else:
            failed = job.state is JobState.FAILED
            self._end(job.id, problems.of_job(job) if failed else None)

    def _keep(self, job_id: str, path: Path, digest: str, seconds: float) -> None:
        """Into the project before anything is made with it."""
        assert self._project is not None
        project, shares, medium = self._project, dict(self._shares), self._medium
        tray = {str(key): weight for key, weight in self._adaptation.weights.items()}
        lineage = {"digest": digest, "seconds": seconds, "tray": tray}
        if len(shares) > 1:
            lineage["blend"] = {str(key): share for key, share in shares.items()}

        def kept(style: StyleRow) -> None:
            if job_id == self._job_id:
                self._adaptation.use(style)
            self._end(job_id, None)

        self._background.run(
            lambda: project.add_style(
                path.read_bytes(), lineage, _weights(project, shares), medium
            ),
            kept,
            lambda error: self._end(job_id, problems.of_error(error)),
        )

    def _end(self, job_id: str, problem: Problem | None) -> None:
        if job_id == self._job_id:
            self._job_id, self.problem = "", problem
            self.changed.emit()


def _lay_down(
    project: Project, shares: Mapping[int, float], folder: Path
) -> tuple[WeightedStyle, ...]:
    """The styles as files for the engine."""
    found = []
    for style_id, share in shares.items():
        path = folder / f"{style_id}.style"
        path.write_bytes(project.blob(project.style(style_id).digest))
        found.append(WeightedStyle(path=str(path), weight=share))
    return tuple(found)


def _weights(project: Project, shares: Mapping[int, float]) -> dict[int, float]:
    """Each reference's weight in the blend."""
    whole, weights = sum(shares.values()), dict[int, float]()
    for style_id, share in shares.items():
        for reference_id, weight in project.style(style_id).reference_weights.items():
            weights[reference_id] = weights.get(reference_id, 0.0) + weight * share / whole
    return weights
