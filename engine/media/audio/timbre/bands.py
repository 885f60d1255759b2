"""The noise of a timbre and the level of its partials, band by band, as they were heard.

Steps on a few notes move the whole spectrum of the noise at once, and what stands between wide
partials weighs little in their loss. Filtered noise (Engel et al. 2020, section 3.3) has a level of
its own in each band; so what a learned timbre says of it is corrected by what lies clear of all
partials, apart for the attack and for what is held. Its partials are then moved to the level that
they have in the same notes, by the same bands: few steps leave high ones too quiet.
A bin of noise has an exponential distribution of power, so that its q-th quantile is -ln(1 - q) of
its mean; a low one is taken, as the loudest bins may be other notes. A partial that changes within
a frame spills between its neighbours. So a frame is as short as keeps partials apart, and of a
note's frames the quieter ones count, as in minimum statistics (Martin 2001): noise that is there
all the time is in them too.
Legend: S notes, T frames, F bins, N bands.
"""

from collections.abc import Callable, Sequence

import numpy as np
import torch
from torch import Tensor

from engine.media.audio.timbre.spectra import (
    BANDS,
    RATE,
    band_centres,
    between_bands,
    frames_at,
    frequency_of,
    mel,
    noise_powers,
    powers,
)

PHASES = 2  # the attack, and what is held
ATTACK_S = 0.06  # seconds in which the one fades into the other
_TIMES = (np.array((0.014, 0.026, 0.038)), np.arange(0.12, 1.5, 0.03))  # seconds, of each phase
_SIZES, _ATTACK_SIZE = (2048, 4096, 8192), 2048  # samples of a frame
_CLEAR = 5.0  # bins from a partial, of the widest line of its window and a little more
_APART = 14.0  # bins from partial to partial: some are clear between them
_QUANTILE, _LEAST = 0.3, 12  # bins of a band that say something
_QUIETER = 0.25  # of a note's frames
_LOWER = -12.0  # natural logarithms of power by which a band is moved at most: 52 dB
_SILENT = 1e-13  # of power: far below the floor of the steps' loss, which hides faint noise

_ON_LINE, _LEAST_LINES = 2.0, 3  # bins around a partial that are its own; of a band, in all frames
_MOST_TONE = 2.0  # natural logarithms of power by which partials are moved at most: 9 dB
_FAINT = 1e-9  # of power: partials below say nothing

# (pitch, velocity, moments (T,)) -> log variances (T, N) as learned so far
LogNoise = Callable[[float, float, np.ndarray], Tensor]
# (pitch, velocity, seconds) -> (S,) samples at RATE, as learned so far
Played = Callable[[float, float, float], np.ndarray]


def heard_noise(notes: Sequence[tuple[np.ndarray, float, float]], learned: LogNoise) -> Tensor:
    """(samples at RATE, MIDI pitch, velocity) of S notes -> (PHASES, N) natural logarithms of
    power, 0 or less, that are added to the learned noise; 0 where nothing can be told."""
    moves = torch.zeros(PHASES, BANDS)
    for phase, times in enumerate(_TIMES):
        rows = [
            _over_learned(samples, pitch, velocity, frame_size(pitch, phase), times, learned)
            for samples, pitch, velocity in notes
        ]
        # what is louder than learned may be another note, or a note that is louder as a whole
        moves[phase] = torch.from_numpy(_middle(np.stack(rows), _LOWER, 0))
    return moves


def heard_tone(notes: Sequence[tuple[np.ndarray, float, float]], played: Played) -> Tensor:
    """(samples at RATE, MIDI pitch, velocity) of S notes -> (PHASES, N) natural logarithms of
    power, at most _MOST_TONE to either side, that are added to the learned partials."""
    moves = torch.zeros(PHASES, BANDS)
    for phase, times in enumerate(_TIMES):
        rows = []
        for samples, pitch, velocity in notes:
            made = played(pitch, velocity, len(samples) / RATE)
            rows.append(_over_played(samples, made, pitch, frame_size(pitch, phase), times))
        found = _middle(np.stack(rows), -_MOST_TONE, _MOST_TONE)
        moves[phase] = torch.from_numpy(found)
    return moves - moves[1].mean()  # the level of the whole is the mix's


