"""The files and briefs of music."""

from base64 import b64decode
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QPainter

from engine.protocol import (
    INSTRUMENTS,
    MUSIC_FILES,
    GeneratorInfo,
    Medium,
    MusicBrief,
    MusicForm,
)
from studio.i18n import t
from studio.media.audio import files, mood as moods, music
from studio.media.audio.notes import draw_sketch
from studio.media.samples import most_of_one
from studio.project.rows import NewReference
from studio.state.export_format import ExportFormat, ExportOptions
from studio.state.medium import MediumRules, Pasted, told
from studio.state.mood import Mood
from studio.state.titles import file_name
from studio.widgets.theme import ASSETS

_GLIMPSE_BARS = 4
_TOLD = {"form", "length", "key", "mode", "tempo", "metre", "sound", "content"}
OF_NOTES = (ExportFormat.MID, ExportFormat.MUSICXML, ExportFormat.STEMS)  # a texture has none


class AudioRules(MediumRules):
    medium = Medium.AUDIO
    files = MUSIC_FILES
    mood_features = moods.FEATURES
    blob_fields = ("content", "sound")
    shown_as = "sound"
    export_formats = (
        *(ExportFormat.WAV, ExportFormat.FLAC, ExportFormat.OGG, ExportFormat.MP3),
        *OF_NOTES,
    )

    def __init__(self, samples: Path = ASSETS / "samples" / "music") -> None:
        self._samples = samples

    def claims(self, source: Pasted) -> bool:
        """A text that is a tune in ABC notation."""
        return isinstance(source, str) and files.is_abc(source)

    def pasted(self, source: Pasted, number: int) -> NewReference:
        assert isinstance(source, str)
        name = f"{file_name(files.title_of_tune(source))}.abc"
        return NewReference(name, source.encode(), self.medium)

    def file_suffix(self, data: bytes) -> str:
        """Readers of music are chosen by the suffix."""
        return files.suffix_of(data) or ".flac"

    def encode(self, data: bytes, options: ExportOptions) -> bytes:
        """As it was made; everything else is the engine's to write."""
        assert options.format is ExportFormat.FLAC
        return data

    def carried(
        self, data: bytes, about: Mapping[str, Any], as_sound: bool
    ) -> tuple[ExportFormat, bytes]:
        """The notes, where there are any: what the engine exports as MIDI stands in the sidecar."""
        score = b"" if as_sound else b64decode(str(about.get("score", "")))
        return (ExportFormat.MID, score) if score else (ExportFormat.FLAC, data)

    def draw(self, painter: QPainter, box: QRectF, data: bytes, about: Mapping[str, Any]) -> None:
        draw_sketch(painter, box, music.music_of(about).sketch, QColor("white"))

    def samples(self) -> list[Path]:
        return most_of_one(self._samples, self.suffixes)

    def glimpse(self, seed: int) -> MusicBrief:
        return MusicBrief(seed=seed, count=1, candidates=1, length=_GLIMPSE_BARS)

    def trimmed(self, brief: MusicBrief) -> MusicBrief:
        return music.trimmed(brief)

    def serves_action(self, generator: GeneratorInfo, name: str) -> bool:
        return name not in music.ACTIONS or music.ACTIONS[name] in generator.uses

    def words_of(self, brief: MusicBrief) -> str:
        kind = t(f"music_form.{brief.form}") if brief.form else ""
        key = music.key_words(brief.key, brief.mode)
        tempo = t("asked.tempo", n=brief.tempo) if brief.tempo else ""
        unit = "seconds" if brief.form == MusicForm.TEXTURE else "bars"
        length = t(f"asked.{unit}", n=brief.length) if brief.length else ""
        sound = brief.sound if brief.sound in INSTRUMENTS else ""
        return told(brief, (kind, length, key, tempo, brief.metre, sound), _TOLD)

    def in_mood(self, brief: MusicBrief, mood: Mood) -> MusicBrief:
        return moods.in_mood(brief, mood)

    def timing_key(self, brief: MusicBrief) -> str:
        return brief.form or "music"

    def effort(self, brief: MusicBrief) -> float:
        """In seconds of music."""
        return brief.count * music.expected_s(brief)
