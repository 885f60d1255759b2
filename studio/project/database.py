"""SQLite for the .maquette document: opening without harm, one owner, errors in the artist's words.

A document is held under SQLite's exclusive lock while it is open, so a second studio can only read
a copy (see `reading`) and a killed one leaves nothing locked. In write-ahead mode with
synchronous=FULL every committed action survives a power cut.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from studio.i18n.errors import MaquetteError
from studio.project.atomic_write import atomic_write

APPLICATION_ID = 0x4D617175  # "Maqu"
FORMAT = 4
LOCK_WAIT_S = 0.3


class ProjectError(MaquetteError):
    """Something about a project file."""


class ProjectMissingError(ProjectError): ...


class ProjectExistsError(ProjectError): ...


class ProjectForeignError(ProjectError):
    """The file is no Maquette project."""


class ProjectDamagedError(ProjectError): ...


class ProjectTooNewError(ProjectError): ...


class ProjectInUseError(ProjectError): ...


class ProjectFullError(ProjectError):
    """The disk is full."""


class ProjectUnwritableError(ProjectError):
    """Read-only, or the disk reports an error."""


class ProjectReadOnlyError(ProjectError):
    """It is open for reading alone."""


_BY_CODE: dict[int, tuple[type[ProjectError], str]] = {
    sqlite3.SQLITE_FULL: (ProjectFullError, "project_full"),
    sqlite3.SQLITE_BUSY: (ProjectInUseError, "project_in_use"),
    sqlite3.SQLITE_LOCKED: (ProjectInUseError, "project_in_use"),
    sqlite3.SQLITE_CORRUPT: (ProjectDamagedError, "project_damaged"),
    sqlite3.SQLITE_NOTADB: (ProjectForeignError, "project_foreign"),
    sqlite3.SQLITE_READONLY: (ProjectUnwritableError, "project_unwritable"),
    sqlite3.SQLITE_CANTOPEN: (ProjectUnwritableError, "project_unwritable"),
    sqlite3.SQLITE_IOERR: (ProjectUnwritableError, "project_unwritable"),
    sqlite3.SQLITE_PERM: (ProjectUnwritableError, "project_unwritable"),
}


def backups_folder(path: Path) -> Path:
    """`Study.maquette` → `Study.maquette.backups` beside it."""
    return path.with_name(f"{path.name}.backups")


# SQLite's errors; and Python's own of an error whose message quotes bytes that are no UTF-8, as
# that of a damaged schema does.
SQLITE_ERRORS = (sqlite3.Error, UnicodeDecodeError)


@contextmanager
def project_errors(path: Path) -> Iterator[None]:
    """SQLite's and the system's errors about `path` become ProjectErrors."""
    try:
        yield
    except sqlite3.Error as error:
        code = getattr(error, "sqlite_errorcode", -1) & 0xFF
        if str(error).startswith("Could not decode"):  # Python's own: a text that is no UTF-8
            raise damaged(path) from error
        if code not in _BY_CODE:  # a broken constraint or a closed connection: a fault of ours
            raise
        kind, key = _BY_CODE[code]
        raise kind(key, name=path.name, backups=backups_folder(path).name) from error
    except UnicodeDecodeError as error:
        raise damaged(path) from error
    except OSError as error:
        kind, key = disk_error(error)
        raise kind(key, name=path.name) from error


def damaged(path: Path) -> ProjectDamagedError:
    return ProjectDamagedError("project_damaged", name=path.name, backups=backups_folder(path).name)


def wal_of(path: Path) -> Path:
    """The write-ahead log beside a document: what is not folded into it yet."""
    return path.with_name(f"{path.name}-wal")


def disk_error(error: OSError) -> tuple[type[ProjectError], str]:
    """Full disks are told from every other trouble with a file."""
    if error.errno in (28, 122):  # ENOSPC, EDQUOT
        return ProjectFullError, "project_full"
    return ProjectUnwritableError, "project_unwritable"


def connect(path: Path, mode: str) -> sqlite3.Connection:
    """A connection in autocommit mode; `mode` is "ro" or "rw", neither makes a file.

    "ro&immutable=1" takes no lock and leaves the write-ahead log out: for a file that nobody
    writes, on a disk that nobody may write on.
    """
    connection = sqlite3.connect(
        f"{path.resolve().as_uri()}?mode={mode}",
        uri=True,
        timeout=LOCK_WAIT_S,
        isolation_level=None,
        check_same_thread=False,  # Project serialises its callers
    )
    connection.row_factory = sqlite3.Row
    return connection


def format_version(path: Path, mode: str = "ro") -> int:
    """The document's format, read without writing a byte. mode: see `connect`.

    Raises ProjectMissingError, ProjectForeignError, ProjectTooNewError, ProjectInUseError or
    ProjectDamagedError.
    """
    if not path.is_file():
        raise ProjectMissingError("project_missing", name=path.name)
    with project_errors(path), closing(connect(path, mode)) as connection:
        (identity,) = connection.execute("PRAGMA application_id").fetchone()
        (version,) = connection.execute("PRAGMA user_version").fetchone()
    if identity != APPLICATION_ID or version < 1:
        raise ProjectForeignError("project_foreign", name=path.name)
    if version > FORMAT:
        raise ProjectTooNewError("project_too_new", name=path.name, format=version, known=FORMAT)
    return version


def own(path: Path) -> sqlite3.Connection:
    """The one connection of an open document; a journal left by a killed studio is recovered."""
    with project_errors(path):
        connection = connect(path, "rw")
        try:
            connection.execute("PRAGMA locking_mode = EXCLUSIVE")
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute("PRAGMA foreign_keys = ON")
            # The lock is taken by the first transaction that could write.
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("COMMIT")
        except SQLITE_ERRORS:
            connection.close()
            raise
    return connection


def copy_to(connection: sqlite3.Connection, target: Path) -> None:
    """A whole, settled copy at `target`: written beside it, flushed, then put in its place."""
    with atomic_write(target, settle) as part, closing(sqlite3.connect(part)) as copy:
        connection.backup(copy)
        copy.execute("PRAGMA journal_mode = DELETE")


def settle(path: Path) -> None:
    """Fold a leftover journal into the file at `path`, so that none is applied to its successor."""
    wal = wal_of(path)
    if path.is_file() and wal.exists():
        try:
            with closing(connect(path, "rw")) as connection:
                connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        except (sqlite3.DatabaseError, UnicodeDecodeError) as error:
            if getattr(error, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_BUSY:
                raise
    wal.unlink(missing_ok=True)
    path.with_name(f"{path.name}-shm").unlink(missing_ok=True)
