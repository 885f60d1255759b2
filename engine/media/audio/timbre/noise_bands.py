"""How much of a learned sound's noise the recording does not have, band by band.

Steps on spectra cannot tell many partials from noise where both are dense, so that a horn hisses
over the whole band. But between the partials of a note that sounds alone there is only noise: what
stands there in the recording, against what stands there when the learned timbre plays the same
note, says how much too loud each band is. Only what is too loud is taken back.
Legend: N noise bands, S samples at RATE.
"""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from engine.media.audio.timbre.sounds import frequency_of
from engine.media.audio.timbre.spectra import BANDS, RATE, band_centres

FRAME = 8192
APART = 0.3  # of the distance of two partials: what is further from both is between them
LEAST_HZ, LEAST_ALONE = 70.0, 0.7  # of notes that are looked at
MOST_NOTES, LEAST_NOTES = 4, 2
MOST = 7.0  # nats of power: 30 dB
EMPTY = -14.0  # nats under the note's power, below which a recording has nothing at all


def between(samples: np.ndarray, pitch: float) -> np.ndarray | None:
    """(S,) -> (N,) nats of power between the partials over the note's; None of a short note."""
    if len(samples) < FRAME:
        return None
    start = (len(samples) - FRAME) // 2
    powers = np.abs(np.fft.rfft(samples[start : start + FRAME] * np.hanning(FRAME))) ** 2
    hz = np.fft.rfftfreq(FRAME, 1 / RATE)
    orders = hz / float(frequency_of(pitch))
    clear = np.abs(orders - np.round(orders)) > APART
    edges = np.concatenate([[0], (band_centres()[1:] + band_centres()[:-1]) / 2, [RATE / 2]])
    whole = powers.mean() + 1e-20
    found = np.full(BANDS, np.nan)
    for band in range(BANDS):
        inside = clear & (hz >= edges[band]) & (hz < edges[band + 1])
        if inside.sum() >= 3:
            found[band] = np.log(np.median(powers[inside]) / whole + 1e-12)
    return found


def too_loud(pairs: Sequence[tuple[np.ndarray, np.ndarray, float]]) -> Tensor:
    """(recorded, played, MIDI pitch) of notes -> (N,) nats of power to add to the noise, 0 or less;
    zeros where too few can be told."""
    found = []
    for recorded, played, pitch in pairs:
        theirs, ours = between(recorded, pitch), between(played, pitch)
        if theirs is not None and ours is not None:
            found.append(np.where(ours > EMPTY, theirs - ours, 0.0))
    if len(found) < LEAST_NOTES:
        return torch.zeros(BANDS)
    table = np.array(found)
    known = ~np.isnan(table).all(0)
    middle = np.zeros(BANDS)
    middle[known] = np.nanmedian(table[:, known], axis=0)
    middle = np.interp(np.arange(BANDS), np.flatnonzero(known), middle[known])
    smooth = np.convolve(np.pad(middle, 1, mode="edge"), (0.25, 0.5, 0.25), "valid")
    return torch.tensor(np.clip(smooth, -MOST, 0), dtype=torch.float32)
