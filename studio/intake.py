"""What was dropped, pasted or chosen becomes named bytes, or one sentence each."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from urllib.parse import unquote, urlparse

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QMimeData
from PySide6.QtGui import QImage, QImageWriter

from engine.messages import PICTURE_SUFFIXES
from studio.problems import Problem
from studio.project import Project

MAX_FILE_BYTES = 100_000_000
_FOLDER_LOOK = 10_000  # entries of a folder that are looked at

Source = Path | QImage


@dataclass(slots=True)
class Intake:
    """What was read, and why the rest was not."""

    items: list[tuple[str, bytes]] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def accepts(mime: QMimeData) -> bool:
    return mime.hasUrls() or mime.hasImage()


def sources(mime: QMimeData) -> tuple[list[Source], list[Problem]]:
    """Files and pictures of a drop. A browser gives picture data, a file, or only a link."""
    files = [Path(url.toLocalFile()) for url in mime.urls() if url.isLocalFile()]
    if files:
        return list(files), []
    if mime.hasImage() and not (image := QImage(mime.imageData())).isNull():
        return [image], []
    names = [Path(unquote(urlparse(url.toString()).path)).name for url in mime.urls()]
    return [], [Problem("tray.link", {"name": name or "?"}) for name in names]


def collect(found: Iterable[Source], room: int) -> Intake:
    """Read at most `room` pictures. Slow; call it off the window's thread."""
    taken = Intake()
    given = list(found)
    files = list(_files(given))
    for source in files[:room]:
        if isinstance(source, QImage):
            taken.items.append((f"{len(taken.items) + 1}.png", _png(source)))
        else:
            _read(source, taken)
    if len(files) > room:
        numbers = {"taken": min(room, len(files)), "total": len(files)}
        taken.problems.append(Problem("tray.full", numbers))
    for folder in given:
        if isinstance(folder, Path) and folder.is_dir() and not any(_pictures(folder)):
            taken.problems.append(Problem("tray.empty_folder", {"name": folder.name}))
    return taken


def keep(project: Project, taken: Intake) -> Intake:
    """Write the bytes into the project, set aside: bringing them into the tray is then quick.

    Slow; call it off the window's thread. What is in the project already is left alone.
    """
    for name, data in taken.items:
        if project.find_reference(data) is None:
            project.remove_reference(project.add_reference(name, data).id)
    return taken


def _files(given: Iterable[Source]) -> Iterator[Source]:
    for source in given:
        if isinstance(source, Path) and source.is_dir():
            yield from sorted(_pictures(source), key=lambda file: file.name.casefold())
        else:
            yield source


def _pictures(folder: Path) -> Iterator[Path]:
    for entry in islice(folder.iterdir(), _FOLDER_LOOK):
        if entry.suffix.lower() in PICTURE_SUFFIXES and entry.is_file():
            yield entry


def _read(file: Path, taken: Intake) -> None:
    name = {"name": file.name}
    try:
        size = file.stat().st_size
        if file.suffix.lower() not in PICTURE_SUFFIXES:
            taken.problems.append(Problem("tray.not_a_picture", name))
        elif size == 0:
            taken.problems.append(Problem("tray.empty_file", name))
        elif size > MAX_FILE_BYTES:
            taken.problems.append(Problem("tray.too_large", name | {"mb": size // 1_000_000}))
        else:
            taken.items.append((file.name, file.read_bytes()))
    except OSError:
        taken.problems.append(Problem("tray.unreadable", name))


def _png(image: QImage) -> bytes:
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    QImageWriter(buffer, QByteArray(b"png")).write(image)
    return bytes(buffer.data().data())
