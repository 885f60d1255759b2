"""How loud each note of a recording is played, from the partials where it begins."""

import numpy as np

_WINDOW, _HOP = 2048, 256
_PARTIALS = 6
_ATTACK_S = 0.15  # after the onset, the loudest frame counts
_RANGE_DB = 45.0  # from the loudest note to velocity 0


def loudnesses(wave: np.ndarray, rate: int, notes: np.ndarray) -> np.ndarray:
    """(N,) velocities, 0.05 to 1, the loudest note of all 1; wave (samples,) mono.

    notes: with onset_s and pitch.
    """
    if not len(notes):
        return np.zeros(0, np.float32)
    reach = int(_ATTACK_S * rate) // _HOP
    window = np.hanning(_WINDOW).astype(np.float32)
    padded = np.pad(wave, (_WINDOW // 2, _WINDOW + reach * _HOP))
    powers = np.empty(len(notes))
    for i, note in enumerate(notes):
        first = int(note["onset_s"] * rate) // _HOP * _HOP
        frames = np.lib.stride_tricks.sliding_window_view(
            padded[first : first + _WINDOW + reach * _HOP], _WINDOW
        )[::_HOP]
        spectra = np.abs(np.fft.rfft(frames * window, axis=1)) ** 2
        powers[i] = spectra[:, _bins(float(note["pitch"]), rate)].sum(1).max(initial=0.0)
    decibels = 10 * np.log10(powers + 1e-9)
    return np.clip(1 + (decibels - decibels.max()) / _RANGE_DB, 0.05, 1).astype(np.float32)


def _bins(pitch: float, rate: int) -> np.ndarray:
    """Those of the spectrum at the first partials of a MIDI pitch, and beside them."""
    fundamental = 440 * 2 ** ((pitch - 69) / 12)
    partials = fundamental * np.arange(1, _PARTIALS + 1)
    middle = np.round(partials[partials < rate / 2 - 100] * _WINDOW / rate).astype(int)
    return np.unique(np.concatenate([middle - 1, middle, middle + 1]).clip(1, _WINDOW // 2))
