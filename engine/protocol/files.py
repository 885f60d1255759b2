"""Which files a medium takes: their suffixes, and how large they may be.

Imports nothing heavy, so that the window can import it (through `engine.protocol`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePath

MIB = 2**20


@dataclass(frozen=True, slots=True, kw_only=True)
class FileKind:
    """Files that are read alike. suffixes: lower case, with the dot; max_bytes: the largest."""

    suffixes: tuple[str, ...]
    max_bytes: int


def suffixes_of(kinds: Sequence[FileKind]) -> tuple[str, ...]:
    """Those of all kinds, in their order."""
    return tuple(suffix for kind in kinds for suffix in kind.suffixes)


def max_bytes(kinds: Sequence[FileKind], name: str) -> int:
    """How large the file called `name` may be, by its suffix; with another suffix, as large as any
    of the kinds: a reader that looks at the bytes may still know it."""
    suffix = PurePath(name).suffix.lower()
    own = [kind.max_bytes for kind in kinds if suffix in kind.suffixes]
    return max(own or [kind.max_bytes for kind in kinds])
