"""What must be true after a kill: the project opens, is whole, holds all that was acknowledged, and
nothing half-done lies about."""

import json
import os
import zipfile
from contextlib import closing
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

import psutil
from PIL import Image

from studio.project.database import connect
from studio.project.project import Project


@dataclass(slots=True)
class Acknowledged:
    """Over all rounds of one project."""

    references: set[str] = field(default_factory=set)
    styles: set[tuple[int, str]] = field(default_factory=set)
    works: set[tuple[int, str]] = field(default_factory=set)
    ratings: set[tuple[int, int, int]] = field(default_factory=set)
    judgements: set[tuple[int, str]] = field(default_factory=set)
    exports: set[str] = field(default_factory=set)

    @property
    def count(self) -> int:
        own = (self.references, self.styles, self.works, self.ratings, self.judgements)
        return sum(map(len, (*own, self.exports)))

    def hear(self, said: dict[str, Any]) -> None:
        match said:
            case {"reference": digest}:
                self.references.add(digest)
            case {"style": [number, digest]}:
                self.styles.add((number, digest))
            case {"work": [number, digest]}:
                self.works.add((number, digest))
            case {"rating": [number, work, value]}:
                self.ratings.add((number, work, value))
            case {"judgement": [number, value]}:
                self.judgements.add((number, value))
            case {"export": paths}:
                self.exports.update(paths)


def losses(path: Path, said: Acknowledged) -> list[str]:
    """Each a sentence; [] when all is well. Opens the project, as the next studio would."""
    try:
        project = Project.open(path)
    except Exception as error:  # noqa: BLE001 - whatever keeps it from opening is a loss
        return [f"it does not open: {type(error).__name__}: {error}"]
    try:
        lost = list(_missing(project, said))
        originals = {row.digest for row in project.works.all(include_hidden=True)}
    finally:
        project.close()
    with closing(connect(path, "ro")) as raw:
        (state,) = raw.execute("PRAGMA integrity_check").fetchone()
    lost += [] if state == "ok" else [f"integrity: {state}"]
    return lost + _half_exports(said, originals)


def _missing(project: Project, said: Acknowledged):
    if gone := said.references - {row.digest for row in project.references.all()}:
        yield f"{len(gone)} references"
    for number, digest in said.styles:
        try:
            if project.styles.get(number).digest != digest:
                yield f"style {number} is another"
            project.blob(digest)
        except Exception as error:  # noqa: BLE001 - see above
            yield f"style {number}: {error!r}"
    for number, digest in said.works:
        try:
            if project.works.get(number).digest != digest or not project.works.sidecar(number):
                yield f"work {number} is another"
            project.blob(digest)
        except Exception as error:  # noqa: BLE001 - see above
            yield f"work {number}: {error!r}"
    log = {(row.id, row.work_id, row.value) for row in project.works.rating_log()}
    if gone := said.ratings - log:
        yield f"{len(gone)} ratings"
    if gone := said.judgements - {(row.id, str(row.value)) for row in project.judgements.log()}:
        yield f"{len(gone)} likes"


def _half_exports(said: Acknowledged, originals: set[str]) -> list[str]:
    """originals: digests of works; a picture leaves the project as it is."""
    lost = [f"no export {path}" for path in said.exports if not Path(path).is_file()]
    for folder in {Path(path).parent for path in said.exports}:
        if folder.is_dir():
            lost += [f"half: {path}" for path in folder.iterdir() if not _is_whole(path, originals)]
    return lost


def _is_whole(path: Path, originals: set[str]) -> bool:
    """Of what has a name of its own; parts are counted apart."""
    try:
        if path.suffix == ".zip":
            with zipfile.ZipFile(path) as archive:
                return archive.testzip() is None
        if path.suffix == ".png" and sha256(path.read_bytes()).hexdigest() not in originals:
            with Image.open(path) as picture:
                picture.load()
        if path.suffix == ".json":
            return (path.parent / json.loads(path.read_text("utf-8"))["file"]).is_file()
    except (OSError, ValueError, KeyError, zipfile.BadZipFile):
        return False
    return True


def parts(folder: Path) -> list[Path]:
    """Whatever a killed process was writing, and nobody has removed."""
    return [path for path in folder.rglob(".maquette-*") if ".part" in path.name]


def dead_scratch(temporary: Path) -> list[Path]:
    """Scratch folders of processes that are gone."""
    found = []
    for path in temporary.glob("maquette-*-*"):
        pid = path.name.split("-")[1]
        if pid.isdigit() and (int(pid) == os.getpid() or not psutil.pid_exists(int(pid))):
            found.append(path)
    return found
