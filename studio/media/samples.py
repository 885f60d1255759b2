"""The shipped samples: of each medium a handful by one artist, one manner and not a medley."""

from collections.abc import Sequence
from pathlib import Path

MOST = 5


def by_artist(folder: Path, suffixes: Sequence[str]) -> dict[str, list[Path]]:
    """Files whose names begin with the same word are by one artist."""
    found: dict[str, list[Path]] = {}
    for file in sorted(folder.iterdir() if folder.is_dir() else ()):
        if file.suffix in suffixes:
            found.setdefault(file.stem.partition("-")[0], []).append(file)
    return found


def most_of_one(folder: Path, suffixes: Sequence[str]) -> list[Path]:
    """Those of the artist of whom there are the most."""
    return max(by_artist(folder, suffixes).values(), key=len, default=[])[:MOST]
