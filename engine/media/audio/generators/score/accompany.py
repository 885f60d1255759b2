"""A melody → chords and a bass under it, in the references' manner.

Which chords: `theory.chord_model`, or the symbols that the score has. When they are struck, and
what the bass plays of them: as the references' lower parts do in bars like these, phrase by phrase;
where no reference has such a part, as is usual in the metre. Chords are led to the nearest of their
positions below the melody (Piston, Harmony, 1941). What the artist wrote stays to the tick.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import product

import numpy as np

from engine.media.audio.codec.chords import Chord
from engine.media.audio.codec.score import TICKS, Metre, Part, Score, notes_of, score_of
from engine.media.audio.features import melody
from engine.media.audio.theory.chord_model import ChordModel, chords_of, spans_of
from engine.media.audio.theory.keys import estimated_key

PHRASE = 4  # bars that one reference's manner holds
CHORD_PROGRAM, BASS_PROGRAM = 24, 32  # a guitar and a double bass, where the references say none
LOUD = {0: 62, 1: 72}  # velocities of chords and bass
LOWEST, HIGHEST = 48, 71  # of chords
BASS_LOWEST, BASS_MIDDLE, BASS_HIGHEST = 33, 40.5, 47  # so that it stays about an octave
CHORD, BASS = 0, 1
SLOW = 84  # quarters a minute, below which chords are held


@dataclass(frozen=True, slots=True, order=True)
class Stroke:
    """In ticks of a bar. tone: of a bass note, which of its chord's: 0 the lowest, 1 the fifth or
    what stands for it, 2 the third."""

    at: int
    lasts: int
    voice: int
    tone: int = 0


Manner = tuple[Stroke, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Manners:
    """What the references' lower parts do. bars: of each that has some, bar by bar; lengths: ticks
    of its bar; programs: of its chords and its bass."""

    bars: tuple[tuple[Manner, ...], ...] = ()
    lengths: tuple[int, ...] = ()

    @classmethod
    def of(cls, scores: Sequence[Score], model: ChordModel) -> "Manners":
        found = [(_manner(score, model), score) for score in scores if len(score.parts) > 1]
        return cls(
            tuple(bars for bars, _ in found),
            tuple(score.metres[0].bar_ticks for _, score in found),
        )

    def phrase(self, bar: Metre, tempo: float, rng: np.random.Generator) -> list[Manner]:
        """For the next PHRASE bars of this length."""
        theirs = [
            bars[first : first + PHRASE]
            for bars, length in zip(self.bars, self.lengths, strict=True)
            if length == bar.bar_ticks
            for first in range(0, len(bars) - PHRASE + 1, PHRASE)
            if all(_has_both(each) for each in bars[first : first + PHRASE])
        ]
        if theirs:
            return list(theirs[int(rng.integers(len(theirs)))])
        ways = _usual(bar, tempo)
        return [ways[int(rng.integers(len(ways)))]] * PHRASE


def _has_both(manner: Manner) -> bool:
    return {stroke.voice for stroke in manner} == {CHORD, BASS}


def _usual(bar: Metre, tempo: float) -> list[Manner]:
    """Ways that are common in a metre: the bass on what is counted first, chords behind it."""
    beat = bar.bar_ticks // bar.beats * (3 if bar.is_compound else 1)
    beats = bar.bar_ticks // beat if beat else 1
    held = (Stroke(0, bar.bar_ticks, BASS), Stroke(0, bar.bar_ticks, CHORD))
    if tempo < SLOW or beats < 2 or bar.bar_ticks % beat:
        return [tuple(sorted(held))]
    third = beat // 3
    if bar.is_compound:
        bass = [Stroke(i * beat, 2 * third, BASS, i % 2) for i in range(beats)]
        after = [Stroke(i * beat + 2 * third, third, CHORD) for i in range(beats)]
    elif beats == 3:
        bass = [Stroke(0, beat, BASS)]
        after = [Stroke(i * beat, beat, CHORD) for i in (1, 2)]
    else:
        halves = beats > 3 or bar.unit == 2
        unit = beat if halves and bar.unit > 2 else beat // 2
        places = range(0, bar.bar_ticks, 2 * unit)
        bass = [Stroke(at, unit, BASS, i % 2) for i, at in enumerate(places)]
        after = [Stroke(at + unit, unit, CHORD) for at in places]
    rolling = [Stroke(i * beat, beat, CHORD) for i in range(beats)]
    return [tuple(sorted((*bass, *after))), tuple(sorted((*bass, *rolling)))]


def _manner(score: Score, model: ChordModel) -> tuple[Manner, ...]:
    """Of each bar: when the lowest part plays and what of its chord, when those between do."""
    notes = score.notes
    means = [notes["pitch"][notes["part"] == part].mean() for part in range(len(score.parts))]
    top, low = int(np.argmax(means)), int(np.argmin(means))
    home, spans = estimated_key(score), spans_of(score)
    path = model.path_of(score.transposed(-home.shift), spans)
    chords = [c.transposed(home.shift) for c in chords_of(path, spans)]
    between = (notes["part"] != top) & (notes["part"] != low if len(means) > 2 else True)
    found = []
    for bar in score.bars():
        inside = (notes["onset"] >= bar.tick) & (notes["onset"] < bar.tick + bar.bar_ticks)
        strokes = {
            Stroke(int(n["onset"]) - bar.tick, _cut(n, bar), CHORD) for n in notes[inside & between]
        }
        kept = {stroke.at: stroke for stroke in sorted(strokes)}
        bass = [
            Stroke(int(n["onset"]) - bar.tick, _cut(n, bar), BASS, _tone(n, chords))
            for n in notes[inside & (notes["part"] == low)]
        ]
        lowest = {stroke.at: stroke for stroke in bass}
        found.append(tuple(sorted((*kept.values(), *lowest.values()))))
    return tuple(found)


def _cut(note: np.void, bar: Metre) -> int:
    return min(int(note["duration"]), bar.tick + bar.bar_ticks - int(note["onset"]))


def _tone(note: np.void, chords: Sequence[Chord]) -> int:
    """0 the chord's lowest, 2 its third, else 1."""
    holding = [chord for chord in chords if chord.tick <= note["onset"]]
    if not holding:
        return 0
    classes = holding[-1].classes
    pitch = int(note["pitch"]) % 12
    return {classes[0]: 0, classes[1]: 2}.get(pitch, 1)


