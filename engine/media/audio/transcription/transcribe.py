"""A recording → the notes it holds, counted in bars.

Chosen by what installs and what it hears: Basic Pitch (polyphonic, 36 thousand numbers, no new
dependency, 40 ms for a second of sound) before a tracker of one voice, which has nothing to say of
a piano, and before libraries that bring a compiler with them. Of a long recording the LISTENED_S in
which most begins are heard.

Legend: N notes, times in seconds from the beginning of the recording.
"""

from collections.abc import Generator
from dataclasses import dataclass

import numpy as np
import soxr
import torch

from engine.core.progress import Advance, finished
from engine.media.audio.codec.score import TICKS, Metre, Part, Score, Tempo, notes_of, score_of
from engine.media.audio.codec.sound import Sound
from engine.media.audio.theory.keys import estimated_key
from engine.media.audio.transcription.beats import Beats, find_beats
from engine.media.audio.transcription.loudness import loudnesses
from engine.media.audio.transcription.model import RATE, activating, shipped
from engine.media.audio.transcription.notes import HEARD, heard_notes
from engine.media.audio.transcription.tuning import tuning_of

LISTENED_S = 40.0
LEAST_NOTES = 4
SOUNDING = np.dtype(
    [
        ("onset_s", "<f4"),
        ("duration_s", "<f4"),
        ("pitch", "u1"),
        ("velocity", "<f4"),
        ("strength", "<f4"),
    ]
)
_PULSE_S = 0.25  # for which part is listened to
_MOSTLY_ONE = 1.35  # voices at once, on the mean, in what counts as one voice
_RINGING, _SELDOM, _AT_ONCE_S = 2.0, 0.06, 0.04  # voices that ring on; share of notes with another
_SURE, _UNSURE = 0.22, 0.16  # mean strength by covered share: in music, and in babble
_SOUNDING = 1e-4  # of the loudest power: what is quieter need not be covered
_INAUDIBLE = 0.06  # velocity: 42 dB below the loudest note is the ghost of one
_IN_TUNE = 0.15  # semitones
_SPLITS = (4, 3)  # of a beat
_CROWDED = 0.05  # share of notes that fall together on the grid, from which on it is too coarse


@dataclass(frozen=True, slots=True, eq=False)
class Transcription:
    """notes (N,) of SOUNDING, by onset: velocity and strength (how surely it is heard) 0 to 1.
    score: the same notes on bars; without notes if there are none. has_notes: 0 to 1, whether it
    is music with notes at all. heard_s: (from, to), which part was listened to. tuning: semitones
    by which it is sharper than A = 440 Hz."""

    notes: np.ndarray
    score: Score
    has_notes: float
    heard_s: tuple[float, float]
    tuning: float


def transcribe(sound: Sound, device: torch.device | None = None) -> Transcription:
    """What is played in it. Takes about 40 ms for each second listened to, on one core."""
    return finished(transcribing(sound, device or torch.device("cpu")))


def transcribing(sound: Sound, device: torch.device) -> Generator[Advance, None, Transcription]:
    """The same, in slices."""
    mono = sound.mono()
    yield Advance(0, 1)
    start, wave = _telling_part(mono, sound.rate)
    yield Advance(0, 1)
    tuning = tuning_of(wave, sound.rate)
    slower = (
        2 ** (tuning / 12) if abs(tuning) > _IN_TUNE else 1.0
    )  # a sharp recording, played so much slower, is in tune
    wave = soxr.resample(wave, sound.rate, RATE * slower, quality="HQ")
    model = shipped(device)
    heard = heard_notes(*(yield from activating(wave, model)))
    notes = np.zeros(len(heard), SOUNDING)
    for name in HEARD.names or ():
        notes[name] = heard[name]
    yield Advance(1, 1)
    notes["velocity"] = loudnesses(wave, RATE, heard)
    notes = notes[notes["velocity"] > _INAUDIBLE]
    one_voice = _is_one_voice(notes)
    if one_voice:
        _end_at_next(notes)
    sure = _confidence(notes, wave)
    notes["onset_s"] /= slower
    notes["duration_s"] /= slower
    yield Advance(1, 1)
    score = _score(notes, one_voice=one_voice)
    notes["onset_s"] += start
    return Transcription(notes, score, sure, (start, start + len(wave) / RATE / slower), tuning)


def _telling_part(wave: np.ndarray, rate: int) -> tuple[float, np.ndarray]:
    """(where it begins in s, its samples): the LISTENED_S in which loudness rises the most."""
    size = int(LISTENED_S * rate)
    if len(wave) <= size:
        return 0.0, wave
    step = int(_PULSE_S * rate / 10)
    whole = len(wave) // step * step
    power = np.square(wave[:whole].reshape(-1, step)).mean(1)
    rises = np.clip(np.diff(np.log10(power + 1e-6), prepend=-6), 0, 1)
    sums = np.concatenate([[0.0], np.cumsum(rises)])
    many = size // step
    best = int((sums[many:] - sums[:-many]).argmax()) * step
    return best / rate, wave[best : best + size]


def _voices(notes: np.ndarray) -> float:
    """How many notes sound at once, on the mean, while any does."""
    if not len(notes):
        return 0.0
    starts = (notes["onset_s"] * 100).astype(int)
    ends = ((notes["onset_s"] + notes["duration_s"] * 0.9) * 100).astype(int)
    changes = np.zeros(int(ends.max()) + 2)
    np.add.at(changes, starts, 1)
    np.add.at(changes, ends, -1)
    count = np.cumsum(changes)
    return float(count[count > 0.5].mean()) if (count > 0.5).any() else 0.0


