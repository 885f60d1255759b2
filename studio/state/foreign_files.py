"""Of a project's bytes: which are an artist's file, read by the engine alone, and which our own."""

from typing import Generic, NamedTuple, TypeVar

from PySide6.QtCore import QObject, Signal

from studio.project.project import Project
from studio.state.digest_cache import DigestCache

T = TypeVar("T")


class Foreign(NamedTuple):
    """A file of the artist's; its name says how it may be read."""

    name: str
    data: bytes


def foreign(project: Project, digest: str) -> Foreign:
    """Raises a ProjectError for bytes that are not there."""
    name = project.references.name_of(digest) or project.working_state.name_of(digest)
    return Foreign(name, project.blob(digest))


class SortedCache(QObject, Generic[T]):
    """Two caches that look like one. Works wait for no engine; what an artist brought does."""

    ready = Signal(str)  # digest

    def __init__(
        self,
        own: DigestCache[bytes, T],
        brought: DigestCache[Foreign, T],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.own, self.brought = own, brought
        own.ready.connect(self.ready)
        brought.ready.connect(self.ready)
        self._project: Project | None = None

    def attach(self, project: Project) -> None:
        """Take bytes from this project from now on."""
        self._project = project
        self.own.read_from(project.blob)
        self.brought.read_from(lambda digest: foreign(project, digest))

    def get(self, digest: str) -> T | None:
        """What lies at hand; otherwise it is fetched and `ready` follows."""
        if self._project is None:
            return None
        for cache in (self.own, self.brought):
            if cache.holds(digest):
                return cache.get(digest)
        made = self._project.works.holds(digest)
        return (self.own if made else self.brought).get(digest)
