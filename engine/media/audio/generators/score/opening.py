"""A score of the artist's that a work goes on from, or in which it fills some bars."""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from engine.core.errors import BadInput
from engine.media.audio.codec.score import Key, Metre, Score, score_of
from engine.media.audio.generators.score.fitting import fitted, without
from engine.media.audio.generators.score.plans import PieceSpec, hand_of, upbeat_of
from engine.media.audio.generators.score.rule import PartRange
from engine.media.audio.score_tokens import HEADER, encode
from engine.media.audio.theory.grid import STEP_TICKS, passage, quantise
from engine.media.audio.theory.keys import KeyEstimate, estimated_key
from engine.protocol import MusicBrief, MusicUse

HEARD_BARS = 8
HEARD_TOKENS = 500


@dataclass(frozen=True, slots=True)
class Gap:
    """Bars first to last of a score, from 1, which are composed anew."""

    first: int
    last: int


@dataclass(frozen=True)
class Opening:
    """whole: as it was given. heard: the quantised bars, of one metre, in front of those that are
    composed, which the model reads; none in front of the first bar. row: their tokens, to be
    followed by more. gap: the bars that are filled; None: a work goes on from the end."""

    whole: Score
    heard: Score | None
    row: tuple[int, ...]
    gap: Gap | None = None

    @classmethod
    def of_brief(cls, score: Score, brief: MusicBrief) -> "Opening":
        """Raises BadInput for bars that the score does not have."""
        if brief.score_use is not MusicUse.FILL:
            return cls.of(score)
        first, last, count = brief.first_bar, brief.last_bar, len(score.bars())
        if not 1 <= first <= last <= count:
            raise BadInput("bars_outside", first=first, last=last, count=count)
        return cls.of(score, Gap(first, last))

    @classmethod
    def of(cls, score: Score, gap: Gap | None = None) -> "Opening":
        gridded = quantise(score)
        bars = gridded.bars()
        until = len(bars) if gap is None else min(gap.first - 1, len(bars) - 1)
        if until == 0:
            return cls(score, None, tuple(encode(gridded)[:HEADER].tolist()), gap)
        metre = bars[until - 1].beats, bars[until - 1].unit
        count = 0
        for bar in reversed(bars[:until]):
            if (bar.beats, bar.unit) != metre or count == HEARD_BARS:
                break
            count += 1
        while True:
            heard = passage(gridded, until - count, count)
            row = encode(heard, closes=False)
            if len(row) <= HEARD_TOKENS or count == 1:
                return cls(score, heard, tuple(row.tolist()), gap)
            count -= 1

    @cached_property
    def given_bars(self) -> int:
        """How many bars the model reads."""
        return len(self.heard.bars()) if self.heard is not None else 0

    @cached_property
    def _gridded(self) -> Score:
        return quantise(self.whole)

    @property
    def has_drums(self) -> bool:
        return len(self.whole.hits) > 0

    def continued(self, spec: PieceSpec) -> PieceSpec:
        """The same specification, going on from here: the opening's key, metre, tempo and parts.
        In a gap there are as many bars as it has, and it leads to the bar behind it."""
        near = self.heard if self.heard is not None else self._gridded
        home = estimated_key(near)
        theirs = near.transposed(-home.shift).notes
        count = max(1, len(near.parts))
        hands = tuple(_wider(hand_of(theirs[theirs["part"] == p]), spec, p) for p in range(count))
        bars = self._gridded.bars()
        at = bars[-1 if self.gap is None else min(self.gap.first, len(bars)) - 1]
        metre = at.beats, at.unit
        alike = count == len(spec.plan.hands) and home.minor == spec.home.minor
        same_form = alike and metre == spec.plan.metre
        plan = replace(
            spec.plan,
            bars=self.given_bars + spec.plan.bars,
            metre=metre,
            hands=hands,
            close=spec.plan.close if alike else None,
            upbeat=0,
            doubled=spec.plan.doubled if alike else frozenset(),
            lead=self._lead(),
        )
        tempo = self.whole.tempos[-1].quarters if self.whole.tempos else spec.tempo
        form = spec.form if same_form else ()
        changed = replace(spec, plan=plan, home=home, tempo=tempo, form=form, given=self.given_bars)
        return changed if self.gap is None else self._filling(changed, self.gap, len(bars))

    def _free_from(self) -> int:
        """The tick of the heard bars behind which nothing of theirs is played."""
        assert self.heard is not None
        notes = self.heard.notes
        return int((notes["onset"] + notes["duration"]).max(initial=0))

    def _lead(self) -> tuple[int, int] | None:
        """Where the score begins with an upbeat and its last bar leaves room for one, the work
        begins with one there, else the bar would have a hole."""
        upbeat = upbeat_of(self._gridded)
        if self.gap is not None or self.heard is None or not upbeat:
            return None
        last = self.heard.bars()[-1]
        room = last.bar_ticks // STEP_TICKS > upbeat
        free = self._free_from() <= last.tick + upbeat * STEP_TICKS
        return (self.given_bars - 1, upbeat) if room and free else None

    def _filling(self, spec: PieceSpec, gap: Gap, count: int) -> PieceSpec:
        """In the place of bars gap.first to gap.last of `count`."""
        inside = gap.last - gap.first + 1
        whole = fitted(spec.form, count, spec.plan.bar_steps)
        form = without(without(whole, gap.last, count), 0, gap.first - 1) if whole else ()
        ends = gap.last >= count
        plan = replace(
            spec.plan,
            bars=spec.given + inside,
            closes=ends and spec.plan.closes,
            close=spec.plan.close if ends else None,
        )
        return replace(spec, plan=plan, form=form, after=self._behind(gap, spec.home), lift=0)

    def _behind(self, gap: Gap, home: KeyEstimate) -> tuple[tuple[int, int], ...]:
        """(part, pitch) of the first note of each part in the bar behind a gap, common key."""
        bars = self._gridded.bars()
        if gap.last >= len(bars):
            return ()
        notes = passage(self._gridded, gap.last, 1).transposed(-home.shift).notes
        first: dict[int, int] = {}
        for part, pitch in zip(notes["part"].tolist(), notes["pitch"].tolist(), strict=True):
            first.setdefault(part, pitch)
        return tuple(first.items())

    def joined(self, score: Score) -> Score:
        """The score as it was given, with what is composed behind it or in its gap."""
        bars = self.whole.bars()
        heard = self.heard.bars() if self.heard is not None else []
        begin = heard[-1].tick + heard[-1].bar_ticks if heard else 0
        if self.gap is not None:
            notes = score.notes[score.notes["onset"] >= begin].copy()
            return self._filled(notes, begin, bars, self.gap)
        kept = min(begin, self._free_from())  # its upbeat stands in the last bar that was given
        notes = score.notes[score.notes["onset"] >= kept].copy()
        end = bars[-1].tick + bars[-1].bar_ticks
        notes["onset"] += end - begin
        last = heard[-1]
        metres = (*self.whole.metres, Metre(end, last.beats, last.unit))
        keys = self.whole.keys or tuple(Key(0, k.fifths, k.minor) for k in score.keys)
        tempos = self.whole.tempos or score.tempos
        both = np.concatenate([self.whole.notes, notes])
        hits = score.hits[score.hits["onset"] >= begin].copy()
        hits["onset"] += end - begin
        whole = score_of(both, metres, keys, tempos, self.whole.parts, self.whole.title)
        hits = np.concatenate([self.whole.hits, hits])
        return replace(whole, chords=self.whole.chords, hits=hits)

    def _filled(self, notes: np.ndarray, begin: int, bars: list[Metre], gap: Gap) -> Score:
        """notes: what is composed; begin: where it begins in its own score. What the artist wrote
        outside the gap stays to the tick, and so do drums everywhere."""
        first, last = bars[gap.first - 1].tick, bars[gap.last - 1]
        until = last.tick + last.bar_ticks
        notes["onset"] += first - begin
        notes = notes[notes["onset"] < until]
        notes["duration"] = np.minimum(notes["duration"], until - notes["onset"])
        own = self.whole.notes
        kept = own[(own["onset"] < first) | (own["onset"] >= until)]
        whole = self.whole
        both = np.concatenate([kept, notes])
        filled = score_of(both, whole.metres, whole.keys, whole.tempos, whole.parts, whole.title)
        chords = tuple(c for c in whole.chords if not first <= c.tick < until)
        return replace(filled, chords=chords, hits=whole.hits)


def common_row(score: Score) -> list[int]:
    """The tokens of a whole score, as a reference has them."""
    return encode(quantise(score)).tolist()


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