def _is_one_voice(notes: np.ndarray) -> bool:
    """Whether hardly ever two sound at once; or two begin at once, where each rings on a little
    into the next, as in a room."""
    gaps = np.diff(np.sort(notes["onset_s"]))
    together = float((gaps < _AT_ONCE_S).mean()) if len(gaps) else 0.0
    voices = _voices(notes)
    return voices < _MOSTLY_ONE or (voices < _RINGING and together < _SELDOM)


def _end_at_next(notes: np.ndarray) -> None:
    """In one voice a note is over when the next begins, however long it rings."""
    onsets = notes["onset_s"]
    for i in range(len(notes) - 1):
        later = onsets[i + 1 :]
        after = later[later > onsets[i] + 0.04]
        if len(after):
            notes["duration_s"][i] = min(notes["duration_s"][i], after[0] - onsets[i])


def _confidence(notes: np.ndarray, wave: np.ndarray) -> float:
    """How surely the notes are heard, by the share of the sounding time that they cover.

    0 for fewer than LEAST_NOTES. Of rain, applause and drums no note is heard, of babble few and
    short ones; the four recordings of instruments that it was set with reach 0.30 to 0.45.
    """
    if len(notes) < LEAST_NOTES:
        return 0.0
    step = RATE // 50
    power = np.square(wave[: len(wave) // step * step].reshape(-1, step)).mean(1)
    sounding = power > _SOUNDING * power.max(initial=0)
    covered = np.zeros(len(power), bool)
    for note in notes:
        first = int(note["onset_s"] * 50)
        covered[first : first + int(np.ceil(note["duration_s"] * 50))] = True
    share = float((covered & sounding).sum() / max(1, sounding.sum()))
    strength = np.average(notes["strength"], weights=np.minimum(notes["duration_s"], 1.0))
    return float(np.clip((strength * share - _UNSURE) / (_SURE - _UNSURE), 0, 1))


def _score(notes: np.ndarray, *, one_voice: bool = False) -> Score:
    """The notes on bars, in ticks; one part, with the key they lie on and one tempo. one_voice: of
    what falls together on the grid the strongest, each over when the next begins."""
    if not len(notes):
        return score_of(notes_of([]))
    onsets, durations = (notes[name].astype(float) for name in ("onset_s", "duration_s"))
    low = 1.5 - np.clip(notes["pitch"].astype(float) - 48, 0, 48) / 48
    beats = find_beats(onsets, durations, (0.2 + notes["velocity"]) * low, notes["pitch"])
    beat_ticks = TICKS * 3 // 2 if beats.by_three else TICKS
    if not beats.by_three and _collide(onsets, beats) > _CROWDED:
        beats = beats.doubled
    starts = _snapped(beats.at(onsets), beats)
    ends = beats.at(onsets + durations)
    bar = beats.first + beats.per_bar * np.floor((starts.min() - beats.first) / beats.per_bar)
    parts = 6 if beats.by_three else 4  # of a beat
    lengths = np.maximum(np.round((ends - starts) * parts), 1) / parts
    if one_voice:
        kept, lengths = _one_at_a_time(starts, lengths, notes["velocity"])
        notes, starts, lengths = notes[kept], starts[kept], lengths[kept]
    rows = zip(
        np.round((starts - bar) * beat_ticks).astype(int),
        np.round(lengths * beat_ticks).astype(int),
        notes["pitch"],
        np.zeros(len(notes), int),
        np.clip(np.round(notes["velocity"] * 127), 1, 127).astype(int),
        strict=True,
    )
    metre = Metre(0, *beats.metre)
    tempo = Tempo(0, beats.bpm * beat_ticks / TICKS)
    score = score_of(notes_of(rows), [metre], [], [tempo], [Part()])
    return score_of(
        score.notes, score.metres, [estimated_key(score).key], score.tempos, score.parts
    )


def _one_at_a_time(
    starts: np.ndarray, lengths: np.ndarray, velocities: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """(N,) each -> (places of the notes that one voice can play, lengths (N,) that end at the next
    of them)."""
    order = np.lexsort((-velocities, starts))
    kept = order[np.append(True, np.diff(starts[order]) > 1e-6)]
    lengths = lengths.copy()
    room = np.diff(starts[kept])
    lengths[kept[:-1]] = np.minimum(lengths[kept[:-1]], room)
    return kept, lengths


def _collide(onsets: np.ndarray, beats: Beats) -> float:
    """The share of notes, one after the other, that the grid cannot tell apart: where a slow beat
    was found for quick notes."""
    apart = np.diff(onsets) > _AT_ONCE_S
    same = np.diff(_snapped(beats.at(onsets), beats)) < 1e-6
    return float((apart & same).sum() / max(1, apart.sum()))


def _snapped(places: np.ndarray, beats: Beats) -> np.ndarray:
    """(N,) beats -> the nearest quarter of a beat, or third where that suits its beat better."""
    if beats.by_three:
        return np.round(places * 6) / 6
    grids = [np.round(places * n) / n for n in _SPLITS]
    errors = [np.abs(places - grid) * n for grid, n in zip(grids, _SPLITS, strict=True)]
    which = np.round(places * 12).astype(int) // 12
    count = int(which.max()) + 1
    sums = [np.bincount(which, e**2, minlength=count) for e in errors]
    return np.where((sums[1] < 0.5 * sums[0])[which], grids[1], grids[0])
