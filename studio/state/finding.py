"""Finding works by words: what texts say, what briefs asked for, names of references, tags."""

import json
from collections.abc import Iterable
from typing import Any

from PySide6.QtCore import QObject, Signal

from engine.protocol import Medium
from studio.client.background import Background
from studio.project.project import Project
from studio.project.rows import WorkRow
from studio.state.digests import is_digest
from studio.state.medium import Media

_MOST = 20_000  # characters of a work that are looked through
TAG = "#"
_MEDIA = frozenset(medium.value for medium in Medium)


class Finding(QObject):
    """Keeps the words of one project's works in memory; they are read once, on another thread."""

    ready = Signal()  # more works can be found

    def __init__(self, background: Background, media: Media, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._background, self._media = background, media
        self._project: Project | None = None
        self._words: dict[tuple[int, str], str] = {}  # by number and digest, as it is shown
        self._asked: set[tuple[int, str]] = set()

    def attach(self, project: Project) -> None:
        self._project, self._words, self._asked = project, {}, set()

    def finds(self, work: WorkRow, terms: Iterable[str]) -> bool:
        """Whether every term stands in the work, as far as its words are read. `#term` means a
        tag that begins so."""
        words = self._words.get((work.id, work.shown_digest), "")
        tags = [tag.casefold() for tag in work.tags]
        for term in terms:
            if term.startswith(TAG):
                if not any(tag.startswith(term[1:]) for tag in tags):
                    return False
            elif term not in words and not any(term in tag for tag in tags):
                return False
        return True

    def read(self, works: Iterable[WorkRow]) -> None:
        """Let these be found; `ready` follows where some are new."""
        project = self._project
        wanted = [work for work in works if (work.id, work.shown_digest) not in self._asked]
        if not wanted or project is None:
            return
        self._asked |= {(work.id, work.shown_digest) for work in wanted}
        self._background.run(
            lambda: words_of(project, self._media, wanted),
            lambda found: self._on_read(project, found),
        )

    def _on_read(self, project: Project, found: dict[tuple[int, str], str]) -> None:
        if project is self._project:
            self._words |= found
            self.ready.emit()


def terms_of(words: str) -> tuple[str, ...]:
    return tuple(words.casefold().replace("＃", TAG).split())


def words_of(
    project: Project, media: Media, works: Iterable[WorkRow]
) -> dict[tuple[int, str], str]:
    """What each work can be found by. Slow: it reads the texts."""
    found, described = {}, project.works.descriptions()
    for work in works:
        brief, names = described.get(work.id, ("{}", ""))
        parts = [str(work.id), str(work.seed), names, *_strings(json.loads(brief or "{}"))]
        if media[work.medium].shown_as == "words":
            data = project.blob(work.shown_digest)
            parts.append(data.decode("utf-8", "replace")[:_MOST])
        found[work.id, work.shown_digest] = " ".join(parts).casefold()
    return found


def _strings(brief: Any) -> Iterable[str]:
    """The words of a brief, without digests of its files."""
    for value in brief.values() if isinstance(brief, dict) else ():
        for each in value if isinstance(value, list) else [value]:
            if isinstance(each, str) and each and not is_digest(each) and each not in _MEDIA:
                yield each
