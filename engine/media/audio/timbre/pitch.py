"""The pitch of a note from moment to moment, and sounds brought to another course of pitch.

A vibrato of 30 cents moves the twentieth partial by a third of a semitone of its own distance, so
that a long window sees noise where there is a partial. Notes are therefore brought to one steady
pitch before a timbre is learned from them, and the player moves what it has made by the same
function. The pitch is the one whose partials carry the most (subharmonic summation, Hermes 1988),
on a smooth path (dynamic programming).
Legend: S samples at a rate, J moments every HOP_S, C candidates, K partials.
"""

from dataclasses import dataclass

import numpy as np
import soxr
from scipy.ndimage import map_coordinates, median_filter

from engine.media.audio.timbre.manner import HOP_S
from engine.media.audio.timbre.spectra import RATE, frequency_of

SLOW = 11_025  # Hz at which pitch is looked for
FRAME, LOW_FRAME, LOW_HZ, PADDED = 512, 1024, 110.0, 4096  # samples; low notes need longer frames
REACH, STEP, PARTIALS = 160, 5, 8  # cents to either side, between candidates; of a note
STIFF = 0.006  # of salience, for a cent from one moment to the next
SHARP_FRAME, SHARPER, MOST_NOTED = 8192, 1.2, 10  # how a steadied note is judged


@dataclass(frozen=True, slots=True)
class Track:
    """cents (J,) over the asked pitch; levels (J,), the amplitude of its partials."""

    cents: np.ndarray
    levels: np.ndarray


def tracked(samples: np.ndarray, pitch: float, reach: tuple[int, int] = (-REACH, REACH)) -> Track:
    """(S,) at RATE, MIDI pitch -> its course, with candidates from reach[0] to reach[1] cents."""
    slow = soxr.resample(samples, RATE, SLOW)
    frame = FRAME if float(frequency_of(pitch + reach[0] / 100)) > LOW_HZ else LOW_FRAME
    hop = round(HOP_S * SLOW)
    count = max(1, len(slow) // hop)
    frames = np.pad(slow, (frame // 2, frame + hop))
    frames = np.lib.stride_tricks.sliding_window_view(frames, frame)[::hop][:count]
    spectra = np.abs(np.fft.rfft(frames * np.hanning(frame).astype(np.float32), PADDED, axis=1))
    candidates = np.arange(reach[0], reach[1] + 1, STEP)
    partials = frequency_of(pitch + candidates / 100)[:, None] * np.arange(1, PARTIALS + 1)
    places = np.minimum(partials * PADDED / SLOW, PADDED // 2 - 1)
    inside = (partials < 0.47 * SLOW) * np.arange(1, PARTIALS + 1) ** -0.5
    low = places.astype(int)
    share = (places - low).astype(np.float32)
    found = spectra[:, low] * (1 - share) + spectra[:, low + 1] * share  # (J, C, K)
    salience = (np.sqrt(found) * inside).sum(-1)
    best = _smoothest(salience / np.maximum(salience.max(1, keepdims=True), 1e-12))
    levels = found[np.arange(count), best].sum(-1) / frame
    cents = candidates[best] + STEP * _bent(salience, best)
    return Track(median_filter(cents, 3, mode="nearest"), levels)


def _smoothest(salience: np.ndarray) -> np.ndarray:
    """(J, C) -> (J,) candidates of the path of most salience that jumps the least."""
    count, choices = salience.shape
    places = np.arange(choices)
    jumps = STIFF * STEP * np.abs(places[:, None] - places)
    before = np.zeros((count, choices), int)
    best = salience[0]
    for j in range(1, count):
        from_each = best[None] - jumps
        before[j] = from_each.argmax(1)
        best = from_each[places, before[j]] + salience[j]
    path = np.empty(count, int)
    path[-1] = best.argmax()
    for j in range(count - 1, 0, -1):
        path[j - 1] = before[j, path[j]]
    return path


def _bent(salience: np.ndarray, best: np.ndarray) -> np.ndarray:
    """(J,) -0.5 to 0.5: where between the candidates a parabola has its top."""
    rows, middle = np.arange(len(best)), best.clip(1, salience.shape[1] - 2)
    left, top, right = (salience[rows, middle + i] for i in (-1, 0, 1))
    curved = np.minimum(left - 2 * top + right, -1e-9)
    return np.where(middle == best, (0.5 * (left - right) / curved).clip(-0.5, 0.5), 0.0)


def moved(samples: np.ndarray, cents: np.ndarray, rate: int = RATE) -> np.ndarray:
    """(S,), (J,) cents every HOP_S -> (S,): the pitch so much higher at each moment.

    The sound runs so much faster there; a moment comes early or late by the sum, which is a
    fraction of a millisecond for a vibrato. Silence behind the end.
    """
    moments = np.arange(len(samples)) / (HOP_S * rate)
    speed = 2 ** (np.interp(moments, np.arange(len(cents)), cents) / 1200)
    places = np.cumsum(speed) - speed[0]
    return map_coordinates(samples, places[None], np.float32, order=3, mode="grid-constant")


def steadied(samples: np.ndarray, pitch: float) -> tuple[np.ndarray, float]:
    """(S,) at RATE, MIDI pitch -> at one pitch throughout, and which; as it was where that makes
    its partials no sharper: of a chord, or where no pitch is clear."""
    if len(samples) < 2 * SHARP_FRAME:
        return samples, pitch
    cents = tracked(samples, pitch).cents
    middle = float(np.median(cents))
    steady, own = moved(samples, middle - cents), pitch + middle / 100
    sharper = _sharpness(steady, own) > SHARPER * _sharpness(samples, pitch)
    return (steady, own) if sharper else (samples, pitch)


def _sharpness(samples: np.ndarray, pitch: float) -> float:
    """The mean over partials of their peak's share in the power around them."""
    count = (len(samples) - SHARP_FRAME) // (SHARP_FRAME // 4) + 1
    frames = np.lib.stride_tricks.sliding_window_view(samples, SHARP_FRAME)[:: SHARP_FRAME // 4]
    window = np.hanning(SHARP_FRAME).astype(np.float32)
    power = np.abs(np.fft.rfft(frames[:count] * window, axis=1)) ** 2
    base = float(frequency_of(pitch)) * SHARP_FRAME / RATE
    shares = []
    for order in range(1, MOST_NOTED + 1):
        low, high = (int((order + side) * base) for side in (-0.4, 0.4))
        if high >= power.shape[1] or high - low < 5:
            break
        around = power[:, low:high]
        shares.append(around.max(1).sum() / max(float(around.sum()), 1e-20))
    return float(np.mean(shares)) if shares else 0.0
