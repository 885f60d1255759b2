"""A room of some size: early echoes, then a diffuse tail, as one impulse response for each side.

Noise that dies away faster the higher it is sounds like a room without the metallic ring of combs
(Moorer 1979, "About this reverberation business"), and is one convolution, whatever the length.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from engine.protocol import MAX_ROOM_M

RATE = 44_100
_BANDS_HZ = ((150.0, 600.0, 0.85), (600.0, 2400.0, 1.0), (2400.0, 9000.0, 0.55))
_EARLY = (
    (7.1, 0.5, -0.6),
    (11.3, 0.42, 0.5),
    (17.9, 0.36, -0.2),
    (23.7, 0.3, 0.7),
    (31.1, 0.22, 0),
)
_EARLY_SHARE = 0.5
_SEED = 20_790


ROOM_M, SMALLEST_M = 6.0, 2.0  # metres
_DRIEST, _WETTEST = 0.03, 0.2


@dataclass(frozen=True, slots=True)
class Room:
    """seconds: until the tail is 60 dB quieter. wet: its power beside the direct sound's, 0 to 1.
    before_s: until the tail begins. wider: how many times later than in a small room the early
    echoes come."""

    seconds: float = 0.9
    wet: float = 0.06
    before_s: float = 0.018
    wider: float = 1.0

    @classmethod
    def of_size(cls, metres: float) -> "Room | None":
        """A furnished room or a hall, so many metres long; None for 0, which is no room.

        Echoes come as much later as walls are further. By Sabine's formula (RT60 = 0.161 V / A) the
        tail would grow with the length, but the larger a room is the more it is made to absorb: it
        grows with the root, 0.9 s at 6 m, 2 s at 30 m. So does what is heard of it beside the
        direct sound, since one sits further away.
        """
        if metres <= 0:
            return None
        wider = min(max(metres, SMALLEST_M), MAX_ROOM_M) / ROOM_M
        root = wider**0.5
        wet = min(max(0.06 * root, _DRIEST), _WETTEST)
        return cls(0.9 * root, wet, 0.018 * wider**0.5, wider)


DEFAULT_ROOM = Room()


def reverberated(both: np.ndarray, room: Room | None, *, wrap: bool = False) -> np.ndarray:
    """(2, N) -> (2, N + tail), or (2, N) where it wraps: the tail is heard from the beginning."""
    if room is None or both.shape[1] == 0:
        return both
    from scipy.signal import oaconvolve  # takes longer to load than all the rest: when it is used

    response = impulse_response(room)
    length, tail = both.shape[1], response.shape[1] - 1
    whole = np.zeros((2, length + tail), np.float32)
    whole[:, :length] = both
    whole += oaconvolve(both, response, axes=1)
    if not wrap:
        return whole
    rounds = -(-whole.shape[1] // length)
    padded = np.zeros((2, rounds * length), np.float32)
    padded[:, : whole.shape[1]] = whole
    return padded.reshape(2, rounds, length).sum(1)


@lru_cache(maxsize=4)
def impulse_response(room: Room) -> np.ndarray:
    """(2, n) float32 without the direct sound; its power is room.wet; always the same."""
    count = int((room.before_s + room.seconds) * RATE)
    random = np.random.default_rng(_SEED)
    times = np.arange(count) / RATE
    spectra = np.fft.rfft(random.normal(size=(2, count)))
    pitches = np.fft.rfftfreq(count, 1 / RATE)
    late = np.zeros((2, count))
    for low, high, lasting in _BANDS_HZ:
        octaves = np.log2(np.maximum(pitches, 1) / np.sqrt(low * high)) / np.log2(high / low)
        band = np.fft.irfft(spectra * np.exp(-((1.6 * octaves) ** 2)), count)
        late += band * 10 ** (-3 * times / (room.seconds * lasting))
    swell = np.clip((times - room.before_s) / 0.02, 0, 1)
    late *= swell
    early = np.zeros((2, count))
    for delay_ms, level, side in _EARLY:
        at = int(room.wider * delay_ms / 1000 * RATE)
        if at < count:
            early[:, at] += level * np.sqrt((1 + np.array([-side, side])) / 2)
    parts = [part / np.sqrt(np.square(part).sum(1).mean()) for part in (early, late)]
    mixed = np.sqrt(_EARLY_SHARE) * parts[0] + np.sqrt(1 - _EARLY_SHARE) * parts[1]
    mixed[:, -RATE // 50 :] *= np.linspace(1, 0, RATE // 50)
    return (mixed * np.sqrt(room.wet)).astype(np.float32)
