"""Writing that never leaves half a file, and digests.

What is not whole yet has a name of its own beside its place, so that two writers never meet, and
one that is short: names are limited in bytes. It says which process writes it; what a dead process
has left is removed by the next process that writes into that folder.
"""

import errno
import hashlib
import os
import platform
import shutil
import zlib
from collections.abc import Generator
from contextlib import contextmanager, suppress
from functools import lru_cache
from pathlib import Path
from uuid import uuid4

import psutil

from engine.core.errors import BadInput

FULL = (errno.ENOSPC, errno.EDQUOT)
_PREFIX = ".maquette-"


@contextmanager
def writing(path: str) -> Generator[None]:
    """Says which folder it was, when writing there is refused. A full disk stays an OSError."""
    try:
        yield
    except OSError as error:
        if error.errno in FULL:
            raise
        if error.errno == errno.ENAMETOOLONG:
            raise BadInput("long_name", name=Path(path).name) from error
        reason = error.strerror or str(error)
        raise BadInput("bad_folder", path=path, reason=reason) from error


def write_atomic(path: Path, data: bytes) -> None:
    """Write, flush and move into place: at any moment `path` is whole, old or new, or absent."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = part_beside(path)
    try:
        with part.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def part_beside(path: Path) -> Path:
    """A new name in the same folder, for what is not whole yet; leftovers there are removed, once
    by each process: a folder may hold thousands of works."""
    _sweep_once(path.parent.absolute())
    return path.with_name(f"{_PREFIX}{_host()}-{os.getpid()}-{uuid4().hex[:8]}.part")


def sweep(folder: Path) -> None:
    """Remove what processes of this machine were writing in `folder` when they were killed."""
    mine = f"{_PREFIX}{_host()}-"
    with suppress(OSError):
        for old in folder.glob(f"{mine}*.part*"):
            pid = old.name.removeprefix(mine).split("-")[0]
            if pid.isdigit() and not psutil.pid_exists(int(pid)):
                remove(old)


@lru_cache(maxsize=1024)  # folders
def _sweep_once(folder: Path) -> None:
    sweep(folder)


def remove(path: Path) -> None:
    """A file or a folder, whether it is there or not; what cannot be removed stays."""
    with suppress(OSError):
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)


def _host() -> str:
    """On a shared folder another machine's process may be writing: its id says nothing here."""
    return f"{zlib.crc32(platform.node().encode()):08x}"


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
