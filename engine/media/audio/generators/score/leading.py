"""How parts are led, as the references lead them: what `generators.score.rule` asks before a pitch.

Where a reference of several parts hardly ever moves two of them in parallel fifths, or in parallel
octaves and unisons, a work that follows it does not at all; and a work closes on the chord, over
the bass note, on which its reference closes.
Legend: P parts, pitches in the common key, times in steps from the piece's beginning.
"""

from collections.abc import Container
from dataclasses import dataclass, field

import numpy as np

from engine.media.audio.codec.score import Score
from engine.media.audio.theory.grid import STEP_TICKS, STEPS
from engine.media.audio.theory.part_writing import PERFECT, SILENT, part_writing, sonorities

PITCHES = 128
SELDOM, ENOUGH = 5.0, 30  # parallels in a hundred changes; changes that such a share is told from
FOUR_PARTS = 6  # pairs, to which SELDOM belongs; more parts have as many more
_CLASSES = np.arange(PITCHES) % 12


@dataclass(frozen=True, slots=True)
class Close:
    """The pitch classes of a last chord, and that of its lowest note. steps: from where the last
    note begins to the last bar line. held: each part plays one note there, to the end. silent: the
    parts that rest by then, and may end with any note."""

    chord: frozenset[int]
    bass: int
    steps: int = STEPS
    held: bool = False
    silent: frozenset[int] = frozenset()

    def allows(self, part: int, parts: int) -> np.ndarray:
        """(128,) bool: with which pitches a part may end."""
        if part in self.silent:
            return np.ones(PITCHES, bool)
        classes = [self.bass] if part == parts - 1 else sorted(self.chord)
        return np.isin(_CLASSES, classes)


def close_of(score: Score, tonic: int = 0, *, minor: bool = False) -> Close | None:
    """Of a reference in the common key; None of one without notes. What ends on short notes beside
    its tonic's chord leads back to its beginning, or was cut: a work ends on the tonic, half a bar
    long."""
    if not len(score.notes):
        return None
    last = sonorities(score)[-1]
    sounding = last[last != SILENT]
    bar = score.bars()[-1]
    begun = int(score.notes["onset"].max())
    chord = frozenset((sounding % 12).tolist())
    short = int(score.notes["duration"][score.notes["onset"] == begun].max()) < STEPS * STEP_TICKS
    held = held_close(score, tonic, minor=minor)
    if short and not chord <= held.chord:
        return held
    left = bar.tick + bar.bar_ticks - begun
    silent = frozenset(np.flatnonzero(last == SILENT).tolist())
    return Close(chord, int(sounding.min()) % 12, max(1, left // STEP_TICKS), silent=silent)


def held_close(score: Score, tonic: int, *, minor: bool) -> Close:
    """On the tonic's chord, from the middle of the last bar on."""
    triad = frozenset((tonic + step) % 12 for step in (0, 3 if minor else 4, 7))
    return Close(triad, tonic, score.bars()[-1].bar_ticks // STEP_TICKS // 2, held=True)


def avoided_parallels(score: Score) -> frozenset[int]:
    """The intervals of PERFECT in which the parts of a reference hardly ever move in parallel."""
    if len(score.parts) < 2 or not len(score.notes):
        return frozenset()
    found = part_writing(score)
    pairs = len(score.parts) * (len(score.parts) - 1) / 2
    seldom = SELDOM / 100 * max(1.0, pairs / FOUR_PARTS)
    if found.changes < ENOUGH:
        return frozenset()
    counts = zip(PERFECT, (found.octaves, found.fifths), strict=True)
    return frozenset(interval for interval, count in counts if count <= seldom * found.changes)


@dataclass(slots=True)
class Led:
    """What each of P parts played last, and before that. doubled: pairs of parts that may move in
    parallel, since they play the same. began: when the last note did; until: when
    the one before it was over. moment: when any part last began a note; earlier: when one did
    before that. A part that sounded at the earlier moment goes on from there, also over a rest, as
    `theory.part_writing` counts."""

    parts: int
    doubled: frozenset[tuple[int, int]] = frozenset()
    last: list[int] = field(default_factory=list)
    before: list[int] = field(default_factory=list)
    began: list[int] = field(default_factory=list)
    until: list[int] = field(default_factory=list)
    over: list[int] = field(default_factory=list)
    moment: int = -1
    earlier: int = -1

    def __post_init__(self) -> None:
        self.last, self.before = [SILENT] * self.parts, [SILENT] * self.parts
        self.began, self.until, self.over = [[-1] * self.parts for _ in range(3)]

    def take(self, part: int, now: int, pitch: int, duration: int) -> None:
        """A note of a part that plays one at a time."""
        if now > self.moment:
            self.moment, self.earlier = now, self.moment
        self.before[part], self.until[part] = self.last[part], self.over[part]
        self.last[part], self.began[part], self.over[part] = pitch, now, now + duration

    def parallel(self, part: int, now: int, avoided: Container[int] = PERFECT) -> np.ndarray:
        """(128,) bool: the pitches with which a part would move in parallel with one that has just
        moved, in an interval that is avoided."""
        found = np.zeros(PITCHES, bool)
        mine = self.last[part]
        if mine == SILENT or self.moment < now or self.over[part] <= self.earlier:
            return found
        pitches = np.arange(PITCHES)
        for other in range(self.parts):
            if (min(other, part), max(other, part)) in self.doubled or other == part:
                continue
            if self.began[other] != now or self.until[other] <= self.earlier:
                continue
            theirs, were = self.last[other], self.before[other]
            interval = abs(were - mine) % 12
            if were == SILENT or theirs == were or interval not in avoided:
                continue
            together = (pitches > mine) if theirs > were else (pitches < mine)
            found |= together & (np.abs(pitches - theirs) % 12 == interval)
        return found
