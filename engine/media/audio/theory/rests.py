"""Rests that one writes: notes are held until one begins.

Where bars of several references meet, a triplet's quaver may be followed by a dotted one's
semiquaver, and between them lies a rest of so odd a length that it takes three signs. Nobody plays
it: the note before is held as far as a rest can be written with semiquavers or with triplets.
"""

from dataclasses import replace

import numpy as np

from engine.media.audio.codec.score import TICKS, Score

GRIDS = (TICKS // 4, TICKS // 3)  # ticks of a semiquaver and of a triplet's quaver


def with_plain_rests(score: Score) -> Score:
    """The same score; notes before an odd rest of their part last longer."""
    notes = score.notes.copy()
    ends = notes["onset"] + notes["duration"]
    for part in np.unique(notes["part"]):
        mine = np.flatnonzero(notes["part"] == part)
        onsets = np.unique(notes["onset"][mine])
        for onset in onsets[1:]:
            before = mine[notes["onset"][mine] < onset]
            end = int(ends[before].max())
            if end < onset:
                last = before[ends[before] == end]
                notes["duration"][last] = _held_until(end, int(onset)) - notes["onset"][last]
    return replace(score, notes=notes)


def _held_until(end: int, onset: int) -> int:
    """The first tick from which on a rest can be written; the next onset where there is none."""
    found = [-(-end // grid) * grid for grid in GRIDS if onset % grid == 0]
    return min((tick for tick in found if tick <= onset), default=onset)
