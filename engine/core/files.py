"""Writing that never leaves half a file, and digests."""

import hashlib
import os
from pathlib import Path
from uuid import uuid4


def write_atomic(path: Path, data: bytes) -> None:
    """Write, flush and move into place: at any moment `path` is whole, old or new, or absent."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.{uuid4().hex[:8]}.part")
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
