"""From what the network hears in each frame to notes that begin and end.

After `basic_pitch/note_creation.py` of Spotify's Basic Pitch 0.4 (Copyright 2022 Spotify AB,
Apache-2.0), written anew and changed: notes of one key that follow one another without an attack
are one; what sounds weakly beside a stronger note, or is an overtone of one, is left out. On 30
pieces played by a SoundFont, with which the thresholds were set, that brings the mean F1 of onsets
(within 50 ms) from 0.77 to 0.83; on 30 others by another SoundFont from 0.68 to 0.75.

Legend: T frames, K = 88 keys, arrays (T, K) float32 of 0 to 1.
"""

from dataclasses import dataclass

import numpy as np

from engine.media.audio.transcription.model import FRAME_SECONDS, LOWEST_PITCH

HEARD = np.dtype([("onset_s", "<f4"), ("duration_s", "<f4"), ("pitch", "u1"), ("strength", "<f4")])
_ONSET, _FRAME = 0.5, 0.3  # from which a note begins, and goes on
_LEAST_FRAMES = 6  # 70 ms: shorter ones are mostly none
_GAP_FRAMES = 11  # that a note may be inaudible for
_REACH = 2  # frames over which loudness must rise to begin a note by itself
_JOIN_FRAMES, _ATTACK = 20, 0.75  # a note so near to the one before needs such an attack
_FADED = 0.9  # of the strength before: a weaker rest lengthens no note
_WEAK = 0.5  # of a stronger note's strength
OVERTONES = (12, 19, 24, 28, 31, 34, 36)  # semitones over a fundamental
_STRAY, _STRAY_FRAMES, _AROUND_FRAMES = 14, 26, 130  # semitones; 0.3 s; 1.5 s
_FORMANT, _FORMANT_ABOVE = 74, 28  # keys: 2.1 kHz; semitones over what is sung
_GHOST, _GHOST_FRAMES = 0.55, 3  # of the fundamental's strength; how exactly they begin together


@dataclass(slots=True)
class _Found:
    start: int
    end: int
    key: int
    strength: float
    attack: float  # how surely the network heard it begin


def heard_notes(notes: np.ndarray, onsets: np.ndarray) -> np.ndarray:
    """(T, K) and (T, K) -> (N,) of HEARD, by onset and pitch."""
    begins = np.maximum(onsets, _rises(notes, float(onsets.max(initial=0))))
    left = notes.copy()
    found = _from_onsets(begins, notes, left)
    found += _from_rest(notes, left)
    for note in found:
        note.attack = float(onsets[max(0, note.start - 2) : note.start + 3, note.key].max())
    found = _without_formants(_without_strays(_without_weak(_without_ghosts(_joined(found)))))
    rows = [
        (
            f.start * FRAME_SECONDS,
            (f.end - f.start) * FRAME_SECONDS,
            f.key + LOWEST_PITCH,
            f.strength,
        )
        for f in found
    ]
    return np.sort(np.array(rows, dtype=HEARD), order=["onset_s", "pitch"])


def _rises(notes: np.ndarray, top: float) -> np.ndarray:
    """(T, K) how much each key rises over _REACH frames, scaled to the strongest onset."""
    padded = np.concatenate([np.zeros((_REACH, notes.shape[1]), np.float32), notes])
    steps = [padded[_REACH:] - padded[_REACH - n : len(padded) - n] for n in range(1, _REACH + 1)]
    rise = np.clip(np.min(steps, axis=0), 0, None)
    rise[:_REACH] = 0
    most = float(rise.max(initial=0))
    return rise * (top / most) if most > 0 else rise


def _from_onsets(begins: np.ndarray, notes: np.ndarray, left: np.ndarray) -> list[_Found]:
    """The notes that begin where something says so, the last first; clears them from `left`."""
    inner = begins[1:-1]
    peaks = (inner > begins[:-2]) & (inner > begins[2:]) & (inner >= _ONSET)
    found = []
    for before, key in np.argwhere(peaks)[::-1]:
        frame = int(before) + 1
        end = _end(left[:, key], frame + 1)
        if end - frame > _LEAST_FRAMES:
            left[frame:end, max(0, key - 1) : key + 2] = 0
            strength = float(notes[frame:end, key].mean())
            found.append(_Found(frame, end, int(key), strength, 0.0))
    return found


