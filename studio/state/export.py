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
from studio.state.export_format import ExportError, ExportOptions
from studio.state.export_names import file_stem, free_stem
from studio.state.medium import Media

Encode = Callable[[WorkRow], bytes]


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
            return _to_zip(project, media, works, target, options, encode)
        target.mkdir(parents=True, exist_ok=True)
        for work in works:
            data = encode(work)
            written.append(put(data, project, media, work, target, options))
        return tuple(written)
    except OSError as error:
        raise unwritable(error, target.name, len(written), len(works)) from error


def unwritable(error: OSError, folder: str, done: int, total: int) -> ExportError:
    """The disk is full, or does not want what we write."""
    params = {"done": done, "total": total, "folder": folder}
    if disk_error(error)[0] is ProjectFullError:
        return ExportError("export_full", **params)
    return ExportError("export_unwritable", detail=error.strerror or error, **params)


def put(
    data: bytes,
    project: Project,
    media: Media,
    work: WorkRow,
    folder: Path,
    options: ExportOptions,
) -> Path:
    """A work under a free name in `folder`, then its sidecar, which never speaks of a work that is
    not there; where it cannot be written, the work does not stay.

    The sidecar of the same work, left by another export, serves this one as well.
    """
    stem = file_stem(options.pattern, project, media[work.medium], work)
    taken = {path.name.casefold() for path in folder.iterdir()}
    shared = options.sidecars and _tells_of(folder / f"{stem}.json", project, work)
    stem = free_stem(stem, options.format, taken, options.sidecars and not shared)
    path = folder / f"{stem}.{options.format}"
    beside = path.with_suffix(".json")
    write(path, data)
    if options.sidecars and not beside.exists():
        try:
            write(beside, sidecar_bytes(project, work, path.name))
        except OSError:
            path.unlink(missing_ok=True)
            raise
    return path


def _tells_of(sidecar: Path, project: Project, work: WorkRow) -> bool:
    """Whether this file is the sidecar of that work, as the work stands now."""
    try:
        found = json.loads(sidecar.read_text("utf-8"))
        found.pop("file")
    except (OSError, ValueError, KeyError, AttributeError):
        return False
    ours = json.loads(sidecar_bytes(project, work, ""))
    ours.pop("file")
    return found == ours


def _to_zip(
    project: Project,
    media: Media,
    works: Sequence[WorkRow],
    target: Path,
    options: ExportOptions,
    encode: Encode,
) -> tuple[Path, ...]:
    """An unfinished zip is dropped: none of its works was written."""
    target.parent.mkdir(parents=True, exist_ok=True)
    taken: set[str] = set()
    with atomic_write(target) as part, zipfile.ZipFile(part, "w", zipfile.ZIP_STORED) as archive:
        for work in works:
            data = encode(work)
            stem = file_stem(options.pattern, project, media[work.medium], work)
            stem = free_stem(stem, options.format, taken, options.sidecars)
            name = f"{stem}.{options.format}"
            archive.writestr(name, data)
            if options.sidecars:
                archive.writestr(f"{stem}.json", sidecar_bytes(project, work, name))
    return (target,)


def sidecar_bytes(project: Project, work: WorkRow, file_name: str) -> bytes:
    """What the engine wrote beside the work, and what the artist thought of it."""
    studio = {"project": project.name, "work": work.id, "rating": work.rating, "kept": work.kept}
    sidecar = project.works.sidecar(work.id)
    sidecar.pop("sketch", None)  # for drawing it; whoever has the file has more
    sidecar.pop("batch", None)  # what was asked for, to go back to; `brief` is what it was made by
    content = {"made_with_ai": True, **sidecar, "file": file_name, "studio": studio}
    return json.dumps(content, ensure_ascii=False, indent=2, sort_keys=True).encode()


def write(path: Path, data: bytes) -> None:
    with atomic_write(path) as part:
        part.write_bytes(data)
