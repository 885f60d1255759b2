"""What is heard in a note segment: numbers for the encoder, and its free partials.

Legend: S samples at `RATE`, E numbers, A moments of the coarse look, H of the fine one.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import torch
from scipy.ndimage import maximum_filter1d, median_filter
from torch import Tensor

from engine.media.audio.timbre.sounds import MODES
from engine.media.audio.timbre.spectra import FLOOR, RATE, frames_at, frequency_of, mel, powers

COARSE, FINE = 1024, 4096  # samples of a frame
COARSE_AT = (0.004, 0.012, 0.03, 0.06, 0.12, 0.25, 0.5, 1.0, 1.6, 2.1, 2.4)  # seconds
FINE_AT = (0.06, 0.18, 0.5, 1.4)
MELS, HEARD, BETWEEN = 40, 32, 16  # bands; harmonics, and places between them
FEATURES = len(COARSE_AT) * (MELS + 1) + len(FINE_AT) * (HEARD + BETWEEN + 1) + 6
MODE_FRAME, MODE_AT = 8192, 0.11  # where free partials are looked for
MODE_RANGE, MODE_APART = (0.3, 16.0), 0.12  # ratios; how far from a harmonic they must be
MODE_QUIET, MODE_CLEAR = 3e-5, 30.0  # of the loudest peak's power; over the median around
SAME = 0.03  # of log2: one partial in two notes


@dataclass(frozen=True, slots=True)
class Heard:
    """features: (E,); peaks: (P, 2) ratios to the fundamental and powers over the loudest."""

    features: np.ndarray
    peaks: np.ndarray


def hear(samples: np.ndarray, pitch: float, velocity: float, held: float) -> Heard:
    """(S,) at `RATE`, MIDI pitch, 0..1, seconds until it was let go."""
    return Heard(features(samples, pitch, velocity, held), peaks(samples, pitch))


def features(samples: np.ndarray, pitch: float, velocity: float, held: float) -> np.ndarray:
    """(E,): mel bands at the coarse moments, harmonics at the fine ones, 0 where it has ended."""
    seconds = len(samples) / RATE
    coarse = _powers(samples, COARSE_AT, COARSE) @ _mel_bands()
    coarse_there = np.array(COARSE_AT) < seconds
    fine = _powers(samples, FINE_AT, FINE)
    fine_there = np.array(FINE_AT) + 0.02 < seconds
    order = np.concatenate([np.arange(1, HEARD + 1), np.arange(BETWEEN) + 0.5])
    bins = order * float(frequency_of(pitch)) * FINE / RATE
    inside = bins < FINE / 2 - 3
    near = maximum_filter1d(fine, 3, axis=1)
    partials = near[:, np.clip(np.round(bins), 0, FINE // 2).astype(int)] * inside
    about = [
        (pitch - 60) / 24,
        velocity,
        math.log(max(velocity, 0.03)),
        min(seconds, 3.0) / 2,
        min(held, 3.0) / 2,
        float(held < seconds - 0.02),
    ]
    return np.concatenate(
        [
            (_level(coarse) * coarse_there[:, None]).ravel(),
            coarse_there,
            (_level(partials) * fine_there[:, None]).ravel(),
            fine_there,
            about,
        ]
    ).astype(np.float32)


def peaks(samples: np.ndarray, pitch: float) -> np.ndarray:
    """(P, 2): partials that stand clear of the noise and are no harmonics."""
    at = min(MODE_AT, len(samples) / RATE / 2)
    power = _powers(samples, (at,), MODE_FRAME)[0]
    loudest = float(power.max())
    if loudest < FLOOR:
        return np.zeros((0, 2), np.float32)
    around = median_filter(power, 41)
    tall = (power == maximum_filter1d(power, 9)) & (power > MODE_QUIET * loudest)
    found = np.flatnonzero(tall & (power > MODE_CLEAR * around))
    found = found[(found > 1) & (found < len(power) - 1)]
    logs = np.log(np.maximum(power, 1e-20))
    left, middle, right = logs[found - 1], logs[found], logs[found + 1]
    bent = np.minimum(left - 2 * middle + right, -1e-6)
    places = found + 0.5 * (left - right) / bent
    ratios = places * RATE / MODE_FRAME / float(frequency_of(pitch))
    harmonic = np.abs(ratios - np.maximum(np.round(ratios), 1)) < MODE_APART
    kept = ~harmonic & (ratios > MODE_RANGE[0]) & (ratios < MODE_RANGE[1])
    return np.stack([ratios[kept], power[found][kept] / loudest], 1).astype(np.float32)


def shared_ratios(heard: Sequence[np.ndarray]) -> Tensor:
    """Peaks of several notes -> (MODES,) ratios, rising, of those that half of the notes have."""
    rows = [(float(r), float(p), i) for i, note in enumerate(heard) for r, p in note]
    rows.sort(key=lambda row: -row[1])
    groups: list[list[tuple[float, float, int]]] = []
    for row in rows:
        for group in groups:
            if abs(math.log2(row[0] / group[0][0])) < SAME:
                group.append(row)
                break
        else:
            groups.append([row])
    common = [g for g in groups if 2 * len({i for *_, i in g}) >= len(heard)]
    common.sort(key=lambda g: -sum(math.sqrt(p) for _, p, _ in g))
    ratios = sorted(float(np.median([r for r, *_ in g])) for g in common[:MODES])
    return torch.tensor(ratios + [0.0] * (MODES - len(ratios)))


def _powers(samples: np.ndarray, times: Sequence[float], size: int) -> np.ndarray:
    frames = torch.from_numpy(frames_at(samples, np.array(times), size))
    return powers(frames).numpy()


def _level(power: np.ndarray) -> np.ndarray:
    """About -1 (silence) to 1.5."""
    return (np.log(power + FLOOR) + 12) / 6


@lru_cache(maxsize=1)
def _mel_bands() -> np.ndarray:
    """(F, MELS): mean powers over bands."""
    edges = np.linspace(0, float(mel(RATE / 2)), MELS + 2)
    at = mel(np.arange(COARSE // 2 + 1) * RATE / COARSE)
    rising = (at[:, None] - edges[:-2]) / (edges[1:-1] - edges[:-2])
    falling = (edges[2:] - at[:, None]) / (edges[2:] - edges[1:-1])
    shares = np.maximum(0, np.minimum(rising, falling))
    nearest = np.abs(at[:, None] - edges[1:-1]).argmin(0)
    shares[nearest, np.arange(MELS)] += 1e-3  # narrow bands have no bin of their own
    return (shares / shares.sum(0)).astype(np.float32)
