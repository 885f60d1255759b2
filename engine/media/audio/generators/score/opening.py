"""A given opening: it is kept as it is, and a work goes on from its last bars."""

from dataclasses import dataclass, replace

import numpy as np

from engine.media.audio.codec.score import Key, Metre, Score, score_of
from engine.media.audio.generators.score.plans import PieceSpec, hand_of
from engine.media.audio.generators.score.rule import PartRange
from engine.media.audio.score_tokens import encode
from engine.media.audio.theory.grid import passage, quantise
from engine.media.audio.theory.keys import estimated_key

HEARD_BARS = 8
HEARD_TOKENS = 500


@dataclass(frozen=True, slots=True)
class Opening:
    """whole: as it was given. heard: the quantised bars at its end, of one metre, that the model
    reads; row: their tokens, to be followed by more."""

    whole: Score
    heard: Score
    row: tuple[int, ...]

    @classmethod
    def of(cls, score: Score) -> "Opening":
        gridded = quantise(score)
        bars = gridded.bars()
        metre = bars[-1].beats, bars[-1].unit
        count = 0
        for bar in reversed(bars):
            if (bar.beats, bar.unit) != metre or count == HEARD_BARS:
                break
            count += 1
        while True:
            heard = passage(gridded, len(bars) - count, count)
            row = encode(heard, closes=False)
            if len(row) <= HEARD_TOKENS or count == 1:
                return cls(score, heard, tuple(row.tolist()))
            count -= 1

    def continued(self, spec: PieceSpec) -> PieceSpec:
        """The same specification, going on from here: the opening's key, metre, tempo and parts."""
        home = estimated_key(self.heard)
        bars = self.heard.bars()
        theirs = self.heard.transposed(-home.shift).notes
        count = max(1, len(self.heard.parts))
        hands = tuple(_wider(hand_of(theirs[theirs["part"] == p]), spec, p) for p in range(count))
        metre = bars[-1].beats, bars[-1].unit
        alike = count == len(spec.plan.hands) and home.minor == spec.home.minor
        plan = replace(
            spec.plan,
            bars=len(bars) + spec.plan.bars,
            metre=metre,
            hands=hands,
            close=spec.plan.close if alike else None,
        )
        tempo = self.whole.tempos[-1].quarters if self.whole.tempos else spec.tempo
        form = spec.form if alike and metre == spec.plan.metre else ()
        return replace(spec, plan=plan, home=home, tempo=tempo, form=form, given=len(bars))

    def joined(self, score: Score) -> Score:
        """The opening as it was given, then what of the score comes after the heard bars."""
        bars = self.whole.bars()
        end = bars[-1].tick + bars[-1].bar_ticks
        heard = self.heard.bars()
        begin = heard[-1].tick + heard[-1].bar_ticks
        notes = score.notes[score.notes["onset"] >= begin].copy()
        notes["onset"] += end - begin
        last = heard[-1]
        metres = (*self.whole.metres, Metre(end, last.beats, last.unit))
        keys = self.whole.keys or tuple(Key(0, k.fifths, k.minor) for k in score.keys)
        tempos = self.whole.tempos or score.tempos
        both = np.concatenate([self.whole.notes, notes])
        return score_of(both, metres, keys, tempos, self.whole.parts, self.whole.title)


def _wider(hand: PartRange, spec: PieceSpec, part: int) -> PartRange:
    """What the opening's player does, and what the references' one does too."""
    hands = spec.plan.hands
    if part >= len(hands):
        return hand
    other = hands[part]
    return PartRange(
        min(hand.lowest, other.lowest),
        max(hand.highest, other.highest),
        hand.single and other.single,
        max(hand.longest, other.longest),
    )
