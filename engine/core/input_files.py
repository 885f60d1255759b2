"""Which files are let in: the paths an artist names become a short list of readable files."""

import hashlib
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from engine.core.errors import BadInput
from engine.core.names import by_number, stands_beside
from engine.protocol import MAX_REFERENCES
from engine.protocol.files import MIB

MAX_FILE_BYTES = 100 * MIB  # of what is no reference: sidecars, ratings
_HIDDEN = 0x2  # FILE_ATTRIBUTE_HIDDEN
_APPLE_DOUBLE = b"\x00\x05\x16\x07"  # what macOS keeps beside files on other systems' disks


def expand(paths: list[Path], suffixes: tuple[str, ...]) -> list[Path]:
    """Files as they are, folders as their files with one of `suffixes`, in order of name, 2 before
    10. Each once. What is hidden, or kept beside another file, does not count, and in a folder
    nothing that is empty does.

    Raises BadInput for a path that cannot be looked at, a folder without such files, or more than
    MAX_REFERENCES.
    """
    found: list[Path] = []
    for path in paths:
        try:
            found.extend(_inside(path, suffixes) if path.is_dir() else [path])
        except OSError as error:
            reason = error.strerror or str(error)
            raise BadInput("unreadable_file", name=path.name, reason=reason) from error
    found = list(dict.fromkeys(found))
    found = [path for path in found if not stands_beside(path.name)] or found
    if not found:
        raise BadInput("no_references")
    if len(found) > MAX_REFERENCES:
        raise BadInput("many_references", count=len(found), limit=MAX_REFERENCES)
    return found


def _inside(folder: Path, suffixes: tuple[str, ...]) -> list[Path]:
    files = files_in(folder, suffixes)
    if not files:
        raise BadInput("empty_folder", path=str(folder), suffixes=", ".join(suffixes))
    return files


def files_in(folder: Path, suffixes: tuple[str, ...]) -> list[Path]:
    """The files of a folder that count, in order of name. Raises OSError."""
    files = (each for each in folder.iterdir() if each.suffix.lower() in suffixes)
    return sorted((each for each in files if _counts(each)), key=by_number)


def _counts(path: Path) -> bool:
    if stands_beside(path.name) or not path.is_file():
        return False
    about = path.stat()
    hidden = getattr(about, "st_file_attributes", 0) & _HIDDEN  # Windows alone says so
    return about.st_size > 0 and not hidden


def read_bytes(path: Path, max_bytes: int = MAX_FILE_BYTES) -> bytes:
    """The whole file. Raises BadInput when it is missing, unreadable, empty or too large."""
    with _readable(path) as size:
        if size > max_bytes:
            size_mb, limit_mb = -(-size // MIB), max_bytes // MIB
            raise BadInput("large_file", name=path.name, size_mb=size_mb, limit_mb=limit_mb)
        data = path.read_bytes()
    if data.startswith(_APPLE_DOUBLE):
        raise BadInput("companion_file", name=path.name)
    return data


def file_digest(path: Path) -> str:
    """The sha256 of a file of any size. Raises BadInput when it is missing, unreadable or empty."""
    with _readable(path), path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def _readable(path: Path) -> Generator[int]:
    """The size of a file that is there, in bytes; what reading it raises becomes a BadInput."""
    try:
        if not path.is_file():
            raise BadInput("missing_file", path=str(path))
        size = path.stat().st_size
        if size == 0:
            raise BadInput("empty_file", name=path.name)
        yield size
    except OSError as error:
        reason = error.strerror or str(error)
        raise BadInput("unreadable_file", name=path.name, reason=reason) from error
