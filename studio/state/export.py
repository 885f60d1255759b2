"""Works leave the project: each with its sidecar, into a folder or one zip.

What the engine must write is asked of it (see `engine_export`).

Every file is written beside its place, flushed and then put there: what has a name is whole.
"""

import json
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path

from studio.project.atomic_write import atomic_write
from studio.project.database import ProjectFullError, disk_error
from studio.project.project import Project
from studio.project.rows import WorkRow
from studio.state.export_format import ExportError, ExportFormat, ExportOptions
from studio.state.medium import Media

MAX_NAME = 80
_FORBIDDEN = set('<>:"/\\|?*')


def export_works(
    project: Project, media: Media, work_ids: Sequence[int], target: Path, options: ExportOptions
) -> tuple[Path, ...]:
    """Write the works, each with its sidecar .json, into a folder or a zip.

    `target` is a zip when it ends in .zip. A zip replaces an older one of that name, files in a
    folder never replace anything. Returns the works' paths, or the zip's. Raises ExportError or
    ProjectError.
    """
    if not work_ids:
        raise ExportError("export_nothing")
    works = [project.works.get(work_id) for work_id in work_ids]
    written: list[Path] = []

    def encode(work: WorkRow) -> bytes:
        try:
            return media[work.medium].encode(project.blob(work.shown_digest), options)
        except ExportError as error:  # which work it was, and how far we got
            about = {"id": work.id, "done": len(written), "total": len(works)}
            raise ExportError(error.key, **about | error.params) from error

    try:
        if target.suffix.lower() == ".zip":
            return _to_zip(project, works, target, options.format, encode)
        return _to_folder(project, works, target, options.format, encode, written)
    except OSError as error:
        raise unwritable(error, target.name, len(written), len(works)) from error


def unwritable(error: OSError, folder: str, done: int, total: int) -> ExportError:
    """The disk is full, or does not want what we write."""
    params = {"done": done, "total": total, "folder": folder}
    if disk_error(error)[0] is ProjectFullError:
        return ExportError("export_full", **params)
    return ExportError("export_unwritable", detail=error.strerror or error, **params)


def _to_folder(
    project: Project,
    works: Sequence[WorkRow],
    folder: Path,
    wanted: ExportFormat,
    encode: Callable[[WorkRow], bytes],
    written: list[Path],
) -> tuple[Path, ...]:
    folder.mkdir(parents=True, exist_ok=True)
    taken = {path.name.casefold() for path in folder.iterdir()}
    for work in works:
        data = encode(work)
        stem = free_stem(stem_of(project.name, work), wanted, taken)
        path = folder / f"{stem}.{wanted}"
        write_pair(path, data, sidecar_bytes(project, work, path.name))
        written.append(path)
    return tuple(written)


def _to_zip(
    project: Project,
    works: Sequence[WorkRow],
    target: Path,
    wanted: ExportFormat,
    encode: Callable[[WorkRow], bytes],
) -> tuple[Path, ...]:
    """An unfinished zip is dropped: none of its works was written."""
    target.parent.mkdir(parents=True, exist_ok=True)
    taken: set[str] = set()
    with atomic_write(target) as part, zipfile.ZipFile(part, "w", zipfile.ZIP_STORED) as archive:
        for work in works:
            data = encode(work)
            stem = free_stem(stem_of(project.name, work), wanted, taken)
            name = f"{stem}.{wanted}"
            archive.writestr(name, data)
            archive.writestr(f"{stem}.json", sidecar_bytes(project, work, name))
    return (target,)


def sidecar_bytes(project: Project, work: WorkRow, file_name: str) -> bytes:
    """What the engine wrote beside the work, and what the artist thought of it."""
    studio = {"project": project.name, "work": work.id, "rating": work.rating, "kept": work.kept}
    sidecar = project.works.sidecar(work.id)
    sidecar.pop("sketch", None)  # for drawing it; whoever has the file has more
    content = {"made_with_ai": True, **sidecar, "file": file_name, "studio": studio}
    return json.dumps(content, ensure_ascii=False, indent=2, sort_keys=True).encode()


def stem_of(project_name: str, work: WorkRow) -> str:
    """`Hokusai study 0012 seed 1834`: readable on every system."""
    name = "".join(" " if c in _FORBIDDEN or ord(c) < 32 else c for c in project_name)
    name = " ".join(name.split())[:MAX_NAME].strip(". ") or "Work"
    return f"{name} {work.id:04d} seed {work.seed}"


def free_stem(stem: str, wanted: ExportFormat, taken: set[str]) -> str:
    """The stem, numbered until neither work nor sidecar meets another file; then taken."""
    free, number = stem, 1
    while {f"{free}.{wanted}".casefold(), f"{free}.json".casefold()} & taken:
        number += 1
        free = f"{stem} ({number})"
    taken |= {f"{free}.{wanted}".casefold(), f"{free}.json".casefold()}
    return free


def write_pair(work: Path, data: bytes, sidecar: bytes) -> None:
    """Both or none. The work comes first: a sidecar never speaks of a work that is not there."""
    write(work, data)
    try:
        write(work.with_name(f"{work.stem}.json"), sidecar)
    except OSError:
        work.unlink(missing_ok=True)
        raise


def write(path: Path, data: bytes) -> None:
    with atomic_write(path) as part:
        part.write_bytes(data)
