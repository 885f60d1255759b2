"""Files → what a critic can measure: pictures, words, scores with their sound.

A work's own sidecar, where it has one beside it, says what was asked for and holds the notes.
"""

import base64
import binascii
import json
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from engine.core.errors import BadInput
from engine.core.input_files import read_bytes
from engine.core.progress import finished
from engine.media.audio.codec.midi import read_midi
from engine.media.audio.codec.score import Score
from engine.media.audio.codec.sound import Sound
from engine.media.audio.hearing import decode as decode_sound, hear
from engine.media.briefs import RULES
from engine.media.image.codec import raster as image
from engine.media.text.codec import plain as text
from engine.media.text.codec.language import name_of
from engine.media.text.codec.script import to_simplified
from engine.media.text.features import Words
from engine.media.text.generators.maquette_lm.tokens import LANGUAGES
from engine.messages import Brief, Medium, brief_from_json

MOST_BYTES = {medium: rules.max_bytes("") for medium, rules in RULES.items()}


@dataclass(frozen=True, slots=True, eq=False)
class Played:
    """score: written, or heard in the sound. sound: None where a score has none."""

    score: Score
    sound: Sound | None = None


Content = Tensor | Words | Played


@dataclass(frozen=True, slots=True, eq=False)
class Opened:
    """A file as it is measured. kind: image, zh, en or audio. brief: of a work, what was asked."""

    path: str
    kind: str
    content: Content
    brief: Brief | None = None

    @property
    def name(self) -> str:
        return Path(self.path).name


def opened(path: str, medium: Medium, device: torch.device) -> Opened:
    """Raises BadInput, naming the file: also for a text in a language without a model, and for a
    sound in which no notes are heard."""
    file = Path(path)
    data = read_bytes(file, MOST_BYTES[medium])
    about = _sidecar(file)
    brief = _brief(about)
    if medium is Medium.IMAGE:
        return Opened(path, "image", image.decode(data, file.name), brief)
    if medium is Medium.TEXT:
        words = words_of(data, file.name)
        return Opened(path, words.language, words, brief)
    return Opened(path, "audio", _played(data, file.name, about, device), brief)


def words_of(data: bytes, name: str) -> Words:
    """A text as it is measured. Raises BadInput for a language without a model."""
    work = text.decode(data, name)
    if work.language not in LANGUAGES:
        raise BadInput("other_language", name=name, language=name_of(work.language))
    if work.language == "zh":
        return Words(to_simplified(work.text), "zh", to_simplified(work.title))
    return Words(work.text, "en", work.title)


def _played(data: bytes, name: str, about: dict, device: torch.device) -> Played:
    file = decode_sound(data, name)
    if file.recording is None:
        return Played(file.tunes[0])
    if midi := _notes(about):
        return Played(read_midi(midi, name), file.recording)
    heard = finished(hear(file, device))
    if not heard.tunes:
        raise BadInput("no_notes_heard", name=name)
    return Played(heard.tunes[0], file.recording)


def _notes(about: dict) -> bytes:
    """The MIDI file in a sidecar; empty where there is none."""
    try:
        return base64.b64decode(about.get("score", ""))
    except (binascii.Error, TypeError, ValueError):
        return b""


def _sidecar(path: Path) -> dict:
    """What stands beside a work; empty where nothing does, or something else."""
    sidecar = path.with_suffix(".json")
    if not sidecar.is_file():
        return {}
    try:
        about = json.loads(read_bytes(sidecar))
    except (BadInput, ValueError):
        return {}
    return about if isinstance(about, dict) and about.get("file") == path.name else {}


def _brief(about: dict) -> Brief | None:
    try:
        return brief_from_json(about["brief"])
    except (KeyError, ValueError):
        return None
