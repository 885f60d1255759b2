"""A score: what is played, when, by which part, and how it is counted.

Legend: N notes, times in ticks of which TICKS make a quarter note: 480 holds 32nds (60), 128ths
(15), triplets (160) and quintuplets (96) as whole numbers. A score begins on a bar line: a pickup
has silence before it. Bars follow one another from the metres alone.
"""

import math
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal, TypeVar

import numpy as np

from engine.media.audio.codec.chords import Chord

FORMATS = "MIDI, MusicXML, MXL, ABC"
TICKS = 480  # of a quarter note
_SHARPS, _FLATS = "FCGDAEB", "BEADGCF"  # in the order in which signatures have them
NOTE = np.dtype(
    [("onset", "<i4"), ("duration", "<i4"), ("pitch", "u1"), ("part", "u1"), ("velocity", "u1")]
)
HIT = np.dtype([("onset", "<i4"), ("key", "u1"), ("velocity", "u1")])
VELOCITY = 80  # of notes that say nothing of it
MAX_PARTS = 64
MAX_BEATS, MAX_UNIT = 64, 64  # of a metre
MAX_TICK = 2**24  # nearly five hours at 120; nothing later is read
Mark = TypeVar("Mark", "Metre", "Key", "Tempo")
Remark = Literal["drums", "truncated", "mended", "trimmed"]
# drums: percussion was left out, of which nothing says what it is. trimmed: only the beginning of a
# very long score is kept. truncated: the file ends early, what is there is used. mended: it breaks
# a rule of its format and was read nevertheless.


@dataclass(frozen=True, slots=True, order=True)
class Metre:
    """From the bar line at `tick` on: `beats` notes of 1/`unit` make a bar."""

    tick: int
    beats: int
    unit: int

    @property
    def bar_ticks(self) -> int:
        return self.beats * 4 * TICKS // self.unit

    @property
    def is_compound(self) -> bool:
        """Whether three eighths, or shorter notes, are counted as one."""
        return self.unit >= 8 and self.beats % 3 == 0

    @property
    def beat_ticks(self) -> int:
        """What is counted: a note of the unit, three of them in compound metres."""
        ticks = 4 * TICKS // self.unit
        return 3 * ticks if self.is_compound else ticks


@dataclass(frozen=True, slots=True, order=True)
class Key:
    """The signature from `tick` on: sharps (positive) or flats, -7 to 7, and its mode."""

    tick: int
    fifths: int
    minor: bool = False


def altered(letter: str, fifths: int) -> int:
    """What the signature does to a letter: -1, 0 or 1."""
    if fifths >= 0:
        return int(letter in _SHARPS[:fifths])
    return -int(letter in _FLATS[:-fifths])


@dataclass(frozen=True, slots=True, order=True)
class Tempo:
    """Quarter notes in a minute from `tick` on."""

    tick: int
    quarters: float


