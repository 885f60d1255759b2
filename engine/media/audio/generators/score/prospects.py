"""Where a pitch leads: whether its part can go on from it by its own steps to the chords that come.

Chosen note by note, a part that stands badly has to leap to its next chord. The rhythm of each part
and the chord of each beat are planned before a note is written, so what comes can be summed over
all ways on: the backward variable of a Markov chain (Rabiner 1989, eq. 25) whose transitions are
the part's intervals and whose emissions are how a pitch fits its chord.
Legend: pitches 0..127 in the common key.
"""

from collections.abc import Sequence

import numpy as np

from engine.media.audio.generators.score.balance import PITCHES, WIDEST
from engine.media.audio.generators.score.chord_plan import ChordPlan
from engine.media.audio.generators.score.ensemble import Rhythm
from engine.media.audio.generators.score.form import Form
from engine.media.audio.generators.score.rule import PartRange

FADING = 0.7  # of what one note further on counts

Prospects = dict[tuple[int, int, int], np.ndarray]


def prospects_of(
    rhythms: Sequence[Rhythm], form: Form, chords: ChordPlan, hands: Sequence[PartRange]
) -> Prospects:
    """(128,) nats, 0 of the best, of each note: by bar of the form, position and part. What the
    plan brings back is settled anyway: nothing is looked for beyond where it begins."""
    found: Prospects = {}
    for part, hand in enumerate(hands):
        reach = np.full(PITCHES, -30.0)
        reach[hand.lowest : hand.highest + 1] = 0.0
        ahead = np.zeros(PITCHES)
        for bar in reversed(range(len(rhythms))):
            plan = form[bar]
            for note in reversed(rhythms[bar]):
                if note.part != part or (bar, note.at, part) in found:
                    continue
                if plan.of >= 0 and any(a <= note.at < b for a, b in plan.kept):
                    ahead = np.zeros(PITCHES)
                    continue
                found[bar, note.at, part] = ahead
                fits = chords.nats(plan.place, part, note.at, note.steps, 0.0)
                ahead = _before(fits + reach + FADING * ahead, chords, part, note.at)
    return found


def _before(arriving: np.ndarray, chords: ChordPlan, part: int, at: int) -> np.ndarray:
    """(128,) nats of the pitches a note earlier."""
    steps = chords.motions[part].plain[int(at % chords.beat > 0)]
    shares = np.convolve(np.exp(arriving - arriving.max()), steps[::-1])[WIDEST : WIDEST + PITCHES]
    return np.log(shares / shares.max() + 1e-9)
