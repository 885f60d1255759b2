"""Scores on the grid that the generator knows: STEPS to a quarter note.

24 steps hold 32nds (3), triplets of quavers and semiquavers (8, 4), and their mixtures; a position
is a multiple of 3 or of 4 steps after the bar line.
"""

from bisect import bisect_left, bisect_right
from dataclasses import dataclass, replace

import numpy as np

from engine.media.audio.codec.score import TICKS, VELOCITY, Metre, Score, Tempo, score_of
from engine.media.audio.theory.keys import estimated_key

STEPS = 24  # of a quarter note
STEP_TICKS = TICKS // STEPS
BAR_QUARTERS = 12  # the longest bar
MAX_PARTS = 16
LOWEST, HIGHEST = 6, 121  # so that a move to the common key stays within MIDI

POSITIONS = tuple(s for s in range(BAR_QUARTERS * STEPS) if s % 3 == 0 or s % 4 == 0)
DURATIONS = (
    *(1, 2),
    *(s for s in range(3, 4 * STEPS + 1) if s % 3 == 0 or s % 4 == 0),
    *range(4 * STEPS + STEPS // 2, 8 * STEPS + 1, STEPS // 2),
    *range(9 * STEPS, 16 * STEPS + 1, STEPS),
)  # in steps
METRES = (
    *((1, 16), (3, 16), (5, 16), (6, 16), (7, 16), (9, 16), (12, 16), (15, 16)),
    *((1, 8), (2, 8), (3, 8), (4, 8), (5, 8), (6, 8), (7, 8), (8, 8), (9, 8), (10, 8), (11, 8)),
    *((12, 8), (13, 8), (15, 8), (1, 4), (2, 4), (3, 4), (4, 4), (5, 4), (6, 4), (7, 4), (9, 4)),
    *((10, 4), (12, 4), (1, 2), (2, 2), (3, 2), (4, 2), (5, 2), (6, 2), (1, 1), (2, 1), (3, 1)),
)
TEMPOS = (40, 50, 60, 70, 80, 92, 104, 120, 138, 160, 184, 210, 240, 280)  # quarters a minute

_BAR_TICKS = {metre: metre[0] * 4 * TICKS // metre[1] for metre in METRES}
_BY_LENGTH = sorted(METRES, key=lambda metre: (_BAR_TICKS[metre], metre[1] != 4))
_LENGTHS = [_BAR_TICKS[metre] for metre in _BY_LENGTH]


def quantise(score: Score) -> Score:
    """The nearest score that tokens can say: `decode(encode(quantise(s)))` is `quantise(s)`.

    Bars of other lengths get room to the next one of the list. One key (the signature that the
    notes lie on), one tempo (that of most notes), no velocities; the MAX_PARTS parts with the most
    notes.
    """
    bars = score.bars()
    starts, metres = _new_bars(bars)
    notes = score.notes.copy()
    counts = np.bincount(notes["part"], minlength=1)
    if len(counts) > MAX_PARTS:
        notes = notes[np.isin(notes["part"], np.sort(np.argsort(-counts)[:MAX_PARTS]))]
    moved = _Moved(np.array([bar.tick for bar in bars]), np.array(starts))
    notes["onset"] = moved.ticks(notes["onset"])
    notes["duration"] = nearest(DURATIONS, notes["duration"] / STEP_TICKS) * STEP_TICKS
    notes["velocity"] = VELOCITY
    pitches = notes["pitch"].astype(int)
    notes["pitch"] = pitches + 12 * (pitches < LOWEST) - 12 * (pitches > HIGHEST)
    tempo = score.usual(score.tempos)
    tempos = [Tempo(0, float(tempo_class(tempo.quarters)))] if tempo else []
    first = score_of(notes, metres, [estimated_key(score).key], tempos, score.parts, score.title)
    chords = tuple(replace(c, tick=int(moved.ticks(np.array([c.tick]))[0])) for c in score.chords)
    hits = score.hits.copy()
    hits["onset"] = moved.ticks(hits["onset"])
    return replace(_with_known_lengths(first), chords=chords, hits=hits)


@dataclass(frozen=True, slots=True, eq=False)
class _Moved:
    """old, new (B,): where each bar begins, before and after."""

    old: np.ndarray
    new: np.ndarray

    def ticks(self, onsets: np.ndarray) -> np.ndarray:
        """(N,) -> (N,): the nearest position of the same bar."""
        index = np.searchsorted(self.old, onsets, side="right") - 1
        steps = nearest(POSITIONS, (onsets - self.old[index]) / STEP_TICKS)
        return self.new[index] + steps * STEP_TICKS


def _with_known_lengths(score: Score) -> Score:
    """Notes that the next of their pitch cut short get the next shorter length of the list."""
    notes = score.notes.copy()
    known = np.array(DURATIONS)
    places = np.searchsorted(known, notes["duration"] // STEP_TICKS, side="right") - 1
    notes["duration"] = known[places] * STEP_TICKS
    return score_of(notes, score.metres, score.keys, score.tempos, score.parts, score.title)


def nearest(values: tuple[int, ...], steps: np.ndarray) -> np.ndarray:
    """(N,) steps -> the nearest of the values, the lower of two as near."""
    known = np.array(values)
    right = np.clip(np.searchsorted(known, steps), 1, len(known) - 1)
    left = known[right - 1]
    return np.where(steps - left <= known[right] - steps, left, known[right])


def _new_bars(bars: list[Metre]) -> tuple[list[int], list[Metre]]:
    """Where each bar begins when it has a metre of the list, and those metres."""
    starts: list[int] = []
    metres: list[Metre] = []
    at = 0
    for bar in bars:
        starts.append(at)
        beats, unit = known_metre(bar)
        metres.append(Metre(at, beats, unit))
        length = _BAR_TICKS[beats, unit]
        at += length * max(1, -(-bar.bar_ticks // length))
    return starts, metres


def known_metre(bar: Metre) -> tuple[int, int]:
    """The metre itself, or the shortest of the list whose bar has room; 4/4 for a very long bar."""
    if (bar.beats, bar.unit) in _BAR_TICKS:
        return bar.beats, bar.unit
    place = bisect_left(_LENGTHS, bar.bar_ticks)
    return _BY_LENGTH[place] if place < len(_BY_LENGTH) else (4, 4)


def tempo_class(quarters: float) -> int:
    """The nearest tempo of the list, by ratio."""
    place = bisect_right(TEMPOS, quarters)
    around = TEMPOS[max(0, place - 1) : place + 1]
    return min(around, key=lambda tempo: max(tempo, quarters) / min(tempo, quarters))


def passage(score: Score, first: int, count: int) -> Score:
    """Bars first to first + count - 1 by themselves; notes that go on beyond are cut."""
    bars = score.bars()
    start = bars[first].tick
    last = bars[min(first + count, len(bars)) - 1]
    end = last.tick + last.bar_ticks
    inside = (score.notes["onset"] >= start) & (score.notes["onset"] < end)
    notes = score.notes[inside].copy()
    notes["duration"] = np.minimum(notes["duration"], end - notes["onset"])
    notes["onset"] -= start
    metres = [replace(bar, tick=bar.tick - start) for bar in bars[first : first + count]]
    keys = [replace(key, tick=max(0, key.tick - start)) for key in score.keys if key.tick < end]
    tempos = [replace(t, tick=max(0, t.tick - start)) for t in score.tempos if t.tick < end]
    hits = score.hits[(score.hits["onset"] >= start) & (score.hits["onset"] < end)].copy()
    hits["onset"] -= start
    chords = tuple(replace(c, tick=c.tick - start) for c in score.chords if start <= c.tick < end)
    passed = score_of(notes, metres, keys, tempos, score.parts, score.title)
    return replace(passed, chords=chords, hits=hits)
