"""What the engine's process is told of its surroundings."""

import os
import sys
from collections.abc import Mapping
from pathlib import Path

from PySide6.QtCore import QProcessEnvironment

SOURCE_ROOT = Path(__file__).resolve().parents[2]

# glibc gives large blocks back at once and fetches them again, a page at a time; the engine makes
# the same tensors over and over. Elsewhere these names mean nothing.
KEEP_MEMORY = {"MALLOC_MMAP_THRESHOLD_": str(2**28), "MALLOC_TRIM_THRESHOLD_": str(2**30)}


def environment(more: Mapping[str, str]) -> QProcessEnvironment:
    """The system's own, what the engine needs, and `more`."""
    values = QProcessEnvironment.systemEnvironment()
    values.insert("PYTHONUTF8", "1")
    values.insert("PYTHONUNBUFFERED", "1")
    for name, value in (KEEP_MEMORY | dict(more)).items():
        values.insert(name, value)
    if not getattr(sys, "frozen", False):
        inherited = os.environ.get("PYTHONPATH")
        paths = [str(SOURCE_ROOT), *([inherited] if inherited else [])]
        values.insert("PYTHONPATH", os.pathsep.join(paths))
    return values
