"""How fast plucked and struck sounds die away, where other notes cover them in a recording.

A note that is cut out of a recording keeps its level while the notes behind it begin, so that
steps on its spectra learn a sound that sustains. But the partials that no other note shares go on
falling: of each note's partials those that fall the fastest tell its decay (the lower quartile of
their slopes), and of several notes the middle one. What a timbre that was learned falls less, it is
made to fall more. Where enough notes sound alone, their whole level tells it: the highest partials
of a flute or a trumpet waver and end early, though the tone is held.
Legend: S notes, K partials, J frames; slopes in nepers a second, rising is positive.
"""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor
from torch.func import functional_call

from engine.media.audio.timbre.decoder import TimbreDecoder
from engine.media.audio.timbre.spectra import RATE, frequency_of

FRAME, HOP, PARTIALS = 4096, 512, 12  # samples; of a note
LEAST_FRAMES, LEAST_NOTES = 7, 3  # that a slope is told from
FALLING, STEEPEST = 2.3, 9.2  # from 20 dB a second on a sound is plucked; up to 80
WITHIN = (0.1, 0.5)  # seconds after the onset, in which a learned sound is asked
QUARTILE = 25
ALONE, HELD = 0.8, 0.8  # of its time, for which a note's level is believed; of it, before its end
# samples of a block; seconds from the onset on, whose levels are compared; the first is louder by
BLOCK, STRUCK_S, STRUCK_DB = 220, ((0.0, 0.06), (0.12, 0.2)), 2.0
DB = 20 / np.log(10)  # decibels of a neper


def measured_fall(notes: Sequence[tuple[np.ndarray, float, float]]) -> float:
    """(samples at RATE, MIDI pitch, share of time alone) of S notes -> nepers a second by which
    they fall; 0 where they sustain, or are too few or too short to tell."""
    levels = [_level_slope(samples) for samples, _, alone in notes if alone >= ALONE]
    slopes = [slope for slope in levels if slope is not None]
    if slopes and np.median(slopes) > -FALLING:
        return 0.0
    if len(slopes) < LEAST_NOTES:
        if not _struck([samples for samples, *_ in notes]):
            return 0.0
        partials = [_slope(samples, pitch) for samples, pitch, _ in notes]
        slopes = [slope for slope in partials if slope is not None]
    if len(slopes) < LEAST_NOTES:
        return 0.0
    fall = -float(np.median(slopes))
    return min(fall, STEEPEST) if fall >= FALLING else 0.0


def _struck(notes: Sequence[np.ndarray]) -> bool:
    """Whether notes are loudest as they begin, also where others cover them: a bow is not."""
    found = []
    for samples in notes:
        levels = np.sqrt(
            np.square(samples[: len(samples) // BLOCK * BLOCK].reshape(-1, BLOCK)).mean(1)
        )
        first, later = (levels[int(a * RATE / BLOCK) : int(b * RATE / BLOCK)] for a, b in STRUCK_S)
        if len(later):
            found.append(float(first.max()) / max(float(later.mean()), 1e-9))
    return bool(found) and DB * np.log(np.median(found)) >= STRUCK_DB


def _level_slope(samples: np.ndarray) -> float | None:
    """Of a note that sounds alone, from its loudest moment until shortly before its end."""
    held = samples[: int(HELD * len(samples))]
    count = len(held) // HOP
    if count < LEAST_FRAMES + LEAST_FRAMES:
        return None
    power = np.square(held[: count * HOP].reshape(-1, HOP)).mean(1)
    logs = 0.5 * np.log(power + 1e-12)
    peak = int(logs[: count // 3].argmax())
    seconds = np.arange(count) * HOP / RATE
    return float(np.polyfit(seconds[peak:], logs[peak:], 1)[0])


def _slope(samples: np.ndarray, pitch: float) -> float | None:
    """The lower quartile of the slopes of a note's partials, each from its peak on."""
    count = (len(samples) - FRAME) // HOP + 1
    if count < LEAST_FRAMES:
        return None
    frames = np.lib.stride_tricks.sliding_window_view(samples, FRAME)[::HOP][:count]
    levels = np.abs(np.fft.rfft(frames * np.hanning(FRAME).astype(np.float32), axis=1))
    places = np.arange(1, PARTIALS + 1) * float(frequency_of(pitch)) * FRAME / RATE
    bins = places[places < FRAME / 2 - 3].astype(int)
    around = np.stack([levels[:, bins + offset] for offset in (-1, 0, 1, 2)])
    logs = np.log(around.max(0) + 1e-9)  # (J, K)
    seconds = np.arange(count) * HOP / RATE
    slopes = []
    for partial in logs.T:
        peak = int(partial[: max(3, count // 3)].argmax())
        if count - peak >= LEAST_FRAMES - 1:
            slopes.append(np.polyfit(seconds[peak:], partial[peak:], 1)[0])
    return float(np.percentile(slopes, QUARTILE)) if slopes else None


@torch.no_grad()
def learned_fall(
    decoder: TimbreDecoder,
    adapted: dict[str, Tensor],
    pitches: Tensor,
    velocities: Tensor,
    conditioning: Tensor,
    ratios: Tensor,
) -> float:
    """The same of what the decoder plays: pitches, velocities (S,), one context and its ratios."""
    moments = torch.linspace(*WITHIN, 5).expand(len(pitches), -1).to(pitches)
    about = (t.expand(len(pitches), -1) for t in (conditioning, ratios))
    sounding = functional_call(decoder, adapted, (pitches, velocities, moments, *about))
    logs = sounding.log_partials[..., :PARTIALS].cpu().numpy()
    slopes = (logs[:, -1] - logs[:, 0]) / (WITHIN[1] - WITHIN[0])  # (S, K)
    return -float(np.median(np.percentile(slopes, QUARTILE, axis=1)))
