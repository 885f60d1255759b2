"""Copying among scores: what of a work stands note for note in a reference.

A run is notes of one part that follow each other, alike in pitch (in the common key) and length.
What the generator learned from is known by a filter alone (`learned_runs`).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np

from engine.media.audio.codec.score import Score
from engine.media.audio.learned_runs import Line, longest_learned
from engine.media.audio.theory.grid import STEP_TICKS
from engine.protocol import Copied
from engine.sequence.runs import LearnedRuns

LIMIT = 12  # notes in a row that may stand in a reference
GRAM = 8  # notes; the share of a work that is copied is counted in these


def lines_of(score: Score) -> list[Line]:
    """Of every part."""
    lines: list[Line] = []
    for part in np.unique(score.notes["part"]):
        notes = score.notes[score.notes["part"] == part]
        steps = notes["duration"] // STEP_TICKS
        lines.append(list(zip(notes["pitch"].tolist(), steps.tolist(), strict=True)))
    return lines


@dataclass(slots=True)
class ReferenceRuns:
    """What the references play, so that a work that is being written can be kept off it."""

    names: Sequence[str]
    lines: list[list[Line]]
    runs: LearnedRuns | None = None
    _next: dict[tuple[tuple[int, int], ...], set[int]] = field(default_factory=dict)

    @classmethod
    def of(
        cls, names: Sequence[str], scores: Iterable[Score], runs: LearnedRuns | None = None
    ) -> "ReferenceRuns":
        """scores: in the common key. runs: of what the generator learned from."""
        found = cls(names, [lines_of(score) for score in scores], runs)
        for lines in found.lines:
            for line in lines:
                for i in range(LIMIT, len(line)):
                    tail = tuple(line[i - LIMIT : i])
                    found._next.setdefault(tail, set()).add(line[i][0])
        return found

    def forbidden(self, line: Line) -> set[int]:
        """The pitches with which a line would be longer than LIMIT notes like a reference."""
        return self._next.get(tuple(line[-LIMIT:]), set())

    def report(self, score: Score) -> Copied:
        """score: a work in the common key."""
        mine = lines_of(score)
        run, source = 0, ""
        for name, lines in zip(self.names, self.lines, strict=True):
            longest = max((longest_run(a, b) for a in mine for b in lines), default=0)
            if longest > run:
                run, source = longest, name
        known = {gram for lines in self.lines for line in lines for gram in _grams(line)}
        grams = [gram for line in mine for gram in _grams(line)]
        share = sum(gram in known for gram in grams) / max(1, len(grams))
        learned = max((longest_learned(line, self.runs) for line in mine), default=0)
        return Copied(run=run, words="", source=source, share=round(share, 4), learned_run=learned)


def _grams(line: Line) -> list[tuple[tuple[int, int], ...]]:
    return [tuple(line[i : i + GRAM]) for i in range(len(line) - GRAM + 1)]


def longest_run(a: Line, b: Line) -> int:
    """The longest common run of two lines."""
    if not a or not b:
        return 0
    same = np.array(a)[:, None] == np.array(b)[None]  # (A, B, 2)
    alike = same.all(-1)
    best, before = 0, np.zeros(len(b) + 1, int)
    for row in alike:
        now = np.zeros_like(before)
        now[1:] = np.where(row, before[:-1] + 1, 0)
        best, before = max(best, int(now.max())), now
    return best
