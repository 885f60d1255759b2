"""The forms in which works leave the project."""

from dataclasses import dataclass
from enum import StrEnum

from studio.i18n.errors import MaquetteError


class ExportError(MaquetteError): ...


class ExportFormat(StrEnum):
    """The value is the suffix of the file, without the dot."""

    PNG = "png"  # the original bytes, unless a size or transparency is asked for
    JPEG = "jpg"
    WEBP = "webp"
    TIFF = "tif"
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
    def is_picture(self) -> bool:
        """Whether it has a size in pixels."""
        return self in (*_WITH_ALPHA, ExportFormat.JPEG)

    @property
    def has_quality(self) -> bool:
        """Whether it can be compressed more or less."""
        return self in (ExportFormat.JPEG, ExportFormat.WEBP)

    @property
    def has_alpha(self) -> bool:
        """Whether parts of it can be transparent."""
        return self in _WITH_ALPHA

    @property
    def is_by_engine(self) -> bool:
        """Whether the engine writes it, not the studio."""
        return self in _BY_ENGINE


_WITH_ALPHA = (ExportFormat.PNG, ExportFormat.WEBP, ExportFormat.TIFF)
_BY_ENGINE = (
    *(ExportFormat.WAV, ExportFormat.OGG, ExportFormat.MP3),
    *(ExportFormat.MID, ExportFormat.MUSICXML, ExportFormat.STEMS),
)
PATTERN = "{title} {number}"  # of file names; see `export_names`


@dataclass(frozen=True, slots=True)
class ExportOptions:
    """What works become on their way out.

    quality: 1 to 100, of JPEG and WebP. vertical: Chinese texts in columns. percent: of both sides
    of a picture; side_px: of its longer side instead, where it is not 0. clear_paper: a picture's
    ground becomes transparent; the engine finds it. pattern: of file names. sidecars: a file beside
    each work that tells how it was made.
    """

    format: ExportFormat
    quality: int = 92
    vertical: bool = False
    percent: int = 100
    side_px: int = 0
    clear_paper: bool = False
    pattern: str = PATTERN
    sidecars: bool = True

    @property
    def is_by_engine(self) -> bool:
        """Whether the engine has a part in it."""
        return self.format.is_by_engine or (self.clear_paper and self.format.has_alpha)
