"""Works leave the project: each with its sidecar, into a folder or one zip.

Music in another form than it was made in is written by the engine (see `music_export`).

Every file is written beside its place, flushed and then put there: what has a name is whole.
"""

import json
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from PySide6.QtCore import QBuffer, QByteArray, QIODevice
from PySide6.QtGui import QColor, QImage, QImageWriter, QPainter

from engine.messages import Medium
from studio.i18n.errors import MaquetteError
from studio.media.text import export as text_export
from studio.project.atomic_write import replacing
from studio.project.database import ProjectFullError, disk_error
from studio.project.project import Project, WorkRow

MAX_NAME = 80
_FORBIDDEN = set('<>:"/\\|?*')


class ExportError(MaquetteError): ...


class Format(StrEnum):
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


OF_NOTES = (Format.MID, Format.MUSICXML, Format.STEMS)  # a texture has none
FORMATS = {
    Medium.IMAGE: (Format.PNG, Format.JPEG, Format.WEBP),
    Medium.TEXT: (Format.TXT, Format.MD, Format.DOCX, Format.PDF),
    Medium.AUDIO: (Format.WAV, Format.FLAC, Format.OGG, Format.MP3, *OF_NOTES),
}


@dataclass(frozen=True, slots=True)
class Writing:
    """How the works are written: `quality` of JPEG and WebP, `vertical` of Chinese texts."""

    format: Format
    quality: int = 92
    vertical: bool = False


def export_works(
    project: Project,
    work_ids: Sequence[int],
    target: Path,
    wanted: Format = Format.PNG,
    *,
    quality: int = 92,
    vertical: bool = False,
    on_progress: Callable[[int, int], None] | None = None,
) -> tuple[Path, ...]:
    """Write the works, each with its sidecar .json, into a folder or a zip.

    `target` is a zip when it ends in .zip. A zip replaces an older one of that name, files in a
    folder never replace anything.

    `quality` is 1 to 100. `on_progress(done, total)` follows every work.
    Returns the works' paths, or the zip's. Raises ExportError or ProjectError.
    """
    if not work_ids:
        raise ExportError("export_nothing")
    works = [project.work(work_id) for work_id in work_ids]
    writing = Writing(wanted, quality, vertical)
    done = 0

    def count() -> None:
        nonlocal done
        done += 1
        if on_progress:
            on_progress(done, len(works))

    try:
        if target.suffix.lower() == ".zip":
            return _to_zip(project, works, target, writing, count)
        return _to_folder(project, works, target, writing, count)
    except OSError as error:
        whole = 0 if target.suffix.lower() == ".zip" else done  # an unfinished zip is dropped
        params = {"done": whole, "total": len(works), "folder": target.name}
        if disk_error(error)[0] is ProjectFullError:
            raise ExportError("export_full", **params) from error
        detail = error.strerror or error
        raise ExportError("export_unwritable", detail=detail, **params) from error


def _to_folder(
    project: Project,
    works: Sequence[WorkRow],
    folder: Path,
    writing: Writing,
    count: Callable[[], None],
) -> tuple[Path, ...]:
    folder.mkdir(parents=True, exist_ok=True)
    taken = {path.name.casefold() for path in folder.iterdir()}
    written: list[Path] = []
    for work in works:
        data = _encode(project, work, writing, len(written), len(works))
        stem = free_stem(stem_of(project.name, work), writing.format, taken)
        path = folder / f"{stem}.{writing.format}"
        write(folder / f"{stem}.json", sidecar_bytes(project, work, path.name))
        write(path, data)
        written.append(path)
        count()
    return tuple(written)


def _to_zip(
    project: Project,
    works: Sequence[WorkRow],
    target: Path,
    writing: Writing,
    count: Callable[[], None],
) -> tuple[Path, ...]:
    target.parent.mkdir(parents=True, exist_ok=True)
    taken: set[str] = set()
    with replacing(target) as part, zipfile.ZipFile(part, "w", zipfile.ZIP_STORED) as archive:
        for work in works:
            data = _encode(project, work, writing, 0, len(works))
            stem = free_stem(stem_of(project.name, work), writing.format, taken)
            name = f"{stem}.{writing.format}"
            archive.writestr(name, data)
            archive.writestr(f"{stem}.json", sidecar_bytes(project, work, name))
            count()
    return (target,)


def _encode(project: Project, work: WorkRow, writing: Writing, done: int, total: int) -> bytes:
    """The work as it is when that is asked for, else written anew. Raises ExportError."""
    data, wanted = project.blob(work.shown_digest), writing.format
    if work.medium is Medium.TEXT:
        words, suffix = data.decode("utf-8", "replace"), f".{wanted}"
        return text_export.encode_text(words, suffix, vertical=writing.vertical)
    if wanted in (Format.PNG, Format.FLAC):
        return data
    if wanted.value.encode() not in {bytes(f.data()) for f in QImageWriter.supportedImageFormats()}:
        raise ExportError("export_format", format=wanted.name)
    image = QImage.fromData(data)
    if image.isNull():
        raise ExportError("export_unreadable", id=work.id, done=done, total=total)
    if wanted is Format.JPEG and image.hasAlphaChannel():
        image = _on_white(image)
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    writer = QImageWriter(buffer, QByteArray(wanted.value.encode()))
    writer.setQuality(writing.quality)
    if not writer.write(image):
        raise ExportError("export_format", format=wanted.name)
    return bytes(buffer.data().data())


def _on_white(image: QImage) -> QImage:
    flat = QImage(image.size(), QImage.Format.Format_RGB32)
    flat.fill(QColor("white"))
    painter = QPainter(flat)
    painter.drawImage(0, 0, image)
    painter.end()
    return flat


def sidecar_bytes(project: Project, work: WorkRow, file_name: str) -> bytes:
    """What the engine wrote beside the work, and what the artist thought of it."""
    studio = {"project": project.name, "work": work.id, "rating": work.rating, "kept": work.kept}
    told = project.sidecar(work.id)
    told.pop("sketch", None)  # for drawing it; whoever has the file has more
    content = {
        "made_with_ai": True,
        **told,
        "file": file_name,
        "studio": studio,
    }
    return json.dumps(content, ensure_ascii=False, indent=2, sort_keys=True).encode()


def stem_of(project_name: str, work: WorkRow) -> str:
    """`Hokusai study 0012 seed 1834`: readable on every system."""
    name = "".join(" " if c in _FORBIDDEN or ord(c) < 32 else c for c in project_name)
    name = " ".join(name.split())[:MAX_NAME].strip(". ") or "Work"
    return f"{name} {work.id:04d} seed {work.seed}"


def free_stem(stem: str, wanted: Format, taken: set[str]) -> str:
    """The stem, numbered until neither work nor sidecar meets another file; then taken."""
    free, number = stem, 1
    while {f"{free}.{wanted}".casefold(), f"{free}.json".casefold()} & taken:
        number += 1
        free = f"{stem} ({number})"
    taken |= {f"{free}.{wanted}".casefold(), f"{free}.json".casefold()}
    return free


def write(path: Path, data: bytes) -> None:
    with replacing(path) as part:
        part.write_bytes(data)
