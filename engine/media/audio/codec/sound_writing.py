"""Samples → sound files."""

import io
from pathlib import Path
from typing import Literal

import numpy as np
import soundfile

from engine.core.errors import BadInput
from engine.core.files import write_atomic
from engine.media.audio.codec.sound import Sound

__all__ = ["FORMATS", "encode", "formats", "write_sound"]

Format = Literal["wav", "flac", "ogg", "mp3"]
FORMATS: dict[Format, tuple[str, str]] = {
    "wav": ("WAV", "PCM_24"),
    "flac": ("FLAC", "PCM_24"),
    "ogg": ("OGG", "VORBIS"),
    "mp3": ("MP3", "MPEG_LAYER_III"),
}
_BLOCK = 2**16  # frames; libsndfile's Vorbis encoder takes no whole pieces at once


def formats() -> list[Format]:
    """Those that this libsndfile can write."""
    known = soundfile.available_formats()
    return [name for name, (container, _) in FORMATS.items() if container in known]


def encode(sound: Sound, file_format: Format) -> bytes:
    """The bytes of a file: WAV and FLAC of 24 bits, Vorbis, MP3.

    What exceeds [-1, 1] is cut off. Raises BadInput("no_encoder").
    """
    if file_format not in formats():
        raise BadInput("no_encoder", format=file_format.upper(), formats=_listed())
    container, subtype = FORMATS[file_format]
    frames = np.clip(sound.samples, -1, 1).T
    buffer = io.BytesIO()
    with soundfile.SoundFile(
        buffer, "w", sound.rate, sound.samples.shape[0], subtype, format=container
    ) as file:
        for start in range(0, len(frames), _BLOCK):
            file.write(np.ascontiguousarray(frames[start : start + _BLOCK]))
    return buffer.getvalue()


def write_sound(path: Path, sound: Sound, file_format: Format) -> None:
    """At any moment the file is whole, old or new, or absent. Raises as `encode`, and OSError."""
    write_atomic(path, encode(sound, file_format))


def _listed() -> str:
    return ", ".join(name.upper() for name in formats())
