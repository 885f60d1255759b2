"""Vibrato: how fast and how wide the pitch of held notes swings in a recording.

The strongest of a note's first partials is followed by its phase (the instantaneous frequency of a
phase vocoder: Flanagan and Golden 1966); what is left of its course without the trend is laid
beside a sine of each rate that players use (Prame 1994: mostly 4 to 8 a second). One that explains
most of the course is the note's vibrato; of several notes the middle one is the instrument's.
Legend: S samples at RATE, J frames.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from engine.media.audio.timbre.sounds import frequency_of
from engine.media.audio.timbre.spectra import RATE

FRAME, HOP, PARTIALS = 2048, 128, 6
RATES_HZ = np.arange(3.5, 9.01, 0.1)
LEAST_S, LEAST_NOTES = 0.4, 3
EXPLAINED, LEAST_CENTS, MOST_CENTS = 0.6, 6.0, 80.0
SHARE = 0.5  # of the long notes that swing, where the instrument does
BEGIN_S = 0.06  # of a note that is left out: its attack
ONSET_S = 0.25  # until it swings in full


@dataclass(frozen=True, slots=True)
class Vibrato:
    """cents: from the middle to the top; 0: none."""

    rate_hz: float = 0.0
    cents: float = 0.0

    def to_tensor(self) -> Tensor:
        return torch.tensor([self.rate_hz, self.cents])

    def turns(self, times: np.ndarray, phase: float) -> np.ndarray:
        """(J,) seconds -> how many seconds a partial is ahead of one that stands still."""
        if not self.cents:
            return np.zeros(len(times))
        grown = np.clip(times / ONSET_S, 0, 1) ** 2
        swing = grown * np.sin(2 * np.pi * self.rate_hz * times + phase)
        astray = np.log(2) / 1200 * self.cents * swing
        return np.concatenate([[0.0], np.cumsum(astray[1:] * np.diff(times))])


def measured_vibrato(notes: Sequence[tuple[np.ndarray, float, float]]) -> Vibrato:
    """(samples at RATE, MIDI pitch, seconds held) of notes -> their vibrato; none where fewer than
    half of the long ones have it, or too few are long."""
    long = [one for one in notes if min(one[2], len(one[0]) / RATE) >= LEAST_S]
    found = [swing for one in long if (swing := _swing(*one)) is not None]
    if len(found) < max(LEAST_NOTES, SHARE * len(long)):
        return Vibrato()
    rate, cents = np.median(np.array(found), axis=0).tolist()
    return Vibrato(rate, min(cents, MOST_CENTS))


def _swing(samples: np.ndarray, pitch: float, held: float) -> tuple[float, float] | None:
    """(rate, cents) of one note."""
    course = _course(samples[int(BEGIN_S * RATE) : int(held * RATE)], pitch)
    if course is None:
        return None
    times = np.arange(len(course)) * HOP / RATE
    flat = course - np.polyval(np.polyfit(times, course, 2), times)
    best = (0.0, 0.0, 0.0)
    for rate in RATES_HZ[RATES_HZ * times[-1] >= 1.5]:
        waves = np.stack([np.sin(2 * np.pi * rate * times), np.cos(2 * np.pi * rate * times)], 1)
        sizes = np.linalg.lstsq(waves, flat, rcond=None)[0]
        left = np.square(flat - waves @ sizes).sum() / max(1e-9, np.square(flat).sum())
        best = max(best, (1 - float(left), float(rate), float(np.hypot(*sizes))))
    explained, rate, cents = best
    return (rate, cents) if explained >= EXPLAINED and cents >= LEAST_CENTS else None


def _course(samples: np.ndarray, pitch: float) -> np.ndarray | None:
    """(J,) cents of the strongest partial from its mean; None of what is too short."""
    count = (len(samples) - FRAME) // HOP + 1
    if count * HOP < LEAST_S * RATE / 2:
        return None
    frames = np.lib.stride_tricks.sliding_window_view(samples, FRAME)[::HOP][:count]
    spectra = np.fft.rfft(frames * np.hanning(FRAME), axis=1)
    hz = np.arange(1, PARTIALS + 1) * float(frequency_of(pitch))
    bins = np.round(hz * FRAME / RATE).astype(int)
    bins = bins[bins < FRAME // 4]
    if not len(bins):
        return None
    at = int(bins[np.abs(spectra[:, bins]).mean(0).argmax()])
    turned = np.angle(spectra[1:, at] * spectra[:-1, at].conj())
    expected = 2 * np.pi * at * HOP / FRAME
    astray = np.angle(np.exp(1j * (turned - expected)))
    course = (at / FRAME + astray / (2 * np.pi * HOP)) * RATE
    middle = float(np.median(course))
    return 1200 * np.log2(np.clip(course / middle, 0.8, 1.25)) if middle > 0 else None
