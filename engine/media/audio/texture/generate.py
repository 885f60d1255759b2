"""Sound texture: more of a sound that has no notes to compose with, and that never ends.

The recording's own grains in a new order, each beginning where the sound is most like what the one
before was about to become (Lu et al. 2004, "Audio textures: theory and applications"; Schwarz 2007
for the joins), and the last as like the first: the loop's seam is a join like all others. On made
rain, babble, applause and a drone, mel levels lay 0.2 to 0.5 dB from those of another part of the
recording, which the part learned from is 0.1 to 0.3 dB away from itself; 20 s took 0.2 s. Patches
of a log-mel spectrogram moved by sliced transport at one scale, with the phases found by Griffin
and Lim's iteration, lay 1.2 to 2.5 dB away and took 10 to 25 s.

Legend: C channels, N samples at RATE.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch

from engine.media.audio.codec.sound import RATE, Sound
from engine.media.audio.texture.join import fade_samples, one_sound
from engine.media.audio.texture.path import HOP, Limits, choose_path, contexts, heard_bands

KEPT_SECONDS = 60.0  # of all recordings together
LEAST_SECONDS = 0.2
MOST_SECONDS = 600.0
_LONG_S, _SHORT_S = 3.0, 0.3  # pieces without invention, and with all of it
_FULL = 32_767


@dataclass(frozen=True, slots=True, eq=False)
class TextureMemory:
    """samples (C, N) int16, one recording after the other; ends (K,) int64 where each ends."""

    samples: np.ndarray
    ends: np.ndarray

    def to_tensors(self) -> dict[str, torch.Tensor]:
        return {"samples": torch.from_numpy(self.samples), "ends": torch.from_numpy(self.ends)}

    @classmethod
    def from_tensors(cls, tensors: Mapping[str, torch.Tensor]) -> "TextureMemory":
        return cls(tensors["samples"].cpu().numpy(), tensors["ends"].cpu().numpy())


def learn_texture(sounds: Sequence[Sound]) -> TextureMemory:
    """Of each recording (one or more, at RATE) an equal share of KEPT_SECONDS, where it is loudest.

    Stereo as soon as one is. What is shorter than LEAST_SECONDS is repeated to that length.
    """
    most = int(KEPT_SECONDS * RATE / len(sounds))
    return _remembered([_loudest(sound.samples, most) for sound in sounds])


def joined(memories: Sequence[Mapping[str, torch.Tensor]]) -> dict[str, torch.Tensor]:
    """The tensors of several memories as those of one, an equal share of KEPT_SECONDS of each."""
    parts: list[np.ndarray] = []
    for memory in map(TextureMemory.from_tensors, memories):
        recordings = np.split(memory.samples, memory.ends[:-1], axis=1)
        most = int(KEPT_SECONDS * RATE / len(memories) / len(recordings))
        parts += [_loudest(part.astype(np.float32) / _FULL, most) for part in recordings]
    return _remembered(parts).to_tensors()


def _remembered(parts: Sequence[np.ndarray]) -> TextureMemory:
    channels = max(part.shape[0] for part in parts)
    kept: list[np.ndarray] = []
    for part in parts:
        least = int(LEAST_SECONDS * RATE)
        if part.shape[1] < least:
            part = np.tile(part, (1, -(-least // part.shape[1])))
        kept.append(np.broadcast_to(part, (channels, part.shape[1])))
    whole = np.round(np.clip(np.concatenate(kept, axis=1), -1, 1) * _FULL)
    return TextureMemory(whole.astype(np.int16), np.cumsum([part.shape[1] for part in kept]))


def _loudest(samples: np.ndarray, most: int) -> np.ndarray:
    """(C, N) -> at most `most` samples, where their power is greatest."""
    if samples.shape[1] <= most:
        return samples
    power = np.square(samples).mean(0, dtype=np.float64)
    sums = np.concatenate([[0.0], np.cumsum(power)])
    first = int((sums[most:] - sums[:-most])[:: RATE // 10].argmax()) * (RATE // 10)
    return samples[:, first : first + most]


def generate(
    memory: TextureMemory, seconds: float, seed: int, invention: float = 0.5
) -> np.ndarray:
    """(C, N) float32 at RATE, as long as asked, that repeats without a seam.

    seconds: LEAST_SECONDS to MOST_SECONDS, else the nearest of them. invention, 0 to 1: how short
    the pieces are, from about 3 s to 0.3 s; nothing longer than a piece is copied. The same seed
    gives the same sound.
    """
    length = int(np.clip(seconds, LEAST_SECONDS, MOST_SECONDS) * RATE)
    samples = memory.samples.astype(np.float32) / _FULL
    bands = heard_bands(samples.mean(0))
    fade = fade_samples(bands, memory.ends, length)
    limits = _limits(memory.ends, length, fade, float(np.clip(invention, 0, 1)))
    fade = min(
        fade, limits.least * HOP // 2 * 2
    )  # so that no more than two pieces are heard at once
    path = choose_path(contexts(bands), limits, np.random.default_rng(seed))
    return one_sound(samples, path, length, fade)


def _limits(ends: np.ndarray, length: int, fade: int, invention: float) -> Limits:
    """How long pieces are, in frames: usually a third of the shortest recording's room at most."""
    shortest = int(np.diff(ends, prepend=0).min())
    room = max(1, (shortest - 2 * fade) // HOP)
    wanted = _LONG_S * (_SHORT_S / _LONG_S) ** invention * RATE / HOP
    usual = int(max(2, min(wanted, room / 3, length / HOP / 2)))
    return Limits(ends // HOP, -(-length // HOP), usual, -(-fade // HOP))
