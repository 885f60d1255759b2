"""What is whole of a damaged document, in a new one.

Nothing is ever deleted in a document, so whatever its backups hold belongs to it: the newest whole
row of each table and id counts, whichever file it is from, and bytes count when their digest is
right. What can be read nowhere is lost, and told.
"""

import shutil
import sqlite3
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from engine.core.files import remove
from studio.project.backups import backups
from studio.project.database import SQLITE_ERRORS, connect, damaged, own, wal_of
from studio.project.deltas import apply_delta
from studio.project.document import NO_BYTES
from studio.project.migrations import make
from studio.project.reading import private_folder
from studio.project.soundness import is_medium, passes, wrong_columns

_TABLES = ("refs", "styles", "style_refs", "works", "ratings", "edits", "judgements")
_MOST_GAPS = 100_000  # ids that are looked for one by one
_MOST_DELTAS = 50  # on top of each other

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Losses:
    """By table: how many rows are in the new document, of how many."""

    kept: Mapping[str, int]
    of: Mapping[str, int]

    @property
    def nothing(self) -> bool:
        return dict(self.kept) == dict(self.of)

    @property
    def params(self) -> dict[str, int]:
        """For a sentence: works, of_works, references, of_references, ratings, of_ratings."""
        said = ("ratings", "judgements", "edits")
        return {
            "works": self.kept["works"],
            "of_works": self.of["works"],
            "references": self.kept["refs"],
            "of_references": self.of["refs"],
            "said": sum(self.kept[name] for name in said),
            "of_said": sum(self.of[name] for name in said),
        }


def salvage(path: Path, target: Path) -> Losses:
    """Make `target` of the damaged document at `path`, which is left as it is, and its backups.

    Raises ProjectDamagedError when there is nothing in any of them; ProjectFullError.
    """
    folder = private_folder()
    try:
        sources = [source for source in _sources(path, folder) if source is not None]
        try:
            tables = {name: _merged(sources, name) for name in _TABLES}
            if not any(tables.values()):
                raise damaged(path)
            make(target)
            with closing(own(target)) as new:
                return _write(new, sources, tables)
        except SQLITE_ERRORS as error:
            raise damaged(path) from error
        finally:
            for source in sources:
                source.close()
    finally:
        remove(folder)


# ---- reading -----------------------------------------------------------------------------------


def _sources(path: Path, folder: Path) -> Iterator[sqlite3.Connection | None]:
    """The damaged document and its backups, newest first, each as a private copy."""
    for place, source in enumerate((path, *backups(path))):
        copy = folder / f"{place}.maquette"
        with suppress(OSError):
            shutil.copyfile(source, copy)
            if wal_of(source).is_file():
                shutil.copyfile(wal_of(source), wal_of(copy))
            yield _opened(copy)


def _opened(copy: Path) -> sqlite3.Connection | None:
    try:
        connection = connect(copy, "rw")
        connection.text_factory = lambda raw: raw.decode("utf-8", "replace")
        connection.execute("SELECT COUNT(*) FROM sqlite_master").fetchone()
    except SQLITE_ERRORS:
        return None
    return connection


def _merged(sources: list[sqlite3.Connection], table: str) -> dict[int | tuple[int, int], Row]:
    """The newest whole row of each id; where there is none, one with what can be done without
    replaced."""
    found: dict[int | tuple[int, int], Row] = {}
    mended: dict[int | tuple[int, int], Row] = {}
    for source in sources:
        for row in _rows(source, table):
            key = (row["style_id"], row["reference_id"]) if table == "style_refs" else row["id"]
            wrong = wrong_columns(table, row)
            if not wrong:
                found.setdefault(key, row)
            elif wrong <= _REPLACED.keys():
                mended.setdefault(key, row | {name: _REPLACED[name] for name in wrong})
    return dict(sorted((mended | found).items(), key=lambda item: item[0]))


def _rows(source: sqlite3.Connection, table: str, columns: str = "*") -> Iterator[Row]:
    """All that can be read: from both ends towards the damage, then by id what lies between."""
    wanted = f"SELECT rowid AS at, {columns} FROM {table}"
    if table == "style_refs":  # has no row ids
        with suppress(sqlite3.Error):
            for row in source.execute("SELECT * FROM style_refs"):
                yield dict(row)
        return
    seen: set[int] = set()
    for order in ("ASC", "DESC"):
        with suppress(sqlite3.Error):
            for row in source.execute(f"{wanted} ORDER BY rowid {order}"):
                if row["at"] in seen:
                    break
                seen.add(row["at"])
                yield dict(row)
            else:
                return  # the whole table, without damage
    between = range(1, max(seen, default=0))
    for at in [at for at in between if at not in seen][:_MOST_GAPS]:
        with suppress(sqlite3.Error):
            for row in source.execute(f"{wanted} WHERE rowid = ?", [at]):
                yield dict(row)


