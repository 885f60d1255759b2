"""How far a job of several stages is, and how long it still takes: one bar, one falling number."""

import time
from collections.abc import Callable, Mapping

from engine.protocol import Progress

_NEARLY = 0.99  # of the bar, until the job says that it is done


class Course:
    """Follows the progress of one job.

    Each stage of a job counts from nothing to its own total. What stages take on this machine is
    known from earlier jobs (`usual`), so the whole has a length before all of it was seen.
    """

    def __init__(
        self, usual: Mapping[str, float], clock: Callable[[], float] = time.monotonic
    ) -> None:
        """usual: seconds of each stage, in their order; a guess will do."""
        self._usual, self._clock = dict(usual), clock
        self._begun = self._heard = clock()
        self._stage = next(iter(self._usual), "")
        self._share = self._fraction = 0.0  # of the stage, of all
        self._left: float | None = None  # of the stage, when it was last heard of
        self.took: dict[str, float] = {}  # seconds, of the stages that are over

    def take(self, progress: Progress) -> None:
        """Hear how the job stands."""
        now = self._clock()
        if progress.stage != self._stage:
            self._end_stage(now)
            self._stage = progress.stage
        self._share = min(1.0, progress.done / progress.total) if progress.total > 0 else 0.0
        self._left, self._heard = progress.seconds_left, now

    def finish(self) -> None:
        """The job is done: what its last stage took is known, too."""
        self._end_stage(self._clock())

    def _end_stage(self, now: float) -> None:
        if self._stage:
            self.took[self._stage] = self.took.get(self._stage, 0.0) + now - self._begun
        self._begun = now

    def fraction(self) -> float:
        """Of the whole, 0 … 1; it never falls."""
        past = sum(self._usual.get(stage, took) for stage, took in self.took.items())
        here = self._usual.get(self._stage, 0.0)
        if self._stage in self.took:  # it came back: it has been counted
            here = 0.0
        whole = past + here + self._to_come()
        now = (past + here * self._share) / whole if whole else self._share
        self._fraction = max(self._fraction, min(_NEARLY, now))
        return self._fraction

    def seconds_left(self) -> float | None:
        """Falls while nothing is heard; 0 when the job is overdue, None while nothing is known."""
        here = self._left
        if here is None and self._stage in self._usual:
            here = self._usual[self._stage] * (1.0 - self._share)
        if here is None:
            return None
        return max(0.0, here + self._to_come() - (self._clock() - self._heard))

    def _to_come(self) -> float:
        """Seconds of the stages that have not begun."""
        stages = list(self._usual)
        after = stages.index(self._stage) + 1 if self._stage in stages else len(self.took)
        return sum(self._usual[each] for each in stages[after:] if each not in self.took)
