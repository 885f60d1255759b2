"""What the bar of the plan says of pitches: on which harmony the music stands, how high it lies.

The harmony of a place is what sounds in the same half of that bar of the followed reference, as
shares of pitch classes: a work that leans on it has the reference's chords and cadences, whatever
it plays on them. Legend: V vocabulary; times in steps within a bar; pitches in the common key.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from engine.media.audio.codec.score import Score
from engine.media.audio.generators.score.form import BarNote, bar_notes
from engine.media.audio.score_tokens import VOCABULARY, span

LEAN = (0.5, 1.2)  # of the logarithm of the harmony's shares: of new music, of variations
SPREAD = (12.0, 6.0)  # semitones about the height of the plan's bar, likewise
AMONG_PARTS = 0.6  # of them where parts are to keep out of each other's way
FAINT = 0.05  # a share that what does not sound has nevertheless
_PITCH = span("pitch")
_CLASSES = np.arange(len(_PITCH)) % 12


@dataclass(frozen=True, slots=True)
class PlanPitches:
    """bars: the notes of each bar of the followed reference. lengths: of the bars, in steps.
    among_parts: whether a part is held nearer to its height; which chord it stands on is planned
    for all parts then (`chord_plan`)."""

    bars: list[list[BarNote]]
    lengths: list[int]
    among_parts: bool = False

    @classmethod
    def of(cls, score: Score, *, among_parts: bool = False) -> "PlanPitches":
        return cls(*bar_notes(score), among_parts)

    def nats(self, place: int, part: int, position: int, variation: float) -> np.ndarray:
        """(V,) to add before a pitch of a part at a position of the plan's bar `place`, which may
        be none of the reference's."""
        found = np.zeros(VOCABULARY)
        if not 0 <= place < len(self.bars):
            return found
        pitches = found[_PITCH.start : _PITCH.stop]
        shares = np.zeros(12) if self.among_parts else self._harmony(place, position)
        if shares.any():
            lean = LEAN[0] + variation * (LEAN[1] - LEAN[0])
            pitches += lean * np.log((shares + FAINT) / (1 / 12 + FAINT))[_CLASSES]
        heights = [n[2] for bar in self._about(place) for n in bar if n[1] == part]
        if heights:
            spread = SPREAD[0] + variation * (SPREAD[1] - SPREAD[0])
            spread *= AMONG_PARTS if self.among_parts else 1
            pitches -= ((np.arange(len(_PITCH)) - float(np.mean(heights))) / spread) ** 2 / 2
        return found

    def _about(self, place: int) -> Sequence[list[BarNote]]:
        return self.bars[max(0, place - 1) : place + 2]

    def _harmony(self, place: int, position: int) -> np.ndarray:
        """(12,) shares of the pitch classes that sound in the same half of the bar."""
        half = max(1, self.lengths[place] // 2)
        begin = position // half * half
        shares = np.zeros(12)
        for at, _, pitch, duration in self.bars[place]:
            inside = min(at + duration, begin + half) - max(at, begin)
            shares[pitch % 12] += max(0, inside)
        return shares / max(1.0, shares.sum())
