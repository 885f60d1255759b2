"""The document's tables, and the steps from each historic format to the next.

A step is a small function on a connection, format n → n+1. Steps run on a copy: the original is
checked, kept among the backups, and replaced only when the copy is whole.
"""

import sqlite3
from collections.abc import Callable, Mapping
from contextlib import closing
from functools import cache
from pathlib import Path

from studio.project.atomic_write import atomic_write
from studio.project.database import (
    APPLICATION_ID,
    FORMAT,
    backups_folder,
    connect,
    copy_to,
    project_errors,
    settle,
)
from studio.project.soundness import check_file

Step = Callable[[sqlite3.Connection], None]

EDITS = """
CREATE TABLE edits (  -- append-only: the newest entry of a work counts
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    work_id INTEGER NOT NULL REFERENCES works (id),
    digest TEXT REFERENCES blobs (digest),  -- NULL: the work as it was made
    created TEXT NOT NULL
) STRICT;
CREATE INDEX edits_of_work ON edits (work_id, id);
"""
JUDGEMENTS = """
CREATE TABLE judgements (  -- append-only: the newest entry of one subject counts
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    medium TEXT NOT NULL,
    kind TEXT NOT NULL,  -- like, pair, mark; forget, pin and reset of what they teach
    work_id INTEGER REFERENCES works (id),
    other_id INTEGER REFERENCES works (id),  -- of a pair, the larger of the two
    subject TEXT NOT NULL,  -- the place of a mark, the code of a taste
    value TEXT NOT NULL,  -- JSON; null takes back
    created TEXT NOT NULL
) STRICT;
CREATE INDEX judgements_of_medium ON judgements (medium, kind, work_id, other_id, subject, id);
"""
TABLES = f"""
CREATE TABLE blobs (
    digest TEXT PRIMARY KEY,  -- sha256, hexadecimal
    data BLOB NOT NULL,
    base TEXT REFERENCES blobs (digest)  -- where there is one, data is a delta to it
) STRICT;
CREATE TABLE refs (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL,
    digest TEXT NOT NULL UNIQUE REFERENCES blobs (digest),
    weight REAL NOT NULL,
    position INTEGER NOT NULL,
    removed INTEGER NOT NULL DEFAULT 0,
    medium TEXT NOT NULL DEFAULT 'image'
) STRICT;
CREATE TABLE styles (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    digest TEXT NOT NULL REFERENCES blobs (digest),
    lineage TEXT NOT NULL,  -- JSON
    created TEXT NOT NULL,  -- ISO 8601, UTC
    medium TEXT NOT NULL DEFAULT 'image',
    parent_id INTEGER REFERENCES styles (id)  -- of a style that ratings taught: what they taught
) STRICT;
CREATE TABLE style_refs (
    style_id INTEGER NOT NULL REFERENCES styles (id),
    reference_id INTEGER NOT NULL REFERENCES refs (id),
    weight REAL NOT NULL,
    PRIMARY KEY (style_id, reference_id)
) STRICT, WITHOUT ROWID;
CREATE TABLE works (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    digest TEXT NOT NULL REFERENCES blobs (digest),
    sidecar TEXT NOT NULL,  -- JSON
    style_id INTEGER NOT NULL REFERENCES styles (id),
    seed INTEGER NOT NULL,
    width_px INTEGER NOT NULL,
    height_px INTEGER NOT NULL,
    created TEXT NOT NULL,
    kept INTEGER NOT NULL DEFAULT 0,
    hidden INTEGER NOT NULL DEFAULT 0,
    tags TEXT NOT NULL DEFAULT '[]'  -- JSON
) STRICT;
CREATE TABLE ratings (  -- append-only: the newest entry of a work counts
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    work_id INTEGER NOT NULL REFERENCES works (id),
    value INTEGER NOT NULL CHECK (value BETWEEN 0 AND 5),
    created TEXT NOT NULL
) STRICT;
CREATE INDEX ratings_of_work ON ratings (work_id, id);
{EDITS}
{JUDGEMENTS}
CREATE TABLE meta (
    key TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT;
INSERT INTO meta VALUES ('revision', '0');
"""
TABLE_NAMES = frozenset(
    ("blobs", "refs", "styles", "style_refs", "works", "ratings", "edits", "judgements", "meta")
)


def _add_media(connection: sqlite3.Connection) -> None:
    """1 → 2: what there was are pictures; texts, and edits of them, come beside."""
    connection.execute("ALTER TABLE refs ADD COLUMN medium TEXT NOT NULL DEFAULT 'image'")
    connection.execute("ALTER TABLE styles ADD COLUMN medium TEXT NOT NULL DEFAULT 'image'")
    _run(connection, EDITS)
    connection.execute("UPDATE meta SET key = 'brief.image' WHERE key = 'brief'")


def _add_judgements(connection: sqlite3.Connection) -> None:
    """2 → 3: likes, pairs and marks beside the stars; styles that were taught by them."""
    connection.execute("ALTER TABLE blobs ADD COLUMN base TEXT REFERENCES blobs (digest)")
    connection.execute("ALTER TABLE styles ADD COLUMN parent_id INTEGER REFERENCES styles (id)")
    _run(connection, JUDGEMENTS)


def _add_tags(connection: sqlite3.Connection) -> None:
    """3 → 4: works have tags."""
    connection.execute("ALTER TABLE works ADD COLUMN tags TEXT NOT NULL DEFAULT '[]'")


def _run(connection: sqlite3.Connection, script: str) -> None:
    """Several statements inside the transaction that is open."""
    for statement in filter(str.strip, script.split(";\n")):
        connection.execute(statement)


# The step that leaves format n.
STEPS: Mapping[int, Step] = {1: _add_media, 2: _add_judgements, 3: _add_tags}

_EMPTY = (
    f"PRAGMA page_size = 8192; PRAGMA application_id = {APPLICATION_ID};"
    f"PRAGMA user_version = {FORMAT}; BEGIN; {TABLES} COMMIT;"
)


def make(path: Path) -> None:
    """An empty document at `path`; it appears whole or not at all."""
    with project_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        with atomic_write(path, settle) as part, closing(sqlite3.connect(part)) as connection:
            connection.executescript(_EMPTY)


def make_in_memory() -> sqlite3.Connection:
    """The same without a file."""
    connection = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
    connection.row_factory = sqlite3.Row
    connection.executescript(_EMPTY)
    return connection


@cache
def columns() -> dict[str, frozenset[str]]:
    """What each table of this format has."""
    with closing(make_in_memory()) as empty:
        return {table: columns_of(empty, table) for table in TABLE_NAMES}


def columns_of(connection: sqlite3.Connection, table: str) -> frozenset[str]:
    return frozenset(row["name"] for row in connection.execute(f"PRAGMA table_info({table})"))


def migrate(
    path: Path, version: int, steps: Mapping[int, Step] = STEPS, target: int = FORMAT
) -> None:
    """Bring the document at `path` from `version` to `target`; the old file joins the backups.

    It is checked first: of a damaged one nothing is changed. Raises ProjectDamagedError."""
    if version >= target:
        return
    check_file(path)
    kept = backups_folder(path) / f"format {version}.maquette"
    with project_errors(path):
        kept.parent.mkdir(exist_ok=True)
        with atomic_write(path, settle) as part:
            with closing(connect(path, "rw")) as original:
                copy_to(original, kept)
                copy_to(original, part)
            with closing(connect(part, "rw")) as copy:
                for n in range(version, target):
                    copy.execute("BEGIN")
                    steps[n](copy)
                    copy.execute(f"PRAGMA user_version = {n + 1}")
                    copy.execute("COMMIT")
