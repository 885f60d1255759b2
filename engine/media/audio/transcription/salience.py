"""How salient each pitch is at each moment: the sum of the spectral peaks at its harmonics.

After Salamon and Gomez 2012, "Melody extraction from polyphonic music signals using pitch contour
characteristics", section II. The amplitudes are compressed, so that a voice whose fundamental an
old record has lost is still found by its upper harmonics.

Legend: T frames of HOP samples at RATE, P peaks, B bins of 1/PER_SEMITONE semitones from LOWEST on.
"""

from dataclasses import dataclass

import numpy as np

from engine.media.audio.transcription.model import RATE

HOP = 256
FRAME_S = HOP / RATE
LOWEST, HIGHEST = 40, 88  # MIDI pitches of a melody: E2 to E6
PER_SEMITONE = 5
_WINDOW = 2048
_TOP = 124  # the highest pitch at which a peak counts
_HARMONICS, _FALL = 12, 0.8  # that are added, each worth so much of the one before
_CLEAR, _AUDIBLE = 0.01, 1e-4  # amplitude of a peak, of its frame's loudest and of all
_OWN_HARMONICS, _OWN_BINS = 19, 2  # where the power of a pitch lies
_SPREAD = (0.7, 0.25)  # of a peak, one and two bins beside its own


@dataclass(frozen=True, slots=True, eq=False)
class Salience:
    """strengths (T, B): of each pitch. powers (T, B + harmonics): of the peaks in each bin."""

    strengths: np.ndarray
    powers: np.ndarray

    def own_power(self, path: np.ndarray) -> np.ndarray:
        """(T,) bins of a line -> (T,) power of the peaks at its harmonics."""
        frames = np.arange(len(path))[:, None]
        offsets = _offsets(_OWN_HARMONICS)
        near = offsets[:, None] + np.arange(-_OWN_BINS, _OWN_BINS + 1)
        places = path[:, None] + np.unique(near)
        inside = (places >= 0) & (places < self.powers.shape[1])
        return np.where(inside, self.powers[frames, np.where(inside, places, 0)], 0).sum(1)


def salience_of(wave: np.ndarray) -> Salience:
    """wave (samples,) mono at RATE."""
    spectra = _spectra(wave)
    rows, pitches, amplitudes = _peaks(spectra)
    places = np.round((pitches - LOWEST) * PER_SEMITONE).astype(int)
    count = (_TOP - LOWEST) * PER_SEMITONE
    inside = (places >= 0) & (places < count)
    at = rows[inside], places[inside]
    levels, powers = np.zeros((2, len(spectra), count), np.float32)
    np.maximum.at(levels, at, np.sqrt(amplitudes[inside]))
    np.maximum.at(powers, at, np.square(amplitudes[inside]))
    spread = levels.copy()
    for distance, share in enumerate(_SPREAD, 1):
        higher, lower = spread[:, distance:], spread[:, :-distance]
        np.maximum(higher, share * levels[:, :-distance], out=higher)
        np.maximum(lower, share * levels[:, distance:], out=lower)
    bins = (HIGHEST - LOWEST) * PER_SEMITONE
    strengths = np.zeros((len(spectra), bins), np.float32)
    for harmonic, offset in enumerate(_offsets(_HARMONICS)):
        part = spread[:, offset : offset + bins]
        strengths[:, : part.shape[1]] += _FALL**harmonic * part
    return Salience(strengths, powers)


def _offsets(harmonics: int) -> np.ndarray:
    """(harmonics,) bins from a fundamental to each of its harmonics, itself the first."""
    return np.round(12 * PER_SEMITONE * np.log2(np.arange(1, harmonics + 1))).astype(int)


def _spectra(wave: np.ndarray) -> np.ndarray:
    """(T, _WINDOW / 2 + 1) amplitudes; a frame's middle is its beginning in the wave."""
    frames = -(-len(wave) // HOP)
    padded = np.pad(wave.astype(np.float32), (_WINDOW // 2, _WINDOW))
    views = np.lib.stride_tricks.sliding_window_view(padded, _WINDOW)[::HOP][:frames]
    return np.abs(np.fft.rfft(views * np.hanning(_WINDOW).astype(np.float32), axis=1)).astype("f4")


def _peaks(spectra: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(P,) frames, (P,) pitches by a parabola through the logarithms, (P,) amplitudes."""
    left, middle, right = spectra[:, :-2], spectra[:, 1:-1], spectra[:, 2:]
    least = np.maximum(_CLEAR * spectra.max(1, keepdims=True), _AUDIBLE * spectra.max(initial=1e-9))
    rows, columns = np.nonzero((middle > left) & (middle >= right) & (middle > least))
    a, b, c = (np.log(side[rows, columns] + 1e-9) for side in (left, middle, right))
    places = columns + 1 + 0.5 * (a - c) / np.minimum(a - 2 * b + c, -1e-9)
    pitches = 69 + 12 * np.log2(np.maximum(places, 0.5) * RATE / _WINDOW / 440)
    return rows, pitches, middle[rows, columns]
