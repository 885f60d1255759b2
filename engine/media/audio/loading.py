"""Files → music that can be measured: notes, and the sound where there is one."""

import base64
import binascii
from dataclasses import dataclass
from pathlib import Path

import torch

from engine.core.errors import BadInput
from engine.core.input_files import read_bytes
from engine.core.progress import finished
from engine.core.sidecars import brief_in, sidecar_of
from engine.interfaces import LoadedWork
from engine.media.audio.brief import RULES
from engine.media.audio.codec.midi import read_midi
from engine.media.audio.codec.score import Score
from engine.media.audio.codec.sound import Sound
from engine.media.audio.hearing import decode, hear


@dataclass(frozen=True, slots=True, eq=False)
class LoadedMusic:
    """score: written, or heard in the sound. sound: None where a score has none."""

    score: Score
    sound: Sound | None = None


def load(path: str, device: torch.device) -> LoadedWork:
    """Raises BadInput, naming the file: also for a sound in which no notes are heard."""
    file = Path(path)
    data, about = read_bytes(file, RULES.max_bytes(file.name)), sidecar_of(file)
    return LoadedWork(path, "audio", _music(data, file.name, about, device), brief_in(about))


def _music(data: bytes, name: str, about: dict, device: torch.device) -> LoadedMusic:
    file = decode(data, name)
    if file.recording is None:
        return LoadedMusic(file.tunes[0])
    if midi := _notes(about):
        return LoadedMusic(read_midi(midi, name), file.recording)
    heard = finished(hear(file, device))
    if not heard.tunes:
        raise BadInput("no_notes_heard", name=name)
    return LoadedMusic(heard.tunes[0], file.recording)


def _notes(about: dict) -> bytes:
    """The MIDI file in a sidecar; empty where there is none."""
    try:
        return base64.b64decode(about.get("score", ""))
    except (binascii.Error, TypeError, ValueError):
        return b""
