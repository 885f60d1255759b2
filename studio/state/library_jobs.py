"""What of the library is asked of the engine: whether a file is a style, and what lies between."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal

from engine.protocol import (
    MIB,
    BlendRequest,
    InspectStyleRequest,
    InspectStyleResult,
    Medium,
    StyleResult,
    WeightedStyle,
)
from studio.client.background import Background
from studio.client.job_queue import Job, JobQueue
from studio.state.glimpses import Glimpse, Glimpses
from studio.state.job_controller import JobController, Task
from studio.state.library_files import LibraryFiles, StyleEntry
from studio.state.problems import Problem
from studio.state.titles import file_name

MAX_BYTES = 64 * MIB  # of a style
LEAST, MOST = 2, 4  # styles of a blend
BLEND = "blend"  # the key of its glimpse
_SETTLE_MS = 350  # a slider that is still moving


class StyleImports(JobController[Path]):
    """Files that somebody has shared: looked at by the engine before they are kept."""

    inspected = Signal(object, bytes, object)  # Path, its bytes, InspectStyleResult
    failed = Signal(object)  # Problem

    def ask(self, path: Path) -> None:
        """The file is copied first: what is kept are the bytes that were looked at."""

        def prepare(job_id: str, folder: Path) -> InspectStyleRequest:
            if path.stat().st_size > MAX_BYTES:  # the engine says so
                return InspectStyleRequest(job_id=job_id, path=str(path))
            copy = folder / path.name
            copy.write_bytes(path.read_bytes())
            return InspectStyleRequest(job_id=job_id, path=str(copy))

        self._start(path, prepare)

    @property
    def is_busy(self) -> bool:
        return bool(self._tasks)

    def _on_done(self, task: Task[Path], job: Job) -> None:
        result = job.result
        assert isinstance(result, InspectStyleResult)
        copy = task.folder / task.asked.name
        self._in_background(task, copy.read_bytes, lambda data: self._read(task, data, result))

    def _read(self, task: Task[Path], data: bytes, result: InspectStyleResult) -> None:
        self._end(task)
        self._forget(task)
        self.inspected.emit(task.asked, data, result)

    def _on_failed(self, task: Task[Path], problem: Problem) -> None:
        self._forget(task)
        if (
            problem.key == "engine_says.not_a_style"
        ):  # said there of a style that can be learned anew
            problem = Problem("library.bad_file", {"name": task.asked.name})
        self.failed.emit(problem)

    def _on_cancelled(self, task: Task[Path]) -> None:
        self._forget(task)


@dataclass(frozen=True, slots=True)
class LibraryBlend:
    """What is blended: entries with their shares, all above 0."""

    shares: tuple[tuple[StyleEntry, float], ...]

    @property
    def medium(self) -> Medium:
        return self.shares[0][0].medium

    @property
    def generator(self) -> str:
        return self.shares[0][0].generator

    @property
    def name(self) -> str:
        return " × ".join(entry.name for entry, _share in self.shares)


class LibraryBlending(JobController[LibraryBlend]):
    """The style between some of the library's, made anew when the sliders have come to rest, and a
    small work in it. `style` reads it, once it stands."""

    def __init__(
        self,
        jobs: JobQueue,
        background: Background,
        files: LibraryFiles,
        glimpses: Glimpses,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(jobs, background, parent)
        self._files, self._glimpses = files, glimpses
        self.wanted: LibraryBlend | None = None
        self.result: StyleResult | None = None  # of `wanted`, once it stands
        self.problem: Problem | None = None
        self.picture = b""  # PNG; of the blend before, while the next is made
        self.has_picture = False  # whether it is that of `wanted`, and finished
        self._soon = QTimer(self, singleShot=True, interval=_SETTLE_MS)
        self._soon.timeout.connect(self._ask)
        glimpses.grown.connect(self._on_grown)
        glimpses.shown.connect(self._on_shown)
        glimpses.failed.connect(self._on_glimpse_failed)

    @property
    def is_busy(self) -> bool:
        return bool(self._tasks) or self._soon.isActive()

    def show(self, shares: Mapping[str, tuple[StyleEntry, float]]) -> None:
        """Blend these soon; fewer than two with a share are no blend."""
        found = tuple((entry, share) for entry, share in shares.values() if share > 0)
        wanted = LibraryBlend(found) if LEAST <= len(found) <= MOST else None
        if wanted == self.wanted:
            return
        if wanted is None or self.wanted is None or wanted.medium is not self.wanted.medium:
            self.picture = b""
        self.stop()
        self.wanted = wanted
        if wanted is not None:
            self._soon.start()
        self.changed.emit()

    def stop(self) -> None:
        self._soon.stop()
        self._drop()
        self._glimpses.drop(BLEND)
        self.wanted = self.result = self.problem = None
        self.has_picture = False

    def style(self) -> bytes:
        """Raises OSError."""
        assert self.result is not None
        return Path(self.result.path).read_bytes()

    def _ask(self) -> None:
        if self.wanted is not None:
            self._start(self.wanted, partial(request_of, self.wanted, self._files))
            self.changed.emit()

    def _on_done(self, task: Task[LibraryBlend], job: Job) -> None:
        assert isinstance(job.result, StyleResult)
        self._end(task)
        self.result = job.result
        order = task.asked
        self._glimpses.ask(Glimpse(BLEND, order.medium, order.generator, self.style))
        self.changed.emit()

    def _on_grown(self, key: str, png: bytes) -> None:
        if key == BLEND:
            self.picture = png
            self.changed.emit()

    def _on_shown(self, key: str, png: bytes) -> None:
        self.has_picture |= key == BLEND
        self._on_grown(key, png)

    def _on_glimpse_failed(self, key: str, problem: Problem) -> None:
        if key == BLEND:
            self._on_failed(None, problem)

    def _on_failed(self, task: Task[LibraryBlend] | None, problem: Problem) -> None:
        self.problem = problem
        self.changed.emit()

    def _on_cancelled(self, task: Task[LibraryBlend]) -> None:
        self.changed.emit()


def request_of(order: LibraryBlend, files: LibraryFiles, job_id: str, folder: Path) -> BlendRequest:
    """Write the styles as files under their names, and ask for the one between. Slow."""
    styles = []
    for place, (entry, share) in enumerate(order.shares):
        path = folder / str(place) / f"{file_name(entry.name)}.style"
        path.parent.mkdir()
        path.write_bytes(files.read(entry))
        styles.append(WeightedStyle(path=str(path), weight=share))
    return BlendRequest(job_id=job_id, styles=tuple(styles), out=str(folder / "blended.style"))
