"""One job for the engine: what was asked, how it stands, when its turn is."""

from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from engine.protocol import (
    AdaptRequest,
    Failure,
    InspectStyleRequest,
    Job as JobRequest,
    JudgeRequest,
    LearnRequest,
    Preview,
    Progress,
    Result,
    SketchRequest,
)
from studio.i18n.errors import MaquetteError

# Learning is short, and the next works are to follow it; nobody waits for a sketch.
_TURNS = {AdaptRequest: 0, LearnRequest: 1, JudgeRequest: 3, SketchRequest: 4}
_TURNS |= {InspectStyleRequest: 0}  # quick, and somebody waits
_USUAL = 2


def turn(request: JobRequest) -> int:
    """Of jobs that wait, those with the smallest turn come first."""
    return _TURNS.get(type(request), _USUAL)


class JobState(Enum):
    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A snapshot of one job; the queue replaces it at every change."""

    id: str
    request: JobRequest
    folder: Path
    state: JobState = JobState.WAITING
    cancelling: bool = False
    progress: Progress | None = None  # done, total, seconds_left, stage
    previews: tuple[Preview, ...] = ()  # the newest of each index, in the order of index
    result: Result | None = None
    failure: Failure | None = None
    error: MaquetteError | None = None  # beside `failure` when the studio found it: has a key

    @property
    def is_over(self) -> bool:
        return self.state not in (JobState.WAITING, JobState.RUNNING)

    @property
    def fraction(self) -> float:
        """Of the work, 0 to 1."""
        if self.state is JobState.DONE:
            return 1.0
        if self.progress is None or self.progress.total <= 0:
            return 0.0
        return min(max(self.progress.done / self.progress.total, 0.0), 1.0)
