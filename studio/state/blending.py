"""Styles with shares → a style between them, which is used for the tray as it is."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject

from engine.protocol import BlendRequest, Medium, StyleResult, WeightedStyle
from studio.client.background import Background
from studio.client.job_queue import Job, JobQueue
from studio.project.project import Project
from studio.project.rows import DEFAULT_MEDIUM, StyleRow
from studio.state.adaptation import Adaptation, adapted_styles
from studio.state.job_controller import JobController, Task
from studio.state.problems import Problem

MOST = 4  # styles to choose from


@dataclass(frozen=True, slots=True)
class BlendOrder:
    project: Project
    medium: Medium
    shares: Mapping[int, float]  # by style id, all above 0
    tray: Mapping[int, float]  # that the blend is for


class Blending(JobController[BlendOrder]):
    """One blend at a time. The blended style is a row of its own; its parents stay."""

    def __init__(
        self,
        jobs: JobQueue,
        background: Background,
        adaptation: Adaptation,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(jobs, background, parent)
        self._adaptation = adaptation
        self._project: Project | None = None
        self._medium = DEFAULT_MEDIUM
        self.problem: Problem | None = None

    def attach(self, project: Project, medium: Medium) -> None:
        self.stop()
        self._project, self._medium, self.problem = project, medium, None
        self.changed.emit()

    @property
    def is_busy(self) -> bool:
        return bool(self._tasks)

    def choices(self) -> tuple[StyleRow, ...]:
        """What can be blended: of each set of references the style that was learned last."""
        return adapted_styles(self._project, self._medium)[:MOST] if self._project else ()

    def start(self, shares: Mapping[int, float]) -> None:
        """Blend styles, by their ids. With one alone, that one is used as it is."""
        assert self._project is not None
        self.stop()
        wanted = {style_id: share for style_id, share in shares.items() if share > 0}
        if not wanted or self._adaptation.is_busy:
            return
        self.problem = None
        order = BlendOrder(self._project, self._medium, wanted, self._adaptation.weights)
        if len(wanted) == 1:
            (style_id,) = wanted
            generator = self._project.styles.get(style_id).lineage.get("generator", "")
            lineage = {"digest": "", "seconds": 0.0, "generator": generator}
            self._keep(self._open(order), lambda: _the_one(order), lineage)
        else:
            self._start(order, lambda job_id, folder: request_of(order, job_id, folder))
        self.changed.emit()

    def stop(self) -> None:
        self._drop()

    def _on_done(self, task: Task[BlendOrder], job: Job) -> None:
        result = job.result
        assert isinstance(result, StyleResult)
        parents = {str(key): share for key, share in task.asked.shares.items()}
        lineage = {"digest": result.digest, "seconds": result.seconds, "blend": parents}
        lineage["generator"] = result.generator
        self._keep(task, Path(result.path).read_bytes, lineage)

    def _keep(
        self, task: Task[BlendOrder], read: Callable[[], bytes], lineage: dict[str, Any]
    ) -> None:
        """Into the project before anything is made with it."""
        order = task.asked
        lineage["tray"] = {str(key): weight for key, weight in order.tray.items()}
        self._in_background(
            task,
            lambda: order.project.styles.add(read(), lineage, weights_of(order), order.medium),
            lambda style: self._kept(task, style),
        )

    def _kept(self, task: Task[BlendOrder], style: StyleRow) -> None:
        self._end(task)
        self._adaptation.use(style)
        self.changed.emit()

    def _on_failed(self, task: Task[BlendOrder], problem: Problem) -> None:
        self.problem = problem
        self.changed.emit()

    def _on_cancelled(self, task: Task[BlendOrder]) -> None:
        self.changed.emit()


def _the_one(order: BlendOrder) -> bytes:
    (style_id,) = order.shares
    return order.project.blob(order.project.styles.get(style_id).digest)


def request_of(order: BlendOrder, job_id: str, folder: Path) -> BlendRequest:
    """Write the styles as files, and ask for the one between them. Slow."""
    styles = []
    for style_id, share in order.shares.items():
        path = folder / f"{style_id}.style"
        path.write_bytes(order.project.blob(order.project.styles.get(style_id).digest))
        styles.append(WeightedStyle(path=str(path), weight=share))
    return BlendRequest(job_id=job_id, styles=tuple(styles), out=str(folder / "blended.style"))


def weights_of(order: BlendOrder) -> dict[int, float]:
    """Each reference's weight in the blend."""
    whole, weights = sum(order.shares.values()), dict[int, float]()
    for style_id, share in order.shares.items():
        style = order.project.styles.get(style_id)
        for reference_id, weight in style.reference_weights.items():
            weights[reference_id] = weights.get(reference_id, 0.0) + weight * share / whole
    return weights
