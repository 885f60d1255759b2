"""The line of a soloist → notes: glides and vibrato belong to the note that they lead to or adorn.

The likeliest row of steady pitches under the line, by dynamic programming over semitones; moments
in which it glides count little, and each new note costs something (after the note model of Mauch
et al. 2015, "Computer-aided melody note transcription using the Tony software").

Legend: T frames, N notes, S semitones.
"""

from itertools import pairwise

import numpy as np

from engine.media.audio.transcription.notes import HEARD
from engine.media.audio.transcription.salience import FRAME_S, HIGHEST, LOWEST
from engine.media.audio.transcription.soloist import Line

_SMOOTH_S = 0.05  # a third of a period of vibrato
_CHANGE = 3.0  # costs a new note: frames that are a semitone beside it
_FAR = 1.5  # semitones: farther off is no worse
_GLIDE = 8.0  # semitones a second, at which a moment counts half
_BREAK_S, _SHORT_S = 0.08, 0.09  # silence between two notes; the shortest note
_HARMONICS = np.array([0, 12, 19, 24, 28, 31, 34, 36])  # semitones over what is sung
_BREATH_S = 0.5  # within a phrase
_BESIDE, _MOSTLY = 1.2, 0.6  # semitones; share of the time in which it is sung with
_DIP_DB, _DIP_S, _AGAIN_S = 8.0, 0.15, 0.12  # of a note that is sung anew; shortest part of it


def sung_notes(line: Line) -> np.ndarray:
    """(N,) of HEARD, one at a time; strength 1 everywhere."""
    rows = []
    for start, stop in _phrases(line.pitches > 0):
        pitches = _filled(line.pitches[start:stop])
        keys = _steady(_smoothed(pitches), _weights(pitches))
        levels = _smoothed(line.levels[start:stop], 0.05)
        changes = np.flatnonzero(np.diff(keys)) + 1
        edges = [0, *changes.tolist(), len(keys)]
        for first, last in pairwise(edges):
            cuts = [first, *(first + at for at in _sung_anew(levels[first:last])), last]
            rows += [
                ((start + a) * FRAME_S, (b - a) * FRAME_S, int(keys[a]), 1.0)
                for a, b in pairwise(cuts)
                if (b - a) * FRAME_S >= _SHORT_S
            ]
    return np.array(rows, dtype=HEARD)


def _phrases(sounding: np.ndarray, pause_s: float = _BREAK_S) -> list[tuple[int, int]]:
    """(start, stop) of what sounds without such a pause."""
    at = np.flatnonzero(sounding)
    if not len(at):
        return []
    breaks = np.flatnonzero(np.diff(at) * FRAME_S > pause_s)
    starts, stops = at[np.append(0, breaks + 1)], at[np.append(breaks, len(at) - 1)] + 1
    return list(zip(starts.tolist(), stops.tolist(), strict=True))


def _filled(pitches: np.ndarray) -> np.ndarray:
    """Without its short silences."""
    known = np.flatnonzero(pitches > 0)
    return np.interp(np.arange(len(pitches)), known, pitches[known])


def _smoothed(values: np.ndarray, seconds: float = _SMOOTH_S) -> np.ndarray:
    size = min(2 * round(seconds / FRAME_S / 2) + 1, 2 * ((len(values) - 1) // 2) + 1)
    padded = np.pad(values, size // 2, mode="edge")
    return np.convolve(padded, np.full(size, 1 / size), mode="valid")


def _weights(pitches: np.ndarray) -> np.ndarray:
    """(T,) 1 where the pitch is held, towards 0 where it glides."""
    speeds = np.gradient(_smoothed(pitches)) / FRAME_S if len(pitches) > 1 else np.zeros(1)
    return 1 / (1 + (speeds / _GLIDE) ** 2)


def _steady(pitches: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """(T,) and (T,) -> (T,) whole pitches."""
    keys = np.arange(LOWEST - 1, HIGHEST + 2)
    costs = weights[:, None] * np.minimum(np.abs(pitches[:, None] - keys), _FAR)
    before = np.empty(costs.shape, int)
    total = costs[0]
    for t in range(1, len(costs)):
        best = int(total.argmin())
        moves = total > total[best] + _CHANGE
        before[t] = np.where(moves, best, np.arange(len(keys)))
        total = np.where(moves, total[best] + _CHANGE, total) + costs[t]
    path = np.empty(len(costs), int)
    path[-1] = total.argmin()
    for t in range(len(costs) - 1, 0, -1):
        path[t - 1] = before[t, path[t]]
    return keys[path]


def _sung_anew(levels: np.ndarray) -> list[int]:
    """Where a note of one pitch begins again: its level falls and rises by _DIP_DB."""
    reach, apart = round(_DIP_S / FRAME_S), round(_AGAIN_S / FRAME_S)
    found: list[int] = []
    for t in range(apart, len(levels) - apart):
        near = levels[max(0, t - reach) : t + reach + 1]
        dips = (
            levels[t] == near.min()
            and min(levels[max(0, t - reach) : t].max(), levels[t + 1 : t + reach + 1].max())
            >= levels[t] + _DIP_DB
        )
        if dips and (not found or t - found[-1] >= apart):
            found.append(t)
    return found


def besides(line: Line, notes: np.ndarray) -> np.ndarray:
    """(N,) whether each of the notes heard is another's than the soloist's, and no overtone."""
    known = np.zeros(len(line.pitches))
    for start, stop in _phrases(line.pitches > 0, _BREATH_S):
        known[start:stop] = _filled(line.pitches[start:stop])
    return np.array([not _is_own(known, note) for note in notes], bool)


def _is_own(pitches: np.ndarray, note: np.void) -> bool:
    first = int(note["onset_s"] / FRAME_S)
    mine = pitches[first : first + max(1, round(float(note["duration_s"]) / FRAME_S))]
    sung = mine[mine > 0]
    if 2 * len(sung) < len(mine) or not len(sung):
        return False
    apart = float(note["pitch"]) - sung
    beside = np.abs(apart[:, None] - _HARMONICS).min(1) <= _BESIDE
    return bool(beside.mean() > _MOSTLY)
