"""Versioned copies beside a project: the newest few, one at each opening that finds changes."""

import logging
import shutil
import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

from studio.project.database import ProjectDamagedError, backups_folder, copy_to

KEEP = 5
LARGE_BYTES = 200_000_000
LARGE_PAUSE = timedelta(days=1)  # large projects: copying at every opening would be felt
_log = logging.getLogger(__name__)


def backups(path: Path) -> tuple[Path, ...]:
    """The backups of the project at `path`, newest first."""
    return tuple(sorted(backups_folder(path).glob("* r*.maquette"), reverse=True))


def back_up_if_changed(connection: sqlite3.Connection, path: Path, revision: int) -> Path | None:
    """Copy the document when its revision is not the newest backup's; drop the oldest copies.

    The whole file is checked first: damage never displaces a good copy. Raises ProjectDamagedError.
    Other trouble with the copy is logged; it is no reason not to open the project.
    """
    existing = backups(path)
    if revision == 0 or (existing and existing[0].stem.endswith(f" r{revision}")):
        return None
    try:
        if not _worth_it(path, existing):
            return None
        if connection.execute("PRAGMA quick_check(1)").fetchone()[0] != "ok":
            raise ProjectDamagedError(
                "project_damaged", name=path.name, backups=backups_folder(path).name
            )
        target = backups_folder(path) / f"{datetime.now(UTC):%Y-%m-%d %H%M%S} r{revision}.maquette"
        target.parent.mkdir(exist_ok=True)
        copy_to(connection, target)
        for old in backups(path)[KEEP:]:
            old.unlink()
    except sqlite3.DatabaseError as error:
        if isinstance(error, sqlite3.OperationalError):
            _log.warning("no backup of %s: %s", path, error)
            return None
        raise
    except OSError as error:
        _log.warning("no backup of %s: %s", path, error)
        return None
    return target


def _worth_it(path: Path, existing: tuple[Path, ...]) -> bool:
    size = path.stat().st_size
    if shutil.disk_usage(path.parent).free < 2 * size:
        _log.warning("no backup of %s: the disk is nearly full", path)
        return False
    if size < LARGE_BYTES or not existing:
        return True
    age = datetime.now(UTC).timestamp() - existing[0].stat().st_mtime
    return age > LARGE_PAUSE.total_seconds()