def _end(level: np.ndarray, start: int) -> int:
    """The frame from which a key is inaudible for _GAP_FRAMES or to the end."""
    audible = np.flatnonzero(level[start:] >= _FRAME)
    if len(audible) == 0:
        return start
    breaks = np.flatnonzero(np.diff(audible) > _GAP_FRAMES)
    reaches = audible[0] < _GAP_FRAMES
    last = audible[breaks[0]] if len(breaks) else audible[-1]
    return start + int(last) + 1 if reaches else start


def _from_rest(notes: np.ndarray, left: np.ndarray) -> list[_Found]:
    """Notes without a clear onset: around the loudest frame that is left, until none is."""
    found = []
    while True:
        middle, key = divmod(int(left.argmax()), left.shape[1])
        if left[middle, key] <= _FRAME:
            return found
        end = _end(left[:, key], middle)
        start = middle + 1 - _end(left[middle::-1, key], 0)
        left[start:end, max(0, key - 1) : key + 2] = 0
        left[middle, key] = 0
        if end - start > _LEAST_FRAMES:
            found.append(_Found(start, end, key, float(notes[start:end, key].mean()), 0.0))


def _joined(found: list[_Found]) -> list[_Found]:
    """Those of one key that follow one another at once, but begin without an attack, as one."""
    kept: list[_Found] = []
    for note in sorted(found, key=lambda f: (f.key, f.start)):
        before = kept[-1] if kept and kept[-1].key == note.key else None
        if before and note.start - before.end < _JOIN_FRAMES and note.attack < _ATTACK:
            if note.strength > _FADED * before.strength:
                before.end = note.end
        else:
            kept.append(note)
    return kept


def _without_weak(found: list[_Found]) -> list[_Found]:
    """Without those that are much weaker than one that sounds during most of their time."""
    return [
        note
        for note in found
        if not any(
            note.strength < _WEAK * other.strength
            and 2 * (min(note.end, other.end) - max(note.start, other.start))
            > note.end - note.start
            for other in found
        )
    ]


def _without_strays(found: list[_Found]) -> list[_Found]:
    """Without short notes that lie far above all that sounds around them: a squeak, an overtone of
    what is not heard, a consonant. A melody that leaps so high stays there for more than one."""

    def strays(note: _Found) -> bool:
        if note.end - note.start > _STRAY_FRAMES:
            return False
        near = [
            other.key
            for other in found
            if other is not note and abs(other.start - note.start) <= _AROUND_FRAMES
        ]
        return bool(near) and note.key - max(near) > _STRAY

    return [note for note in found if not strays(note)]


def _without_formants(found: list[_Found]) -> list[_Found]:
    """Without what a singer's formant makes: overtones near 3 kHz, louder than those below them, by
    which a trained voice is heard above an orchestra (Sundberg 1974). Such a note lies far above
    all others around it, and sounds only while one that is sung does, which is stronger."""

    def is_formant(note: _Found) -> bool:
        if note.key < _FORMANT:
            return False
        lower = [each for each in found if each.key < _FORMANT]
        near = (each.key for each in lower if abs(each.start - note.start) <= _AROUND_FRAMES)
        if note.key - max(near, default=note.key) <= _STRAY:
            return False
        return any(
            each.strength > note.strength
            and note.key - each.key >= _FORMANT_ABOVE
            and 2 * (min(note.end, each.end) - max(note.start, each.start)) > note.end - note.start
            for each in lower
        )

    return [note for note in found if not is_formant(note)]


def _without_ghosts(found: list[_Found]) -> list[_Found]:
    """Without those that only an overtone of a stronger note made, which begin with it or later
    and end before it."""
    kept: list[_Found] = []
    for note in sorted(found, key=lambda f: f.key):
        ghost = any(
            note.key - low.key in OVERTONES
            and note.strength < _GHOST * low.strength
            and abs(note.start - low.start) <= _GHOST_FRAMES
            and note.end <= low.end + _GHOST_FRAMES
            for low in kept
        )
        if not ghost:
            kept.append(note)
    return kept
