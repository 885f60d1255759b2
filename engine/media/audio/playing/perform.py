"""A score as it is played: times in seconds, and the small differences that make a performance.

Legend: N notes. Louder on strong beats and at the top of a line; a little early or late, by the
work's seed; notes of a line are let go shortly before the next.
"""

import numpy as np

from engine.media.audio.codec.score import VELOCITY, Score
from engine.media.audio.sketches import second_scale

PLAYED = np.dtype(
    [
        ("onset_s", "<f8"),
        ("duration_s", "<f8"),
        ("pitch", "<f8"),
        ("velocity", "<f8"),
        ("part", "u1"),
    ]
)
SOFT, STRONG, BEAT, HIGH = 0.52, 0.16, 0.07, 0.10  # velocities, 0 to 1
CHANCE, EARLY_S = 0.035, 0.006  # standard deviations of velocity and onset
LET_GO = 0.94  # of its length that a note is held
SHORTEST_S = 0.04


def perform(score: Score, seed: int) -> np.ndarray:
    """(N,) of PLAYED, by onset. What the score itself says of loudness stays."""
    notes, scale = score.notes, second_scale(score)
    rng = np.random.default_rng((seed, 11))
    played = np.zeros(len(notes), PLAYED)
    late = rng.normal(0, EARLY_S, len(notes)).clip(-2 * EARLY_S, 2 * EARLY_S)
    played["onset_s"] = np.maximum(0, notes["onset"] * scale + late)
    played["duration_s"] = np.maximum(SHORTEST_S, notes["duration"] * scale * LET_GO)
    played["pitch"], played["part"] = notes["pitch"], notes["part"]
    said = notes["velocity"] != VELOCITY
    played["velocity"] = np.where(said, notes["velocity"] / 127, accents(score))
    played["velocity"] += rng.normal(0, CHANCE, len(notes))
    played["velocity"] = played["velocity"].clip(0.15, 1)
    return played[np.argsort(played["onset_s"], kind="stable")]


def accents(score: Score) -> np.ndarray:
    """(N,) velocities by place in the bar and height in the part's range."""
    notes = score.notes
    bars = score.bars()
    starts = np.array([bar.tick for bar in bars])
    inside = notes["onset"] - starts[np.searchsorted(starts, notes["onset"], side="right") - 1]
    beat = (score.usual(score.metres) or score.metres[0]).beat_ticks
    loud = SOFT + STRONG * (inside == 0) + BEAT * (inside % beat == 0)
    for part in np.unique(notes["part"]):
        mine = notes["part"] == part
        pitches = notes["pitch"][mine].astype(float)
        spread = max(12.0, pitches.max() - pitches.min())
        loud[mine] += HIGH * (pitches - pitches.min()) / spread
    return loud
