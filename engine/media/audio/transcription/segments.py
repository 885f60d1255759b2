"""Single notes cut out of a recording: what a timbre is learned from."""

import numpy as np

from engine.media.audio.codec.sound import Sound
from engine.media.audio.timbre import NoteSegment
from engine.media.audio.transcription.transcribe import Transcription

MOST, LEAST = 8, 6
_LONGEST_S, _USUAL_S, _SHORTEST_S = 3.0, 0.25, 0.08
_BEFORE_S, _FADE_S, _RELEASE_S = 0.01, 0.005, 0.4
_HOP_S, _FREE_S = 0.005, 0.07  # of levels; after the onset, what belongs to the note's own attack
_RISE_DB, _BELOW_DB = 8.0, 14.0  # of an attack, within 15 ms; under the note's own, at most
_ATTACK_S = 0.03  # by which the next note may sound before it is heard to begin
_SAME_PITCH = 0.5  # what another note of a pitch is worth beside a chosen one
_SEARCH = 0.5  # semitones around the heard pitch
_PARTIALS = 8


def segments(sound: Sound, transcription: Transcription) -> list[NoteSegment]:
    """Of each voice at most MOST notes: the longest, loudest and most isolated, of different
    pitches first. May be empty.

    `alone` is weighted by strength. Shorter than _USUAL_S only where there are not LEAST others.
    """
    notes = transcription.notes
    alone = _isolation(notes)
    chosen = [
        i
        for voice in np.unique(notes["voice"])
        for i in _chosen(notes, np.where(notes["voice"] == voice, alone, 0.0))
    ]
    cuts = [_cut(sound, notes, i) for i in chosen]
    return [
        NoteSegment(
            samples,
            sound.rate,
            refined_pitch(samples, sound.rate, float(notes["pitch"][i]) + transcription.tuning),
            float(notes["velocity"][i]),
            alone=float(alone[i]),
            voice=int(notes["voice"][i]),
        )
        for i, samples in zip(chosen, cuts, strict=True)
    ]


def _chosen(notes: np.ndarray, alone: np.ndarray) -> list[int]:
    """Places of the notes that tell the most; alone (N,), 0 for those that cannot be chosen."""
    lengths = np.minimum(notes["duration_s"], _LONGEST_S)
    worth = alone**2 * np.sqrt(lengths) * (0.3 + notes["velocity"]) * notes["strength"]
    chosen: list[int] = []
    for usual in (True, False):
        able = (lengths >= (_USUAL_S if usual else _SHORTEST_S)) & (worth > 0)
        while len(chosen) < (MOST if usual else LEAST):
            beside = np.array([np.sum(notes["pitch"][chosen] == p) for p in notes["pitch"]])
            rest = np.where(able, worth * _SAME_PITCH ** beside.astype(float), 0.0)
            rest[chosen] = 0
            if not rest.any():
                break
            chosen.append(int(rest.argmax()))
    return chosen


def _isolation(notes: np.ndarray) -> np.ndarray:
    """(N,) 1 for notes that sound alone, towards 0 for those that others cover."""
    starts, ends = notes["onset_s"], notes["onset_s"] + notes["duration_s"]
    alone = np.ones(len(notes))
    for i in range(len(notes)):
        shared = np.minimum(ends, ends[i]) - np.maximum(starts, starts[i])
        shared[i] = 0
        covered = np.clip(shared, 0, None) / max(float(notes["duration_s"][i]), 1e-3)
        weights = np.minimum(notes["strength"] / max(float(notes["strength"][i]), 1e-3), 1.0)
        alone[i] = 1 / (1 + 2 * float((covered * weights).sum()))
    return alone


def _cut(sound: Sound, notes: np.ndarray, i: int) -> np.ndarray:
    """From just before the onset until the next begins, or it has rung out; faded at both ends."""
    onset, duration = float(notes["onset_s"][i]), float(notes["duration_s"][i])
    end = onset + min(duration + _RELEASE_S, _LONGEST_S)
    later = notes["onset_s"][notes["onset_s"] > onset + min(duration, _USUAL_S)]
    if len(later):
        free, held = float(later[0]) - _ATTACK_S, onset + min(duration, _LONGEST_S)
        end = free if held < float(later[0]) + _ATTACK_S else max(min(end, free), held)
    first, stop = max(0, int((onset - _BEFORE_S) * sound.rate)), int(end * sound.rate)
    samples = sound.samples[:, first:stop].mean(0, dtype=np.float32)
    samples = samples[: _next_attack(samples, sound.rate)]
    fade = min(int(_FADE_S * sound.rate), len(samples) // 2)
    ramp = np.linspace(0, 1, fade, dtype=np.float32)
    samples[:fade] *= ramp
    samples[len(samples) - fade :] *= ramp[::-1]
    return samples


def _next_attack(samples: np.ndarray, rate: int) -> int:
    """Samples until something else is struck or plucked, which need not be heard as a note: high
    power that rises at once, nearly as high as where the note begins."""
    hop = max(1, int(_HOP_S * rate))
    count = len(samples) // hop
    free = round(_FREE_S / _HOP_S)
    if count <= free + 3:
        return len(samples)
    high = np.diff(samples, 2, prepend=0.0, append=0.0)  # 12 dB an octave
    power = np.square(high[: count * hop], dtype=np.float64).reshape(-1, hop).mean(1)
    levels = 10 * np.log10(power + 1e-14)
    before = np.minimum.reduce([levels[2 - i : count - 1 - i] for i in range(3)])  # of 15 ms
    rises = levels[3:] - before[: count - 3]
    own = levels[:free].max()
    struck = (rises > _RISE_DB) & (levels[3:] > own - _BELOW_DB)
    struck[: free - 3] = False
    return (int(struck.argmax()) + 1) * hop if struck.any() else len(samples)


def refined_pitch(samples: np.ndarray, rate: int, pitch: float) -> float:
    """The pitch within _SEARCH semitones whose partials carry the most, to 0.02 semitones."""
    size = 1 << max(15, (len(samples) - 1).bit_length())
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples)), size))
    choices = pitch + np.arange(-_SEARCH, _SEARCH + 0.01, 0.02)
    fundamentals = 440 * 2 ** ((choices - 69) / 12)
    partials = fundamentals[:, None] * np.arange(1, _PARTIALS + 1)  # (choices, partials)
    inside = partials < rate / 2
    places = np.where(inside, partials * size / rate, 0)
    heights = np.interp(places, np.arange(len(spectrum)), spectrum) * inside
    return float(choices[np.sqrt(heights).sum(1).argmax()])
