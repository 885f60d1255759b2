"""Opening a document that may not be written on: another studio holds it, or the disk refuses.

What another studio holds is read from a copy, as it stood when it was copied; so is what has a
write-ahead log or an older format. All else is read where it is.
"""

import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from engine.core.files import remove
from studio.project.database import (
    FORMAT,
    ProjectInUseError,
    connect,
    format_version,
    own,
    project_errors,
    wal_of,
)
from studio.project.migrations import migrate

_TRIES = 5
_IMMUTABLE = "ro&immutable=1"
_WAL_HEADER_BYTES = 32  # its salt changes whenever the log begins anew


@dataclass(frozen=True, slots=True)
class Reading:
    """folder: of the private copy, to be removed with the connection; None where there is none."""

    connection: sqlite3.Connection
    folder: Path | None = None

    def close(self) -> None:
        self.connection.close()
        if self.folder is not None:
            remove(self.folder)


def open_reading(path: Path, *, in_use: bool) -> Reading:
    """Raises as `format_version` does; ProjectFullError when there is no room for a copy."""
    version = format_version(path, _IMMUTABLE)
    wal = wal_of(path)
    has_log = wal.is_file() and wal.stat().st_size > 0
    if not in_use and not has_log and version == FORMAT:
        with project_errors(path):
            return Reading(connect(path, _IMMUTABLE))
    folder = private_folder()
    try:
        with project_errors(path):
            copy = copy_settled(path, folder)
        migrate(copy, version)
        return Reading(own(copy), folder)
    except BaseException:
        remove(folder)
        raise


def private_folder() -> Path:
    """A new temporary folder that ends with this process: the next studio removes it if it must."""
    with project_errors(Path("temporary files")):
        return Path(tempfile.mkdtemp(prefix=f"maquette-{os.getpid()}-"))


def copy_settled(path: Path, folder: Path) -> Path:
    """The document with its log in `folder`, taken while nothing was folded into it.

    Raises ProjectInUseError when its owner never pauses, OSError.
    """
    target = folder / path.name
    for _ in range(_TRIES):
        before = _state_of(path)
        shutil.copyfile(path, target)
        with _absent_is_fine():
            shutil.copyfile(wal_of(path), wal_of(target))
        if _state_of(path) == before:
            return target
        wal_of(target).unlink(missing_ok=True)
    raise ProjectInUseError("project_in_use", name=path.name)


def _state_of(path: Path) -> tuple[object, ...]:
    """What changes when the log is folded in. What is only added to the log may be missed."""
    about, head = path.stat(), b""
    with _absent_is_fine(), wal_of(path).open("rb") as log:
        head = log.read(_WAL_HEADER_BYTES)
    return about.st_ino, about.st_size, about.st_mtime_ns, head


@contextmanager
def _absent_is_fine() -> Iterator[None]:
    try:
        yield
    except FileNotFoundError:
        return
