"""A portfolio: works as a web page in a folder, in both languages, without anything from outside.

index.html  index.LANGUAGE.html   the same page in the window's language and in the other one
works/      the works as files    small/  what the page shows of pictures and music
"""

import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from html import escape
from itertools import groupby
from pathlib import Path
from urllib.parse import quote

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QColor, QImage, QPainter

from studio.i18n import LANGUAGES, catalogue
from studio.project.project import Project
from studio.project.rows import WorkRow
from studio.state.export import sidecar_bytes, unwritable, write
from studio.state.export_format import ExportError, ExportFormat, ExportOptions
from studio.state.export_names import file_stem, free_stem, heading_of, title_of
from studio.state.medium import Media
from studio.views.portfolio_page import Entry, page

SMALL_PX = 960  # the longer side of what the page shows
_SOUND = QSize(960, 240)
_FILES = {  # what each kind of work leaves as: every browser opens it
    "picture": ExportFormat.PNG,
    "words": ExportFormat.TXT,
    "sound": ExportFormat.FLAC,
}


@dataclass(frozen=True, slots=True)
class Portfolio:
    project: Project
    media: Media
    works: tuple[WorkRow, ...]
    options: ExportOptions  # pattern and sidecars


def write_portfolio(
    project: Project,
    media: Media,
    work_ids: Sequence[int],
    target: Path,
    options: ExportOptions,
    language: str,
) -> tuple[Path, ...]:
    """Write the folder `target`, which must not exist, whole or not at all. On any thread.

    language: of index.html. Returns its path. Raises ExportError or ProjectError.
    """
    if not work_ids:
        raise ExportError("export_nothing")
    order = list(media)
    works = [project.works.get(work_id) for work_id in work_ids]
    works.sort(key=lambda work: order.index(work.medium))
    portfolio = Portfolio(project, media, tuple(works), options)
    part = target.with_name(f".{target.name}.part")
    try:
        shutil.rmtree(part, ignore_errors=True)
        for folder in ("works", "small"):
            (part / folder).mkdir(parents=True)
        entries = tuple(_write_works(portfolio, part))
        heading = heading_of(project, media, works[0])
        for each in LANGUAGES:
            words = catalogue(each)
            name = "index.html" if each == language else f"index.{each}.html"
            others = [
                (one, "index.html" if one == language else f"index.{one}.html")
                for one in LANGUAGES
                if one != each
            ]
            sections = [
                (words[f"medium.{medium.value}"], [entry for _work, entry in group])
                for medium, group in groupby(
                    zip(works, entries, strict=True), key=lambda pair: pair[0].medium
                )
            ]
            write(part / name, page(each, heading, words, sections, others).encode())
        part.rename(target)
    except OSError as error:
        raise unwritable(error, target.name, 0, len(works)) from error
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return (target / "index.html",)


def _write_works(portfolio: Portfolio, folder: Path) -> Iterator[Entry]:
    taken: set[str] = set()
    for work in portfolio.works:
        yield _write_work(portfolio, work, folder, taken)


def _write_work(portfolio: Portfolio, work: WorkRow, folder: Path, taken: set[str]) -> Entry:
    project, rules = portfolio.project, portfolio.media[work.medium]
    wanted = replace(portfolio.options, format=_FILES[rules.shown_as])
    data = project.blob(work.shown_digest)
    stem = free_stem(
        file_stem(wanted.pattern, project, rules, work), wanted.format, taken, wanted.sidecars
    )
    name = f"{stem}.{wanted.format}"
    write(folder / "works" / name, rules.encode(data, wanted))
    if wanted.sidecars:
        write(folder / "works" / f"{stem}.json", sidecar_bytes(project, work, name))
    words, small, size = "", "", QSize()
    if rules.shown_as == "words":
        words = rules.encode(data, wanted).decode().strip("\n")
    elif rules.shown_as == "picture":
        size = QSize(work.width_px, work.height_px)
        small = f"small/{quote(stem)}.jpg"
        side = min(SMALL_PX, max(size.width(), size.height()))
        shown = replace(wanted, format=ExportFormat.JPEG, side_px=side, quality=88)
        write(folder / "small" / f"{stem}.jpg", rules.encode(data, shown))
    else:
        size, small = _SOUND, f"small/{quote(stem)}.png"
        image = QImage(_SOUND, QImage.Format.Format_RGB32)
        image.fill(QColor("white"))
        painter = QPainter(image)
        box = QRectF(image.rect()).adjusted(16, 16, -16, -16)
        rules.draw(painter, box, data, project.works.sidecar(work.id))
        painter.end()
        if not image.save(str(folder / "small" / f"{stem}.png")):
            raise OSError(5, folder.name)
    return Entry(
        kind=rules.shown_as,
        title=escape(title_of(project, rules, work)),
        number=work.id,
        stars=work.rating,
        file=f"works/{quote(name)}",
        small=small,
        size=(size.width(), size.height()),
        words=escape(words),
    )
