"""How far a recording is tuned from A = 440 Hz, so that its notes lie between no keys."""

import numpy as np

_WINDOW, _HOP = 4096, 4096
_LOWEST_HZ, _HIGHEST_HZ = 110.0, 1760.0
_CLEAR = 0.1  # of the loudest of a frame: smaller peaks tell little
_AGREED = 0.25  # length of the mean direction, below which there is no common tuning


def tuning_of(wave: np.ndarray, rate: int) -> float:
    """Semitones, -0.5 to 0.5, by which its partials are sharp; 0 where they do not agree.

    wave (samples,) mono. The circular mean of the peaks' distances from the nearest key.
    """
    if len(wave) < _WINDOW:
        return 0.0
    frames = np.lib.stride_tricks.sliding_window_view(wave, _WINDOW)[::_HOP]
    spectra = np.abs(np.fft.rfft(frames * np.hanning(_WINDOW), axis=1))
    first, last = (int(hz * _WINDOW / rate) for hz in (_LOWEST_HZ, _HIGHEST_HZ))
    middle = spectra[:, first:last]
    left, right = spectra[:, first - 1 : last - 1], spectra[:, first + 1 : last + 1]
    clear = middle > _CLEAR * spectra.max(1, keepdims=True)
    rows, columns = np.nonzero((middle > left) & (middle >= right) & clear & (middle > 0))
    if len(rows) == 0:
        return 0.0
    a, b, c = (np.log(side[rows, columns] + 1e-12) for side in (left, middle, right))
    places = first + columns + 0.5 * (a - c) / np.minimum(a - 2 * b + c, -1e-9)
    pitches = 69 + 12 * np.log2(places * rate / _WINDOW / 440)
    weights = np.sqrt(middle[rows, columns])
    return agreed_tuning(pitches, weights)


def agreed_tuning(pitches: np.ndarray, weights: np.ndarray) -> float:
    """(P,) MIDI pitches and (P,) weights -> semitones by which most are sharp; 0 without accord."""
    direction = np.sum(weights * np.exp(2j * np.pi * pitches)) / max(float(weights.sum()), 1e-12)
    return float(np.angle(direction) / (2 * np.pi)) if abs(direction) > _AGREED else 0.0
