"""Heard notes and strokes → a score: bars, a part for each voice, a key and a tempo.

Legend: N notes, H hits; times in seconds, then in beats, then in ticks.
"""

from dataclasses import replace

import numpy as np

from engine.media.audio.codec.score import (
    HIT,
    TICKS,
    Metre,
    Part,
    Score,
    Tempo,
    hits_of,
    notes_of,
    score_of,
)
from engine.media.audio.theory.keys import estimated_key
from engine.media.audio.transcription.beats import USUAL_BPM, Beats, find_beats
from engine.media.audio.transcription.drums import STRUCK
from engine.media.audio.transcription.voices import BASS, CHORDS, MELODY

PROGRAMS = {MELODY: 0, CHORDS: 0, BASS: 32}  # of General MIDI, for what has no sound of its own
_AT_ONCE_S = 0.04  # between the beginnings of notes of one chord
_SPLITS = (4, 3)  # of a beat
_HEAVY = {36: 4.0, 38: 3.0, 49: 2.0}  # what strokes weigh for the beat
_OTHERS, _LIGHT = 0.4, 0.3  # what other strokes weigh; and notes, beside strokes
_LEAST_HALVES, _CHANGES = 6, 1.2  # halves of bars that tell; how much more harmony changes inside
_SLOW_BPM = 72.0  # of a slow melody
_HALF = 0.375  # of a step of the grid: nearly half of one
_CROWDED = 0.1  # share of notes that fall together on the grid, from which on it is too coarse


def scored(notes: np.ndarray, hits: np.ndarray | None = None, *, one_voice: bool = False) -> Score:
    """The notes and hits on bars, in ticks; a part for each voice, with the key that they lie on
    and one tempo. one_voice: of what falls together on the grid the strongest, each over when the
    next begins."""
    if not len(notes):
        return score_of(notes_of([]))
    hits = np.zeros(0, STRUCK) if hits is None else hits
    onsets, durations = (notes[name].astype(float) for name in ("onset_s", "duration_s"))
    beats = _beats(notes, hits)
    beat_ticks = TICKS * 3 // 2 if beats.by_three else TICKS
    begun = np.concatenate([onsets, hits["onset_s"].astype(float)])
    starts, struck = np.split(_snapped(beats.at(begun), beats), [len(notes)])
    ends = beats.at(onsets + durations)
    bar = beats.first + beats.per_bar * np.floor((starts.min() - beats.first) / beats.per_bar)
    parts = 6 if beats.by_three else 4  # of a beat
    lengths = np.maximum(np.round((ends - starts) * parts), 1) / parts
    kept, lengths = _in_lines(notes, starts, lengths, one_voice)
    notes, starts, lengths = notes[kept], starts[kept], lengths[kept]
    played, places = np.unique(notes["voice"], return_inverse=True)
    rows = zip(
        np.round((starts - bar) * beat_ticks).astype(int),
        np.round(lengths * beat_ticks).astype(int),
        notes["pitch"],
        places,
        np.clip(np.round(notes["velocity"] * 127), 1, 127).astype(int),
        strict=True,
    )
    metre = Metre(0, *beats.metre)
    tempo = Tempo(0, beats.bpm * beat_ticks / TICKS)
    programs = [Part("", PROGRAMS[voice]) for voice in played]
    score = score_of(notes_of(rows), [metre], [], [tempo], programs)
    keys = [estimated_key(score).key]
    score = score_of(score.notes, score.metres, keys, score.tempos, score.parts)
    ticks = np.round((struck - bar) * beat_ticks).astype(int)
    return replace(score, hits=_hits(ticks, hits, score.end))


def _hits(ticks: np.ndarray, hits: np.ndarray, end: int) -> np.ndarray:
    """(H,) of HIT: those from the first bar on to the last note's end."""
    inside = (ticks >= 0) & (ticks < end)
    if not inside.any():
        return np.zeros(0, HIT)
    loud = np.clip(np.round(hits["velocity"] * 127), 1, 127).astype(int)
    columns = (ticks[inside], hits["key"][inside], loud[inside])
    return hits_of(zip(*(column.tolist() for column in columns), strict=True))


def _beats(notes: np.ndarray, hits: np.ndarray) -> Beats:
    """Of all that begins, strokes too; they have no pitch, but come back as notes do."""
    onsets = notes["onset_s"].astype(float)
    durations = notes["duration_s"].astype(float)
    low = 1.5 - np.clip(notes["pitch"].astype(float) - 48, 0, 48) / 48
    weights = (0.2 + notes["velocity"]) * low
    if len(hits):
        usual = np.full(len(hits), float(np.median(durations)))
        heavy = np.array([_HEAVY.get(key, _OTHERS) for key in hits["key"].tolist()])
        found = find_beats(
            np.concatenate([onsets, hits["onset_s"].astype(float)]),
            np.concatenate([durations, usual]),
            np.concatenate([_LIGHT * weights, heavy * (0.2 + hits["velocity"])]),
            np.concatenate([notes["pitch"], hits["key"] % 16]),
            backbeat=True,
        )
        return _on_new_harmony(found, notes)
    melody = onsets[notes["voice"] == MELODY]
    usual_bpm = _melodic_bpm(melody)
    beats = find_beats(onsets, durations, weights, notes["pitch"], usual_bpm=usual_bpm)
    if not beats.by_three and _collide(melody, beats) > _CROWDED:
        return beats.doubled
    return beats


