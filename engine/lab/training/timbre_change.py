"""Instruments that the corpus does not have, made of those it has: each preset's recordings played
faster or slower and through a filter of chance, all of its notes alike."""

import math
from dataclasses import dataclass

import numpy as np
import scipy.fft

from engine.media.audio.timbre.spectra import RATE, mel

SIZE = 2**17  # samples that a note is padded to, 3 s
SEMITONES, KNOTS, SPREAD_DB = 5.0, 9, 4.0


@dataclass(frozen=True, slots=True)
class Change:
    """size: samples that `SIZE` of them become; curve: decibels at even places of the mel scale."""

    size: int = SIZE
    curve: tuple[float, ...] = ()

    @property
    def faster(self) -> float:
        return SIZE / self.size

    @property
    def semitones(self) -> float:
        """How much higher it sounds."""
        return 12 * math.log2(self.faster)


SAME = Change()


def any_change(rng: np.random.Generator) -> Change:
    """Of a size that is quick to transform."""
    wanted = SIZE * 2 ** (rng.uniform(-SEMITONES, SEMITONES) / 12)
    curve = SPREAD_DB * rng.standard_normal(KNOTS)
    size = 64 * int(scipy.fft.next_fast_len(round(wanted / 64), True) or 0)
    return Change(size, tuple(float(d) for d in curve - curve.mean()))


def changed(samples: np.ndarray, change: Change) -> np.ndarray:
    """(N,) -> (N / faster,) float32. Of a longer sound the first `SIZE` samples are taken."""
    if change is SAME:
        return samples
    spectrum = np.asarray(scipy.fft.rfft(samples.astype(np.float32), SIZE))
    hz = np.arange(0, len(spectrum), 64) * (RATE / SIZE) * change.faster
    where = mel(hz) / float(mel(RATE / 2)) * (KNOTS - 1)
    gains = 10 ** (np.interp(where, np.arange(KNOTS), change.curve) / 20)
    places = np.arange(len(spectrum)) / 64
    spectrum *= np.interp(places, np.arange(len(hz)), gains).astype(np.float32)
    kept = np.zeros(change.size // 2 + 1, spectrum.dtype)
    kept[: len(spectrum)] = spectrum[: len(kept)]
    made = np.asarray(scipy.fft.irfft(kept, change.size)) * np.float32(change.size / SIZE)
    return made[: int(min(len(samples), SIZE) / change.faster)]
