"""Spectra of frames, and the spectra that partials and noise are expected to have.

Legend: B notes, T frames, K partials, F bins, N noise bands. A partial of amplitude a has power a²
at its peak, whatever the window's size. The expected power of a frame is the sum over partials of
a² times the window's own line, plus the noise: it needs no samples, so a step of learning costs
milliseconds, and noise is judged by its power, not by one throw of it.
"""

from functools import lru_cache
from typing import TypeVar

import numpy as np
import torch
from torch import Tensor

Pitch = TypeVar("Pitch", Tensor, np.ndarray, float)
RATE = 44_100
BANDS = 40  # of noise, N
LINE = 0.80  # standard deviation, in bins, of the Blackman-Harris window's line of power
NOISE_BINS = 2.0044  # the window's equivalent noise bandwidth
FLOOR = 1e-8  # of power: what lies below is silence
MEDIAN = 0.6931  # ln 2: the median of a noise bin's power over its mean


def frequency_of(pitch: Pitch) -> Pitch:
    """Hz of MIDI pitches, A4 = 69 = 440 Hz."""
    return 440.0 * 2.0 ** ((pitch - 69.0) / 12.0)  # pyright: ignore[reportReturnType]


@lru_cache(maxsize=8)
def window(size: int) -> Tensor:
    """(size,) Blackman-Harris, scaled so that a partial of amplitude 1 has a peak of 1."""
    at = 2 * torch.pi * torch.arange(size) / size
    shape = 0.35875 - 0.48829 * at.cos() + 0.14128 * (2 * at).cos() - 0.01168 * (3 * at).cos()
    return 2 * shape / shape.sum()


def frames_at(samples: np.ndarray, times: np.ndarray, size: int) -> np.ndarray:
    """(S,) samples, (T,) seconds of the frames' centres -> (T, size); silence outside."""
    starts = np.round(times * RATE).astype(np.int64) - size // 2
    places = starts[:, None] + np.arange(size)
    inside = (places >= 0) & (places < len(samples))
    return np.where(inside, samples[np.clip(places, 0, max(len(samples) - 1, 0))], 0).astype(
        np.float32
    )


def powers(frames: Tensor) -> Tensor:
    """(..., size) -> (..., size/2 + 1) power of each bin."""
    spectrum = torch.fft.rfft(frames * window(frames.shape[-1]))
    return spectrum.real.square() + spectrum.imag.square()


def mel(hz: np.ndarray | float) -> np.ndarray:
    return 2595 * np.log10(1 + np.asarray(hz) / 700)


@lru_cache(maxsize=2)
def band_centres() -> np.ndarray:
    """(N,) Hz, evenly on the mel scale from 0 to half the rate."""
    even = np.linspace(0, mel(RATE / 2), BANDS)
    return 700 * (10 ** (even / 2595) - 1)


@lru_cache(maxsize=16)
def between_bands(size: int, bins: int) -> Tensor:
    """(N, F): of each of the first bins of a frame, the shares of the two bands around it."""
    places = np.interp(mel(np.arange(bins) * RATE / size), mel(band_centres()), np.arange(BANDS))
    return torch.from_numpy(hats(places, BANDS))


def hats(places: np.ndarray, count: int) -> np.ndarray:
    """(count, P) shares of linear interpolation between `count` knots, at places (P,)."""
    return np.maximum(0, 1 - np.abs(np.arange(count)[:, None] - places)).astype(np.float32)


def line_powers(
    log_partials: Tensor, frequencies: Tensor, widths: Tensor, size: int, bins: int, reach: int
) -> Tensor:
    """(B, T, K) log amplitudes, (B, K) Hz, (B, K) standard deviations in Hz -> (B, T, F) powers.

    Each partial is spread over the 2 reach + 1 bins around it; wider ones are made so narrow.
    """
    hz = RATE / size
    spread = (LINE**2 + (widths / hz).square()).clamp_max((reach / 2.2) ** 2)
    places = frequencies / hz
    middle = places.detach().round()
    near = middle[..., None] + torch.arange(-reach, reach + 1, device=places.device)
    apart = near - places[..., None]  # (B, K, 2 reach + 1)
    shapes = LINE * spread.rsqrt()[..., None] * (-0.5 * apart.square() / spread[..., None]).exp()
    shapes = shapes.masked_fill((near < 0) | (near >= bins), 0)
    spots = near.clamp(0, bins - 1).long().flatten(1)  # (B, K (2 reach + 1))
    each = (2 * log_partials).exp()[..., None] * shapes[:, None]
    count, moments = log_partials.shape[:2]
    empty = log_partials.new_zeros(count, moments, bins)
    return empty.scatter_add(2, spots[:, None].expand(-1, moments, -1), each.flatten(2))


def noise_powers(log_noise: Tensor, size: int, bins: int) -> Tensor:
    """(..., N) log variances -> (..., F): the power that noise is expected to have in a frame."""
    inside = log_noise @ between_bands(size, bins).to(log_noise.device)
    return (4 * NOISE_BINS / size) * inside.exp()
