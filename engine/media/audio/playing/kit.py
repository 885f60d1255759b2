"""The drum kit: recorded strokes, two or three of each key, played by a score's hits.

Legend: N samples, mono, at RATE; H hits.
"""

from functools import cache

import numpy as np

from engine.media.audio.codec.score import Score
from engine.media.audio.playing.room import RATE
from engine.media.audio.sketches import second_scale
from engine.media.audio.timbre.shipped_notes import shipped_strokes

LATE_S, CHANCE = 0.003, 0.05  # standard deviations of onset and velocity
HATS, OPEN_HAT = (42, 44), 46  # shut by foot or hand, which ends what rings
LOUDER = 1.6  # decibels of level for one of velocity, between recorded strokes
CHOKED_S = 0.003  # in which a ringing stroke is cut off


@cache
def struck(key: int, layer: int) -> np.ndarray:
    """(N,) float32 of one of a key's recorded strokes, by `layers_of`; of a key that is no drum,
    the nearest drum's. Always the same array, which is not written to."""
    return _strokes(key)[layer][1]


def layers_of(key: int) -> tuple[float, ...]:
    """The velocities, 0 to 1, of a key's recorded strokes, the softest first."""
    return tuple(velocity for velocity, _ in _strokes(key))


def _strokes(key: int) -> tuple[tuple[float, np.ndarray], ...]:
    found = shipped_strokes()
    return found[min(found, key=lambda one: (abs(one - key), one))]


def performed(score: Score, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """(H,) each: when the hits of a score are struck, in seconds, and how hard, 0 to 1."""
    hits, rng = score.hits, np.random.default_rng((seed, 29))
    late, harder = rng.normal(0, LATE_S, len(hits)), rng.normal(0, CHANCE, len(hits))
    onsets = np.maximum(0, hits["onset"] * second_scale(score) + late)
    return onsets, np.clip(hits["velocity"] / 127 + harder, 0.05, 1)


def drummed(score: Score, seed: int) -> np.ndarray:
    """(N,) float32: the hits of a score; nearly nothing of none. Raises `WrongCheckpointError`."""
    hits = score.hits
    if not len(hits):
        return np.zeros(1, np.float32)
    onsets, velocities = performed(score, seed)
    starts = (onsets * RATE).astype(int)
    shut = np.sort(starts[np.isin(hits["key"], HATS)])
    strokes = []
    for start, key, velocity in zip(
        starts.tolist(), hits["key"].tolist(), velocities.tolist(), strict=True
    ):
        layers = np.array(layers_of(key))
        layer = int(np.abs(layers - velocity).argmin())
        stroke = struck(key, layer)
        if key == OPEN_HAT:
            place = np.searchsorted(shut, start, side="right")
            stroke = _choked(stroke, int(shut[place]) - start) if place < len(shut) else stroke
        strokes.append((start, np.float32((velocity / layers[layer]) ** LOUDER), stroke))
    made = np.zeros(max(start + len(stroke) for start, _, stroke in strokes), np.float32)
    for start, gain, stroke in strokes:
        made[start : start + len(stroke)] += gain * stroke
    return made


def _choked(stroke: np.ndarray, samples: int) -> np.ndarray:
    """Cut after so many samples, within CHOKED_S."""
    if samples >= len(stroke):
        return stroke
    fade = int(CHOKED_S * RATE)
    cut = stroke[: samples + fade].copy()
    cut[-fade:] *= np.linspace(1, 0, fade)[-len(cut) :]
    return cut
