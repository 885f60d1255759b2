"""What a window draws and plays of music, before anybody listens to it.

This runs in the decoding child: without torch.
"""

import io
from dataclasses import dataclass

import soundfile

from engine.media.audio.codec import scores, sound
from engine.media.audio.codec.sound_kinds import names_sound
from engine.media.audio.sketches import peaks_of, sketch_of
from engine.protocol import Sketch


@dataclass(frozen=True, slots=True)
class Outline:
    """remarks: codes of `REMARKS`, of how it was read."""

    sketch: Sketch
    remarks: tuple[str, ...] = ()


def outline(data: bytes, name: str) -> Outline:
    """The peaks of a recording, or the notes of a score; of a book of tunes the first.

    Raises BadInput.
    """
    if not names_sound(data):
        found = scores.decode_all(data, name)
        remarks = tuple(f"notes_{remark}" for remark in found.remarks)
        return Outline(sketch_of(found.scores[0]), remarks)
    read = sound.decode(data, name)
    seconds, peaks = round(read.sound.seconds, 3), peaks_of(read.sound.samples)
    return Outline(Sketch(seconds=seconds, peaks=peaks), tuple(f"sound_{r}" for r in read.remarks))


def played(data: bytes, name: str) -> bytes:
    """A recording as a WAV file of 16 bits. Raises BadInput."""
    read = sound.decode(data, name)
    buffer = io.BytesIO()
    soundfile.write(buffer, read.sound.samples.T, read.sound.rate, "PCM_16", format="WAV")
    return buffer.getvalue()
