"""What is in a file of sound: the tunes of a score, or a recording with what is played in it."""

from collections.abc import Generator
from dataclasses import dataclass, replace

import torch

from engine.audio.sketches import peaks_of, sketch_of
from engine.audio.timbre import NoteSegment
from engine.audio.transcribe import Transcription, transcribing
from engine.audio.transcribe_segments import segments
from engine.errors import BadInput
from engine.media import notes, sound
from engine.media.notes_score import Score
from engine.media.sound import Sound
from engine.media.sound_checks import kind_of
from engine.messages import Sketch
from engine.progress import Advance

MOST_TUNES = 30  # of one book
MUSIC = 0.5  # of a transcription's has_notes: below it the notes are not believed
NOTES_FORMATS = "MIDI, MusicXML, ABC"


@dataclass(frozen=True, slots=True)
class File:
    """A file as it is read: tunes, or a recording."""

    tunes: tuple[Score, ...] = ()
    recording: Sound | None = None
    remarks: tuple[str, ...] = ()  # codes of `engine.errors`


@dataclass(frozen=True, slots=True)
class Heard:
    """What is known of one reference. tunes: written, or heard in the recording, if any."""

    tunes: tuple[Score, ...]
    recording: Sound | None = None
    transcription: Transcription | None = None
    notes: tuple[NoteSegment, ...] = ()


def decode(data: bytes, name: str) -> File:
    """By what the bytes are, whatever the suffix says. Raises BadInput."""
    if kind_of(data):
        found = sound.decode(data, name)
        return File(recording=found.sound, remarks=tuple(f"sound_{r}" for r in found.remarks))
    try:
        return File(tunes=tuple(notes.decode_all(data, name)[:MOST_TUNES]))
    except BadInput as error:
        if error.code != "not_notes":
            raise
        formats = f"{sound.FORMATS}, {NOTES_FORMATS}"
        raise BadInput("not_a_sound", name=name, formats=formats) from error


def hear(file: File, device: torch.device) -> Generator[Advance, None, Heard]:
    """Listens to a recording: about 40 ms for a second of it."""
    if file.recording is None:
        return Heard(file.tunes)
    found = yield from transcribing(file.recording, device)
    alone = tuple(segments(file.recording, found))
    is_music = found.has_notes >= MUSIC and len(found.score) >= notes.LEAST_NOTES
    yield Advance(1, 1)
    return Heard((found.score,) if is_music else (), file.recording, found, alone)


def sketch_of_heard(heard: Heard) -> Sketch:
    """Peaks of a recording with the notes that were heard, or the notes of the first tune."""
    drawn = without_notes(File(heard.tunes, heard.recording))
    if heard.transcription is None or not heard.tunes:
        return drawn
    rows = (
        (round(float(n["onset_s"]), 3), round(float(n["duration_s"]), 3), int(n["pitch"]), 0)
        for n in heard.transcription.notes
    )
    return replace(drawn, notes=tuple(rows))


def without_notes(file: File) -> Sketch:
    """What can be drawn of a file before it was listened to."""
    if file.recording is None:
        return sketch_of(file.tunes[0])
    seconds = round(file.recording.seconds, 3)
    return Sketch(seconds=seconds, peaks=peaks_of(file.recording.samples))
