"""In which order works hang in the gallery, and which of them do."""

from collections.abc import Sequence
from enum import Enum

from engine.protocol import Taste, WorkReport
from studio.project.rows import WorkRow

GOOD = 4  # stars, from which on a work counts as liked
_UNKNOWN = float("inf")  # behind all that are known
Key = tuple[float, int]


class Filter(Enum):
    ALL = "all"
    UNRATED = "unrated"
    LIKED = "liked"
    KEPT = "kept"
    STARS_1 = "stars_1"
    STARS_2 = "stars_2"
    STARS_3 = "stars_3"
    STARS_4 = "stars_4"
    STARS_5 = "stars_5"
    HIDDEN = "hidden"  # the trash

    def passes(self, work: WorkRow) -> bool:
        if self is Filter.HIDDEN:
            return work.hidden
        if work.hidden:
            return False
        if self is Filter.UNRATED:
            return not work.rating and work.liked is None
        if self is Filter.LIKED:
            return work.rating >= GOOD or work.liked is True
        if self is Filter.KEPT:
            return work.kept
        return self is Filter.ALL or work.rating >= int(self.value[-1])

    def lets_go(self, work: WorkRow) -> bool:
        """Whether a work that no longer passes leaves at once, be it looked at or not: what is
        in the trash, or brought back, does; what is judged stays until the artist moves on."""
        return work.hidden is not (self is Filter.HIDDEN)


class Order(Enum):
    NEWEST = "newest"
    OLDEST = "oldest"
    STARS = "stars"
    CLOSE = "close"  # to the references, as the critic says
    TASTE = "taste"  # what was learned from ratings

    @property
    def needs_reports(self) -> bool:
        return self in (Order.CLOSE, Order.TASTE)

    def key(self, work: WorkRow, report: WorkReport | None, tastes: Sequence[Taste]) -> Key:
        """Works stand by this, the smallest first; among equals, the newest first."""
        if self is Order.OLDEST:
            return 0.0, work.id
        if self is Order.STARS:
            return -work.rating - 0.5 * bool(work.liked), -work.id
        if self.needs_reports:
            if report is None:
                return _UNKNOWN, -work.id
            worth = report.match if self is Order.CLOSE else liking(report, tastes)
            return -worth, -work.id
        return 0.0, -work.id


def liking(report: WorkReport, tastes: Sequence[Taste]) -> float:
    """What was learned, applied to a work: the sum over features of the strength of a taste times
    the work's distance from the references, in deviations."""
    gaps = {feature.code: feature.gap for feature in report.features}
    return sum(taste.strength * gaps.get(taste.code, 0.0) for taste in tastes)