@dataclass(frozen=True, slots=True)
class Part:
    """A name, and a General MIDI programme, 0 to 127."""

    name: str = ""
    program: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class Score:
    """Made by `score_of`, which puts everything in order.

    notes: (N,) of NOTE, by onset, part and pitch; no two of one part and pitch sound together.
    metres: the first at tick 0, each at a bar line. keys, tempos: may be empty. chords: the symbols
    of a lead sheet, by tick. hits: (H,) of HIT, what a drum kit plays, by onset and key of General
    MIDI; it stands apart from the notes, since it has neither pitches nor lengths.
    """

    notes: np.ndarray
    metres: tuple[Metre, ...]
    keys: tuple[Key, ...] = ()
    tempos: tuple[Tempo, ...] = ()
    parts: tuple[Part, ...] = ()
    title: str = ""
    chords: tuple[Chord, ...] = ()
    hits: np.ndarray = field(default_factory=lambda: np.zeros(0, HIT))

    def __len__(self) -> int:
        return len(self.notes)

    @property
    def end(self) -> int:
        """The tick at which the last note ends."""
        return int((self.notes["onset"] + self.notes["duration"]).max(initial=0))

    def bars(self) -> list[Metre]:
        """Every bar: where it begins, and its metre. The last holds the end of the last note."""
        found: list[Metre] = []
        ends = [metre.tick for metre in self.metres[1:]] + [max(self.end, 1)]
        for metre, end in zip(self.metres, ends, strict=True):
            step = metre.bar_ticks
            found += [replace(metre, tick=tick) for tick in range(metre.tick, end, step)]
        return [bar for bar in found if bar.tick < max(self.end, 1)]

    def transposed(self, semitones: int) -> "Score":
        """Every pitch moved, the few that would leave 0 to 127 by an octave less; keys follow."""
        notes = self.notes.copy()
        pitches = notes["pitch"].astype(int) + semitones
        pitches += 12 * (pitches < 0) - 12 * (pitches > 127)
        notes["pitch"] = pitches
        keys = [moved_key(key, semitones) for key in self.keys]
        moved = score_of(notes, self.metres, keys, self.tempos, self.parts, self.title)
        chords = tuple(chord.transposed(semitones) for chord in self.chords)
        return replace(moved, chords=chords, hits=self.hits)

    def usual(self, marks: Sequence[Mark]) -> Mark | None:
        """The mark that holds at most of the notes, the earlier of two as frequent; None where
        there is none. So a slow introduction does not say how fast a piece is."""
        if not marks:
            return None
        ticks = [mark.tick for mark in marks]
        holding = np.maximum(np.searchsorted(ticks, self.notes["onset"], side="right") - 1, 0)
        counts: dict[Mark, int] = {}
        for mark, count in zip(marks, np.bincount(holding, minlength=len(marks)), strict=True):
            alike = replace(mark, tick=0)
            counts[alike] = counts.get(alike, 0) + int(count)
        return max(counts, key=lambda mark: counts[mark])


def moved_key(key: Key, semitones: int) -> Key:
    """The key so many semitones higher: the same where they make whole octaves."""
    if semitones % 12 == 0:
        return key
    return replace(key, fifths=(key.fifths + 7 * semitones + 5) % 12 - 5)


@dataclass(frozen=True, slots=True)
class ReadScores:
    """The scores of a file, and what the artist should know of how they were read."""

    scores: tuple[Score, ...]
    remarks: tuple[Remark, ...] = ()


def notes_of(rows: Iterable[Sequence[int]]) -> np.ndarray:
    """(onset, duration, pitch, part, velocity) rows → (N,) of NOTE."""
    return np.array([tuple(row) for row in rows], dtype=NOTE)


def hits_of(rows: Iterable[Sequence[int]]) -> np.ndarray:
    """(onset, key, velocity) rows → (H,) of HIT, in order, one of a key and moment."""
    kept = {(onset, key): velocity for onset, key, velocity in rows}
    return np.array([(*place, velocity) for place, velocity in sorted(kept.items())], HIT)


def score_of(
    notes: np.ndarray,
    metres: Sequence[Metre] = (),
    keys: Sequence[Key] = (),
    tempos: Sequence[Tempo] = (),
    parts: Sequence[Part] = (),
    title: str = "",
) -> Score:
    """In order: notes sorted and apart, parts without notes gone, changes that change nothing too.

    A metre that begins inside a bar cuts it short: the cut bar gets a metre of its own.
    """
    notes = notes[(notes["duration"] > 0) & (notes["pitch"] < 128)]
    used = np.unique(notes["part"])[:MAX_PARTS]
    notes = notes[np.isin(notes["part"], used)]
    notes["part"] = np.searchsorted(used, notes["part"])
    kept = tuple(parts[i] if i < len(parts) else Part() for i in used)
    notes = apart(notes)
    end = int((notes["onset"] + notes["duration"]).max(initial=1))
    return Score(
        notes,
        _at_bar_lines([metre for metre in metres if metre.tick < end]),
        tuple(_changes(_from_start(keys, notes, end))),
        tuple(_changes(_from_start(tempos, notes, end))),
        kept,
        title,
    )


