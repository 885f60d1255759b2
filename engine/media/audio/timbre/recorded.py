"""Recorded notes of an instrument, played again at other pitches.

What makes a sound known again, its attack and how it moves, is in the recording itself: a recorded
note is resampled to the pitch that is asked for (sampling synthesis, Massie 1998). Its spectrum is
moved by a part of what the decoder says changes between the two notes, and where the recording is
over before the note is, the decoder's sound goes on (as in synthesisers that sample the attack).
Legend: S samples at RATE, N samples at the rate that is asked for, K partials, R recorded notes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import soxr
import torch
from scipy.fft import irfft, next_fast_len, rfft
from torch import Tensor

from engine.media.audio.timbre.spectra import RATE, frequency_of

ALONE = 0.8  # of its time, for which a note sounds without others: otherwise they would be heard
SHORTEST_S = 0.1
RUMBLE = (0.3, 0.45)  # of the fundamental, between which what is lower is faded out
BLOCK_S, FAINTER = 0.02, 0.5  # of levels; of a note's middle level: below, it has been let go
FADE_IN_S, FADE_S = 0.002, 0.05  # seconds; from the recording to the decoder's sound
SHARE, MOST = 0.5, 1.5  # of the decoder's change of spectrum; natural logarithms of amplitude
# semitones that a recording half as long as the note, and one of another velocity by 1, are away
SHORTER, OTHER_VELOCITY = 3.0, 6.0
AS_NEAR = 1.0  # semitones: recordings so near to the nearest are chosen by chance
LOUDEST = 32_767
SILENCE = 4096  # samples behind a note that is filtered, so that its end is not heard at its onset
MATCHED = 4.0  # by which the decoder's level is corrected at most where it goes on


@dataclass(frozen=True, slots=True)
class Entry:
    """When the decoder's sound enters, in seconds from the onset, and its gain."""

    seconds: float
    gain: float


AT_ONCE = Entry(0.0, 1.0)


@dataclass(frozen=True, slots=True, eq=False)
class RecordedNote:
    """samples: (S,) int16 at RATE; peak: what full range stands for at the common level; pitch:
    MIDI; velocity: 0..1; sounding: seconds until it is let go."""

    samples: np.ndarray
    peak: float
    pitch: float
    velocity: float
    sounding: float


def recorded_note(
    samples: np.ndarray, pitch: float, velocity: float, falls: bool
) -> RecordedNote | None:
    """(S,) float32 of a note that sounds alone; None where it is too short. falls: whether the
    instrument dies away by itself, so that a fainter end is still the note."""
    sounding = len(samples) / RATE if falls else _let_go(samples)
    if sounding < SHORTEST_S:
        return None
    clear = _without_rumble(samples, pitch)
    peak = max(float(np.abs(clear).max()), 1e-9)
    whole = np.round(clear * (LOUDEST / peak)).astype(np.int16)
    return RecordedNote(whole, *_single(peak, pitch, velocity, sounding))


def _single(*numbers: float) -> list[float]:
    """As they are after they were kept in single precision."""
    return [float(np.float32(number)) for number in numbers]


def _without_rumble(samples: np.ndarray, pitch: float) -> np.ndarray:
    """(S,) without what lies far below the fundamental: handling, hum and the room."""
    share = _bins(len(samples), RATE) / frequency_of(pitch)
    return _gained(samples, np.clip((share - RUMBLE[0]) / (RUMBLE[1] - RUMBLE[0]), 0, 1))


