"""What a window draws of music: the outline of a recording, the notes of a score."""

import numpy as np

from engine.media.audio.codec.score import TICKS, Score, seconds_of
from engine.protocol import Sketch

PEAKS = 800
USUAL_TEMPO = 120.0
MOST_NOTES = 4000


def sketch_of(score: Score) -> Sketch:
    """Of a score with at most one tempo."""
    notes = score.notes[:MOST_NOTES]
    scale = second_scale(score)
    rows = zip(
        (notes["onset"] * scale).round(3).tolist(),
        (notes["duration"] * scale).round(3).tolist(),
        notes["pitch"].tolist(),
        notes["part"].tolist(),
        strict=True,
    )
    fifths = key.fifths if (key := score.usual(score.keys)) is not None else 0
    chords = ((round(chord.tick * scale, 3), chord.symbol(fifths)) for chord in score.chords)
    hits = score.hits[:MOST_NOTES]
    struck = zip((hits["onset"] * scale).round(3).tolist(), hits["key"].tolist(), strict=True)
    return Sketch(
        seconds=round(seconds_of(score), 3),
        notes=tuple(rows),
        chords=tuple(chords),
        hits=tuple(struck),
    )


def second_scale(score: Score) -> float:
    """Seconds a tick, by the tempo of most notes; a quarter lasts whole microseconds, as MIDI
    writes it, so that a work is played anew from its file to the sample."""
    said = score.usual(score.tempos)
    tempo = said.quarters if said else USUAL_TEMPO
    return round(60e6 / tempo) / 1e6 / TICKS


def peaks_of(samples: np.ndarray) -> tuple[float, ...]:
    """(C, N) → at most PEAKS of 0 … 1: the largest magnitude of each stretch."""
    length = samples.shape[1] if len(samples) else 0
    if not length:
        return ()
    cuts = np.linspace(0, length, min(PEAKS, length) + 1).astype(int)[:-1]
    highest = np.maximum.reduceat(samples, cuts, axis=1).max(0)
    lowest = np.minimum.reduceat(samples, cuts, axis=1).min(0)
    return tuple(np.clip(np.maximum(highest, -lowest), 0, 1).round(3).tolist())
