"""Writing a file whole, or leaving what stands there as it is."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from engine.core.files import part_beside


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


def _flush_folder(folder: Path) -> None:
    """A rename in `folder` reaches the disk; Windows does so by itself."""
    if os.name == "posix":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
