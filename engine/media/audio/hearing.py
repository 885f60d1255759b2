"""What is in a file of sound: the tunes of a score, or a recording with what is played in it."""

from collections import OrderedDict
from collections.abc import Generator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import soxr
import torch

from engine.core.decoding import decoder as child
from engine.core.errors import BadInput
from engine.core.files import sha256
from engine.core.input_files import read_bytes
from engine.core.progress import Advance, finished, shares
from engine.media.audio.codec import scores as notes, sound
from engine.media.audio.codec.score import Score
from engine.media.audio.codec.sound import Sound
from engine.media.audio.codec.sound_kinds import names_sound
from engine.media.audio.sketches import peaks_of, sketch_of
from engine.media.audio.timbre import NoteSegment
from engine.media.audio.timbre.articulation import heard_manner
from engine.media.audio.timbre.manner import PLAIN, Manner
from engine.media.audio.timbre.spectra import RATE
from engine.media.audio.transcription.segments import segments
from engine.media.audio.transcription.transcribe import Transcription, transcribing
from engine.protocol import SCORES, Sketch

MOST_TUNES = 30  # of one book
SOUND_S = 30.0  # for decoding one recording
REMEMBERED = 12  # recordings: the references of a style, and two more
MUSIC = 0.5  # of a transcription's has_notes: below it the notes are not believed
NOTES_FORMATS = "MIDI, MusicXML, ABC"


@dataclass(frozen=True, slots=True)
class File:
    """A file as it is read: tunes, or a recording. digest: sha256 of a recording's bytes; what was
    heard in one without it is not remembered."""

    tunes: tuple[Score, ...] = ()
    recording: Sound | None = None
    remarks: tuple[str, ...] = ()  # codes of `engine.core.errors`
    digest: str = ""


@dataclass(frozen=True, slots=True)
class Heard:
    """What is known of one reference. tunes: written, or heard in the recording, if any."""

    tunes: tuple[Score, ...]
    recording: Sound | None = None
    transcription: Transcription | None = None
    notes: tuple[NoteSegment, ...] = ()


class Remembered:
    """What was heard in the last recordings, so that a process listens to each of them once,
    whether it draws a file, learns from it or plays with its sound."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._heard: OrderedDict[str, tuple[Transcription, tuple[NoteSegment, ...]]] = OrderedDict()

    def get(self, digest: str) -> tuple[Transcription, tuple[NoteSegment, ...]] | None:
        """None where it was not heard, or long ago."""
        if digest in self._heard:
            self._heard.move_to_end(digest)
        return self._heard.get(digest)

    def keep(
        self, digest: str, transcription: Transcription, alone: tuple[NoteSegment, ...]
    ) -> None:
        if digest:
            self._heard[digest] = transcription, alone
            if len(self._heard) > self._size:
                self._heard.popitem(last=False)


_remembered = Remembered(REMEMBERED)


def decode(data: bytes, name: str) -> File:
    """By what the bytes are, whatever the suffix says. Raises BadInput."""
    return finished(decoding(data, name))


def decoding(data: bytes, name: str) -> Generator[Advance, None, File]:
    """The same, in slices, in the decoding child."""
    if names_sound(data):
        found = yield from child.decoding(sound.decode, data, name, seconds=SOUND_S)
        remarks = tuple(f"sound_{remark}" for remark in found.remarks)
        return File(recording=found.sound, remarks=remarks, digest=sha256(data))
    try:
        found = yield from child.decoding(notes.decode_all, data, name)
        remarks = tuple(f"notes_{remark}" for remark in found.remarks)
        if len(found.scores) > MOST_TUNES:
            remarks += ("notes_book",)
        return File(tunes=found.scores[:MOST_TUNES], remarks=remarks)
    except BadInput as error:
        if error.code != "not_notes":
            raise
        formats = f"{sound.FORMATS}, {NOTES_FORMATS}"
        raise BadInput("not_a_sound", name=name, formats=formats) from error


def read_score(path: str) -> Score:
    """A score from outside; of a book of tunes the first. Raises BadInput."""
    data = read_bytes(Path(path), SCORES.max_bytes)
    return child.decoded(notes.decode, data, Path(path).name)


def hear(
    file: File, device: torch.device, remembered: Remembered | None = None
) -> Generator[Advance, None, Heard]:
    """Listens to a recording that is not remembered: about 40 ms for a second of it."""
    if file.recording is None:
        return Heard(file.tunes)
    remembered = _remembered if remembered is None else remembered
    known = remembered.get(file.digest)
    if known is None:
        found = yield from transcribing(file.recording, device)
        yield Advance(1, 1)
        known = found, tuple(segments(file.recording, found))
        remembered.keep(file.digest, *known)
    found, alone = known
    is_music = found.has_notes >= MUSIC and len(found.score) >= notes.LEAST_NOTES
    yield Advance(1, 1)
    return Heard((found.score,) if is_music else (), file.recording, found, alone)


def manner_of(heard: Heard) -> Manner:
    """How the notes of a recording are played; plain where none are believed. Up to 0.2 s."""
    if heard.recording is None or heard.transcription is None or not heard.tunes:
        return PLAIN
    rate, (first, last) = heard.recording.rate, heard.transcription.heard_s
    mono = heard.recording.mono()[int(first * rate) : int(last * rate)]
    notes = heard.transcription.notes.copy()
    notes["onset_s"] -= first
    wave = soxr.resample(mono, rate, RATE) if rate != RATE else mono
    return heard_manner(wave, notes, heard.transcription.tuning)


def listening(data: bytes, name: str, device: torch.device) -> Generator[Advance, None, Heard]:
    """What is in a file's bytes. Raises BadInput."""
    file = yield from shares(decoding(data, name), 0, 2)
    return (yield from shares(hear(file, device), 1, 2))


def sketch_of_heard(heard: Heard) -> Sketch:
    """Peaks of a recording with the notes that were heard, or the notes of the first tune."""
    drawn = without_notes(File(heard.tunes, heard.recording))
    if heard.transcription is None or not heard.tunes:
        return drawn
    notes = heard.transcription.notes
    parts = np.unique(notes["voice"], return_inverse=True)[1].tolist()
    rows = (
        (round(float(n["onset_s"]), 3), round(float(n["duration_s"]), 3), int(n["pitch"]), part)
        for n, part in zip(notes, parts, strict=True)
    )
    return replace(drawn, notes=tuple(rows))


def without_notes(file: File) -> Sketch:
    """What can be drawn of a file before it was listened to."""
    if file.recording is None:
        return sketch_of(file.tunes[0])
    seconds = round(file.recording.seconds, 3)
    return Sketch(seconds=seconds, peaks=peaks_of(file.recording.samples))