def _over_played(
    samples: np.ndarray, made: np.ndarray, pitch: float, size: int, times: np.ndarray
) -> np.ndarray:
    """(N,) what a note's partials have over the played ones', as logarithms of power; nan where a
    band has none."""
    over = np.full(BANDS, np.nan)
    inside = times[times < len(samples) / RATE - size / 2 / RATE]
    if not len(inside):
        return over
    mine, theirs = (
        powers(torch.from_numpy(frames_at(one, inside, size))).numpy() for one in (samples, made)
    )
    lines = _apart(pitch, size) <= _ON_LINE
    band = between_bands(size, size // 2 + 1).argmax(0).numpy()
    for n in range(BANDS):
        here = lines & (band == n)
        heard, said = mine[:, here].mean(0), theirs[:, here].mean(0)
        known = (heard > _FAINT) | (said > _FAINT)
        if known.sum() >= _LEAST_LINES:
            over[n] = np.log((heard[known].sum() + _SILENT) / (said[known].sum() + _SILENT))
    return over


def frame_size(pitch: float, phase: int) -> int:
    """Samples of the shortest frame between whose partials some bins are clear."""
    if phase == 0:
        return _ATTACK_SIZE
    base = float(frequency_of(pitch))
    return next((size for size in _SIZES if base * size / RATE >= _APART), _SIZES[-1])


def shaped(logs: np.ndarray, moves: np.ndarray, moments: np.ndarray) -> np.ndarray:
    """(..., T, X) logarithms, (PHASES, X), (T,) seconds -> as it was heard."""
    attack = np.exp(-moments / ATTACK_S)[:, None]
    return (logs + attack * moves[0] + (1 - attack) * moves[1]).astype(np.float32)


def at_frequencies(moves: np.ndarray, hz: np.ndarray) -> np.ndarray:
    """(PHASES, N), (K,) Hz -> (PHASES, K)."""
    places = np.interp(mel(hz), mel(band_centres()), np.arange(BANDS))
    return np.stack([np.interp(places, np.arange(BANDS), row) for row in moves])


def _over_learned(
    samples: np.ndarray,
    pitch: float,
    velocity: float,
    size: int,
    times: np.ndarray,
    learned: LogNoise,
) -> np.ndarray:
    """(N,) what a note's noise has over the learned one, as logarithms of power; nan where too few
    bins are clear."""
    over = np.full(BANDS, np.nan)
    inside = times[times < len(samples) / RATE - size / 2 / RATE]
    clear = _clear_bins(pitch, size)
    if not len(inside):
        return over
    seen = powers(torch.from_numpy(frames_at(samples, inside, size)))
    said = noise_powers(learned(pitch, velocity, inside), size, size // 2 + 1)
    ratios = ((seen + _SILENT) / (said + _SILENT)).numpy()
    band = between_bands(size, size // 2 + 1).argmax(0).numpy()
    for n in range(BANDS):
        found = ratios[:, clear & (band == n)]
        if found.size >= _LEAST:
            levels = np.quantile(found, _QUANTILE, axis=1) / -np.log(1 - _QUANTILE)
            over[n] = np.log(np.quantile(levels, _QUIETER))
    return over


def _clear_bins(pitch: float, size: int) -> np.ndarray:
    """(F,) bool: those that no harmonic reaches."""
    return (_apart(pitch, size) > _CLEAR) & (np.arange(size // 2 + 1) > _CLEAR)


def _apart(pitch: float, size: int) -> np.ndarray:
    """(F,) bins from the nearest harmonic."""
    base = float(frequency_of(pitch)) * size / RATE
    bins = np.arange(size // 2 + 1)
    return np.abs(bins - np.maximum(np.round(bins / base), 1) * base)


def _middle(over: np.ndarray, lowest: float, highest: float) -> np.ndarray:
    """(S, N), nan where nothing is known -> (N,): of each band the middle of the notes'; between
    known bands, interpolated."""
    known = np.flatnonzero(np.isfinite(over).any(0))
    if not len(known):
        return np.zeros(BANDS, np.float32)
    values = np.clip(np.nanmedian(over[:, known], 0), lowest, highest)
    return np.interp(np.arange(BANDS), known, values).astype(np.float32)
