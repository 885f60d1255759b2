"""How far one sound is from another: what the timbre bench counts, on samples.

Legend: N samples, T frames, F bins.
"""

from functools import lru_cache

import numpy as np

from engine.media.audio.timbre.spectra import RATE, mel

SIZES = (512, 1024, 2048)  # samples of a frame; a hop is a quarter
BANDS, RANGE_DB = 80, 80.0  # of the mel spectrum; what lies so far below the loudest counts as so


def spectrogram(sound: np.ndarray, size: int) -> np.ndarray:
    """(N,) -> (T, F) magnitudes."""
    window = np.hanning(size + 1)[:-1].astype(np.float32)
    padded = np.pad(sound.astype(np.float32), size // 2)
    frames = np.lib.stride_tricks.sliding_window_view(padded, size)[:: size // 4]
    return np.abs(np.fft.rfft(frames * window)) * (2 / window.sum())


def stft_distance(made: np.ndarray, real: np.ndarray) -> float:
    """Multi-resolution STFT distance (Yamamoto et al. 2020, eq. 5 and 6): at each size spectral
    convergence and the mean difference of natural logarithms, floored `RANGE_DB` below the loudest.
    """
    total = 0.0
    for size in SIZES:
        heard, wanted = spectrogram(made, size), spectrogram(real, size)
        floor = wanted.max() * 10 ** (-RANGE_DB / 20)
        converged = np.linalg.norm(heard - wanted) / max(float(np.linalg.norm(wanted)), 1e-9)
        logs = np.log(np.maximum(heard, floor)) - np.log(np.maximum(wanted, floor))
        total += float(converged) + float(np.abs(logs).mean())
    return total / len(SIZES)


def mel_distance(made: np.ndarray, real: np.ndarray) -> float:
    """Decibels: the mean difference of mel spectra, floored `RANGE_DB` below the loudest."""
    heard, wanted = (spectrogram(s, SIZES[-1]) ** 2 @ _bands() for s in (made, real))
    floor = wanted.max() * 10 ** (-RANGE_DB / 10)
    logs = np.log10(np.maximum(heard, floor)) - np.log10(np.maximum(wanted, floor))
    return float(10 * np.abs(logs).mean())


@lru_cache(maxsize=1)
def _bands() -> np.ndarray:
    """(F, BANDS) triangles, each of sum 1."""
    size = SIZES[-1]
    edges = np.linspace(mel(30.0), mel(RATE / 2), BANDS + 2)
    at = mel(np.arange(size // 2 + 1) * RATE / size)
    rising = (at[:, None] - edges[:-2]) / (edges[1:-1] - edges[:-2])
    falling = (edges[2:] - at[:, None]) / (edges[2:] - edges[1:-1])
    shares = np.maximum(0, np.minimum(rising, falling))
    nearest = np.abs(at[:, None] - edges[1:-1]).argmin(0)
    shares[nearest, np.arange(BANDS)] += 1e-3
    return shares / shares.sum(0)
