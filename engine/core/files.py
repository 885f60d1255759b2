"""Writing that never leaves half a file, and digests."""

import errno
import hashlib
import os
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

from engine.core.errors import BadInput

FULL = (errno.ENOSPC, errno.EDQUOT)


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
    """Write, flush and move into place: at any moment `path` is whole, old or new, or absent.

    The part beside it has a short name of its own: names are limited in bytes, and `path` may have
    as long a one as the disk takes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{uuid4().hex}.part")
    try:
        with part.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
