"""The form of a piece, taken from a reference: which bars are new, which come back, how exactly.

A bar returns where it, or most of its beats, stand earlier in the same piece: as they were, or
moved along the scale (a sequence). A work that follows the plan brings back its own bars at the
same places and alters the same beats; so sections repeat, phrases end in two ways, motifs climb.
Legend: B bars, times in steps of the grid within a bar; pitches in the common key.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from engine.media.audio.codec.score import Score
from engine.media.audio.theory.grid import STEP_TICKS, STEPS
from engine.media.audio.theory.keys import WHITE

BarNote = tuple[int, int, int, int]  # position, part, pitch, duration; in order
ALIKE = 0.5  # of the beats of a bar that returns altered
LEAST_MOTIF = 3  # notes of a bar that returns on another degree
MOVES = tuple(sorted(range(-7, 8), key=abs))[1:]  # degrees of the scale, the nearest first
_DEGREES = {pitch: degree for degree, pitch in enumerate(WHITE)}


@dataclass(frozen=True, slots=True)
class BarPlan:
    """One bar. place: the reference's bar that it stands for. of: the earlier bar that returns,
    -1 in a new one; move: degrees of the scale up; kept: the spans in which it is as that one.
    filled: the share of the bar from its first onset to the end of its last note."""

    place: int
    of: int = -1
    move: int = 0
    kept: tuple[tuple[int, int], ...] = ()
    length: int = 4 * STEPS
    filled: float = 1.0

    @property
    def is_exact(self) -> bool:
        """Whether the whole bar returns as it was."""
        return self.of >= 0 and self.move == 0 and self.kept == ((0, self.length),)


Form = tuple[BarPlan, ...]


def form_of(score: Score) -> Form:
    """Of a quantised score in the common key."""
    bars, lengths = bar_notes(score)
    found: list[BarPlan] = []
    for i, (notes, length) in enumerate(zip(bars, lengths, strict=True)):
        goes_on = found[-1].of + 1 if found and found[-1].of >= 0 else -1
        earlier = [j for j in range(i) if lengths[j] == length and bars[j]]
        earlier.sort(key=lambda j: (j != goes_on, j))
        found.append(_returning(i, notes, length, bars, earlier))
    return tuple(found)


def bar_notes(score: Score) -> tuple[list[list[BarNote]], list[int]]:
    """The notes of each of B bars, and its length in steps."""
    bars = score.bars()
    cuts = np.searchsorted(score.notes["onset"], [bar.tick for bar in bars[1:]])
    rows: list[list[BarNote]] = []
    for bar, notes in zip(bars, np.split(score.notes, cuts), strict=True):
        columns = (notes[name].tolist() for name in ("onset", "part", "pitch", "duration"))
        rows.append(
            sorted(
                ((o - bar.tick) // STEP_TICKS, part, pitch, d // STEP_TICKS)
                for o, part, pitch, d in zip(*columns, strict=True)
            )
        )
    return rows, [bar.bar_ticks // STEP_TICKS for bar in bars]


def _returning(
    place: int,
    notes: list[BarNote],
    length: int,
    bars: Sequence[list[BarNote]],
    earlier: Sequence[int],
) -> BarPlan:
    """As the bar of which it has most: whole, whole on another degree, in most of its beats."""
    if not notes:
        return BarPlan(place, length=length, filled=0.0)
    lasting = min(length, max(at + lasts for at, _, _, lasts in notes)) - notes[0][0]
    new = BarPlan(place, length=length, filled=lasting / length)
    for j in earlier:
        if bars[j] == notes:
            return replace(new, of=j, kept=((0, length),))
    spans = {j: _alike(notes, bars[j], length) for j in earlier}
    shares = {j: sum(b - a for a, b in kept) / length for j, kept in spans.items()}
    if shares and (share := max(shares.values())) >= ALIKE:
        best = next(j for j in earlier if shares[j] == share)
        return replace(new, of=best, kept=spans[best])
    if len(notes) >= LEAST_MOTIF and len({note[2] for note in notes}) > 1:
        for j in earlier:
            if len(bars[j]) == len(notes) and (move := _move(bars[j], notes)):
                return replace(new, of=j, move=move, kept=((0, length),))
    return new


def _alike(a: list[BarNote], b: list[BarNote], length: int) -> tuple[tuple[int, int], ...]:
    """The spans, of whole beats, in which two bars have the same notes, and any."""
    kept: list[tuple[int, int]] = []
    edges = [*range(0, length, STEPS), length]
    for begin, end in pairwise(edges):
        mine, theirs = ([n for n in notes if begin <= n[0] < end] for notes in (a, b))
        if mine and mine == theirs:
            kept[-1:] = (
                [(kept[-1][0], end)]
                if kept and kept[-1][1] == begin
                else ([*kept[-1:], (begin, end)])
            )
    return tuple(kept)


def _move(a: list[BarNote], b: list[BarNote]) -> int:
    """The degrees by which b is a, moved; 0 where it is not."""
    for move in MOVES:
        if moved(a, move) == b:
            return move
    return 0


def moved(notes: Sequence[BarNote], degrees: int) -> list[BarNote]:
    """Along the white keys; what lies between them stays a semitone above the one below."""
    return sorted((at, part, along(pitch, degrees), d) for at, part, pitch, d in notes)


def along(pitch: int, degrees: int) -> int:
    """A pitch so many degrees of the scale higher."""
    octave, within = divmod(pitch, 12)
    sharp = within not in _DEGREES
    octaves, degree = divmod(_DEGREES[within - sharp] + degrees, len(WHITE))
    return 12 * (octave + octaves) + WHITE[degree] + sharp


def anew(bar: BarPlan) -> BarPlan:
    """New notes in its place."""
    return replace(bar, of=-1, move=0, kept=())
