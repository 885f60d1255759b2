"""Versioned copies beside a project: the newest few, one at each opening that finds changes.

They are counted: `00012 2026-11-29 155301 r340.maquette` is the twelfth. Their times are for people
alone, since clocks are set back.
"""

import logging
import re
import shutil
import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

from engine.core.files import sweep
from studio.project.database import backups_folder, copy_to, damaged

KEEP = 5
LARGE_BYTES = 200_000_000
LARGE_PAUSE = timedelta(days=1)  # large projects: copying at every opening would be felt
MAX_TOTAL_BYTES = 100_000_000  # of all copies but the two newest
_COUNTED = re.compile(r"(\d{5}) .* r\d+")
_log = logging.getLogger(__name__)


def backups(path: Path) -> tuple[Path, ...]:
    """The backups of the project at `path`, newest first."""
    found = backups_folder(path).glob("* r*.maquette")
    return tuple(sorted(found, key=lambda each: (_count(each), each.name), reverse=True))


def _count(backup: Path) -> int:
    """0 of those that earlier versions made, which are not counted."""
    counted = _COUNTED.fullmatch(backup.stem)
    return int(counted[1]) if counted else 0


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
            raise damaged(path)
        count = _count(existing[0]) + 1 if existing else 1
        name = f"{count:05} {datetime.now(UTC):%Y-%m-%d %H%M%S} r{revision}.maquette"
        target = backups_folder(path) / name
        target.parent.mkdir(exist_ok=True)
        copy_to(connection, target)
        _drop_old(path)
    except sqlite3.DatabaseError as error:
        if isinstance(error, sqlite3.OperationalError):
            _log.warning("no backup of %s: %s", path, error)
            return None
        raise
    except OSError as error:
        _log.warning("no backup of %s: %s", path, error)
        return None
    return target


def _drop_old(path: Path) -> None:
    """The newest KEEP stay, fewer of a large project: but for the newest two they share a limit."""
    total = 0
    for place, backup in enumerate(backups(path)):
        total += backup.stat().st_size if place >= 2 else 0
        if place >= KEEP or total > MAX_TOTAL_BYTES:
            backup.unlink()
    sweep(backups_folder(path))


def _worth_it(path: Path, existing: tuple[Path, ...]) -> bool:
    size = path.stat().st_size
    if shutil.disk_usage(path.parent).free < 2 * size:
        _log.warning("no backup of %s: the disk is nearly full", path)
        return False
    if size < LARGE_BYTES or not existing:
        return True
    age = datetime.now(UTC).timestamp() - existing[0].stat().st_mtime
    return abs(age) > LARGE_PAUSE.total_seconds()  # negative where the clock was set back