def _melodic_bpm(onsets: np.ndarray) -> float:
    """The tempo at which a beat lasts as long as the notes that fill most of a melody, within what
    is usual: a slow one is not counted in the quick notes that others play beside it."""
    gaps = np.diff(onsets)
    gaps = np.sort(gaps[gaps > _AT_ONCE_S])
    if not len(gaps):
        return USUAL_BPM
    passed = gaps.cumsum()
    middle = gaps[np.searchsorted(passed, passed[-1] / 2)]
    return float(np.clip(60 / middle, _SLOW_BPM, USUAL_BPM))


def _on_new_harmony(beats: Beats, notes: np.ndarray) -> Beats:
    """In four, where a kit strikes the first half of a bar as the second, bars begin where the
    harmony changes the more."""
    if beats.per_bar != 4:
        return beats
    places = beats.at(notes["onset_s"].astype(float))
    halves = np.floor((places - beats.first + 0.25) / 2).astype(int)
    halves -= halves.min() - halves.min() % 2  # even ones begin where bars do now
    chroma = np.zeros((int(halves.max()) + 1, 12))
    lasting = np.sqrt(notes["duration_s"]) * notes["velocity"]
    np.add.at(chroma, (halves, notes["pitch"] % 12), lasting)
    chroma /= np.maximum(np.linalg.norm(chroma, axis=1, keepdims=True), 1e-9)
    changes = 1 - (chroma[1:] * chroma[:-1]).sum(1)  # into half 1, 2, …
    if len(changes) < _LEAST_HALVES:
        return beats
    inside, between = changes[::2].mean(), changes[1::2].mean()
    if inside <= _CHANGES * between:
        return beats
    return replace(beats, first=(beats.first + 2) % 4)


def _in_lines(
    notes: np.ndarray, starts: np.ndarray, lengths: np.ndarray, one_voice: bool
) -> tuple[np.ndarray, np.ndarray]:
    """(places of the notes that are kept, lengths (N,)): a melody and a bass beside other voices
    play one note at a time."""
    lengths, kept = lengths.copy(), np.ones(len(notes), bool)
    alone = [MELODY] if one_voice else [MELODY, BASS] if notes["voice"].any() else []
    for voice in alone:
        mine = np.flatnonzero(notes["voice"] == voice)
        if len(mine):
            line, shorter = _one_at_a_time(starts[mine], lengths[mine], notes["velocity"][mine])
            lengths[mine], kept[mine] = shorter, False
            kept[mine[line]] = True
    return np.flatnonzero(kept), lengths


def _one_at_a_time(
    starts: np.ndarray, lengths: np.ndarray, velocities: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """(N,) each -> (places of the notes that one voice can play, lengths (N,) that end at the next
    of them)."""
    order = np.lexsort((-velocities, starts))
    kept = order[np.append(True, np.diff(starts[order]) > 1e-6)]
    lengths = lengths.copy()
    room = np.diff(starts[kept])
    lengths[kept[:-1]] = np.minimum(lengths[kept[:-1]], room)
    return kept, lengths


def _collide(onsets: np.ndarray, beats: Beats) -> float:
    """The share of notes, one after the other, that the grid cannot tell apart: where a slow beat
    was found for quick notes, half a step of its grid or more apart."""
    step_s = 60 / beats.bpm / _SPLITS[0]
    apart = np.diff(onsets) > max(_AT_ONCE_S, _HALF * step_s)
    same = np.diff(_snapped(beats.at(onsets), beats)) < 1e-6
    return float((apart & same).sum() / max(1, apart.sum()))


def _snapped(places: np.ndarray, beats: Beats) -> np.ndarray:
    """(N,) beats -> the nearest quarter of a beat, or third where that suits its beat better."""
    if beats.by_three:
        return np.round(places * 6) / 6
    grids = [np.round(places * n) / n for n in _SPLITS]
    errors = [np.abs(places - grid) * n for grid, n in zip(grids, _SPLITS, strict=True)]
    which = np.round(places * 12).astype(int) // 12
    count = int(which.max()) + 1
    sums = [np.bincount(which, e**2, minlength=count) for e in errors]
    return np.where((sums[1] < 0.5 * sums[0])[which], grids[1], grids[0])
