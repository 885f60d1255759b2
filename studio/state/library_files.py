"""The library of styles on the disk: a folder that all projects share.

    ID.json        one entry: its name, medium, cover (PNG, base64) and the digest of its style
    DIGEST.style   the bytes of a style, by their sha256; entries may share them

A style is written before the entry that names it, and removed after it: a studio that is killed
between leaves a style without an entry, never an entry without its style. Every file is replaced
whole. What is damaged all the same is set aside under another name, and told.
"""

import base64
import json
import logging
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

from engine.protocol import Medium
from studio.i18n.errors import MaquetteError
from studio.project.atomic_write import atomic_write
from studio.project.document import digest, now
from studio.state import json_file

FORMAT = 1
SUFFIX = ".style"
MAX_NAME = 80  # characters
_ORPHAN_S = 24 * 3600.0  # another studio may be about to write the entry of a younger style
_log = logging.getLogger(__name__)


class LibraryError(MaquetteError): ...


@dataclass(frozen=True, slots=True, kw_only=True)
class StyleEntry:
    """One style of the library."""

    id: str
    name: str
    medium: Medium
    digest: str  # sha256 of its .style file
    created: datetime
    generator: str = ""
    references: tuple[str, ...] = ()  # names of the works that it was learned from
    made_of: tuple[str, ...] = ()  # names of the styles that it lies between
    notes: int = 0
    sounds: int = 0
    cover: bytes = b""  # PNG
    trashed: bool = False


class LibraryFiles:
    """Reads and writes the folder. Slow; every method raises LibraryError for what cannot be done,
    and then has changed nothing."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def load(self) -> tuple[dict[str, StyleEntry], tuple[LibraryError, ...]]:
        """All entries by id, the newest first, and what had to be set aside or left alone."""
        found, told = list[StyleEntry](), list[LibraryError]()
        whole: dict[str, bool] = {}
        for path in sorted(self.folder.glob("*.json")):
            if "." in path.stem:  # set aside before
                continue
            try:
                entry = self._read(path)
            except LibraryError as error:
                told.append(error)
                continue
            if entry.digest not in whole:
                whole[entry.digest] = self._is_whole(entry.digest)
            if whole[entry.digest]:
                found.append(entry)
            else:
                told.append(self._set_aside(path, entry.name, entry.digest))
        if not told:  # what was left alone may need any of them
            self._sweep({entry.digest for entry in found})
        found.sort(key=lambda entry: entry.created, reverse=True)
        return {entry.id: entry for entry in found}, tuple(told)

    def add(self, data: bytes, **about: Any) -> StyleEntry:
        """Keep a style with what is known of it: the fields of a StyleEntry."""
        entry = StyleEntry(
            id=uuid4().hex[:12],
            digest=digest(data),
            created=datetime.fromisoformat(now()),
            **about,
        )
        path = self._style(entry.digest)
        with self._errors():
            self.folder.mkdir(parents=True, exist_ok=True)
            if not self._is_whole(entry.digest):
                with atomic_write(path) as part:
                    part.write_bytes(data)
        self.write(entry)
        return entry

    def write(self, entry: StyleEntry) -> None:
        """An entry in place of the one with its id."""
        content = {
            "format": FORMAT,
            "name": entry.name,
            "medium": entry.medium.value,
            "digest": entry.digest,
            "created": entry.created.isoformat(),
            "generator": entry.generator,
            "references": list(entry.references),
            "made_of": list(entry.made_of),
            "notes": entry.notes,
            "sounds": entry.sounds,
            "cover": base64.b64encode(entry.cover).decode(),
            "trashed": entry.trashed,
        }
        with self._errors():
            json_file.save(self.folder / f"{entry.id}.json", content)

    def read(self, entry: StyleEntry) -> bytes:
        """The bytes of its style. Raises LibraryError where they are gone or have changed."""
        try:
            data = self._style(entry.digest).read_bytes()
        except OSError as error:
            raise LibraryError("library_damaged", name=entry.name) from error
        if digest(data) != entry.digest:
            raise LibraryError("library_damaged", name=entry.name)
        return data

    def delete(self, entries: Iterable[StyleEntry], rest: Iterable[StyleEntry]) -> None:
        """For good; rest: all that stay, whose styles are needed."""
        needed = {entry.digest for entry in rest}
        with self._errors():
            for entry in entries:
                (self.folder / f"{entry.id}.json").unlink(missing_ok=True)
                if entry.digest not in needed:
                    self._style(entry.digest).unlink(missing_ok=True)

    # ---- one file ------------------------------------------------------------------------------

    def _style(self, name: str) -> Path:
        return self.folder / f"{name}{SUFFIX}"

    def _is_whole(self, name: str) -> bool:
        try:
            return digest(self._style(name).read_bytes()) == name
        except OSError:
            return False

    def _read(self, path: Path) -> StyleEntry:
        try:
            kept = json.loads(path.read_text("utf-8"))
            if int(kept["format"]) > FORMAT:
                raise LibraryError("library_too_new", name=str(kept.get("name", path.stem)))
            return StyleEntry(
                id=path.stem,
                name=str(kept["name"]),
                medium=Medium(kept["medium"]),
                digest=str(kept["digest"]),
                created=datetime.fromisoformat(kept["created"]),
                generator=str(kept["generator"]),
                references=tuple(map(str, kept["references"])),
                made_of=tuple(map(str, kept["made_of"])),
                notes=int(kept["notes"]),
                sounds=int(kept["sounds"]),
                cover=base64.b64decode(kept["cover"]),
                trashed=bool(kept["trashed"]),
            )
        except OSError as error:  # perhaps whole, only not readable now
            raise LibraryError("library_damaged", name=path.stem) from error
        except json_file.NOT_UNDERSTOOD as error:
            _log.warning("an entry of the library is not understood: %s", error)
            raise self._set_aside(path, path.stem) from error

    def _set_aside(self, path: Path, name: str, style: str = "") -> LibraryError:
        """The entry under another name, and its style where that is damaged, too."""
        if style and self._style(style).exists():
            json_file.set_aside(self._style(style))
        kept = json_file.set_aside(path)
        return LibraryError("library_set_aside", name=name, kept=(kept or path).name)

    def _sweep(self, needed: set[str]) -> None:
        """Styles whose entry was never written."""
        for path in self.folder.glob(f"*{SUFFIX}"):
            with suppress(OSError):
                old = time.time() - path.stat().st_mtime > _ORPHAN_S
                if old and path.stem not in needed and "." not in path.stem:
                    path.unlink()

    @contextmanager
    def _errors(self) -> Iterator[None]:
        """What the system says of writing, in our words."""
        try:
            yield
        except OSError as error:
            detail, folder = error.strerror or str(error), str(self.folder)
            raise LibraryError("library_unwritable", detail=detail, folder=folder) from error


def tidy(name: str) -> str:
    """A name as it is kept: one line, not endless."""
    return " ".join(name.split())[:MAX_NAME]


def renamed(entry: StyleEntry, name: str) -> StyleEntry:
    return replace(entry, name=tidy(name) or entry.name)
