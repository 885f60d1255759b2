"""The chords that all parts of a work stand on, beat by beat, and how a note fits what sounds.

The plan is drawn from the followed reference: the posterior of a hidden Markov model over the
triads of the key (`theory.chord_model`), told by what sounds in each beat, more loosely the newer a
work is to be. Where the drawn chord is the likeliest one, the reference's own tones count as well
(its sevenths, suspensions, passing notes) and its bass. All drafts of a work share the plan.
Legend: S beats of the reference; pitches in the common key; times in steps within a bar.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import permutations

import numpy as np

from engine.media.audio.codec.chords import KINDS
from engine.media.audio.codec.score import Metre, Score
from engine.media.audio.generators.score.motion import STEP, LineNote, Motion
from engine.media.audio.theory.chord_model import CHORDS, ChordModel, Span, sounding
from engine.media.audio.theory.grid import STEP_TICKS
from engine.media.audio.theory.part_writing import KNOWN, SILENT, classes_of, sonorities

EVIDENCE = (0.35, 1.0)  # of what sounds, as far as it tells of the chord: new music, variations
LEAN = (0.9, 2.0)  # of the logarithm of a beat's shares: of new music, of variations
WEAK, WEAK_STEP, WEAK_LEAP = 0.3, 0.1, 0.7  # of it between two beats: a note again, a step, a leap
FAINT = 0.03  # a share that what is not of the chord has nevertheless
BASS = (1.0, 4.0)  # nats of the plan's bass note, for the part that has it, likewise
CLOSE = 2  # bars at the end that have the reference's own chords, as in variations
CROSSED, SELDOM_CROSSED = 3.0, 0.05  # nats against crossing parts that cross so seldom there
RATE = 0.5  # nats that a sonority gains for each moment at which it was missed
_PITCHES = 128
_CLASSES = np.arange(_PITCHES) % 12


def beat_steps(metre: tuple[int, int]) -> int:
    """The length of a beat: of three eighths or sixteenths in compound metres."""
    steps = 96 // metre[1]
    return 3 * steps if Metre(0, *metre).is_compound else steps


@dataclass(frozen=True, slots=True, eq=False)
class ChordPlan:
    """shares (S, 12) of the pitch classes of each beat; basses: its lowest note's part and pitch
    class, or none. first: the beat with which each bar begins; beat: its length. odds (2,): nats by
    which the references prefer triads and chords of the seventh, as far as they do: on a beat,
    between two; clear (2,): the same for moments without a semitone. ordered: pairs of parts of
    which the first hardly ever sounds below the second."""

    shares: np.ndarray
    basses: list[tuple[int, int] | None]
    first: list[int]
    beat: int
    odds: np.ndarray
    clear: np.ndarray
    tones: np.ndarray
    motions: tuple[Motion, ...]
    ordered: frozenset[tuple[int, int]] = frozenset()

    @classmethod
    def of(
        cls, scores: Sequence[Score], followed: int, *, minor: bool, seed: int, variation: float
    ) -> "ChordPlan":
        """scores: the references, in the common key. variation: 0 (new) … 1."""
        score = scores[followed]
        bars = score.bars()
        beat = beat_steps((bars[0].beats, bars[0].unit))
        spans, first = _beats(bars, beat)
        model = ChordModel.of(scores, minor)
        likeliest = model.path_of(score, spans)
        evidence = EVIDENCE[0] + variation * (EVIDENCE[1] - EVIDENCE[0])
        drawn = model.drawn(score, spans, np.random.default_rng((seed, 80)), evidence)
        close = first[max(0, len(first) - CLOSE)]
        drawn[close:] = likeliest[close:]
        own = sounding(score, spans)
        own /= np.maximum(own.sum(1, keepdims=True), 1e-9)
        shares, basses = np.zeros((len(spans), 12)), []
        for i, (chord, usual) in enumerate(zip(drawn, likeliest, strict=True)):
            root, kind = CHORDS[chord]
            shares[i, [(root + step) % 12 for step in KINDS[kind]]] = 1 / 3
            if chord == usual:
                shares[i] = (shares[i] + own[i]) / 2
            bass = _lowest(score, spans[i].begin)
            if bass is not None and chord != usual:
                bass = bass[0], root
            basses.append(bass)
        motions = _motions(scores, model, beat, len(score.parts))
        odds, clear = _odds(scores, beat)
        tones = _tones(drawn)
        return cls(shares, basses, first, beat, odds, clear, tones, motions, _ordered(score))

    def sonority(self) -> "Sonority":
        """Of a new work, in which nothing sounds yet."""
        return Sonority(self.odds, self.clear, self.beat, self.ordered)

    def foreign(self, place: int, position: int, pitch: int) -> bool:
        """Whether a note of the plan's bar `place` is not of the chord of its beat."""
        if not 0 <= place < len(self.first):
            return False
        beat = min(self.first[place] + position // self.beat, len(self.tones) - 1)
        return not self.tones[beat, pitch % 12]

    def nats(
        self, place: int, part: int, position: int, lasts: int, variation: float, last: int = -1
    ) -> np.ndarray:
        """(128,) of a note of a part that lasts so many steps in the plan's bar `place`. last: the
        part's pitch before it."""
        if not 0 <= place < len(self.first):
            return np.zeros(_PITCHES)
        if place >= len(self.first) - CLOSE:
            variation = 1.0
        begin = self.first[place] + position // self.beat
        end = self.first[place] + -(-(position + max(1, lasts)) // self.beat)
        begin = min(begin, len(self.shares) - 1)
        shares = self.shares[begin : max(begin + 1, end)].mean(0)
        lean = LEAN[0] + variation * (LEAN[1] - LEAN[0])
        late = position % self.beat
        found = (lean * np.log((shares + FAINT) / (1 / 12 + FAINT)))[_CLASSES]
        if late and late + lasts <= self.beat:
            found *= _weak(last)
        bass = self.basses[begin]
        if bass is not None and bass[0] == part and not position % self.beat:
            found[bass[1] == _CLASSES] += BASS[0] + variation * (BASS[1] - BASS[0])
        return found


def _weak(last: int) -> np.ndarray:
    """(128,) of the lean, that each pitch between two beats has."""
    found = np.full(_PITCHES, WEAK_LEAP if last >= 0 else WEAK)
    if last >= 0:
        found[max(0, last - STEP) : last + STEP + 1] = WEAK_STEP
        found[last] = WEAK
    return found


def _tones(chords: Sequence[int]) -> np.ndarray:
    """(S, 12) bool: the pitch classes of each chord."""
    found = np.zeros((len(chords), 12), bool)
    for i, chord in enumerate(chords):
        root, kind = CHORDS[chord]
        found[i, [(root + step) % 12 for step in KINDS[kind]]] = True
    return found


def _motions(
    scores: Sequence[Score], model: ChordModel, beat: int, parts: int
) -> tuple[Motion, ...]:
    """Of each part of all scores."""
    lines: list[list[list[LineNote]]] = [[] for _ in range(parts)]
    for score in scores:
        spans, _ = _beats(score.bars(), beat)
        tones = _tones(model.path_of(score, spans))
        begins = np.array([span.begin for span in spans])
        for part in range(min(parts, len(score.parts))):
            notes = score.notes[score.notes["part"] == part]
            onsets, where = np.unique(notes["onset"], return_inverse=True)
            pitches = np.zeros(len(onsets), int)
            np.maximum.at(pitches, where, notes["pitch"].astype(int))
            beats = np.searchsorted(begins, onsets, side="right") - 1
            foreign = ~tones[beats, pitches % 12]
            rows = zip(
                pitches.tolist(), (onsets > begins[beats]).tolist(), foreign.tolist(), strict=True
            )
            lines[part].append([LineNote(*row) for row in rows])
    return tuple(map(Motion.of, lines))


def _beats(bars: Sequence[Metre], beat: int) -> tuple[list[Span], list[int]]:
    """The beats, and the number of that with which each bar begins."""
    spans: list[Span] = []
    first: list[int] = []
    for bar in bars:
        first.append(len(spans))
        end = bar.tick + bar.bar_ticks
        step = beat * STEP_TICKS
        spans += [
            Span(tick, min(end, tick + step), tick == bar.tick)
            for tick in range(bar.tick, end, step)
        ]
    return spans, first


def _lowest(score: Score, tick: int) -> tuple[int, int] | None:
    """Part and pitch class of the lowest note that sounds."""
    notes = score.notes
    now = notes[(notes["onset"] <= tick) & (notes["onset"] + notes["duration"] > tick)]
    if not len(now):
        return None
    low = now[now["pitch"].argmin()]
    return int(low["part"]), int(low["pitch"]) % 12


@dataclass(slots=True)
class Sonority:
    """What sounds together in a work. odds, clear, beat, ordered: as a `ChordPlan` has them. counts
    (2, 2): moments so far at which three pitch classes sounded, on a beat and between two: no
    chord, a chord; clashes (2, 2): at which two sounded: a semitone among them, none."""

    odds: np.ndarray
    clear: np.ndarray
    beat: int
    ordered: frozenset[tuple[int, int]] = frozenset()
    moment: int = -1  # of the last note
    counts: np.ndarray = field(default_factory=lambda: np.zeros((2, 2)))
    clashes: np.ndarray = field(default_factory=lambda: np.zeros((2, 2)))
    _sounding: list[tuple[int, int, int]] = field(default_factory=list)  # until, part, pitch

    def take(self, part: int, pitch: int, now: int, steps: int) -> None:
        """What all parts play at one moment is counted when the next one comes."""
        if now > self.moment:
            sounds = {pitch % 12 for _, _, pitch in self._sounding}
            place = int(self.moment % self.beat > 0)
            if len(sounds) > 2:
                self.counts[place, int(KNOWN[classes_of(sounds)])] += 1
            if len(sounds) > 1:
                self.clashes[place, int(not clashing(sounds))] += 1
            self.moment = now
        self._sounding = [note for note in self._sounding if note[0] > now]
        self._sounding.append((now + steps, part, pitch))

    def nats(self, part: int, now: int) -> np.ndarray:
        """(128,) before a pitch of a part."""
        others = {pitch % 12 for until, p, pitch in self._sounding if until > now and p != part}
        found = np.zeros(12)
        if others:
            place = int(now % self.beat > 0)
            sounds = classes_of(others)
            found -= _held(self.odds, self.counts, place) * ~KNOWN[sounds | 1 << np.arange(12)]
            near = [(pitch + step) % 12 for pitch in others for step in (-1, 1)]
            found[near] -= _held(self.clear, self.clashes, place)
        return found[_CLASSES] - CROSSED * self._crossed(part, now)

    @property
    def distance(self) -> float:
        """By how large a share of the moments the work has more chords or fewer than the
        references."""
        each = self.counts.sum(1)
        apart = np.abs(self.counts[:, 1] - each * _share(self.odds))
        return float(apart.sum() / max(1.0, each.sum()))

    def _crossed(self, part: int, now: int) -> np.ndarray:
        """(128,) bool: above a part that stands higher, below one that stands lower."""
        pitches, found = np.arange(_PITCHES), np.zeros(_PITCHES, bool)
        for until, other, pitch in self._sounding:
            if until > now and (other, part) in self.ordered:
                found |= pitches > pitch
            if until > now and (part, other) in self.ordered:
                found |= pitches < pitch
        return found


def _share(odds: np.ndarray) -> np.ndarray:
    """Of odds in nats."""
    return 1 / (1 + np.exp(-odds))


def _held(odds: np.ndarray, counts: np.ndarray, place: int) -> float:
    """The references' own nats for what is liked, more while the work has a smaller share of it
    than they, less while it has a larger one (as `motion.MovingPart`). counts (2, 2): of what is
    not liked and what is, by place."""
    theirs = float(_share(odds)[place])
    missed = counts[place] @ np.array([theirs, theirs - 1])
    return max(0.0, float(odds[place] + RATE * missed))


def clashing(classes: Collection[int]) -> bool:
    """Whether pitch classes hold a semitone."""
    return any((one + 1) % 12 in classes for one in classes)


def _ordered(score: Score) -> frozenset[tuple[int, int]]:
    sounding = sonorities(score)
    found = set()
    for a, b in permutations(range(sounding.shape[1]), 2):
        both = (sounding[:, a] != SILENT) & (sounding[:, b] != SILENT)
        below = (sounding[both, a] < sounding[both, b]).mean() if both.any() else 1.0
        if below <= SELDOM_CROSSED:
            found.add((a, b))
    return frozenset(found)


def _odds(scores: Sequence[Score], beat: int) -> tuple[np.ndarray, np.ndarray]:
    """(2,) nats each, on a beat and between two: for chords where three pitch classes sound, for
    moments without a semitone where two do."""
    chords, clear = np.ones((2, 2)), np.ones((2, 2))
    for score in scores:
        for place, sounds in _moments(score, beat * STEP_TICKS):
            if len(sounds) > 2:
                chords[place, int(KNOWN[classes_of(sounds)])] += 1
            if len(sounds) > 1:
                clear[place, int(not clashing(sounds))] += 1
    liked, plain = (np.maximum(np.log(n[:, 1] / n[:, 0]), 0) for n in (chords, clear))
    return liked, plain


def _moments(score: Score, beat: int) -> Iterator[tuple[int, set[int]]]:
    """Of each moment of a score at which a note begins: whether it is between the beats, and the
    pitch classes that sound."""
    notes = score.notes
    ends = notes["onset"] + notes["duration"]
    for bar in score.bars():
        inside = (notes["onset"] >= bar.tick) & (notes["onset"] < bar.tick + bar.bar_ticks)
        for tick in np.unique(notes["onset"][inside]).tolist():
            now = notes["pitch"][(notes["onset"] <= tick) & (ends > tick)]
            yield int((tick - bar.tick) % beat > 0), set((now % 12).tolist())
