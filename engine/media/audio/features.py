"""What the critic measures of scores (of a recording: what was heard in it).

Legend: N notes, times in quarter notes. The melody is the highest part by mean pitch.
"""

import math
import zlib
from itertools import pairwise

import numpy as np

from engine.critic.feature_scale import unit
from engine.interfaces import Feature, Measured
from engine.media.audio.codec.score import TICKS, Score
from engine.media.audio.theory.keys import correlations, estimated_key, weights

FEATURES = (
    Feature("minor", ""),
    Feature("density", "notes per quarter", ratio=True),
    Feature("range", "semitones"),
    Feature("interval", "semitones"),
    Feature("stepwise", "%"),
    Feature("syncopation", "%"),
    Feature("tempo", "per minute", ratio=True),
    Feature("register", "MIDI"),
    Feature("rhythm", "bits"),
    Feature("cadence", "%"),
    Feature("pitches", "bits"),
    Feature("note_length", "quarters", ratio=True),
    Feature("sounding", "notes", ratio=True),
    Feature("motifs", "%"),
)  # frozen: tastes that artists have taught are weights on exactly these
USUAL_TEMPO = 120.0
_LIKENESS = 512
_GRAM = 3  # intervals of a motif
_LENGTHS = (0.125, 0.25, 1 / 3, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0, 4.0)


def measure(score: Score) -> Measured:
    """score: with notes. About 5 ms."""
    return Measured(values(score), _embedding(score), _likeness(score))


def values(score: Score) -> np.ndarray:
    """(F,) of FEATURES."""
    notes, tune = score.notes, melody(score)
    steps = np.abs(np.diff(tune["pitch"].astype(int)))
    moving = steps[steps > 0]
    lengths = notes["duration"] / TICKS
    quarters = max(score.end / TICKS, 1e-3)
    fits = correlations(weights(score))
    said = score.usual(score.tempos)
    tempo = said.quarters if said else USUAL_TEMPO
    found = (
        float(fits[1].max() - fits[0].max()),
        len(notes) / quarters,
        float(np.ptp(tune["pitch"].astype(int))),
        float(steps.mean()) if len(steps) else 0.0,
        100 * float((moving <= 2).mean()) if len(moving) else 0.0,
        100 * syncopation(score),
        float(tempo),
        float(tune["pitch"].mean()),
        _bits(np.unique(tune["duration"], return_counts=True)[1]),
        100 * cadence(score),
        _bits(weights(score)),
        float(np.exp(np.log(np.maximum(lengths, 1e-3)).mean())),
        float(lengths.sum() / quarters),
        100 * motifs(tune["pitch"]),
    )
    return np.array(found)


def melody(score: Score) -> np.ndarray:
    """The notes (N,) of the highest part, the top one of those that begin together."""
    parts = np.unique(score.notes["part"])
    means = [score.notes["pitch"][score.notes["part"] == part].mean() for part in parts]
    notes = score.notes[score.notes["part"] == parts[int(np.argmax(means))]]
    notes = notes[np.lexsort((-notes["pitch"].astype(int), notes["onset"]))]
    return notes[np.append(True, np.diff(notes["onset"]) > 0)]


def syncopation(score: Score) -> float:
    """The share of the melody's notes that begin off the beat and sound through the next."""
    bars = score.bars()
    notes = melody(score)
    which = np.searchsorted([bar.tick for bar in bars], notes["onset"], side="right") - 1
    beats = np.array([bar.beat_ticks for bar in bars])[which]
    inside = (notes["onset"] - np.array([bar.tick for bar in bars])[which]) % beats
    return float(((inside > 0) & (inside + notes["duration"] > beats * 1.05)).mean())


def cadence(score: Score) -> float:
    """1 where the melody ends on the tonic, 0.5 on another note of its triad, else 0."""
    home = estimated_key(score)
    tonic = (home.pitch_class + 9 * home.minor) % 12
    above = (int(melody(score)["pitch"][-1]) - tonic) % 12
    if above == 0:
        return 1.0
    return 0.5 if above in (7, 3 if home.minor else 4) else 0.0


def motifs(pitches: np.ndarray) -> float:
    """The share of runs of _GRAM intervals that come more than once."""
    steps = np.diff(pitches.astype(int)).tolist()
    grams = [tuple(steps[i : i + _GRAM]) for i in range(len(steps) - _GRAM + 1)]
    counts = dict.fromkeys(grams, 0)
    for gram in grams:
        counts[gram] += 1
    return sum(counts[gram] > 1 for gram in grams) / max(1, len(grams))


def _bits(counts: np.ndarray) -> float:
    """The entropy of a histogram."""
    shares = counts[counts > 0] / max(counts.sum(), 1e-9)
    return float(-(shares * np.log2(shares)).sum())


def _embedding(score: Score) -> np.ndarray:
    """Roots of histograms (Hellinger 1909): how the melody moves, what it moves on, how long its
    notes are and where in the bar they begin."""
    notes = melody(score)
    home = estimated_key(score).pitch_class
    steps = np.clip(np.diff(notes["pitch"].astype(int)), -12, 12) + 12
    classes = (notes["pitch"].astype(int) - home) % 12
    lengths = np.abs(
        np.log2((notes["duration"] / TICKS)[:, None] / np.array(_LENGTHS)[None])
    ).argmin(1)
    bars = score.bars()
    which = np.searchsorted([bar.tick for bar in bars], notes["onset"], side="right") - 1
    starts = np.array([bar.tick for bar in bars])[which]
    sizes = np.array([bar.bar_ticks for bar in bars])[which]
    places = np.clip((notes["onset"] - starts) * 12 // sizes, 0, 11)
    turns = np.array([3 * _sign(a) + _sign(b) + 4 for a, b in pairwise(steps - 12)], int)
    parts = ((steps, 25), (classes, 12), (lengths, len(_LENGTHS)), (places, 12), (turns, 9))
    return np.concatenate([_roots(found, size) for found, size in parts])


def _sign(step: int) -> int:
    return int(math.copysign(1, step)) if step else 0


def _roots(found: np.ndarray, size: int) -> np.ndarray:
    counts = np.bincount(found.astype(int), minlength=size)
    return np.sqrt(counts / max(1, counts.sum()))


def _likeness(score: Score) -> np.ndarray:
    """Runs of the melody, pitch by pitch and length by length, in _LIKENESS boxes."""
    notes = melody(score)
    found = np.zeros(_LIKENESS)
    rows = list(zip(notes["pitch"].tolist(), notes["duration"].tolist(), strict=True))
    for gram in pairwise(rows):
        found[zlib.crc32(repr(gram).encode()) % _LIKENESS] += 1
    return unit(found)
