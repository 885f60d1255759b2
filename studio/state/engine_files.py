"""Works, references and styles as files for the engine: written once, used again and again."""

import json
from collections.abc import Iterable
from pathlib import Path
from uuid import uuid4

from studio.project.project import Project
from studio.project.rows import ReferenceRow, StyleRow, WorkRow
from studio.state.medium import Media


class EngineFiles:
    """A folder of the session. Slow; call it off the window's thread."""

    def __init__(self, folder: Path, media: Media) -> None:
        self._folder, self._media = folder, media

    def works(self, project: Project, rows: Iterable[WorkRow]) -> dict[int, Path]:
        """Each as it is shown, with its sidecar beside it, by the work's id."""
        return {row.id: self._work(project, row) for row in rows}

    def references(self, project: Project, rows: Iterable[ReferenceRow]) -> dict[int, Path]:
        """Each under its own name, as the engine's sentences will call it, by its id."""
        found = {}
        for row in rows:
            path = self._folder / "references" / row.digest[:16] / (Path(row.name).name or "one")
            if not path.exists():
                _write(path, project.blob(row.digest))
            found[row.id] = path
        return found

    def style(self, project: Project, row: StyleRow) -> Path:
        path = self._folder / "styles" / f"{row.digest[:16]}.style"
        if not path.exists():
            _write(path, project.blob(row.digest))
        return path

    def _work(self, project: Project, row: WorkRow) -> Path:
        place = self._folder / "works" / f"{row.id}-{row.shown_digest[:16]}"
        for known in place.glob(f"{row.id}.*"):
            if known.suffix != ".json":
                return known
        data = project.blob(row.shown_digest)
        path = place / f"{row.id}{self._media[row.medium].file_suffix(data)}"
        sidecar = project.works.sidecar(row.id)
        about = sidecar | {"file": path.name}  # else it is not taken for the work's own
        _write(path.with_suffix(".json"), json.dumps(about, ensure_ascii=False).encode())
        _write(path, data)
        return path


def _write(path: Path, data: bytes) -> None:
    """Whole or not at all: two threads may write the same work."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{uuid4().hex}")
    part.write_bytes(data)
    part.replace(path)
