"""What was dropped, pasted or chosen becomes named bytes of one medium, or one sentence each."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from urllib.parse import unquote, urlparse

from PySide6.QtCore import QMimeData
from PySide6.QtGui import QImage

from engine.messages import (
    MIB,
    MUSIC_FILES,
    PICTURE_FILES,
    TEXT_FILES,
    Medium,
    Script,
    max_bytes,
    suffixes_of,
)
from studio import music
from studio.pictures import png
from studio.problems import Problem
from studio.project import NewReference, Project
from studio.reading import Text, is_document, is_traditional, read, text_of

FILES = {Medium.IMAGE: PICTURE_FILES, Medium.TEXT: TEXT_FILES, Medium.AUDIO: MUSIC_FILES}
SUFFIXES = {medium: suffixes_of(kinds) for medium, kinds in FILES.items()}
_FOLDER_LOOK = 10_000  # entries of a folder that are looked at
_TITLE_CHARACTERS = 40

Source = Path | QImage | str  # a file or folder, a picture, a text
Read = Callable[[bytes], Text]


@dataclass(slots=True)
class Intake:
    """What was read, and why the rest was not."""

    items: list[NewReference] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    script: Script | None = None  # how the Chinese among the texts is written, mostly

    @property
    def texts(self) -> int:
        return sum(item.medium is Medium.TEXT for item in self.items)

    def medium(self, current: Medium) -> Medium:
        """What to work on now: what was worked on if some of it came, else what most is."""
        kinds = Counter(item.medium for item in self.items)
        return current if not kinds or kinds[current] else kinds.most_common(1)[0][0]


def accepts(mime: QMimeData) -> bool:
    return mime.hasUrls() or mime.hasImage() or mime.hasText()


def sources(mime: QMimeData) -> tuple[list[Source], list[Problem]]:
    """Files, pictures and texts of a drop. A browser gives picture data, a file, or only a link."""
    files = [Path(url.toLocalFile()) for url in mime.urls() if url.isLocalFile()]
    if files:
        return list(files), []
    if mime.hasImage() and not (image := QImage(mime.imageData())).isNull():
        return [image], []
    if mime.hasText() and not mime.hasUrls():
        words = mime.text().strip()
        return ([words], []) if words else ([], [Problem("tray.empty_paste")])
    names = [Path(unquote(urlparse(url.toString()).path)).name for url in mime.urls()]
    return [], [Problem("tray.link", {"name": name or "?"}) for name in names]


def collect(found: Iterable[Source], room: Mapping[Medium, int], read: Read = read) -> Intake:
    """Take at most `room` works of each medium. Slow; call it off the window's thread."""
    taken, left, given = Intake(), dict(room), list(found)
    wanted: Counter[Medium] = Counter()
    for source in _files(given):
        medium = medium_of(source)
        if medium is None:
            taken.problems.append(Problem("tray.not_usable", {"name": Path(str(source)).name}))
            continue
        wanted[medium] += 1
        if left[medium]:
            left[medium] -= 1
            _take(source, medium, taken)
    for medium, total in wanted.items():
        if total > room[medium]:
            taken.problems.append(Problem("tray.full", {"taken": room[medium], "total": total}))
    for folder in given:
        if isinstance(folder, Path) and folder.is_dir() and not any(_usable(folder)):
            taken.problems.append(Problem("tray.empty_folder", {"name": folder.name}))
    taken.script = _script(taken.items, read)
    return taken


def _script(items: list[NewReference], read: Read) -> Script | None:
    """By the plain texts, which are quick to read; a document is asked when there are only such."""
    texts = [item.data for item in items if item.medium is Medium.TEXT]
    plain = [data for data in texts if not is_document(data)]
    texts = [read(data) for data in plain or texts[:1]]
    chinese = [text.words for text in texts if text.is_chinese]
    if not chinese:
        return None
    traditional = 2 * sum(map(is_traditional, chinese)) > len(chinese)
    return Script.TRADITIONAL if traditional else Script.SIMPLIFIED


def keep(project: Project, taken: Intake) -> Intake:
    """Write the bytes into the project, set aside: bringing them into the tray is then quick.

    Slow; call it off the window's thread. What is in the project already is left alone.
    """
    for item in taken.items:
        if project.find_reference(item.data) is None:
            project.remove_reference(project.add_reference(*item).id)
    return taken


def medium_of(source: Source) -> Medium | None:
    """None for a file that is nothing to us."""
    if isinstance(source, QImage):
        return Medium.IMAGE
    if isinstance(source, str):
        return Medium.AUDIO if music.is_abc(source) else Medium.TEXT
    suffix = source.suffix.lower()
    return next((medium for medium, known in SUFFIXES.items() if suffix in known), None)


def _files(given: Iterable[Source]) -> Iterator[Source]:
    for source in given:
        if isinstance(source, Path) and source.is_dir():
            yield from sorted(_usable(source), key=lambda file: file.name.casefold())
        else:
            yield source


def _usable(folder: Path) -> Iterator[Path]:
    for entry in islice(folder.iterdir(), _FOLDER_LOOK):
        if medium_of(entry) is not None and entry.is_file():
            yield entry


def _take(source: Source, medium: Medium, taken: Intake) -> None:
    if isinstance(source, QImage):
        taken.items.append(NewReference(f"{len(taken.items) + 1}.png", png(source), medium))
    elif isinstance(source, str):
        name = abc_title(source) if medium is Medium.AUDIO else f"{title(source)}.txt"
        taken.items.append(NewReference(name, source.encode(), medium))
    else:
        _read(source, medium, taken)


def title(words: str) -> str:
    """A file name for a text that came without one: how it begins."""
    opening = "".join(c if c.isalnum() or c in " '’-" else " " for c in text_of(words).opening)
    return " ".join(opening.split())[:_TITLE_CHARACTERS].strip() or "…"


def abc_title(tune: str) -> str:
    """A file name for a pasted tune: its own title."""
    titles = (line[2:] for line in tune.splitlines() if line.startswith("T:"))
    return f"{title(next(titles, ''))}.abc"


def _read(file: Path, medium: Medium, taken: Intake) -> None:
    name = {"name": file.name}
    try:
        size = file.stat().st_size
        if size == 0:
            taken.problems.append(Problem("tray.empty_file", name))
        elif size > (limit := max_bytes(FILES[medium], file.name)):
            sizes = {"mb": -(-size // MIB), "limit": limit // MIB}
            taken.problems.append(Problem("tray.too_large", name | sizes))
        else:
            taken.items.append(NewReference(file.name, file.read_bytes(), medium))
    except OSError:
        taken.problems.append(Problem("tray.unreadable", name))
