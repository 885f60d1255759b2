"""Pieces of a recording → one sound that repeats: brought into phase, and faded over into another.

Legend: C channels, N samples.
"""

import numpy as np

from engine.media.audio.texture.path import HOP, Piece

_FADE, _LONG_FADE = 2646, 13_230  # samples: 60 ms, and 300 ms where nothing happens
_STEADY = 0.15  # bels in 60 ms, below which nothing does
_SEARCH = 441  # samples each way: a period of 100 Hz


def fade_samples(bands: np.ndarray, ends: np.ndarray, length: int) -> int:
    """How long a fade is: an even number, less where the recordings or the sound are short.

    bands (T, B) in bels: a drone gets long fades, which would blur whatever begins or ends.
    """
    change = float(np.abs(bands[3:] - bands[:-3]).mean()) if len(bands) > 3 else np.inf
    wanted = _LONG_FADE if change < _STEADY else _FADE
    shortest = int(np.diff(ends, prepend=0).min())
    return max(16, min(wanted, shortest // 8, length // 8) // 2 * 2)


def one_sound(samples: np.ndarray, path: list[Piece], length: int, fade: int) -> np.ndarray:
    """(C, N) -> (C, length): the pieces one after the other, the first again after the last."""
    starts, lengths = _in_samples(path, length, fade)
    mono = samples.mean(0)
    half, count = fade // 2, len(starts)
    for i in range(1, count):
        starts[i] += _shift(mono, starts[i - 1] + lengths[i - 1], starts[i], half)
    # where the loop is no whole number of periods long, every join takes its part of what is left
    rest = _shift(mono, starts[-1] + lengths[-1], starts[0], half)
    starts = [start - round(rest * i / count) for i, start in enumerate(starts)]
    likeness = [
        _likeness(mono, starts[i - 1] + lengths[i - 1], starts[i], half) for i in range(count)
    ]
    whole = np.zeros((samples.shape[0], length), np.float32)
    at = 0
    for i, (start, size) in enumerate(zip(starts, lengths, strict=True)):
        fade_in, _ = _fades(fade, likeness[i])
        _, fade_out = _fades(fade, likeness[(i + 1) % count])
        part = _taken(samples, start - half, size + fade)
        part[:, :fade] *= fade_in
        part[:, -fade:] *= fade_out
        _add_round(whole, part, at - half)
        at += size
    return whole


def _in_samples(path: list[Piece], length: int, fade: int) -> tuple[list[int], list[int]]:
    """Starts and lengths; the last takes what rounding to frames has left."""
    starts = [piece.start * HOP for piece in path]
    lengths = [piece.length * HOP for piece in path]
    while len(lengths) > 1 and sum(lengths[:-1]) + fade > length:
        starts.pop()
        lengths.pop()
    lengths[-1] = length - sum(lengths[:-1])
    return starts, lengths


def _taken(samples: np.ndarray, first: int, count: int) -> np.ndarray:
    """(C, count) from `first` on, a copy; mirrored at the ends of the memory."""
    whole = samples.shape[1]
    places = np.abs(np.arange(first, first + count)) % (2 * whole)
    return samples[:, np.where(places < whole, places, 2 * whole - 1 - places)]


def _shift(mono: np.ndarray, tail: int, start: int, half: int) -> int:
    """By how many samples to move a beginning, so that it goes on as what ends at `tail` does."""
    from scipy.signal import correlate  # takes longer to load than all the rest: when it is used

    search = min(_SEARCH, half)
    out = _taken(mono[None], tail - half, 2 * half)[0]
    into = _taken(mono[None], start - half - search, 2 * half + 2 * search)[0]
    products = correlate(into, out, mode="valid", method="fft")
    sums = np.concatenate([[0.0], np.cumsum(np.square(into, dtype=np.float64))])
    powers = sums[2 * half :] - sums[: -2 * half]
    return int((products / np.sqrt(np.maximum(powers, 1e-9))).argmax()) - search


def _likeness(mono: np.ndarray, tail: int, start: int, half: int) -> float:
    """The correlation of what ends with what begins, 0 to 1."""
    out, into = (_taken(mono[None], at - half, 2 * half)[0] for at in (tail, start))
    norm = np.sqrt(float(np.square(out).sum() * np.square(into).sum()))
    return float(np.clip(out @ into / max(norm, 1e-9), 0, 1))


def _fades(fade: int, likeness: float) -> tuple[np.ndarray, np.ndarray]:
    """(in, out), (fade,) each: of one loudness where the sounds are as alike as that."""
    rise = np.sin(np.linspace(0, np.pi / 2, fade)) ** 2
    fall = 1 - rise
    level = np.sqrt(rise**2 + fall**2 + 2 * likeness * rise * fall)
    return (rise / level).astype(np.float32), (fall / level).astype(np.float32)


def _add_round(whole: np.ndarray, part: np.ndarray, at: int) -> None:
    """Add from `at` on, from the beginning again after the end."""
    length = whole.shape[1]
    for first in range(0, part.shape[1], length):
        some = part[:, first : first + length]
        places = (np.arange(some.shape[1]) + at + first) % length
        whole[:, places] += some
