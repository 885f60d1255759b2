"""Pictures that an artist brought, as the engine reads them. Slow: for other threads."""

from pathlib import Path

from PySide6.QtGui import QImage

from engine.protocol import Medium
from studio.client.inspector import Inspector
from studio.media.image.pictures import size_of
from studio.media.image.uses import Size
from studio.project.project import Project
from studio.state.foreign_files import Foreign, foreign
from studio.state.png import decode


def picture(inspector: Inspector, file: Foreign, side_px: int) -> QImage:
    """At most side_px² pixels. Raises UnreadableError."""
    with inspector.inspected(file.data, file.name, Medium.IMAGE, side_px=side_px) as found:
        return decode(Path(found.picture).read_bytes())


def size(inspector: Inspector, file: Foreign) -> Size:
    """Width and height of the whole picture, upright, in px. Raises UnreadableError."""
    with inspector.inspected(file.data, file.name, Medium.IMAGE) as found:
        return found.width_px, found.height_px


def any_picture(inspector: Inspector, project: Project, digest: str, side_px: int) -> QImage:
    """A work or what an artist brought. Raises UnreadableError, or a ProjectError."""
    if project.works.holds(digest):
        return decode(project.blob(digest), side_px)
    return picture(inspector, foreign(project, digest), side_px)


def any_size(inspector: Inspector, project: Project, digest: str) -> Size:
    """The same of the size; (0, 0) of a work that is no picture."""
    if project.works.holds(digest):
        return size_of(project.blob(digest)) or (0, 0)
    return size(inspector, foreign(project, digest))
