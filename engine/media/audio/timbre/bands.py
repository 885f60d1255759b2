"""The noise of a timbre, band by band, as it was heard between the partials.

Steps on a few notes move the whole spectrum of the noise at once, and what stands between wide
partials weighs little in their loss. Filtered noise (Engel et al. 2020, section 3.3) has a level of
its own in each band; so what a learned timbre says of it is corrected by what lies clear of all
partials, apart for the attack and for what is held.
A bin of noise has an exponential distribution of power, so that its q-th quantile is -ln(1 - q) of
its mean; a low one is taken, as the loudest bins may be other notes.
Legend: S notes, T frames, F bins, N bands.
"""

from collections.abc import Callable, Sequence

import numpy as np
import torch
from torch import Tensor

from engine.media.audio.timbre.sounds import frequency_of
from engine.media.audio.timbre.spectra import (
    BANDS,
    RATE,
    between_bands,
    frames_at,
    noise_powers,
    powers,
)

PHASES = 2  # the attack, and what is held
ATTACK_S = 0.06  # seconds in which the one fades into the other
_FRAMES = ((2048, (0.014, 0.026, 0.038)), (8192, (0.15, 0.25, 0.4, 0.6, 0.9, 1.3)))
_CLEAR = 5.0  # bins from a partial, of the widest line of its window and a little more
_QUANTILE, _LEAST = 0.3, 12  # bins of a band that say something
_LOWER = -12.0  # natural logarithms of power by which a band is moved at most: 52 dB
_SILENT = 1e-13  # of power: far below the floor of the steps' loss, which hides faint noise

# (pitch, velocity, moments (T,)) -> log variances (T, N) as learned so far
LogNoise = Callable[[float, float, np.ndarray], Tensor]


def heard_noise(notes: Sequence[tuple[np.ndarray, float, float]], learned: LogNoise) -> Tensor:
    """(samples at RATE, MIDI pitch, velocity) of S notes -> (PHASES, N) natural logarithms of
    power, 0 or less, that are added to the learned noise; 0 where nothing can be told."""
    moves = torch.zeros(PHASES, BANDS)
    for phase, (size, times) in enumerate(_FRAMES):
        gathered: list[list[np.ndarray]] = [[] for _ in range(BANDS)]
        for samples, pitch, velocity in notes:
            found = _over_learned(samples, pitch, velocity, size, times, learned)
            if found is None:
                continue
            for band, values in zip(gathered, found, strict=True):
                band.append(values)
        moves[phase] = torch.from_numpy(_moves(gathered))
    return moves


def shaped(log_noise: np.ndarray, moves: np.ndarray, moments: np.ndarray) -> np.ndarray:
    """(..., T, N) log variances, (PHASES, N), (T,) seconds -> as it was heard."""
    attack = np.exp(-moments / ATTACK_S)[:, None]
    return (log_noise + attack * moves[0] + (1 - attack) * moves[1]).astype(np.float32)


def _over_learned(
    samples: np.ndarray,
    pitch: float,
    velocity: float,
    size: int,
    times: tuple[float, ...],
    learned: LogNoise,
) -> list[np.ndarray] | None:
    """For each band, what its clear bins have over the learned noise, as ratios of power."""
    half = size / 2 / RATE
    last = len(samples) / RATE - half
    inside = np.array([t for t in times if t < last])
    clear = _clear_bins(pitch, size)
    if not len(inside) or not clear.any():
        return None
    seen = powers(torch.from_numpy(frames_at(samples, inside, size)))
    said = noise_powers(learned(pitch, velocity, inside), size, size // 2 + 1)
    ratios = ((seen + _SILENT) / (said + _SILENT)).numpy()
    band = between_bands(size, size // 2 + 1).argmax(0).numpy()
    return [ratios[:, clear & (band == n)].ravel() for n in range(BANDS)]


def _clear_bins(pitch: float, size: int) -> np.ndarray:
    """(F,) bool: those that no harmonic reaches."""
    base = float(frequency_of(pitch)) * size / RATE
    bins = np.arange(size // 2 + 1)
    order = np.maximum(np.round(bins / base), 1)
    return (np.abs(bins - order * base) > _CLEAR) & (bins > _CLEAR)


def _moves(gathered: Sequence[Sequence[np.ndarray]]) -> np.ndarray:
    """(N,): of each band the middle of the notes'; between known bands, interpolated."""
    known, values = [], []
    for place, notes in enumerate(gathered):
        logs = [
            np.log(np.quantile(note, _QUANTILE) / -np.log(1 - _QUANTILE))
            for note in notes
            if len(note) >= _LEAST
        ]
        if not logs:
            continue
        # what is louder than learned may be another note, or a note that is louder as a whole
        known.append(place)
        values.append(float(np.clip(np.median(logs), _LOWER, 0)))
    if not known:
        return np.zeros(BANDS, np.float32)
    return np.interp(np.arange(BANDS), known, values).astype(np.float32)
