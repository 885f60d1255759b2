"""Voices → a finished stereo recording: placed, in a room, at one loudness, with clean peaks.

Loudness as ITU-R BS.1770-4 measures it (pyloudnorm); the true peak from four times as many samples
(its annex 2); held by a limiter that sees the peaks coming, so that no loudness is lost to them.

Legend: V voices, N samples at RATE, arrays (V, N), (2, N) float32.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import soxr
from scipy.ndimage import minimum_filter1d, uniform_filter1d

from engine.media.audio.playing.room import DEFAULT_ROOM, Room, reverberated

RATE = 44_100
LOUDNESS_LUFS, PEAK_DBTP = -16.0, -1.0
_SAFE_DB = 0.1  # below PEAK_DBTP, for what lossy formats and the next gain add
_BLOCK_S = 0.4  # what loudness is measured over; anything shorter is repeated
_MOST_GAIN_DB = 40.0  # a whisper is not blown up into its own noise
_LOOK_AHEAD = 220  # samples, 5 ms
_ROUNDS, _NEAR_DB = 4, 0.1  # of the limiter
_OVERSAMPLED = 4
_SILENCE = 1e-6


@dataclass(frozen=True, slots=True, eq=False)
class Mastered:
    """samples (2, N) at RATE; loudness in LUFS (integrated) and true peak in dB, both measured in
    what it holds. Silence has -inf of both."""

    samples: np.ndarray
    loudness_lufs: float
    peak_dbtp: float


def mix(
    stems: Sequence[np.ndarray],
    pans: Sequence[float],
    *,
    room: Room | None = DEFAULT_ROOM,
    loop: bool = False,
    loudness_lufs: float = LOUDNESS_LUFS,
) -> Mastered:
    """Voices (N,) mono, and where they stand, -1 left to 1 right -> stereo, mastered.

    A shorter voice is silent to the end of the longest. loop: what rings on after the end is heard
    at the beginning, and the limiter sees round it, so that the recording repeats without a seam;
    otherwise the recording is longer by the room's tail. Raises ValueError for a pan too many or
    too few.
    """
    both = reverberated(placed(stems, pans), room, wrap=loop)
    return master(both, loop=loop, target=loudness_lufs)


def parted(
    stems: Sequence[np.ndarray],
    pans: Sequence[float],
    *,
    room: Room | None = DEFAULT_ROOM,
    loop: bool = False,
) -> Iterator[np.ndarray]:
    """What `mix` makes of each voice, (2, N) one after the other: with its place, its own sound in
    the room and the gains of the whole, so that they add up to the mix."""
    whole = reverberated(placed(stems, pans), room, wrap=loop)
    silent = whole.shape[1] == 0 or np.abs(whole).max() < _SILENCE
    gains = np.float32(0) if silent else gains_of(whole, loop=loop)[0]
    for place in range(len(stems)):
        alone = [stem if i == place else np.zeros(len(stem)) for i, stem in enumerate(stems)]
        yield reverberated(placed(alone, pans), room, wrap=loop) * gains


def placed(stems: Sequence[np.ndarray], pans: Sequence[float]) -> np.ndarray:
    """(2, N): each voice between the sides with constant power."""
    both = np.zeros((2, max((len(stem) for stem in stems), default=0)), np.float32)
    for stem, pan in zip(stems, pans, strict=True):
        angle = (min(max(pan, -1.0), 1.0) + 1) * math.pi / 4
        both[0, : len(stem)] += math.cos(angle) * stem
        both[1, : len(stem)] += math.sin(angle) * stem
    return both


def wrapped(wave: np.ndarray, length: int) -> np.ndarray:
    """(…, N) -> (…, length): what comes after the end is heard from the beginning again."""
    whole = -(-wave.shape[-1] // length) * length
    padded = np.zeros((*wave.shape[:-1], whole), wave.dtype)
    padded[..., : wave.shape[-1]] = wave
    return padded.reshape(*wave.shape[:-1], -1, length).sum(-2)


def master(both: np.ndarray, *, loop: bool = False, target: float = LOUDNESS_LUFS) -> Mastered:
    """(2, N) -> at the target loudness, no true peak above PEAK_DBTP. Silence stays silence."""
    if both.shape[1] == 0 or np.abs(both).max() < _SILENCE:
        return Mastered(np.zeros_like(both), -math.inf, -math.inf)
    gains, loudness, peak_db = gains_of(both, loop=loop, target=target)
    return Mastered((both * gains).astype(np.float32), loudness, peak_db)


def gains_of(
    both: np.ndarray, *, loop: bool = False, target: float = LOUDNESS_LUFS
) -> tuple[np.ndarray | np.float32, float, float]:
    """(2, N) -> what master multiplies it by, one number, or (N,) where peaks are held; and the
    loudness and the true peak that it has then."""
    peaks, loudness = _peaks(both, loop=loop), loudness_of(both)
    gain = 10 ** (min(target - loudness, _MOST_GAIN_DB) / 20)
    most = 10 ** ((PEAK_DBTP - _SAFE_DB) / 20)
    if (peak := gain * float(peaks.max())) <= most:
        return np.float32(gain), loudness + 20 * math.log10(gain), 20 * math.log10(peak)
    gains = np.ones(both.shape[1], np.float32)
    for _ in range(_ROUNDS):  # what the limiter takes of the loudness, more gain before it gives
        gains = (gain * _limiting(peaks * gain, most, loop=loop)).astype(np.float32)
        missing = target - loudness_of(both * gains)
        if missing < _NEAR_DB:
            break
        gain *= 10 ** (missing / 20)
    peak_db = true_peak_of(both * gains, loop=loop)
    over = max(0.0, peak_db - PEAK_DBTP)  # by the limiter's own curve, between the samples
    gains *= np.float32(10 ** (-over / 20))
    return gains, loudness_of(both * gains), peak_db - over


def loudness_of(both: np.ndarray) -> float:
    """(2, N) -> integrated loudness in LUFS, -inf for silence; what is too short is repeated."""
    import pyloudnorm  # brings scipy.signal; see `engine.media.audio.playing.room`

    least = int(_BLOCK_S * RATE) + 1
    if both.shape[1] < least:
        both = np.tile(both, -(-least // both.shape[1]))
    meter = pyloudnorm.Meter(RATE, block_size=_BLOCK_S)
    with np.errstate(divide="ignore", invalid="ignore"):
        loudness = float(meter.integrated_loudness(both.T.astype(np.float64)))
    if math.isfinite(loudness):
        return loudness
    power = float(np.square(both, dtype=np.float64).mean() * 2)  # all blocks are below the gate
    return 10 * math.log10(power) - 0.691 if power > 0 else -math.inf


def true_peak_of(both: np.ndarray, *, loop: bool = False) -> float:
    """dB of the highest value between the samples too."""
    peak = float(_peaks(both, loop=loop).max(initial=0.0))
    return 20 * math.log10(peak) if peak > 0 else -math.inf


def _peaks(both: np.ndarray, *, loop: bool) -> np.ndarray:
    """(N,) the highest of both channels at each sample and up to the next."""
    edge = min(64, both.shape[1]) if loop else 64
    length = both.shape[1] * _OVERSAMPLED
    peaks = np.abs(both).max(0)
    for channel in both:
        ahead = np.pad(channel, edge, mode="wrap" if loop else "constant")
        dense = soxr.resample(ahead, RATE, RATE * _OVERSAMPLED, quality="HQ")
        dense = dense[edge * _OVERSAMPLED :][:length]
        for i in range(_OVERSAMPLED):
            np.maximum(peaks, np.abs(dense[i::_OVERSAMPLED]), out=peaks)
    return peaks


def _limiting(peaks: np.ndarray, most: float, *, loop: bool = False) -> np.ndarray:
    """(N,) peaks -> (N,) gains that hold them at `most`: the gain falls before a peak and rises
    after it, smoothly.

    The smallest gain of a window around each sample, twice averaged over half of it: so it is
    down when the peak comes, and nowhere has an edge.
    """
    edge = "wrap" if loop else "nearest"
    wanted = np.minimum(1.0, most / np.maximum(peaks, 1e-9))
    gain = minimum_filter1d(wanted, 2 * _LOOK_AHEAD + 1, mode=edge)
    for _ in range(2):
        gain = uniform_filter1d(gain, _LOOK_AHEAD + 1, mode=edge)
    return gain
