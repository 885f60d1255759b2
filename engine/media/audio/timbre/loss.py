"""How far a note's expected spectra are from those of a recording, at several resolutions.

A multi-resolution spectral loss (Engel et al. 2020, eq. 4: linear and logarithmic), on powers that
are computed and not synthesised. Bins count by their width on the mel scale.
Legend: B notes, T frames, F bins.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import torch
from torch import Tensor

from engine.media.audio.timbre.decoder import Sounding, TimbreDecoder
from engine.media.audio.timbre.spectra import (
    FLOOR,
    MEDIAN,
    RATE,
    frames_at,
    line_powers,
    noise_powers,
    powers,
)

SIZES = (512, 2048, 8192)  # samples of a frame
BINS = (257, 1025, 650)  # of each, from 0 Hz on
REACH = (4, 6, 10)  # bins that a partial is spread over to either side
FRAMES = (14, 8, 4)  # of a note
FOREIGN = 0.25  # what unexpected noise counts where a note is never alone
EARLIEST = (0.001, 0.012, 0.06)  # seconds: a frame that lay half before the onset tells little


@dataclass(frozen=True, slots=True)
class Looks:
    """Frames of notes. moments: (B, T) seconds, all sizes' frames one after the other;
    seen: each size's (B, T_s, F_s) powers."""

    moments: Tensor
    seen: tuple[Tensor, ...]

    def to(self, device: torch.device) -> "Looks":
        return Looks(self.moments.to(device), tuple(t.to(device) for t in self.seen))


def look(samples: np.ndarray, held: float, rng: np.random.Generator) -> tuple[np.ndarray, ...]:
    """Frames of one note at chance moments: for each size, its moments (T_s,) and frames."""
    seconds = len(samples) / RATE
    found: list[np.ndarray] = []
    for size, count, earliest in zip(SIZES, FRAMES, EARLIEST, strict=True):
        times = chance_moments(count, earliest, held, seconds, rng)
        found += [times, frames_at(samples, times, size)]
    return tuple(found)


def chance_moments(
    count: int, earliest: float, held: float, seconds: float, rng: np.random.Generator
) -> np.ndarray:
    """(T,) seconds: more near the onset, some after it was let go where that was heard."""
    last = max(min(held, seconds) - 0.01, earliest + 0.01)
    spread = rng.random(count)
    times = earliest + (last - earliest) * spread
    early = rng.random(count) < 0.5
    times[early] = earliest * (min(0.15, last) / earliest) ** spread[early]
    if seconds > held + 0.05:
        late = rng.random(count) < 0.15
        times[late] = held + (seconds - held) * spread[late]
    return times.astype(np.float32)


def gathered(notes: Sequence[tuple[np.ndarray, ...]]) -> Looks:
    """Frames of B notes together."""
    moments, seen = [], []
    for place, bins in enumerate(BINS):
        moments.append(np.stack([note[2 * place] for note in notes]))
        frames = np.stack([note[2 * place + 1] for note in notes])
        seen.append(powers(torch.from_numpy(frames))[..., :bins])
    return Looks(torch.from_numpy(np.concatenate(moments, 1)), tuple(seen))


def expected(sounding: Sounding, place: int, at: slice) -> Tensor:
    """(B, T_s, F) powers of the frames `at` of a size."""
    partials, noise = _expected_apart(sounding, place, at)
    return partials + noise


def _expected_apart(sounding: Sounding, place: int, at: slice) -> tuple[Tensor, Tensor]:
    """Of the partials and of the noise, (B, T_s, F) each."""
    size, bins = SIZES[place], BINS[place]
    partials = line_powers(
        sounding.log_partials[:, at],
        sounding.frequencies,
        sounding.widths,
        size,
        bins,
        REACH[place],
    )
    return partials, noise_powers(sounding.log_noise[:, at], size, bins)


def spectral_losses(sounding: Sounding, looks: Looks, alone: Tensor | None = None) -> Tensor:
    """(B,): the mean over sizes of the mean log distance (in nepers) and the linear one.

    alone: (B,) how much of each note's time no other note sounds. What is louder than expected
    beside the partials may be another note, and counts the less.
    """
    losses, start = [], 0
    for place, seen in enumerate(looks.seen):
        at = slice(start, start + seen.shape[1])
        start += seen.shape[1]
        partials, noise = _expected_apart(sounding, place, at)
        said = partials + MEDIAN * noise
        weights = bin_weights(SIZES[place], BINS[place]).to(seen.device)
        logs = 0.5 * ((said + FLOOR).log() - (seen + FLOOR).log()).abs()
        heard, wanted = (said + FLOOR).sqrt(), (seen + FLOOR).sqrt()
        apart = (heard - wanted).abs()
        if alone is not None:
            foreign = (seen > said) & (noise > partials)
            trust = torch.where(foreign, (FOREIGN + (1 - FOREIGN) * alone)[:, None, None], 1.0)
            logs, apart = logs * trust, apart * trust
        linear = apart.sum((1, 2)) / wanted.sum((1, 2))
        losses.append((logs @ weights).mean(1) + 0.5 * linear)
    return torch.stack(losses).mean(0)


@lru_cache(maxsize=8)
def bin_weights(size: int, bins: int) -> Tensor:
    """(F,), sum 1: d mel / d Hz."""
    weights = 1 / (700 + torch.arange(bins) * RATE / size)
    return weights / weights.sum()


def decoded_losses(
    decoder: TimbreDecoder, notes: Tensor, looks: Looks, conditioning: Tensor, ratios: Tensor
) -> Tensor:
    """(B,) losses of notes (B, 3): pitch, velocity, seconds held."""
    pitch, velocity, held = notes.unbind(-1)
    after = (looks.moments - held[:, None]).clamp_min(0)
    sounding = decoder(pitch, velocity, looks.moments, conditioning, ratios).let_go(after)
    return spectral_losses(sounding, looks)
