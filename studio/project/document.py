"""An open .maquette file: opening, transactions, bytes by content, saving elsewhere, closing."""

import hashlib
import logging
import sqlite3
import threading
import time
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

from engine.core.files import sweep
from studio.project.backups import back_up_if_changed
from studio.project.database import (
    SQLITE_ERRORS,
    ProjectDamagedError,
    ProjectError,
    ProjectExistsError,
    ProjectInUseError,
    ProjectReadOnlyError,
    backups_folder,
    copy_to,
    damaged,
    format_version,
    own,
    project_errors,
    wal_of,
)
from studio.project.deltas import apply_delta
from studio.project.migrations import columns, columns_of, make, make_in_memory, migrate
from studio.project.reading import Reading, open_reading
from studio.project.whereabouts import find, identity_of

SUFFIX = ".maquette"
NO_BYTES = hashlib.sha256(b"").hexdigest()  # of a style that is lost while its works are there
_log = logging.getLogger(__name__)


class Document:
    """The SQLite file under a Project. Any thread may call it; one process owns it at a time.

    `write`, `change`, `read`, `one` and `meta` are for the tables of this package alone.
    """

    def __init__(
        self, path: Path, connection: sqlite3.Connection, reading: Reading | None = None
    ) -> None:
        """Use `create`, `open`, `open_reading` or `in_memory`.

        reading: of one that is open for reading alone, whose connection it is."""
        self.path = path
        self._connection = connection
        self._reading = reading
        self._lock = threading.RLock()
        self._unfolded_since: float | None = None  # when something was written last
        self._identity = None if reading else identity_of(path)
        self._unsaved: dict[str, str] = {}
        self.is_damaged = False  # something in it could not be read

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

        Raises ProjectMissingError, ProjectForeignError, ProjectTooNewError, ProjectDamagedError,
        ProjectInUseError or ProjectUnwritableError, and has then changed nothing. A backup is made
        when it changed since the last one.
        """
        version = format_version(path)
        migrate(path, version)
        project = cls(path, own(path))
        try:
            with project_errors(path):
                project._check()
                if back_up:
                    revision = int(project.meta("revision") or 0)
                    back_up_if_changed(project._connection, path, revision)
        except BaseException:
            project.close()
            raise
        for folder in (path.parent, backups_folder(path)):
            sweep(folder)
        return project

    @classmethod
    def open_reading(cls, path: Path, *, in_use: bool) -> Self:
        """The same for reading alone; in_use: as it stands where another studio has it open."""
        reading = open_reading(path, in_use=in_use)
        project = cls(path, reading.connection, reading)
        try:
            project._check()
        except BaseException:
            project.close()
            raise
        return project

    @classmethod
    def in_memory(cls, path: Path) -> Self:
        """An empty document that no disk wants to take: it can only be saved elsewhere."""
        project = cls(path, make_in_memory())
        project._identity = None
        return project

    def mark_untitled(self) -> None:
        with self.write() as write:
            write.execute("INSERT OR REPLACE INTO meta VALUES ('untitled', '1')")

    @property
    def name(self) -> str:
        return self.path.stem

    @property
    def is_untitled(self) -> bool:
        return self.meta("untitled") is not None

    @property
    def is_read_only(self) -> bool:
        return self._reading is not None

    @property
    def is_in_memory(self) -> bool:
        return self._identity is None and self._reading is None

    def save_as(self, path: Path) -> Self:
        """Write a whole copy to `path`, over whatever stood there, and open it.

        This document stays open and as it is; the caller closes it. Raises ProjectInUseError when
        another studio has `path` open.
        """
        if path.resolve() == self.path.resolve() and not self.is_read_only:
            if not self.is_in_place:
                _refuse_if_open(path)
                self.put_back(path)
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
            if self._reading is not None:
                self._reading.close()
                return
            try:
                self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            except SQLITE_ERRORS as error:  # closed already, or full: the journal keeps all
                _log.info("no checkpoint of %s: %s", self.path, error)
            with suppress(OSError):  # left by a studio that was refused while we held the lock
                self.path.with_name(f"{self.path.name}-shm").unlink(missing_ok=True)
            self._connection.close()

    # ---- the file ------------------------------------------------------------------------------

    def seconds_unfolded(self) -> float | None:
        """How long ago the last of what only the log holds was written; None when it is empty."""
        since = self._unfolded_since
        return None if since is None else time.monotonic() - since

    def fold(self) -> None:
        """Bring all that was written into the file itself, so that a copy of it is whole."""
        with self._lock, project_errors(self.path):
            self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            self._unfolded_since = None

    @property
    def is_in_place(self) -> bool:
        """Whether the file that is written still stands at `path`; False once it was moved,
        deleted, or another was put there. Of one without a file of its own: True."""
        return self._identity is None or self._identity == identity_of(self.path)

    def whereabouts(self) -> Path | None:
        """Where the file was moved to; None where that cannot be known."""
        return None if self._identity is None else find(self._identity, self.path)

    def continue_at(self, path: Path) -> None:
        """The file was moved to `path`: write there from now on."""
        with self._lock:
            self.fold()
            self._connection.close()
            if not self.path.exists():  # else the log of that name may be another studio's
                wal_of(self.path).unlink(missing_ok=True)
            self._go_on(path)

    def put_back(self, path: Path) -> None:
        """Write all of it to `path` anew, over whatever stands there, and go on there."""
        with self._lock, project_errors(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            copy_to(self._connection, path)
            self._connection.close()  # before there is a new log of the same name
            self._go_on(path)

    def _go_on(self, path: Path) -> None:
        self._connection, self.path = own(path), path
        self._identity, self._unfolded_since = identity_of(path), None

    # ---- what is in it -------------------------------------------------------------------------

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
            self.is_damaged = True
            error = damaged(self.path)
            raise type(error)("blob_damaged", **error.params)
        return data

    @contextmanager
    def _errors(self) -> Iterator[None]:
        """`project_errors`; damage is remembered, so that somebody sees to it."""
        try:
            with project_errors(self.path):
                yield
        except ProjectDamagedError:
            self.is_damaged = True
            raise

    @contextmanager
    def held(self) -> Iterator[None]:
        """Nobody else reads or writes meanwhile, and the file itself holds all that it can."""
        with self._lock:
            with suppress(ProjectError):
                self.fold()
            yield

    def put(self, data: bytes) -> str:
        """Keep bytes that something will refer to. Returns their digest."""
        with self.write() as write:
            return put_blob(write, data)

    def put_meta(self, key: str, value: str) -> None:
        """A state, not an action: where the document is only read it is kept until it is closed."""
        if self.is_read_only:
            self._unsaved[key] = value
            return
        self.change("INSERT OR REPLACE INTO meta VALUES (?, ?)", key, value)

    @contextmanager
    def write(self) -> Iterator[sqlite3.Connection]:
        """One transaction: all of it or, after any exception, none of it."""
        if self.is_read_only:
            raise ProjectReadOnlyError("project_read_only", name=self.path.name)
        with self._lock, self._errors():
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
                self._connection.execute(
                    "UPDATE meta SET value = CAST(value AS INTEGER) + 1 WHERE key = 'revision'"
                )
                self._connection.execute("COMMIT")
                self._unfolded_since = time.monotonic()
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
        with self._lock, self._errors():
            return self._connection.execute(query, values).fetchall()

    def one(self, query: str, *values: object) -> sqlite3.Row:
        rows = self.read(query, *values)
        if not rows:
            raise KeyError(values[-1])
        return rows[0]

    def meta(self, key: str) -> str | None:
        """A value by its key; None where there is none."""
        if key in self._unsaved:
            return self._unsaved[key]
        rows = self.read("SELECT value FROM meta WHERE key = ?", key)
        return rows[0][0] if rows else None

    def _check(self) -> None:
        """Raises ProjectDamagedError when a table or a column is missing or holds what is no
        JSON."""
        with self._lock, project_errors(self.path):
            if any(
                not columns_of(self._connection, table) >= own for table, own in columns().items()
            ):
                raise damaged(self.path)
        odd = "SELECT 1 FROM works WHERE NOT json_valid(sidecar)"
        odd += " UNION SELECT 1 FROM styles WHERE NOT json_valid(lineage)"
        if self.read(odd):
            raise damaged(self.path)


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
