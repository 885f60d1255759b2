"""What can be known of a project that is not open: its name, its cover, how much is in it.

Nothing is written, and a project that another studio holds is told by its file name alone.
"""

import base64
import binascii
import json
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from studio.project.database import APPLICATION_ID, LOCK_WAIT_S, SQLITE_ERRORS
from studio.project.document import SUFFIX
from studio.project.project import Project

_REFERENCES = "SELECT name FROM refs WHERE NOT removed ORDER BY position, id"
_COUNT = "SELECT COUNT(*) FROM works"
_BEGUN = "SELECT MIN(created) FROM styles"
_META = "SELECT value FROM meta WHERE key = ?"


@dataclass(frozen=True, slots=True, kw_only=True)
class Glance:
    """What a list of projects shows of one. cover: a PNG; b"" of one that was never left."""

    path: Path
    untitled: bool = False
    references: tuple[str, ...] = ()  # file names, in the order of the tray
    begun: datetime | None = None  # when its first style was learned
    changed: datetime
    works: int = 0
    cover: bytes = b""

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing in it that anybody would look for."""
        return self.untitled and not self.references and not self.works


def glance(path: Path) -> Glance | None:
    """Look at a project file from outside; None where there is none, or it cannot be read."""
    try:
        changed = datetime.fromtimestamp(path.stat().st_mtime).astimezone()
    except OSError:
        return None
    try:
        with closing(_look(path)) as connection:
            (identity,) = connection.execute("PRAGMA application_id").fetchone()
            return _read(connection, path, changed) if identity == APPLICATION_ID else None
    except sqlite3.OperationalError:  # held by another studio
        return Glance(path=path, changed=changed)
    except SQLITE_ERRORS:
        return None


def glance_at(project: Project) -> Glance:
    """The same of a project that is open here. Raises ProjectError."""
    meta = project.document.meta
    begun = project.document.read(_BEGUN)[0][0]
    return Glance(
        path=project.path,
        untitled=project.is_untitled,
        references=tuple(row.name for row in project.references.all()),
        begun=datetime.fromisoformat(begun) if begun else None,
        changed=datetime.now().astimezone(),
        works=project.document.read(_COUNT)[0][0],
        cover=_picture(meta("cover")),
    )


def projects(folder: Path, recent: tuple[Path, ...]) -> list[Glance]:
    """All that have something in them, of `folder` and of those used before, newest first. Slow."""
    paths = {path.resolve(): None for path in (*recent, *folder.glob(f"*{SUFFIX}"))}
    found = (glance(path) for path in paths)
    kept = [one for one in found if one is not None and not one.is_empty]
    return sorted(kept, key=lambda one: one.changed, reverse=True)


def _look(path: Path) -> sqlite3.Connection:
    """Without a journal beside it the file is as it will stay, and may be read without a lock."""
    settled = not path.with_name(f"{path.name}-wal").exists()
    mode = "mode=ro&immutable=1" if settled else "mode=ro"
    uri = f"{path.resolve().as_uri()}?{mode}"
    return sqlite3.connect(uri, uri=True, timeout=LOCK_WAIT_S)


def _read(connection: sqlite3.Connection, path: Path, changed: datetime) -> Glance:
    def meta(key: str) -> str | None:
        found = connection.execute(_META, (key,)).fetchone()
        return found[0] if found else None

    (begun,) = connection.execute(_BEGUN).fetchone()
    (works,) = connection.execute(_COUNT).fetchone()
    return Glance(
        path=path,
        untitled=meta("untitled") is not None,
        references=tuple(row[0] for row in connection.execute(_REFERENCES)),
        begun=datetime.fromisoformat(begun) if begun else None,
        changed=changed,
        works=works,
        cover=_picture(meta("cover")),
    )


def _picture(kept: str | None) -> bytes:
    try:
        return base64.b64decode(kept or "")
    except binascii.Error:
        return b""


# ---- what is kept of how a project was left ----------------------------------------------------


def save_cover(project: Project, png: bytes) -> None:
    """What a list of projects shows of this one. Raises ProjectError."""
    project.document.put_meta("cover", base64.b64encode(png).decode())


def save_place(project: Project, medium: str, place: dict[str, object]) -> None:
    """Where the artist was in the works of this medium. Raises ProjectError."""
    project.document.put_meta(f"place.{medium}", json.dumps(place))


def place(project: Project, medium: str) -> dict[str, object]:
    """Where the artist was; empty where that is not known."""
    try:
        kept = json.loads(project.document.meta(f"place.{medium}") or "{}")
    except ValueError:
        kept = {}
    return kept if isinstance(kept, dict) else {}
