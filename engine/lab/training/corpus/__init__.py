"""What the generators learn from: `python -m engine corpus list|fetch|build|learned`."""

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from engine.meta.errors import MetaError

if TYPE_CHECKING:
    from engine.lab.training.corpus.sources import Source

FOLDER = Path("corpus")


class UnknownMediumError(MetaError):
    """A medium that has no recipe."""

    def __init__(self, medium: str) -> None:
        super().__init__(
            f"there is no corpus recipe for {medium!r}: it takes text, modern, image or audio"
        )


def run(
    verb: Literal["list", "fetch", "build", "learned"],
    medium: str = "text",
    folder: Path = FOLDER,
    paintings: Path | None = None,
) -> None:
    """List the sources, fetch them, build folder/<medium>, or write the filter of what was learned.

    Raises `SourceMissingError`, `UnknownMediumError`, and FileNotFoundError before the build.
    """
    from engine.lab.training.corpus import sources
    from engine.lab.training.corpus.build import build
    from engine.lab.training.corpus.learned import write_learned

    place = folder / medium
    if medium == "image":
        _run_image(verb, place, paintings)
        return
    if medium == "modern":
        _run_modern(verb, place)
        return
    if medium == "audio":
        _run_notes(verb, folder / "notes")
        _run_instruments(verb, folder / "timbre")
        return
    if medium != "text":
        raise UnknownMediumError(medium)
    if verb == "list":
        sys.stdout.write(table(place))
    elif verb == "fetch":
        sources.fetch(place)
    elif verb == "build":
        build(place)
    else:
        write_learned(place)


def _run_image(verb: str, place: Path, paintings: Path | None) -> None:
    from engine.lab.training.corpus import image_build, image_sources, sources

    if verb == "list":
        sys.stdout.write(image_build.table(place))
    elif verb == "fetch":
        sources.fetch(place, image_sources.SOURCES)
    elif verb == "build":
        image_build.build(place, paintings)
    else:
        raise UnknownMediumError("image")


def _run_modern(verb: str, place: Path) -> None:
    from engine.lab.training.corpus import modern, sources

    if verb == "list":
        sys.stdout.write(aligned(modern.MODERN_SOURCES, {}))
    elif verb == "fetch":
        sources.fetch(place, modern.MODERN_SOURCES)
    elif verb == "build":
        modern.build_modern(place)
    else:
        raise UnknownMediumError("modern")


def _run_notes(verb: str, place: Path) -> None:
    from engine.lab.training.corpus import notes_build, notes_sources

    if verb == "list":
        sys.stdout.write(notes_build.table(place))
    elif verb == "fetch":
        notes_sources.fetch(place)
    elif verb == "build":
        notes_build.build(place)
    else:
        raise UnknownMediumError("audio")


def _run_instruments(verb: str, place: Path) -> None:
    from engine.lab.training.corpus import instruments_build, instruments_sources

    if verb == "list":
        sys.stdout.write(instruments_build.table(place))
    elif verb == "fetch":
        instruments_sources.fetch(place)
    elif verb == "build":
        instruments_build.build(place)
    else:
        raise UnknownMediumError("audio")


def table(place: Path) -> str:
    """The sources as aligned columns, with the works kept where the corpus is built."""
    from engine.lab.training.corpus.build import PROVENANCE_FILE
    from engine.lab.training.corpus.sources import SOURCES

    built = place / PROVENANCE_FILE
    found = json.loads(built.read_text(encoding="utf-8"))["sources"] if built.exists() else {}
    return aligned(SOURCES, found)


def aligned(sources: "Sequence[Source]", found: Mapping[str, Any]) -> str:
    """A row of each source; found: what is known of those that were fetched."""
    rows = [("source", "package", "version", "works", "licence", "holds")]
    for source in sources:
        kept = found.get(source.name, {})
        version, works = kept.get("version", source.version), str(kept.get("works", "-"))
        rows.append((source.name, source.package, version, works, source.licence, source.holds))
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    lines = ("  ".join(c.ljust(w) for c, w in zip(row, widths, strict=True)) for row in rows)
    return "\n".join(line.rstrip() for line in lines) + "\n"
