"""The works of a document, with their sidecars, edits, ratings and marks of the gallery."""

import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any, NamedTuple

from engine.protocol import Medium
from studio.project.document import Document, now, put_blob
from studio.project.orders import note_made
from studio.project.rows import RatingRow, WorkRow, rating_row, work_row
from studio.project.working_state import draft_key

MAX_RATING = 5

_WORKS = """
SELECT * FROM (
    SELECT works.id, works.digest, style_id, seed, width_px, height_px, works.created, kept, hidden,
        tags, styles.medium, COALESCE(
            (SELECT value FROM ratings WHERE work_id = works.id ORDER BY id DESC LIMIT 1), 0
        ) AS rating, COALESCE(
            (SELECT digest FROM edits WHERE work_id = works.id ORDER BY id DESC LIMIT 1), ''
        ) AS edit, (
            SELECT value FROM judgements WHERE judgements.medium = styles.medium AND kind = 'like'
            AND work_id = works.id ORDER BY id DESC LIMIT 1
        ) AS liked
    FROM works JOIN styles ON styles.id = style_id
)
"""


@dataclass(frozen=True, slots=True)
class Batch:
    """Works that one order made. brief: JSON, as it was asked for, or, where that was not kept
    (is_known is False), as the last of them was made; seed: of the first of them."""

    brief: str
    is_known: bool
    seed: int
    made: datetime
    works: tuple[int, ...]  # newest first


class NewWork(NamedTuple):
    """One output of a generator; pixels of pictures alone."""

    data: bytes
    sidecar: Mapping[str, Any]
    seed: int
    width_px: int = 0
    height_px: int = 0


class Works:
    """Every method is one transaction; it raises a ProjectError when the file cannot do it.

    A work is of the medium of its style.
    """

    def __init__(self, document: Document) -> None:
        self._document = document

    def add(
        self,
        data: bytes,
        sidecar: Mapping[str, Any],
        *,
        style_id: int,
        seed: int,
        width_px: int = 0,
        height_px: int = 0,
    ) -> WorkRow:
        """Keep one output with its sidecar; call before it is shown."""
        work = NewWork(data, sidecar, seed, width_px, height_px)
        return self.add_made((work,), style_id=style_id)[0]

    def add_made(
        self, works: Sequence[NewWork], *, style_id: int, order_id: str = ""
    ) -> tuple[WorkRow, ...]:
        """Keep what one job made, all of it or nothing. order_id: the entry of the queue that asked
        for it, which is then told."""
        with self._document.write() as write:
            ids = [_insert(write, work, style_id) for work in works]
            if order_id:
                note_made(write, order_id, len(works))
        return tuple(self.get(work_id) for work_id in ids)

    def mean_bytes(self, medium: Medium) -> float | None:
        """What a work of this medium takes in the document, with its sidecar; None without one."""
        row = self._document.one(
            "SELECT AVG(length(data) + length(sidecar)) FROM works"
            " JOIN styles ON styles.id = style_id JOIN blobs ON blobs.digest = works.digest"
            " WHERE styles.medium = ?",
            medium.value,
        )
        return row[0]

    def all(
        self,
        medium: Medium | None = None,
        *,
        min_rating: int = 0,
        kept_only: bool = False,
        include_hidden: bool = False,
    ) -> tuple[WorkRow, ...]:
        """Newest first, of one medium or of all. Reads no content: thousands are quick to list."""
        rows = self._document.read(
            f"{_WORKS} WHERE rating >= ? AND kept >= ? AND hidden <= ? AND medium LIKE ?"
            " ORDER BY id DESC",
            *(min_rating, kept_only, include_hidden, medium.value if medium else "%"),
        )
        return tuple(work_row(row) for row in rows)

    def holds(self, digest: str) -> bool:
        """Whether these bytes are a work, or what an artist made of one here."""
        query = "SELECT 1 FROM works WHERE digest = ? UNION SELECT 1 FROM edits WHERE digest = ?"
        return bool(self._document.read(query, digest, digest))

    def get(self, work_id: int) -> WorkRow:
        return work_row(self._document.one(f"{_WORKS} WHERE id = ?", work_id))

    def sidecar(self, work_id: int) -> dict[str, Any]:
        """Brief, seed, digests and engine version of one work."""
        row = self._document.one("SELECT sidecar FROM works WHERE id = ?", work_id)
        return json.loads(row[0])

    def descriptions(self) -> dict[int, tuple[str, str]]:
        """Of every work its brief, as JSON, and the names of the references of its style."""
        rows = self._document.read(
            "SELECT works.id, json_extract(sidecar, '$.brief') AS brief, ("
            " SELECT group_concat(name, ' ') FROM style_refs JOIN refs ON refs.id = reference_id"
            " WHERE style_refs.style_id = works.style_id) AS names FROM works"
        )
        return {row["id"]: (row["brief"] or "", row["names"] or "") for row in rows}

    def batches(self, medium: Medium, most: int) -> tuple[Batch, ...]:
        """The orders that the newest works of a medium come from, the newest first; most: works
        that are looked at."""
        rows = self._document.read(
            "SELECT works.id, seed, works.created, style_id,"
            " json_extract(sidecar, '$.batch.id') AS batch,"
            " json_extract(sidecar, '$.batch.brief') AS asked,"
            " json_extract(sidecar, '$.brief') AS brief"
            " FROM works JOIN styles ON styles.id = style_id WHERE medium = ?"
            " ORDER BY works.id DESC LIMIT ?",
            *(medium.value, most),
        )
        return tuple(_batch(list(group)) for _key, group in groupby(rows, _order_of))

    def with_bytes(self, digest: str) -> WorkRow | None:
        """The newest work with these bytes, as it was made or as the artist left it."""
        rows = self._document.read(f"{_WORKS} WHERE ? IN (digest, edit) ORDER BY id DESC", digest)
        return work_row(rows[0]) if rows else None

    def begun_from(self, digest: str, fields: Iterable[str]) -> tuple[int, ...]:
        """Works whose brief names these bytes in one of its fields."""
        rows = self._document.read(
            "SELECT id, json_extract(sidecar, '$.brief') AS brief FROM works"
            " WHERE instr(sidecar, ?) ORDER BY id",
            digest,
        )
        briefs = ((row["id"], json.loads(row["brief"] or "{}")) for row in rows)
        names = tuple(fields)
        return tuple(one for one, brief in briefs if digest in map(brief.get, names))

    def set_tags(self, work_id: int, tags: Iterable[str]) -> None:
        words = json.dumps(list(tags), ensure_ascii=False)
        self._document.change("UPDATE works SET tags = ? WHERE id = ?", words, work_id)

    def delete(self, work_ids: Sequence[int]) -> None:
        """For good: the works, all that was said of them, and their bytes, where nothing else in
        the document needs these. What was deleted is overwritten in the file."""
        with self._document.write() as write:
            write.execute("PRAGMA secure_delete = ON")
            for work_id in work_ids:
                digests = write.execute(
                    "SELECT digest FROM works WHERE id = ? UNION"
                    " SELECT digest FROM edits WHERE work_id = ? AND digest IS NOT NULL",
                    (work_id, work_id),
                ).fetchall()
                if not digests:
                    raise KeyError(work_id)
                for table in ("ratings", "edits"):
                    write.execute(f"DELETE FROM {table} WHERE work_id = ?", (work_id,))
                write.execute(
                    "DELETE FROM judgements WHERE work_id = ? OR other_id = ?", (work_id, work_id)
                )
                write.execute("DELETE FROM works WHERE id = ?", (work_id,))
                write.execute("DELETE FROM meta WHERE key = ?", (draft_key(work_id),))
                for row in digests:
                    _drop_unused(write, row["digest"])

    def edit(self, work_id: int, name: str) -> None:
        """Append one version of the work: a digest from `put`, or "" for the work as made.

        A draft of it is dropped.
        """
        with self._document.write() as write:
            added = write.execute(
                "INSERT INTO edits (work_id, digest, created)"
                " SELECT id, ?, ? FROM works WHERE id = ?",
                (name or None, now(), work_id),
            )
            if not added.rowcount:
                raise KeyError(work_id)
            write.execute("DELETE FROM meta WHERE key = ?", (draft_key(work_id),))

    def rate(self, work_id: int, value: int) -> None:
        """Append one rating, 0 (none) to 5. Undoing is another entry."""
        if not 0 <= value <= MAX_RATING:
            raise ValueError(f"a rating is 0 to {MAX_RATING}, not {value}")
        self._document.change(
            "INSERT INTO ratings (work_id, value, created) SELECT id, ?, ? FROM works WHERE id = ?",
            *(value, now(), work_id),
        )

    def rating_log(self) -> tuple[RatingRow, ...]:
        """Every rating ever made, oldest first."""
        return tuple(
            rating_row(row) for row in self._document.read("SELECT * FROM ratings ORDER BY id")
        )

    def set_kept(self, work_id: int, kept: bool) -> None:
        self._document.change("UPDATE works SET kept = ? WHERE id = ?", kept, work_id)

    def set_hidden(self, work_id: int, hidden: bool) -> None:
        """Out of the gallery, never out of the document."""
        self._document.change("UPDATE works SET hidden = ? WHERE id = ?", hidden, work_id)