def accompanied(
    score: Score, references: Sequence[Score], programs: tuple[int, int], seed: int
) -> Score:
    """The score with two more parts, chords and bass, and with the symbols of its chords.

    programs: what plays the two.
    """
    rng, home = np.random.default_rng((seed, 43)), estimated_key(score)
    model = ChordModel.of(references, home.minor)
    manners = Manners.of(references, model)
    chords = score.chords
    if not chords:
        spans = spans_of(score)
        path = model.drawn(score.transposed(-home.shift), spans, rng)
        chords = tuple(chord.transposed(home.shift) for chord in chords_of(path, spans))
    rows = _played(score, chords, manners, rng)
    first = len(score.parts)
    notes = notes_of(
        (onset, lasts, pitch, first + voice, LOUD[voice]) for onset, lasts, pitch, voice in rows
    )
    parts = [*score.parts, *(Part("", program) for program in programs)]
    both = np.concatenate([score.notes, notes])
    whole = score_of(both, score.metres, score.keys, score.tempos, parts, score.title)
    return replace(whole, chords=chords, hits=score.hits)


def _played(
    score: Score, chords: Sequence[Chord], manners: Manners, rng: np.random.Generator
) -> list[tuple[int, int, int, int]]:
    """(onset, duration, pitch, voice) of the bars that are more than an upbeat."""
    bars, tune = score.bars(), melody(score)
    said = score.usual(score.tempos)
    tempo = said.quarters if said else 120.0
    begins = int(tune["onset"][0])
    skipped = int(begins - bars[0].tick >= bars[0].bar_ticks // 2)  # an upbeat
    leader = _Leader(tune)
    rows: list[tuple[int, int, int, int]] = []
    manner: list[Manner] = []
    for i, bar in enumerate(bars[skipped:]):
        if i % PHRASE == 0 or not manner or bars[skipped + i - 1].bar_ticks != bar.bar_ticks:
            manner = manners.phrase(bar, tempo, rng)
        strokes = manner[i % PHRASE]
        if i == len(bars) - skipped - 1:
            strokes = (Stroke(0, bar.bar_ticks, CHORD), Stroke(0, bar.bar_ticks, BASS))
        for stroke in strokes:
            rows += leader.struck(stroke, bar, chords)
    return rows


class _Leader:
    """Leads chords and bass, each to the position nearest to the one before; under a new chord the
    bass plays its lowest note first."""

    def __init__(self, tune: np.ndarray) -> None:
        self._tune = tune
        self._voicing: tuple[int, ...] = (55, 60, 64)
        self._chord: Chord | None = None
        self._under: Chord | None = None  # what the bass has said of the harmony
        self._bass = 40

    def struck(
        self, stroke: Stroke, bar: Metre, chords: Sequence[Chord]
    ) -> list[tuple[int, int, int, int]]:
        """The notes of one stroke; where the chord changes under it, it is struck anew."""
        onset, end = bar.tick + stroke.at, bar.tick + stroke.at + stroke.lasts
        rows: list[tuple[int, int, int, int]] = []
        while onset < end:
            holding = [chord for chord in chords if chord.tick <= onset] or list(chords[:1])
            if not holding:
                break
            until = min(end, next((c.tick for c in chords if c.tick > onset), end))
            pitches = self._pitches(holding[-1], stroke, onset)
            rows += [(onset, until - onset, pitch, stroke.voice) for pitch in pitches]
            onset = until
        return rows

    def _pitches(self, chord: Chord, stroke: Stroke, onset: int) -> tuple[int, ...]:
        if stroke.voice == BASS:
            is_new = self._under != chord
            self._under = chord
            return (self._low(chord, 0 if is_new else stroke.tone),)
        self._lead(chord, onset)
        return self._voicing

    def _low(self, chord: Chord, tone: int) -> int:
        third, fifth = (*chord.classes, *chord.classes)[1:3]  # a bare fifth has the root for it
        wanted = (chord.lowest, fifth, third)[tone]
        pitches = [p for p in range(BASS_LOWEST, BASS_HIGHEST + 1) if p % 12 == wanted]
        found = min(pitches, key=lambda pitch: abs(pitch - self._bass) + abs(pitch - BASS_MIDDLE))
        if tone == 0:
            self._bass = found
        return found

    def _lead(self, chord: Chord, onset: int) -> None:
        """To the position of the chord that moves least, in three voices below the melody."""
        if self._chord is not None and self._chord.classes == chord.classes:
            return
        self._chord = chord
        near = np.abs(self._tune["onset"] - onset) <= 2 * TICKS
        above = int(self._tune["pitch"][near].min()) if near.any() else HIGHEST
        highest = max(LOWEST + 14, min(HIGHEST, above - 1))
        tones = chord.classes
        classes = set(tones if len(tones) < 4 else (*tones[:2], tones[3]))
        places = [p for p in range(LOWEST, highest + 1) if p % 12 in classes]
        found = [
            (low, middle, high)
            for low, middle, high in product(places, repeat=3)
            if low < middle < high <= low + 14 and {low % 12, middle % 12, high % 12} == classes
        ]
        if found:
            self._voicing = min(found, key=lambda each: _moved(self._voicing, each))


def _moved(before: Sequence[int], after: Sequence[int]) -> tuple[int, int]:
    """Semitones in all, and of the lowest voice."""
    steps = [abs(a - b) for a, b in zip(before, after, strict=False)]
    return sum(steps), steps[0]
