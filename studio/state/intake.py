"""What was dropped, pasted or chosen becomes named bytes of one medium, or one sentence each."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from urllib.parse import unquote, urlparse

from PySide6.QtCore import QMimeData
from PySide6.QtGui import QImage

from engine.protocol import MIB, Medium, max_bytes
from studio.project.project import Project
from studio.project.rows import NewReference
from studio.state.medium import Media, MediumRules, Pasted, PastedPicture
from studio.state.problems import Problem

_DIGITS = re.compile(r"(\d{1,18})")
_FOLDER_LOOK = 10_000  # entries of a folder that are looked at

Source = Path | Pasted  # a file or folder, a picture, a text
_PICTURES = {  # as browsers and painting programs offer them, the exact ones first
    **{"image/png": ".png", "image/tiff": ".tif", "image/webp": ".webp", "image/avif": ".avif"},
    **{"image/jpeg": ".jpg", "image/gif": ".gif", "image/bmp": ".bmp"},
}
_RICH = (
    "text/rtf",
    "application/rtf",
)  # word processors offer a picture of their words beside them
_BESIDE = (".", "~$")  # how names begin of what systems and programs keep beside a file


@dataclass(slots=True)
class Intake:
    """What was read, and why the rest was not."""

    items: list[NewReference] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def of(self, medium: Medium) -> list[NewReference]:
        return [item for item in self.items if item.medium is medium]

    def medium(self, current: Medium) -> Medium:
        """What to work on now: what was worked on if some of it came, else what most is."""
        counts = Counter(item.medium for item in self.items)
        return current if not counts or counts[current] else counts.most_common(1)[0][0]


def accepts(mime: QMimeData) -> bool:
    return mime.hasUrls() or mime.hasImage() or mime.hasText()


def sources(mime: QMimeData) -> tuple[list[Source], list[Problem]]:
    """Files, pictures and texts of a drop. A browser gives picture data, a file, or only a link."""
    files = [Path(url.toLocalFile()) for url in mime.urls() if url.isLocalFile()]
    if files:
        return list(files), []
    if (picture := picture_in(mime)) is not None:
        return [picture], []
    if mime.hasText() and not mime.hasUrls():
        words = mime.text().strip()
        return ([words], []) if words else ([], [Problem("tray.empty_paste")])
    names = [Path(unquote(urlparse(url.toString()).path)).name for url in mime.urls()]
    return [], [Problem("tray.link", {"name": name or "?"}) for name in names]


def picture_in(mime: QMimeData) -> QImage | PastedPicture | None:
    """As the bytes of a file, where that is offered: they are not decoded here."""
    if mime.hasText() and mime.text().strip() and any(map(mime.hasFormat, _RICH)):
        return None
    for form, suffix in _PICTURES.items():
        if mime.hasFormat(form) and (data := bytes(mime.data(form).data())):
            return PastedPicture(data, suffix)
    image = QImage(mime.imageData()) if mime.hasImage() else QImage()
    return None if image.isNull() else image


def collect(media: Media, found: Iterable[Source], room: Mapping[Medium, int]) -> Intake:
    """Take at most `room` works of each medium. Slow; call it off the window's thread."""
    taken, left, given = Intake(), dict(room), list(found)
    wanted: Counter[Medium] = Counter()
    for source in _files(media, given):
        rules = rules_of(media, source)
        if rules is None:
            taken.problems.append(Problem("tray.not_usable", {"name": Path(str(source)).name}))
            continue
        wanted[rules.medium] += 1
        if left[rules.medium]:
            left[rules.medium] -= 1
            _take(source, rules, taken)
    for medium, total in wanted.items():
        if total > room[medium]:
            taken.problems.append(Problem("tray.full", {"taken": room[medium], "total": total}))
    for folder in given:
        if isinstance(folder, Path) and folder.is_dir() and not any(_usable(media, folder)):
            taken.problems.append(Problem("tray.empty_folder", {"name": folder.name}))
    return taken


def keep(project: Project, taken: Intake) -> Intake:
    """Write the bytes into the project, set aside: bringing them into the tray is then quick.

    Slow; call it off the window's thread. What is in the project already is left alone.
    """
    for item in taken.items:
        project.references.keep(*item)
    return taken


def rules_of(media: Media, source: Source) -> MediumRules | None:
    """The medium that a source is of; None for a file that is nothing to us."""
    if isinstance(source, Path):
        suffix = source.suffix.lower()
        return next((rules for rules in media.values() if suffix in rules.suffixes), None)
    claimed = [rules for rules in media.values() if rules.claims(source)]
    return claimed[-1] if claimed else None


def _files(media: Media, given: Iterable[Source]) -> Iterator[Source]:
    for source in given:
        if isinstance(source, Path) and source.is_dir():
            yield from sorted(_usable(media, source), key=by_number)
        else:
            yield source


def _usable(media: Media, folder: Path) -> Iterator[Path]:
    for entry in islice(folder.iterdir(), _FOLDER_LOOK):
        hidden = entry.name.startswith(_BESIDE)
        if not hidden and rules_of(media, entry) is not None and entry.is_file():
            yield entry


def by_number(file: Path) -> list[tuple[int, int, str]]:
    """A key for sorting names as people do: 2 comes before 10."""
    parts = filter(None, _DIGITS.split(file.name.casefold()))
    return [(0, int(p), "") if p.isdecimal() else (1, 0, p) for p in parts]


def _take(source: Source, rules: MediumRules, taken: Intake) -> None:
    if not isinstance(source, Path):
        taken.items.append(rules.pasted(source, len(taken.items) + 1))
        return
    found = read_file(source, rules)
    if isinstance(found, Problem):
        taken.problems.append(found)
    elif not found:
        taken.problems.append(Problem("tray.empty_file", {"name": source.name}))
    else:
        taken.items.append(NewReference(source.name, found, rules.medium))


def read_file(file: Path, rules: MediumRules) -> bytes | Problem:
    """The bytes of a file that is no larger than the medium allows. Slow."""
    name, limit = {"name": file.name}, max_bytes(rules.files, file.name)
    try:
        size = file.stat().st_size
        if size > limit:
            return Problem("tray.too_large", name | {"mb": -(-size // MIB), "limit": limit // MIB})
        return file.read_bytes()
    except OSError:
        return Problem("tray.unreadable", name)
