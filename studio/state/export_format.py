"""The forms in which works leave the project."""

from dataclasses import dataclass
from enum import StrEnum

from studio.i18n.errors import MaquetteError


class ExportError(MaquetteError): ...


class ExportFormat(StrEnum):
    """The value is the suffix of the file, without the dot."""

    PNG = "png"  # the original bytes
    JPEG = "jpg"
    WEBP = "webp"
    TXT = "txt"
    MD = "md"
    DOCX = "docx"
    PDF = "pdf"
    FLAC = "flac"  # the original bytes
    WAV = "wav"
    OGG = "ogg"
    MP3 = "mp3"
    MID = "mid"
    MUSICXML = "musicxml"
    STEMS = "stems"  # a folder with one WAV a voice

    @property
    def has_quality(self) -> bool:
        """Whether it can be compressed more or less."""
        return self in (ExportFormat.JPEG, ExportFormat.WEBP)

    @property
    def is_by_engine(self) -> bool:
        """Whether the engine writes it, not the studio."""
        return self in _BY_ENGINE


_BY_ENGINE = (
    *(ExportFormat.WAV, ExportFormat.OGG, ExportFormat.MP3),
    *(ExportFormat.MID, ExportFormat.MUSICXML, ExportFormat.STEMS),
)


@dataclass(frozen=True, slots=True)
class ExportOptions:
    """quality: 1 to 100, of JPEG and WebP. vertical: Chinese texts in columns."""

    format: ExportFormat
    quality: int = 92
    vertical: bool = False
