"""A recording → the notes it holds, counted in bars.

Chosen by what installs and what it hears: Basic Pitch (polyphonic, 36 thousand numbers, no new
dependency, 40 ms for a second of sound) before a tracker of one voice, which has nothing to say of
a piano, and before libraries that bring a compiler with them. Where a soloist stands out, what that
one sings or plays is followed as a line (`soloist`), for the network hears glides and vibrato as
scattered notes. Of a long recording the LISTENED_S in which most begins are heard.

Legend: N notes, times in seconds from the beginning of the recording.
"""

from collections.abc import Generator
from dataclasses import dataclass

import numpy as np
import soxr
import torch

from engine.core.progress import Advance, finished
from engine.media.audio.codec.score import Score
from engine.media.audio.codec.sound import Sound
from engine.media.audio.transcription.drum_model import RATE as DRUM_RATE
from engine.media.audio.transcription.drums import hearing_hits, without_membranes
from engine.media.audio.transcription.loudness import loudnesses
from engine.media.audio.transcription.model import RATE, activating, shipped
from engine.media.audio.transcription.notes import HEARD, heard_notes
from engine.media.audio.transcription.scoring import scored
from engine.media.audio.transcription.soloist import Line, hearing_soloist
from engine.media.audio.transcription.sung import besides, sung_notes
from engine.media.audio.transcription.tuning import tuning_of
from engine.media.audio.transcription.voices import accompanying, beside_melody, voices_of

LISTENED_S = 40.0
LEAST_NOTES = 4
SOUNDING = np.dtype(
    [
        ("onset_s", "<f4"),
        ("duration_s", "<f4"),
        ("pitch", "u1"),
        ("velocity", "<f4"),
        ("strength", "<f4"),
        ("voice", "u1"),
    ]
)
_PULSE_S = 0.25  # for which part is listened to
_MOSTLY_ONE = 1.35  # voices at once, on the mean, in what counts as one voice
_RINGING, _SELDOM, _AT_ONCE_S = 2.0, 0.06, 0.04  # voices that ring on; share of notes with another
_NEARLY_ALL, _CLEANER = 0.8, 0.05  # of the notes; more of them in the key
_SCALE = (0, 2, 4, 5, 7, 9, 11)
_LEAST_OTHERS = 12  # notes beside a soloist's: fewer are none
_SURE, _UNSURE = 0.22, 0.16  # mean strength by covered share: in music, and in babble
_SOUNDING = 1e-4  # of the loudest power: what is quieter need not be covered
_INAUDIBLE = 0.06  # velocity: 42 dB below the loudest note is the ghost of one
_IN_TUNE = 0.15  # semitones


@dataclass(frozen=True, slots=True, eq=False)
class Transcription:
    """notes (N,) of SOUNDING, by onset: velocity and strength (how surely it is heard) 0 to 1;
    voice as in `voices`. hits (H,) of `drums.STRUCK`: what a kit plays, if one does. score: the
    same notes and hits on bars, each voice a part; without notes if there are none. has_notes: 0
    to 1, whether it is music with notes at all. heard_s: (from, to), which part was listened to.
    tuning: semitones by which it is sharper than A = 440 Hz."""

    notes: np.ndarray
    hits: np.ndarray
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
    hits = yield from hearing_hits(soxr.resample(wave, sound.rate, DRUM_RATE, quality="HQ"))
    pitched = _pitched(wave, sound.rate, hits)
    line = yield from hearing_soloist(pitched)
    tuning = line.tuning if line and line.fills else tuning_of(wave, sound.rate)
    slower = (
        2 ** (tuning / 12) if abs(tuning) > _IN_TUNE else 1.0
    )  # a sharp recording, played so much slower, is in tune
    wave = pitched if slower == 1 else _pitched(wave, sound.rate, hits, slower)
    model = shipped(device)
    notes = _audible(heard_notes(*(yield from activating(wave, model))), wave)
    yield Advance(1, 1)
    one_voice = _is_one_voice(notes)
    sure = _confidence(notes, wave)
    line = line.played_at(1 / slower) if line is not None else None
    melody = _led(line, notes, wave, one_voice) if line is not None else None
    if line is not None and melody is not None:
        notes, one_voice = _before_others(melody, notes, line)
    elif one_voice:
        _end_at_next(notes)
    else:
        notes["voice"] = voices_of(notes)
    notes["onset_s"] /= slower
    notes["duration_s"] /= slower
    yield Advance(1, 1)
    score = scored(notes, hits, one_voice=one_voice)
    notes["onset_s"] += start
    hits["onset_s"] += start
    return Transcription(
        notes, hits, score, sure, (start, start + len(wave) / RATE / slower), tuning
    )


def _pitched(wave: np.ndarray, rate: int, hits: np.ndarray, slower: float = 1.0) -> np.ndarray:
    """What is not a drum's, at RATE, or so much slower."""
    wave = soxr.resample(wave, rate, RATE * slower, quality="HQ")
    return without_membranes(wave, RATE) if len(hits) else wave


def _audible(heard: np.ndarray, wave: np.ndarray) -> np.ndarray:
    """(N,) of HEARD -> of SOUNDING, without what is too soft to be heard; all MELODY."""
    notes = np.zeros(len(heard), SOUNDING)
    for name in HEARD.names or ():
        notes[name] = heard[name]
    notes["velocity"] = loudnesses(wave, RATE, heard)
    return notes[notes["velocity"] > _INAUDIBLE]


def _led(line: Line, notes: np.ndarray, wave: np.ndarray, one_voice: bool) -> np.ndarray | None:
    """What a soloist plays; None where one voice is better heard note by note, as the network
    does."""
    if one_voice and not line.fills:
        return None
    melody = _audible(sung_notes(line), wave)
    return melody if not one_voice or _follows(melody, notes) else None


def _follows(melody: np.ndarray, notes: np.ndarray) -> bool:
    """Whether a line of one voice has nearly all notes that the network heard, or those that it
    leaves out were foreign to the key, as glides and vibrato are, and not too quick for it."""
    if len(melody) >= _NEARLY_ALL * len(notes):
        return True
    return _in_key(melody) >= _in_key(notes) + _CLEANER


def _in_key(notes: np.ndarray) -> float:
    """The share of notes in the major scale that has the most."""
    classes = notes["pitch"].astype(int) % 12
    return max(float(np.isin((classes - key) % 12, _SCALE).mean()) for key in range(12))


def _before_others(melody: np.ndarray, notes: np.ndarray, line: Line) -> tuple[np.ndarray, bool]:
    """(what a soloist and the others play, whether nobody else does)."""
    others = accompanying(notes[besides(line, notes)])
    others = others if len(others) >= _LEAST_OTHERS else others[:0]
    others["voice"] = beside_melody(others, melody)
    both = np.concatenate([melody, others])
    return both[np.lexsort((both["pitch"], both["onset_s"]))], not len(others)


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
