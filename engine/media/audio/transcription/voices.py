"""Which of the notes that are heard at once are the melody, the bass, and what is between them.

A melody and a bass are lines: of all ways through the notes that go from one to a later one, the
one that is highest (or lowest), loudest and leaps the least (dynamic programming; after the contour
rules of Temperley 2001, "The Cognition of Basic Musical Structures", chapter 4). A second pass
knows about where each line lies. The rest are chords.

Legend: N notes by onset, P partners that a note may follow.
"""

import numpy as np

from engine.media.audio.transcription.notes import OVERTONES

MELODY, CHORDS, BASS = 0, 1, 2
_TOGETHER_S = 0.06  # between the beginnings of one chord
_PARTNERS = 24  # notes before, of which one may be what the line comes from
_LEAP, _WIDE = 0.05, 12  # worth lost for a semitone; beyond so many, twice as much
_OVER, _COVERED = 1.0, 1.0  # worth of an outer note; lost for each that sounds beyond it
_CHORDAL, _CLOSE = 0.7, 9  # lost by a bass that begins with a note so few semitones above
_PLACE = 0.1  # worth lost for a semitone from where the line lies, in the second pass
_SILENCE = 0.1  # worth lost for a second without a note
_APART = 9.0  # semitones between the middles of a bass and of a melody
_LEAST_NOTES, _LEAST_SHARE = 6, 0.25  # of a line: notes; of the sounding time
_SHARED = 0.3  # of a line's notes, that begin or sound with one of the others, at least
_BELOW = 5.0  # semitones under what else sounds
_STRUCK = 0.5  # of the notes beside a melody without a bass, that begin with another
_HELD_S = 0.4  # of a note that accompanies by itself
_BASS_BELOW = 57.0  # middle of a bass, at most


def voices_of(notes: np.ndarray) -> np.ndarray:
    """(N,) with onset_s, duration_s, pitch, velocity, by onset -> (N,) MELODY, CHORDS or BASS.

    Where no lines stand apart, all are MELODY: a part of its own.
    """
    voices = np.zeros(len(notes), np.uint8)
    if len(notes) < 2 * _LEAST_NOTES:
        return voices
    top, low = _line(notes, 1), _line(notes, -1)
    for _ in range(2):
        middles = [float(np.median(notes["pitch"][line])) for line in (top, low)]
        top, low = (
            _line(notes, side, middle) for side, middle in zip((1, -1), middles, strict=True)
        )
        top, low = _owned(notes, top, low, middles)
        if not len(top) or not len(low):
            return voices
    bass = _is_bass(notes, top, low)
    rest = np.ones(len(notes), bool)
    rest[top] = False
    rest[low] = rest[low] & (not bass)
    if not bass and not _are_chords(notes, rest):
        return voices
    voices[:] = CHORDS
    voices[top] = MELODY
    if bass:
        voices[low] = BASS
    return voices


def accompanying(notes: np.ndarray) -> np.ndarray:
    """Those of the notes that are held, or sound with another of them for half their length: a
    short one alone between the notes of a melody is mostly a part of its sound."""
    notes = notes[~_is_overtone(notes)]
    shared = _shared(notes)
    with_another = shared.max(1, initial=0) >= notes["duration_s"] / 2
    return notes[with_another | (notes["duration_s"] >= _HELD_S)]


def _is_overtone(notes: np.ndarray) -> np.ndarray:
    """(N,) bool: over a stronger note that sounds for most of its time, by as much as an overtone:
    behind a soloist an octave that is doubled is not told from the overtone that it would be."""
    apart = notes["pitch"].astype(int)[:, None] - notes["pitch"].astype(int)
    over = np.isin(apart, OVERTONES) & (notes["strength"][:, None] < notes["strength"])
    return np.any(over & (_shared(notes) >= notes["duration_s"][:, None] / 2), axis=1)


def _shared(notes: np.ndarray) -> np.ndarray:
    """(N, N) seconds in which two notes sound together; 0 of a note with itself."""
    onsets, ends = notes["onset_s"], notes["onset_s"] + notes["duration_s"]
    shared = np.minimum(ends[:, None], ends) - np.maximum(onsets[:, None], onsets)
    np.fill_diagonal(shared, 0)
    return shared


def beside_melody(notes: np.ndarray, melody: np.ndarray) -> np.ndarray:
    """(N,) CHORDS or BASS, of what others play beside a known melody."""
    voices = np.full(len(notes), CHORDS, np.uint8)
    if len(notes) < 2 * _LEAST_NOTES:
        return voices
    low = _line(notes, -1)
    low = _line(notes, -1, float(np.median(notes["pitch"][low])))
    both = np.concatenate([melody, notes])
    if _is_bass(both, np.arange(len(melody)), len(melody) + low):
        voices[low] = BASS
    return voices


