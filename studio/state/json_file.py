"""The small JSON files that the studio keeps beside projects: damaged ones are set aside."""

import itertools
import json
from pathlib import Path

from studio.project.atomic_write import atomic_write

# Whatever may come of reading a file that holds anything: infinity, a depth of 100,000, a list.
NOT_UNDERSTOOD = (
    *(ValueError, KeyError, TypeError, AttributeError, ArithmeticError, RecursionError),
)


def set_aside(path: Path) -> Path | None:
    """`settings.json` → `settings.damaged.json`, numbered if need be. Where it is now; None where
    it cannot be moved."""
    numbers = itertools.chain([""], (f"-{number}" for number in itertools.count(2)))
    names = (f"{path.stem}.damaged{number}{path.suffix}" for number in numbers)
    kept = next(place for name in names if not (place := path.with_name(name)).exists())
    try:
        return path.replace(kept)
    except OSError:
        return None


def save(path: Path, content: object) -> None:
    """Whole or not at all. Raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with atomic_write(path) as part:
        part.write_bytes(_written(content))


def _written(content: object) -> bytes:
    """Names of files need not be text: those that are none are written as JSON escapes, so that
    they are read back as they were."""
    try:
        return json.dumps(content, ensure_ascii=False, indent=2).encode()
    except UnicodeEncodeError:
        return json.dumps(content, indent=2).encode()