def _order_of(row: sqlite3.Row) -> object:
    """The same for works of one order. Of those from before orders were kept: of one style, and of
    one brief but for its seed."""
    if row["batch"] is not None:
        return row["batch"]
    brief = json.loads(row["brief"] or "{}")
    return row["style_id"], json.dumps(brief | {"seed": 0}, sort_keys=True)


def _batch(rows: list[sqlite3.Row]) -> Batch:
    first = rows[0]
    return Batch(
        first["asked"] or first["brief"] or "{}",
        first["asked"] is not None,
        min(row["seed"] for row in rows),
        datetime.fromisoformat(first["created"]),
        tuple(row["id"] for row in rows),
    )


def _insert(write: sqlite3.Connection, work: NewWork, style_id: int) -> int:
    cursor = write.execute(
        "INSERT INTO works (digest, sidecar, style_id, seed, width_px, height_px, created)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        (
            put_blob(write, work.data),
            json.dumps(dict(work.sidecar), ensure_ascii=False, sort_keys=True),
            *(style_id, work.seed, work.width_px, work.height_px, now()),
        ),
    )
    return cursor.lastrowid or 0


_USES = """
SELECT 1 FROM refs WHERE digest = :it UNION SELECT 1 FROM styles WHERE digest = :it
UNION SELECT 1 FROM works WHERE digest = :it OR instr(sidecar, :it)
UNION SELECT 1 FROM edits WHERE digest = :it UNION SELECT 1 FROM blobs WHERE base = :it
UNION SELECT 1 FROM meta WHERE (key LIKE 'brief.%' OR key = 'queue') AND instr(value, :it)
"""  # briefs, of the panel and of the queue, begin from pictures by their digest


def _drop_unused(write: sqlite3.Connection, digest: str) -> None:
    if write.execute(_USES, {"it": digest}).fetchone() is None:
        write.execute("DELETE FROM blobs WHERE digest = ?", (digest,))
        write.execute("DELETE FROM meta WHERE key = ?", (f"name.{digest}",))