def apart(notes: np.ndarray) -> np.ndarray:
    """Sorted; of a part, a pitch that begins anew ends what sounded there, and doubles are one."""
    notes = notes[np.lexsort((-notes["duration"], notes["onset"], notes["pitch"], notes["part"]))]
    if len(notes) > 1:
        doubled = _same_place(notes) & (np.diff(notes["onset"]) == 0)
        notes = notes[np.append(True, ~doubled)]
        room = np.where(_same_place(notes), np.diff(notes["onset"]), MAX_TICK)
        notes["duration"][:-1] = np.minimum(notes["duration"][:-1], room)
    return notes[np.lexsort((notes["pitch"], notes["part"], notes["onset"]))]


def _same_place(notes: np.ndarray) -> np.ndarray:
    """(N - 1,) bool: whether each note after the first has the part and pitch of the one before."""
    places = notes["part"].astype(int) * 128 + notes["pitch"]
    return np.diff(places) == 0


def _changes(marks: Sequence[Mark]) -> list[Mark]:
    """By tick, the last of a tick, and none that repeats what holds already."""
    latest = {mark.tick: mark for mark in sorted(marks, key=lambda mark: mark.tick)}
    kept: list[Mark] = []
    for mark in latest.values():
        if not kept or replace(mark, tick=0) != replace(kept[-1], tick=0):
            kept.append(mark)
    return kept


def _from_start(marks: Sequence[Mark], notes: np.ndarray, end: int) -> list[Mark]:
    """Those before the end; what holds at the first note holds from the beginning."""
    first = int(notes["onset"].min(initial=MAX_TICK))
    early = [mark for mark in marks if mark.tick <= first]
    late = [mark for mark in marks if first < mark.tick < end]
    return [replace(mark, tick=0) for mark in early[-1:]] + late


def _at_bar_lines(metres: Sequence[Metre]) -> tuple[Metre, ...]:
    sound = [m for m in metres if is_metre(m.beats, m.unit)]
    first = sound[0] if sound and sound[0].tick <= 0 else Metre(0, 4, 4)
    changes = _changes([replace(first, tick=0), *(m for m in sound if m.tick > 0)])
    kept: list[Metre] = changes[:1]
    for after in changes[1:]:
        metre = kept[-1]
        if rest := (after.tick - metre.tick) % metre.bar_ticks:
            if after.tick - rest == metre.tick:
                kept.pop()
            kept.append(replace(metre_of(rest), tick=after.tick - rest))
        kept.append(after)
    return tuple(_changes(kept))


def is_metre(beats: int, unit: int) -> bool:
    """Whether a bar can be counted so: 1 to 64 whole, half … 64th notes."""
    return 1 <= beats <= MAX_BEATS and unit in (1, 2, 4, 8, 16, 32, 64)


def metre_of(ticks: int) -> Metre:
    """The metre of one bar that holds so many ticks, counted in 64ths or something longer."""
    count, unit = max(1, math.ceil(ticks * 16 / TICKS)), 64
    while unit > 4 and (count % 2 == 0 or count > MAX_BEATS):
        count, unit = math.ceil(count / 2), unit // 2
    if count > 4 and count % 4 == 0:
        count, unit = count // 2, unit // 2
    return Metre(0, min(count, MAX_BEATS), unit)


def mark_at(marks: Sequence[Mark], tick: int) -> Mark | None:
    """The mark that holds at a tick; None before the first."""
    index = bisect_right([mark.tick for mark in marks], tick) - 1
    return marks[index] if index >= 0 else None


def seconds_of(score: Score) -> float:
    """How long it lasts, at 120 quarters a minute where it does not say."""
    tempos = list(score.tempos)
    if not tempos or tempos[0].tick > 0:
        tempos.insert(0, Tempo(0, 120.0))
    ends = [tempo.tick for tempo in tempos[1:]] + [score.end]
    return math.fsum(
        max(0, end - tempo.tick) / TICKS * 60 / tempo.quarters
        for tempo, end in zip(tempos, ends, strict=True)
    )
