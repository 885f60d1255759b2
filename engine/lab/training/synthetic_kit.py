"""A synthetic drum kit: decaying sines for what is tuned, shaped noise for what rattles.

Some of the mixtures that the drum network learns from are played by it, so that the network has
heard more than recorded kits.

Each piece is a membrane (a sine that falls to its pitch, Fletcher and Rossing 1998, ch. 18), metal
(inharmonic partials), noise in a band, or a mixture, each with its own decay. No recording is used.
Legend: N samples, mono, at RATE.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from engine.media.audio.playing.room import RATE

SILENT = 1e-3  # of its beginning, at which a piece has died away
_METAL = (205.3, 304.4, 369.6, 522.7, 540.0, 800.0)  # Hz: a cluster without a common fundamental


@dataclass(frozen=True, slots=True)
class KitSound:
    """pitch_hz, fall, fall_s: of a membrane that begins (1 + fall) times as high; tone_s, noise_s,
    metal_s: in how many seconds each falls by 60 dB. band_hz: of the noise. metal: how many times
    higher its cluster lies. bursts: how often the noise begins within some hundredths."""

    pitch_hz: float = 0.0
    fall: float = 0.0
    fall_s: float = 0.03
    tone: float = 0.0
    tone_s: float = 0.3
    noise: float = 0.0
    noise_s: float = 0.2
    band_hz: tuple[float, float] = (500.0, 8000.0)
    metal: float = 0.0
    metal_ratio: float = 8.0
    metal_s: float = 0.2
    bursts: int = 1


def _tom(pitch_hz: float) -> KitSound:
    return KitSound(pitch_hz, 0.5, 0.06, 1.0, 0.9, 0.12, 0.12, (300.0, 4000.0))


def _drum(pitch_hz: float, seconds: float = 0.35) -> KitSound:
    return KitSound(pitch_hz, 0.25, 0.02, 1.0, seconds, 0.15, 0.05, (800.0, 6000.0))


_KICK = KitSound(48.0, 2.2, 0.035, 1.0, 0.55, 0.1, 0.03, (1500.0, 6000.0))
_SNARE = KitSound(185.0, 0.4, 0.02, 0.55, 0.25, 0.9, 0.35, (1200.0, 9000.0))
_CRASH = KitSound(
    noise=0.7, noise_s=2.4, band_hz=(3500.0, 16000.0), metal=0.15, metal_ratio=9.0, metal_s=2.8
)
_RIDE = KitSound(
    noise=0.12, noise_s=0.5, band_hz=(5000.0, 14000.0), metal=0.6, metal_ratio=7.0, metal_s=2.0
)
_BLOCK = KitSound(1800.0, 0.1, 0.005, 1.0, 0.09, 0.1, 0.02, (1500.0, 6000.0))
_SHAKER = KitSound(noise=1.0, noise_s=0.09, band_hz=(5000.0, 14000.0))
KIT = {
    35: _KICK,
    36: _KICK,
    37: KitSound(1650.0, 0.2, 0.01, 0.7, 0.08, 0.5, 0.05, (1000.0, 6000.0)),
    38: _SNARE,
    39: KitSound(noise=1.0, noise_s=0.28, band_hz=(900.0, 3500.0), bursts=3),
    40: KitSound(220.0, 0.3, 0.02, 0.45, 0.2, 1.0, 0.3, (1800.0, 11000.0)),
    41: _tom(78.0),
    43: _tom(98.0),
    45: _tom(121.0),
    47: _tom(147.0),
    48: _tom(172.0),
    50: _tom(208.0),
    42: KitSound(noise=0.8, noise_s=0.11, band_hz=(7000.0, 16000.0), metal=0.12, metal_s=0.1),
    44: KitSound(noise=0.6, noise_s=0.09, band_hz=(6000.0, 13000.0), metal=0.1, metal_s=0.08),
    46: KitSound(noise=0.8, noise_s=0.8, band_hz=(6500.0, 16000.0), metal=0.15, metal_s=0.9),
    49: _CRASH,
    52: _CRASH,
    55: KitSound(noise=0.9, noise_s=0.9, band_hz=(4500.0, 16000.0), metal=0.4, metal_s=0.8),
    57: _CRASH,
    51: _RIDE,
    59: _RIDE,
    53: KitSound(metal=1.0, metal_ratio=4.0, metal_s=1.6),
    54: KitSound(
        noise=0.8, noise_s=0.3, band_hz=(6000.0, 15000.0), metal=0.2, metal_ratio=11.0, metal_s=0.4
    ),
    56: KitSound(560.0, tone=0.6, tone_s=0.3, metal=0.5, metal_ratio=1.03, metal_s=0.25),
    69: _SHAKER,
    70: _SHAKER,
    75: KitSound(2500.0, tone=1.0, tone_s=0.09),
    76: _BLOCK,
    77: KitSound(1250.0, 0.1, 0.005, 1.0, 0.1, 0.1, 0.02, (1200.0, 5000.0)),
    80: KitSound(metal=1.0, metal_ratio=13.0, metal_s=0.3),
    81: KitSound(metal=1.0, metal_ratio=13.0, metal_s=2.0),
    82: _SHAKER,
}
_PITCHES = {60: 420.0, 61: 300.0, 62: 330.0, 63: 260.0, 64: 180.0, 65: 340.0, 66: 240.0}
_PITCHES |= {67: 900.0, 68: 680.0}


def sound_of(key: int) -> KitSound:
    """Of a key of General MIDI; hand drums by their pitch, others as a block of wood."""
    if key in _PITCHES:
        return _drum(_PITCHES[key])
    return KIT.get(key, _BLOCK)


@lru_cache(maxsize=128)
def struck(key: int) -> np.ndarray:
    """(N,) float32 of one stroke, at most 1; always the same."""
    sound = sound_of(key)
    longest = max(
        seconds
        for level, seconds in (
            (sound.tone, sound.tone_s),
            (sound.noise, sound.noise_s),
            (sound.metal, sound.metal_s),
            (1, 0.02),
        )
        if level
    )
    times = np.arange(int(longest * RATE)) / RATE
    made = np.zeros(len(times))
    rng = np.random.default_rng((key, 17))
    if sound.tone:
        falling = sound.pitch_hz * (1 + sound.fall * np.exp(-times / sound.fall_s))
        phase = 2 * np.pi * np.cumsum(falling) / RATE
        made += sound.tone * np.sin(phase) * _decay(times, sound.tone_s)
    if sound.noise:
        made += sound.noise * _noise(rng, times, sound)
    if sound.metal:
        made += sound.metal * _cluster(rng, times, sound)
    made[:32] *= np.linspace(0, 1, 32)
    made[-256:] *= np.linspace(1, 0, len(made[-256:]))
    return (made / np.abs(made).max()).astype(np.float32)


def _decay(times: np.ndarray, seconds: float) -> np.ndarray:
    return 10 ** (-3 * times / seconds)


def _noise(rng: np.random.Generator, times: np.ndarray, sound: KitSound) -> np.ndarray:
    low, high = sound.band_hz
    spectrum = np.fft.rfft(rng.normal(size=len(times)))
    pitches = np.fft.rfftfreq(len(times), 1 / RATE)
    shape = (
        1 / np.sqrt(1 + (low / np.maximum(pitches, 1)) ** 6) / np.sqrt(1 + (pitches / high) ** 6)
    )
    band = np.fft.irfft(spectrum * shape, len(times))
    band /= np.abs(band).max()
    envelope = np.zeros(len(times))
    for burst in range(sound.bursts):
        start = burst * 0.011
        last = sound.noise_s if burst == sound.bursts - 1 else 0.03
        after = times - start
        envelope = np.maximum(envelope, np.where(after >= 0, _decay(np.abs(after), last), 0))
    return band * envelope


def _cluster(rng: np.random.Generator, times: np.ndarray, sound: KitSound) -> np.ndarray:
    """Partials of square waves below half the rate; the high ones die away first."""
    made = np.zeros(len(times))
    for base in _METAL:
        for order in (1, 3, 5):
            pitch = base * sound.metal_ratio * order
            if pitch < 0.45 * RATE:
                fade = _decay(times, sound.metal_s / order**0.5)
                made += np.sin(2 * np.pi * pitch * times + rng.uniform(0, 6.28)) * fade / order
    return made / max(1e-9, float(np.abs(made).max()))


LEVELS = {35: 1.0, 36: 1.0, 38: 0.85, 40: 0.85, 42: 0.32, 44: 0.28, 46: 0.38, 49: 0.55, 57: 0.55}
LEVELS |= {51: 0.4, 53: 0.4, 54: 0.35, 59: 0.4, 69: 0.35, 70: 0.35, 82: 0.35, 81: 0.35}