# What a work or a style can do without: when it was made, and how.
_REPLACED = {
    "created": "1970-01-01T00:00:00.000+00:00",
    "sidecar": "{}",
    "lineage": "{}",
    "tags": "[]",
}


# ---- writing -----------------------------------------------------------------------------------


def _write(
    new: sqlite3.Connection,
    sources: list[sqlite3.Connection],
    tables: dict[str, dict[int | tuple[int, int], Row]],
) -> Losses:
    kept: dict[str, int] = {}
    blobs = _Blobs(sources)
    new.execute("BEGIN")
    for name, rows in tables.items():
        kept[name] = 0
        for row in rows.values():
            digest = row.get("digest")
            if digest and not blobs.bring(new, digest):
                if name == "styles":  # its works are there: it stays, without its bytes
                    _insert(new, name, row | {"digest": blobs.bring_nothing(new)})
                continue
            with suppress(sqlite3.IntegrityError):  # what it belongs to is lost
                _insert(new, name, row)
                kept[name] += 1
    _write_meta(new, sources)
    new.execute("COMMIT")
    of = {name: max(_expected(name, rows), kept[name]) for name, rows in tables.items()}
    return Losses(kept, of)


def _expected(table: str, rows: dict[Any, Row]) -> int:
    """Ids are given out in order and never again."""
    return len(rows) if table == "style_refs" else max(rows, default=0)


def _insert(new: sqlite3.Connection, table: str, row: Row) -> None:
    columns = [each[1] for each in new.execute(f"PRAGMA table_info({table})") if each[1] in row]
    marks = ", ".join("?" * len(columns))
    words = f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})"
    new.execute(words, [row[name] for name in columns])


def _write_meta(new: sqlite3.Connection, sources: list[sqlite3.Connection]) -> None:
    """What every source says, the newest last: brief, medium, names; the damaged one has a say."""
    for source in reversed(sources):
        for row in _rows(source, "meta"):
            if _is_known_meta(row):
                key = _RENAMED.get(row["key"], row["key"])
                new.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", [key, row["value"]])


_RENAMED = {"brief": "brief.image"}  # of format 1


def _is_known_meta(row: Row) -> bool:
    """Of words, none of them damaged, which this key can hold."""
    words = row["key"], row["value"]
    if not all(isinstance(word, str) and "\ufffd" not in word for word in words):
        return False
    checks: dict[str, Callable[[Any], bool]] = {
        "medium": is_medium,
        "revision": lambda value: int(value) >= 0,
    }
    return passes(checks.get(row["key"], lambda _: True), row["value"])


class _Blobs:
    """Bytes by their digest, from whichever source has them whole; each is written once."""

    def __init__(self, sources: list[sqlite3.Connection]) -> None:
        self._written = set[str]()
        self._places: dict[str, list[tuple[sqlite3.Connection, int]]] = {}
        for source in sources:  # not by the index of the digests, which may be damaged, too
            for row in _rows(source, "blobs", "digest"):
                self._places.setdefault(row["digest"], []).append((source, row["at"]))

    def bring(self, new: sqlite3.Connection, digest: str) -> bool:
        if digest not in self._written:
            data = self._found(digest)
            if data is None:
                return False
            self._put(new, digest, data)
        return True

    def bring_nothing(self, new: sqlite3.Connection) -> str:
        if NO_BYTES not in self._written:
            self._put(new, NO_BYTES, b"")
        return NO_BYTES

    def _put(self, new: sqlite3.Connection, digest: str, data: bytes) -> None:
        new.execute("INSERT INTO blobs (digest, data) VALUES (?, ?)", [digest, data])
        self._written.add(digest)

    def _found(self, digest: str, depth: int = 0) -> bytes | None:
        for source, at in self._places.get(digest, ()):
            with suppress(sqlite3.Error, zlib.error, ValueError, IndexError):
                row = dict(source.execute("SELECT * FROM blobs WHERE rowid = ?", [at]).fetchone())
                data, base = bytes(row["data"]), row.get("base")
                if base and depth < _MOST_DELTAS:
                    below = self._found(base, depth + 1)
                    data = apply_delta(below, data) if below is not None else b""
                if sha256(data).hexdigest() == digest:
                    return data
        return None
