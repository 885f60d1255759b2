"""Writing a file whole, or leaving what stands there as it is.

What is not whole yet has a name of its own beside its place, so that two writers never meet, and
one that is short: names are limited in bytes. It says which process writes it; what a dead process
has left is removed by whoever writes into that folder next.
"""

import os
import platform
import shutil
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from uuid import uuid4

import psutil

_PREFIX = ".maquette-"


@contextmanager
def atomic_write(path: Path, first: Callable[[Path], None] | None = None) -> Iterator[Path]:
    """A temporary path beside `path`; flushed and put in its place when all went well.

    `first(path)` is called with the new file whole, before it takes the place of the old one.
    """
    part = part_beside(path)
    try:
        yield part
        with part.open("rb+") as file:
            os.fsync(file.fileno())
        if first is not None:
            first(path)
        part.replace(path)
        _flush_folder(path.parent)
    finally:
        part.unlink(missing_ok=True)


def part_beside(path: Path) -> Path:
    """A new name in the same folder, for what is not whole yet; leftovers there are removed."""
    sweep(path.parent)
    return path.with_name(f"{_PREFIX}{_host()}-{os.getpid()}-{uuid4().hex[:8]}.part")


def sweep(folder: Path) -> None:
    """Remove what processes of this machine were writing in `folder` when they were killed."""
    mine = f"{_PREFIX}{_host()}-"
    with suppress(OSError):
        for old in folder.glob(f"{mine}*.part*"):
            pid = old.name.removeprefix(mine).split("-")[0]
            if pid.isdigit() and not psutil.pid_exists(int(pid)):
                remove(old)


def remove(path: Path) -> None:
    """A file or a folder, whether it is there or not."""
    with suppress(OSError):
        shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)


def _host() -> str:
    """On a shared folder another machine's process may be writing: its id says nothing here."""
    return f"{zlib.crc32(platform.node().encode()):08x}"


def _flush_folder(folder: Path) -> None:
    """A rename in `folder` reaches the disk; Windows does so by itself."""
    if os.name == "posix":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
