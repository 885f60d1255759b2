"""A recording → what a drum kit plays in it, if one does.

Legend: H hits, T frames, C classes of `drum_model.CLASSES`, times in seconds.
"""

from collections.abc import Generator

import numpy as np
from scipy.ndimage import maximum_filter1d, median_filter

from engine.core.progress import Advance
from engine.media.audio.transcription.drum_model import (
    BANDS,
    CLASSES,
    FRAMES_HZ,
    activations,
    shipped,
)

STRUCK = np.dtype([("onset_s", "<f4"), ("key", "u1"), ("velocity", "<f4")])
KICK, SNARE, HAT, CYMBAL, TOM = range(len(CLASSES))
KEYS = (36, 38, 42, 49, 45)  # of General MIDI
RIDE, RIDDEN_S = 51, 1.2  # a cymbal that is struck more often than once in so many seconds
_THRESHOLDS = np.array((0.5, 0.5, 0.45, 0.75, 0.6))
_USUAL, _BESIDE = 0.75, np.array((0.85, 0.85, 0.7, 0.9, 0.9))  # of a class: a quantile of its hits,
# and the share of it from which on others of the class are believed
_NEAR = 3  # frames to either side, within which a piece is struck once
_SURE, _LEAST_SURE = 0.9, 6  # a hit that no string or noise looks like; how many show a kit
_WITH_KICK, _ONE_RHYTHM = 0.25, 0.7  # kicks for a snare without hats; share of both at once
_OFTEN_S = 6.0  # seconds in which there is one of them at least, on the mean
_HEARD_IN = ((0, 6), (10, 40), (40, BANDS), (36, BANDS), (1, 12))  # bands, for the loudness
_RANGE_DB, _SOFTEST = 40.0, 0.3
_FRAME, _STEP = 2048, 512  # samples, of the spectrum that a kit is filtered out of
_LOW_HZ, _ALONG, _ACROSS = 400.0, 11, 31  # below; frames and bins of the medians


def hearing_hits(wave: np.ndarray) -> Generator[Advance, None, np.ndarray]:
    """(N,) mono at `drum_model.RATE` -> (H,) of STRUCK, by onset; none where there is no kit."""
    yield Advance(0, 1)
    sure, powers = activations(wave, shipped())
    found = peaks(sure)
    if not _is_kit(found, sure):
        return np.zeros(0, STRUCK)
    return _as_hits(found, powers)


def peaks(sure: np.ndarray) -> list[tuple[int, int]]:
    """(T, C) -> (frame, class) of every hit, by frame; of a class those nearly as sure as its surer
    ones are."""
    highest = maximum_filter1d(sure, 2 * _NEAR + 1, axis=0)
    tops = (sure == highest) & (sure >= _THRESHOLDS)
    for one in range(sure.shape[1]):
        mine = sure[tops[:, one], one]
        if len(mine):
            tops[:, one] &= sure[:, one] >= _BESIDE[one] * np.quantile(mine, _USUAL)
    kept: list[tuple[int, int]] = []
    last = [-2 * _NEAR] * sure.shape[1]
    for frame, one in np.argwhere(tops).tolist():
        if frame - last[one] > _NEAR:
            kept.append((frame, one))
            last[one] = frame
    return kept


def _is_kit(found: list[tuple[int, int]], sure: np.ndarray) -> bool:
    """Whether enough is surely struck, and in more than one rhythm: a plucked string is like a
    snare and a hat in one, each time."""
    clear = sum(sure[frame, one] >= _SURE for frame, one in found)
    if clear < max(_LEAST_SURE, len(sure) / FRAMES_HZ / _OFTEN_S):
        return False
    frames = {one: np.array([f for f, o in found if o == one]) for one in range(len(CLASSES))}
    snares, hats, kicks = frames[SNARE], frames[HAT], frames[KICK]
    if not len(snares):
        return True
    if not len(hats):
        return len(kicks) >= _WITH_KICK * len(snares)
    both = int((np.abs(snares[:, None] - hats).min(1) <= _NEAR).sum())
    return both < _ONE_RHYTHM * (len(snares) + len(hats) - both)


def _as_hits(found: list[tuple[int, int]], powers: np.ndarray) -> np.ndarray:
    hits = np.zeros(len(found), STRUCK)
    frames, classes = np.array(found).T
    hits["onset_s"] = frames / FRAMES_HZ
    hits["key"] = np.array(KEYS)[classes]
    for one, (first, last) in enumerate(_HEARD_IN):
        mine = classes == one
        if not mine.any():
            continue
        loud = powers[:, first:last].sum(1)
        heard = np.stack([loud[np.minimum(frames[mine] + i, len(loud) - 1)] for i in range(4)])
        decibels = 10 * np.log10(heard.max(0) + 1e-12)
        hits["velocity"][mine] = np.clip(1 + (decibels - decibels.max()) / _RANGE_DB, _SOFTEST, 1)
    cymbals = classes == CYMBAL
    seconds = len(powers) / FRAMES_HZ
    if cymbals.sum() * RIDDEN_S > seconds:
        hits["key"][cymbals] = RIDE
    return hits[np.argsort(hits["onset_s"], kind="stable")]


def without_membranes(wave: np.ndarray, rate: int) -> np.ndarray:
    """(N,) mono without what is struck below LOW_HZ, where a bass drum is taken for a bass: of each
    bin what lasts stays, what comes and goes at once goes (median filters along time and along
    frequency, Fitzgerald 2010, "Harmonic/percussive separation using median filtering")."""
    from scipy.signal import istft, stft  # takes long to load: when it is used

    _, _, spectrum = stft(wave, rate, nperseg=_FRAME, noverlap=_FRAME - _STEP)
    reach = int(_LOW_HZ * _FRAME / rate) + _ACROSS
    sizes = np.abs(spectrum[:reach])
    lasting = median_filter(sizes, (1, _ALONG)) ** 2
    struck = median_filter(sizes, (_ACROSS, 1)) ** 2
    low = reach - _ACROSS
    spectrum[:low] *= (lasting / (lasting + struck + 1e-12))[:low]
    _, kept = istft(spectrum, rate, nperseg=_FRAME, noverlap=_FRAME - _STEP)
    return kept[: len(wave)].astype(np.float32)
