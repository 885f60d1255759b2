"""Writing that never leaves half a file, and digests."""

import hashlib
import os
from pathlib import Path
from uuid import uuid4


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