def _bins(count: int, rate: int) -> np.ndarray:
    """(F,) Hz of the bins in which so many samples are filtered, with silence behind them."""
    size = _size(count)
    return np.arange(size // 2 + 1, dtype=np.float32) * np.float32(rate / size)


def _size(count: int) -> int:
    return int(next_fast_len(count + SILENCE, real=True) or 0)


def _gained(samples: np.ndarray, gains: np.ndarray) -> np.ndarray:
    """(N,), (F,) -> (N,): filtered without a shift of phase."""
    size = _size(len(samples))
    spectrum = np.asarray(rfft(samples, size)) * gains.astype(np.float32)
    return np.asarray(irfft(spectrum, size))[: len(samples)].astype(np.float32)


def _let_go(samples: np.ndarray) -> float:
    """Seconds until the level has fallen to FAINTER of that of the note's middle half."""
    size = round(BLOCK_S * RATE)
    count = len(samples) // size
    if count < 4:
        return 0.0
    levels = np.sqrt(np.square(samples[: count * size].reshape(count, size)).mean(1))
    middle = float(np.median(levels[count // 4 : -(count // 4)]))
    return (int(np.flatnonzero(levels > FAINTER * middle)[-1]) + 1) * BLOCK_S


def nearest(
    notes: Sequence[RecordedNote],
    pitch: float,
    velocity: float,
    seconds: float,
    rng: np.random.Generator,
) -> int:
    """The place of the recorded note that plays this one: near in pitch and velocity, and long
    enough; of several that are as near, one by chance, so that no repeated note sounds the same."""

    def distance(note: RecordedNote) -> float:
        shorter = max(0.0, float(np.log2(seconds / note.sounding))) if seconds > 0 else 0.0
        louder = OTHER_VELOCITY * abs(note.velocity - velocity)
        return abs(note.pitch - pitch) + SHORTER * shorter + louder

    distances = np.array([distance(note) for note in notes])
    near = np.flatnonzero(distances <= distances.min() + AS_NEAR)
    return int(rng.choice(near))


def brought(
    note: RecordedNote, pitch: float, seconds: float, rate: int, change: np.ndarray
) -> tuple[np.ndarray, float]:
    """(N,) at another pitch, at most so many seconds, and the seconds until it is let go.

    change: (K,) natural logarithms by which the partials' amplitudes differ, as the decoder says.
    """
    faster = 2 ** ((pitch - note.pitch) / 12)
    own = note.samples[: int((seconds + FADE_S) * faster * RATE) + 1]
    sound = own.astype(np.float32) * np.float32(note.peak / LOUDEST)
    made = (
        sound if faster == 1 and rate == RATE else soxr.resample(sound, RATE * faster, rate, "MQ")
    )
    if faster != 1:
        made = _changed(made, frequency_of(pitch), rate, SHARE * change)
    fade = min(len(made), round(FADE_IN_S * rate))
    made[:fade] *= np.linspace(0, 1, fade, dtype=np.float32)
    return made, note.sounding / faster


def _changed(samples: np.ndarray, base: float, rate: int, change: np.ndarray) -> np.ndarray:
    """(N,) -> (N,): the spectrum moved without phase, its energy kept."""
    smooth = np.convolve(np.pad(np.clip(change, -MOST, MOST), 1, mode="edge"), (0.25, 0.5, 0.25))
    partials = base * np.arange(1, len(change) + 1)
    gains = np.exp(np.interp(_bins(len(samples), rate), partials, smooth[2:-2]))
    made = _gained(samples, gains)
    energies = [float(np.square(one, dtype=np.float64).sum()) for one in (samples, made)]
    return made * np.float32(np.sqrt(energies[0] / max(energies[1], 1e-20)))


def entered(mine: np.ndarray, ends: float, length: int, rate: int) -> int:
    """The sample from which on the decoder's sound is needed, of a note of so many."""
    return max(0, min(round(ends * rate), len(mine), length) - round(FADE_S * rate))


def joined(mine: np.ndarray, made: np.ndarray, first: int, rate: int) -> tuple[np.ndarray, Entry]:
    """(M,) recorded, and (N - first,) the decoder's from a sample on -> (N,), the one and then the
    other at the same level."""
    fade = min(round(FADE_S * rate), len(mine) - first, len(made))
    old, new = mine[first : first + fade], made[:fade]
    levels = [float(np.sqrt(np.square(one).mean())) for one in (old, new)]
    gain = min(levels[0] / max(levels[1], 1e-9), MATCHED)
    rising = np.sin(0.5 * np.pi * np.linspace(0, 1, fade, dtype=np.float32))
    between = old * rising[::-1] + new * (np.float32(gain) * rising)
    whole = np.concatenate([mine[:first], between, made[fade:] * np.float32(gain)])
    return whole, Entry(first / rate, gain)


def to_tensors(notes: Sequence[RecordedNote]) -> dict[str, Tensor]:
    """The samples of each, and (R, 4) what they are."""
    if not notes:
        return {}
    rows = [[note.peak, note.pitch, note.velocity, note.sounding] for note in notes]
    samples = {f"note/{i}": torch.from_numpy(note.samples) for i, note in enumerate(notes)}
    return {"notes": torch.tensor(rows), **samples}


def from_tensors(tensors: Mapping[str, Tensor]) -> tuple[RecordedNote, ...]:
    """Those of `to_tensors`; none where there are none."""
    rows = tensors["notes"].tolist() if "notes" in tensors else []
    return tuple(RecordedNote(tensors[f"note/{i}"].numpy(), *row) for i, row in enumerate(rows))
