"""Collections: named groups of a document's works. A smart one is the words that it is found by.

They are one state in the document, replaced whole: undoing puts the one before in its place.
Numbers of works are never given twice, so a work that was deleted for good is in no collection.
"""

import json
import logging
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace

from engine.protocol import Medium
from studio.project.document import Document

MAX_NAME = 60  # characters
_KEY = "collections"
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Collection:
    """words: of a smart one, "" of all others; works: of those, in the order they came."""

    id: str
    medium: Medium
    name: str
    words: str = ""
    works: tuple[int, ...] = ()

    @property
    def is_smart(self) -> bool:
        return bool(self.words)

    def with_works(self, added: Iterable[int], removed: Iterable[int] = ()) -> "Collection":
        gone = set(removed)
        kept = [one for one in dict.fromkeys((*self.works, *added)) if one not in gone]
        return replace(self, works=tuple(kept))


class Collections:
    """Both methods are one transaction; they raise a ProjectError when the file cannot do it."""

    def __init__(self, document: Document) -> None:
        self._document = document

    def all(self) -> tuple[Collection, ...]:
        """In the order of their names; without those that are not understood."""
        found = []
        try:
            kept = json.loads(self._document.meta(_KEY) or "[]")
        except ValueError:
            kept = []
        for entry in kept if isinstance(kept, list) else ():
            try:
                found.append(_understood(entry))
            except (ValueError, TypeError, KeyError) as error:
                _log.warning("a collection of %s is not understood: %s", self._document.path, error)
        return tuple(sorted(found, key=lambda one: one.name.casefold()))

    def save(self, collections: Iterable[Collection]) -> None:
        content = [asdict(one) for one in collections]
        self._document.put_meta(_KEY, json.dumps(content, ensure_ascii=False))


def _understood(entry: dict) -> Collection:
    return Collection(
        id=str(entry["id"]),
        medium=Medium(entry["medium"]),
        name=tidy(str(entry["name"])),
        words=str(entry["words"]),
        works=tuple(int(one) for one in entry["works"]),
    )


def tidy(name: str) -> str:
    return " ".join(name.split())[:MAX_NAME]