def _line(notes: np.ndarray, side: int, middle: float | None = None) -> np.ndarray:
    """Places of the notes of the highest (side 1) or lowest line (-1)."""
    onsets, pitches = notes["onset_s"].astype(float), notes["pitch"].astype(float)
    ends = onsets + notes["duration_s"]
    worth = _worths(notes, side)
    if middle is not None:
        worth -= _PLACE * np.maximum(np.abs(pitches - middle) - 5, 0)
    total, before = worth.copy(), np.full(len(notes), -1)
    for j in range(len(notes)):
        first = max(0, j - _PARTNERS)
        able = np.flatnonzero(onsets[first:j] < onsets[j] - _TOGETHER_S) + first
        if not len(able):
            continue
        leaps = np.abs(pitches[able] - pitches[j])
        costs = _LEAP * (leaps + np.maximum(leaps - _WIDE, 0))
        costs = costs + _SILENCE * np.clip(onsets[j] - ends[able], 0, 4)
        gains = total[able] - costs
        best = int(gains.argmax())
        if gains[best] > 0:
            total[j] += gains[best]
            before[j] = able[best]
    path = [int(total.argmax())]
    while before[path[-1]] >= 0:
        path.append(int(before[path[-1]]))
    return np.array(path[::-1])


def _worths(notes: np.ndarray, side: int) -> np.ndarray:
    """(N,) of each note in the outer line of a side: less for each that sounds beyond it."""
    onsets, pitches = notes["onset_s"].astype(float), notes["pitch"].astype(float)
    ends = onsets + notes["duration_s"]
    at = onsets + _TOGETHER_S
    sounding = (onsets[None] <= at[:, None]) & (ends[None] > at[:, None] + 0.02)
    beyond = sounding & (side * (pitches[None] - pitches[:, None]) > 0)
    weights = np.minimum(1.0, notes["velocity"][None] / np.maximum(notes["velocity"][:, None], 0.1))
    covered = (beyond * weights).sum(1)
    if side < 0:  # the lowest note of a chord in close position is no bass
        together = np.abs(onsets[None] - onsets[:, None]) < _TOGETHER_S
        above = pitches[None] - pitches[:, None]
        covered += _CHORDAL * (together & (above > 0) & (above <= _CLOSE)).any(1)
    lasting = np.sqrt(np.clip(notes["duration_s"], 0.05, 1.0))
    return (0.4 + 0.6 * notes["velocity"]) * (0.5 + lasting) * _OVER - _COVERED * covered


def _owned(
    notes: np.ndarray, top: np.ndarray, low: np.ndarray, middles: list[float]
) -> tuple[np.ndarray, np.ndarray]:
    """Both lines without what lies nearer to the other's place, where both would have it."""
    pitches = notes["pitch"].astype(float)
    both = np.intersect1d(top, low)
    higher = pitches[both] >= (middles[0] + middles[1]) / 2
    return np.setdiff1d(top, both[~higher]), np.setdiff1d(low, both[higher])


def _is_bass(notes: np.ndarray, top: np.ndarray, low: np.ndarray) -> bool:
    """Whether the lower line is low, apart from the melody, and played beside it."""
    upper, lower = (float(np.median(notes["pitch"][line])) for line in (top, low))
    return (
        len(low) >= _LEAST_NOTES
        and upper - lower >= _APART
        and lower <= _BASS_BELOW
        and _share(notes, low) >= _LEAST_SHARE
        and _with_others(notes, low) >= _SHARED
        and _room_above(notes, low) >= _BELOW
    )


def _room_above(notes: np.ndarray, low: np.ndarray) -> float:
    """Semitones from a note of the line to the next higher one that sounds with it: the middle of
    all. The lowest notes of chords are no bass."""
    onsets, ends = notes["onset_s"], notes["onset_s"] + notes["duration_s"]
    shared = np.minimum(ends[low][:, None], ends) - np.maximum(onsets[low][:, None], onsets)
    higher = notes["pitch"].astype(float) - notes["pitch"][low][:, None]
    rooms = np.where((shared > _TOGETHER_S) & (higher > 0), higher, np.inf).min(1)
    rooms = rooms[np.isfinite(rooms)]
    return float(np.median(rooms)) if len(rooms) else 0.0


def _are_chords(notes: np.ndarray, rest: np.ndarray) -> bool:
    """Whether enough is left beside the melody to be a part."""
    left = np.flatnonzero(rest)
    return (
        len(left) >= 2 * _LEAST_NOTES
        and _share(notes, left) >= _LEAST_SHARE
        and _with_others(notes, left) >= 2 * _SHARED
        and _begun_together(notes, left) >= _STRUCK
    )


def _begun_together(notes: np.ndarray, line: np.ndarray) -> float:
    """Of some notes those that begin with another note: strings that ring on are no chords."""
    apart = np.abs(notes["onset_s"][line][:, None] - notes["onset_s"])
    apart[np.arange(len(line)), line] = np.inf
    return float((apart.min(1) < _TOGETHER_S).mean())


def _share(notes: np.ndarray, line: np.ndarray) -> float:
    """Of the time from the first note to the last, in which those of the line sound."""
    ends = notes["onset_s"] + notes["duration_s"]
    sounding = np.zeros(int(float(ends.max()) * 20) + 2, bool)
    for i in line:
        sounding[int(notes["onset_s"][i] * 20) : int(ends[i] * 20) + 1] = True
    first = int(notes["onset_s"].min() * 20)
    return float(sounding[first:].mean())


def _with_others(notes: np.ndarray, line: np.ndarray) -> float:
    """Of the line's notes those that sound for a third of their length or more with another."""
    onsets, ends = notes["onset_s"], notes["onset_s"] + notes["duration_s"]
    others = np.setdiff1d(np.arange(len(notes)), line)
    if not len(others):
        return 0.0
    shared = np.minimum(ends[line][:, None], ends[others]) - np.maximum(
        onsets[line][:, None], onsets[others]
    )
    return float((shared.max(1) > notes["duration_s"][line] / 3).mean())
