"""Works leave the project: a picture and its sidecar each. (signatures; body follows)"""

from collections.abc import Callable, Sequence
from enum import StrEnum
from pathlib import Path

from studio.project import Project


class PictureFormat(StrEnum):
    PNG = "png"  # the original bytes
    JPEG = "jpg"
    WEBP = "webp"


def export_works(
    project: Project,
    work_ids: Sequence[int],
    target: Path,
    picture_format: PictureFormat = PictureFormat.PNG,
    *,
    quality: int = 92,
    on_progress: Callable[[int, int], None] | None = None,
) -> tuple[Path, ...]:
    """Into the folder `target`, or one zip when it ends in .zip. Returns the picture paths."""
    ...
