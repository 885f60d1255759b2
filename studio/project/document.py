"""An open .maquette file: opening, transactions, bytes by content, saving elsewhere, closing."""

import hashlib
import itertools
import logging
import sqlite3
import threading
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

from studio.i18n.errors import MaquetteError
from studio.project.backups import back_up_if_changed
from studio.project.database import (
    ProjectDamagedError,
    ProjectError,
    ProjectExistsError,
    ProjectForeignError,
    ProjectInUseError,
    ProjectTooNewError,
    backups_folder,
    copy_to,
    format_version,
    own,
    project_errors,
)
from studio.project.deltas import apply_delta
from studio.project.migrations import TABLE_NAMES, make, migrate

SUFFIX = ".maquette"
_log = logging.getLogger(__name__)


class Document:
    """The SQLite file under a Project. Any thread may call it; one process owns it at a time.

    `write`, `change`, `read`, `one` and `meta` are for the tables of this package alone.
    """

    def __init__(self, path: Path, connection: sqlite3.Connection) -> None:
        """Use `create`, `open`, `untitled` or `fresh`."""
        self.path = path
        self.notice: MaquetteError | None = None  # said once by the window, when there is one
        self._connection = connection
        self._lock = threading.RLock()

    @classmethod
    def create(cls, path: Path) -> Self:
        """A new, empty document. Raises ProjectExistsError rather than write over a file."""
        if path.exists():
            raise ProjectExistsError("project_exists", name=path.name)
        make(path)
        return cls.open(path)

    @classmethod
    def open(cls, path: Path, *, back_up: bool = True) -> Self:
        """The document at `path`, recovered if its studio was killed, migrated if it is older.

        Raises ProjectMissingError, ProjectForeignError, ProjectTooNewError, ProjectDamagedError or
        ProjectInUseError, and has then changed nothing. A backup is made when it
        changed since the last one.
        """
        version = format_version(path)
        migrate(path, version)
        project = cls(path, own(path))
        try:
            with project_errors(path):
                project._check_tables()
                if back_up:
                    revision = int(project.meta("revision") or 0)
                    back_up_if_changed(project._connection, path, revision)
        except BaseException:
            project.close()
            raise
        return project

    @classmethod
    def untitled(cls, folder: Path) -> Self:
        """The untitled document in `folder`, made when there is none.

        One that another studio holds or that cannot be read is left alone and the next number
        taken; the latter is said in `notice`.
        """
        notice: MaquetteError | None = None
        for path in _untitled_paths(folder):
            if not path.exists():
                project = cls._make_untitled(path)
            else:
                try:
                    project = cls.open(path)
                except ProjectInUseError:
                    continue
                except (ProjectDamagedError, ProjectForeignError, ProjectTooNewError) as error:
                    _log.warning("%s", error)
                    notice = error
                    continue
            project.notice = notice
            return project
        raise AssertionError  # the numbers do not end

    @classmethod
    def fresh(cls, folder: Path) -> Self:
        """A new empty untitled document: for the command "New"."""
        return cls._make_untitled(next(p for p in _untitled_paths(folder) if not p.exists()))

    @classmethod
    def _make_untitled(cls, path: Path) -> Self:
        project = cls.create(path)
        with project.write() as write:
            write.execute("INSERT OR REPLACE INTO meta VALUES ('untitled', '1')")
        return project

    @property
    def name(self) -> str:
        return self.path.stem

    @property
    def is_untitled(self) -> bool:
        return self.meta("untitled") is not None

    def save_as(self, path: Path) -> Self:
        """Write a whole copy to `path`, over whatever stood there, and open it.

        This document stays open and as it is; the caller closes it. Raises ProjectInUseError when
        another studio has `path` open.
        """
        if path.resolve() == self.path.resolve():
            return self
        with self._lock, project_errors(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            _refuse_if_open(path)
            copy_to(self._connection, path)
        project = type(self).open(path, back_up=False)
        with project.write() as write:
            write.execute("DELETE FROM meta WHERE key = 'untitled'")
        return project

    def close(self) -> None:
        """Fold the journal into the file and give it free. May be called twice."""
        with self._lock:
            try:
                self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            except sqlite3.Error as error:  # closed already, or full: the journal keeps all
                _log.info("no checkpoint of %s: %s", self.path, error)
            with suppress(OSError):  # left by a studio that was refused while we held the lock
                self.path.with_name(f"{self.path.name}-shm").unlink(missing_ok=True)
            self._connection.close()

    def blob(self, name: str) -> bytes:
        """The bytes whose digest is `name`. Raises ProjectDamagedError when they have changed."""
        row = self.one("SELECT data, base FROM blobs WHERE digest = ?", name)
        data = bytes(row["data"])
        if row["base"]:
            try:
                data = apply_delta(self.blob(row["base"]), data)
            except (zlib.error, ValueError):
                data = b""  # damaged: the digest tells
        if digest(data) != name:
            raise ProjectDamagedError(
                "blob_damaged", name=self.path.name, backups=backups_folder(self.path).name
            )
        return data

    def put(self, data: bytes) -> str:
        """Keep bytes that something will refer to. Returns their digest."""
        with self.write() as write:
            return put_blob(write, data)

    def put_meta(self, key: str, value: str) -> None:
        self.change("INSERT OR REPLACE INTO meta VALUES (?, ?)", key, value)

    @contextmanager
    def write(self) -> Iterator[sqlite3.Connection]:
        """One transaction: all of it or, after any exception, none of it."""
        with self._lock, project_errors(self.path):
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
                self._connection.execute(
                    "UPDATE meta SET value = CAST(value AS INTEGER) + 1 WHERE key = 'revision'"
                )
                self._connection.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:  # a full disk may have rolled back by itself
                    self._connection.execute("ROLLBACK")
                raise

    def change(self, statement: str, *values: object) -> None:
        """One statement that must touch one row. Raises KeyError when it touches none."""
        with self.write() as write:
            if write.execute(statement, values).rowcount == 0:
                raise KeyError(values[-1])

    def read(self, query: str, *values: object) -> list[sqlite3.Row]:
        with self._lock, project_errors(self.path):
            return self._connection.execute(query, values).fetchall()

    def one(self, query: str, *values: object) -> sqlite3.Row:
        rows = self.read(query, *values)
        if not rows:
            raise KeyError(values[-1])
        return rows[0]

    def meta(self, key: str) -> str | None:
        """A value by its key; None where there is none."""
        rows = self.read("SELECT value FROM meta WHERE key = ?", key)
        return rows[0][0] if rows else None

    def _check_tables(self) -> None:
        names = {row["name"] for row in self.read("SELECT name FROM sqlite_master")}
        if not names >= TABLE_NAMES:
            raise ProjectDamagedError(
                "project_damaged", name=self.path.name, backups=backups_folder(self.path).name
            )


def _untitled_paths(folder: Path) -> Iterator[Path]:
    yield folder / f"Untitled{SUFFIX}"
    for number in itertools.count(2):
        yield folder / f"Untitled {number}{SUFFIX}"


def _refuse_if_open(path: Path) -> None:
    if path.exists():
        try:
            format_version(path)
        except ProjectInUseError:
            raise
        except ProjectError:  # any other file is the artist's to overwrite: the dialog has asked
            return


def put_blob(
    write: sqlite3.Connection, data: bytes, base: str = "", delta: bytes | None = None
) -> str:
    """Keep bytes once, whatever refers to them. Returns their digest.

    delta: the same bytes as a delta to those with the digest `base`.
    """
    name = digest(data)
    kept = (name, data, None) if delta is None else (name, delta, base)
    write.execute("INSERT OR IGNORE INTO blobs (digest, data, base) VALUES (?, ?, ?)", kept)
    return name


def digest(data: bytes) -> str:
    """sha256, hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def now() -> str:
    """As times stand in the document: ISO 8601, UTC."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")
