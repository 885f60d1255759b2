"""Where an open file has gone: by its inode it is told from what stands at its path."""

import sys
from contextlib import suppress
from pathlib import Path

_BINS = {"trash", ".trash", ".trashes", "$recycle.bin"}  # what lies there was thrown away

Identity = tuple[int, int]  # device, inode


def identity_of(path: Path) -> Identity | None:
    """None where there is no such file."""
    try:
        about = path.stat()
    except OSError:
        return None
    return about.st_dev, about.st_ino


def find(identity: Identity, path: Path) -> Path | None:
    """Where the file with this identity, open in this process and once at `path`, stands now.

    None where it was deleted or thrown away, or where this system does not say.
    """
    for candidate in (*_open_files(), *_beside(path)):
        if identity_of(candidate) == identity and not _BINS & {p.lower() for p in candidate.parts}:
            return candidate
    return None


def _open_files() -> list[Path]:
    """Of this process, under their present names: Linux knows them."""
    if not sys.platform.startswith("linux"):
        return []
    found = []
    with suppress(OSError):
        for handle in Path("/proc/self/fd").iterdir():
            with suppress(OSError):
                found.append(handle.readlink())
    return found


def _beside(path: Path) -> list[Path]:
    """Files were renamed most often where they are."""
    try:
        return [each for each in path.parent.iterdir() if each.suffix == path.suffix]
    except OSError:
        return []
