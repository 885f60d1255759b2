"""How an instrument is played: vibrato, glides, breath and release, in a few numbers, and the
course of pitch that they give each note.

Legend: B notes, J moments every HOP_S.
"""

from dataclasses import astuple, dataclass, fields

import numpy as np
import torch
from torch import Tensor

HOP_S = 0.01  # seconds between the moments of a course
VIBRATO_HZ = (4.0, 8.0)
NEXT_S, WIDEST = 0.06, 7  # of a legato: gap in seconds, interval in semitones
NEXT_SHARE, CHORD_S = 0.15, 0.05  # gap over the length before; what begins so near is a chord
GLIDE_S, GLIDE_SHARE = (0.03, 0.25), 0.4  # seconds that a glide takes; of the note, at most
SWELL_S = 0.15  # in which a vibrato reaches its depth
DEPTHS = (0.4, 1.8)  # of the usual depth, between which a note's own lies


@dataclass(frozen=True, slots=True)
class Manner:
    """0 where nothing of the kind is known.

    vibrato_hz, vibrato_cents and their standard deviations over notes; vibrato_after: seconds until
    it begins; vibrato_share: of notes of at least vibrato_least seconds that have it. glide:
    seconds between legato notes; glide_share: of them that glide. release: nepers a second after a
    note's end. breath: seconds that its noise comes before a note.
    """

    vibrato_hz: float = 0.0
    vibrato_cents: float = 0.0
    vibrato_hz_spread: float = 0.0
    vibrato_cents_spread: float = 0.0
    vibrato_after: float = 0.0
    vibrato_share: float = 0.0
    vibrato_least: float = 0.0
    glide: float = 0.0
    glide_share: float = 0.0
    release: float = 0.0
    breath: float = 0.0

    def to_tensor(self) -> Tensor:
        return torch.tensor(astuple(self))

    @classmethod
    def from_tensor(cls, numbers: Tensor) -> "Manner":
        """Numbers that a style of another version lacks are 0."""
        return cls(*numbers.tolist()[: len(fields(cls))])


PLAIN = Manner()


def courses(rows: np.ndarray, manner: Manner, seed: int) -> list[np.ndarray | None]:
    """(B, 4) notes of one part: onset and duration in seconds, MIDI pitch, velocity -> cents (J,)
    over each note's pitch, from its onset to its end; None for a note that stays on its pitch.

    Each note has a chance of its own, so that the same seed gives the same courses."""
    return [
        _course(rows, i, manner, np.random.default_rng((seed, i, 29))) for i in range(len(rows))
    ]


def _course(
    rows: np.ndarray, i: int, manner: Manner, rng: np.random.Generator
) -> np.ndarray | None:
    held = float(rows[i, 1])
    wavers, glides = rng.random(2)
    times = np.arange(int(held / HOP_S) + 2) * HOP_S
    cents = np.zeros(len(times))
    if manner.vibrato_cents and held >= manner.vibrato_least and wavers < manner.vibrato_share:
        hz = float(np.clip(rng.normal(manner.vibrato_hz, manner.vibrato_hz_spread), *VIBRATO_HZ))
        usual = manner.vibrato_cents
        deep = rng.normal(usual, manner.vibrato_cents_spread)
        deep = float(np.clip(deep, DEPTHS[0] * usual, DEPTHS[1] * usual))
        since = np.maximum(times - manner.vibrato_after, 0)
        cents += deep * _smooth(since / SWELL_S) * np.sin(2 * np.pi * hz * since)
    interval = _legato_interval(rows, i) if manner.glide and glides < manner.glide_share else 0.0
    if interval:
        lasting = min(manner.glide, GLIDE_SHARE * held)
        cents -= 100 * interval * (1 - _smooth(times / max(lasting, HOP_S)))
    return cents if cents.any() else None


def _legato_interval(rows: np.ndarray, i: int) -> float:
    """Semitones from the note before, where it leads to note i; 0 where none does."""
    before = rows[rows[:, 0] < rows[i, 0] - CHORD_S]
    if not len(before):
        return 0.0
    last = before[before[:, 0].argmax()]
    gap, interval = rows[i, 0] - last[0] - last[1], float(rows[i, 2] - last[2])
    near = gap <= max(NEXT_S, NEXT_SHARE * last[1]) and 1 <= abs(interval) <= WIDEST
    return interval if near else 0.0


def _smooth(share: np.ndarray) -> np.ndarray:
    """0 to 1 without a corner."""
    inside = np.clip(share, 0, 1)
    return inside * inside * (3 - 2 * inside)
