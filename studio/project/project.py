"""The .maquette document: references, styles, works and ratings of one undertaking.

Every method is one transaction, so there is no unsaved state. Pictures, texts and styles are kept
as their original bytes, by the sha256 of their content. Nothing is ever deleted: references are
set aside, works hidden, and ratings and edits are logs in which the newest entry of a work counts.
One document holds several media side by side; a work is of the medium of its style.
"""

import json
import sqlite3
from collections.abc import Mapping
from typing import Any

from engine.messages import MAX_REFERENCES, Medium
from studio.project.database import ProjectError
from studio.project.deltas import delta
from studio.project.document import SUFFIX, digest, now, put_blob
from studio.project.judgements import JudgementLog
from studio.project.rows import (
    NewReference,
    RatingRow,
    ReferenceRow,
    StyleRow,
    WorkRow,
    rating_row,
    reference_row,
    style_row,
    work_row,
)
from studio.project.working_state import draft_key

__all__ = [
    "MAX_RATING", "SUFFIX", "NewReference", "Project", "RatingRow", "ReferenceRow", "StyleRow",
    "TooManyReferencesError", "WorkRow",
]  # fmt: skip

MAX_RATING = 5


class TooManyReferencesError(ProjectError): ...


_WORKS = """
SELECT * FROM (
    SELECT works.id, works.digest, style_id, seed, width_px, height_px, works.created, kept, hidden,
        styles.medium, COALESCE(
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


class Project(JudgementLog):
    """One open document. Any thread may call it; it belongs to one process at a time.

    Every method raises a ProjectError (a MaquetteError) when the file cannot do what was asked:
    ProjectFullError, ProjectUnwritableError, ProjectDamagedError. What was committed before is
    still there. An unknown id raises KeyError.
    """

    # ---- media ---------------------------------------------------------------------------------

    def media(self) -> frozenset[Medium]:
        """Those of which there are references in the tray, or works."""
        rows = self._read(
            "SELECT medium FROM refs WHERE NOT removed UNION"
            " SELECT medium FROM styles WHERE id IN (SELECT style_id FROM works)"
        )
        return frozenset(Medium(row[0]) for row in rows)

    # ---- references ----------------------------------------------------------------------------

    def add_reference(
        self, name: str, data: bytes, medium: Medium = Medium.IMAGE, *, weight: float = 1.0
    ) -> ReferenceRow:
        """Add one, or bring it back if it was removed; one that is here already is returned as is.

        Raises TooManyReferencesError over MAX_REFERENCES of one medium.
        """
        known = self.find_reference(data)
        if known and not known.removed:
            return known
        if known:
            self.restore_reference(known.id)
            return self.reference(known.id)
        _check_weight(weight)
        with self._write() as write:
            _check_room(write, medium)
            cursor = write.execute(
                "INSERT INTO refs (name, digest, weight, medium, position) VALUES"
                " (?, ?, ?, ?, (SELECT COALESCE(MAX(position), 0) + 1 FROM refs))",
                (name, put_blob(write, data), weight, medium.value),
            )
        return self.reference(cursor.lastrowid or 0)

    def find_reference(self, data: bytes) -> ReferenceRow | None:
        """The reference with exactly these bytes, removed or not."""
        rows = self._read("SELECT * FROM refs WHERE digest = ?", digest(data))
        return reference_row(rows[0]) if rows else None

    def references(self, medium: Medium | None = None) -> tuple[ReferenceRow, ...]:
        """Those that are not removed, of one medium or of all, in the order of the tray."""
        rows = self._read(
            "SELECT * FROM refs WHERE NOT removed AND medium LIKE ? ORDER BY position, id",
            medium.value if medium else "%",
        )
        return tuple(reference_row(row) for row in rows)

    def reference(self, reference_id: int) -> ReferenceRow:
        return reference_row(self._one("SELECT * FROM refs WHERE id = ?", reference_id))

    def set_weight(self, reference_id: int, weight: float) -> None:
        _check_weight(weight)
        self._change("UPDATE refs SET weight = ? WHERE id = ?", weight, reference_id)

    def remove_reference(self, reference_id: int) -> None:
        """Take it out of the tray; its bytes stay in the document."""
        self._change("UPDATE refs SET removed = 1 WHERE id = ?", reference_id)

    def restore_reference(self, reference_id: int) -> None:
        """Put it back to its old place. Raises TooManyReferencesError over MAX_REFERENCES."""
        row = self.reference(reference_id)
        if not row.removed:
            return
        with self._write() as write:
            _check_room(write, row.medium)
            write.execute("UPDATE refs SET removed = 0 WHERE id = ?", (reference_id,))

    # ---- styles --------------------------------------------------------------------------------

    def add_style(
        self,
        data: bytes,
        lineage: Mapping[str, Any],
        reference_weights: Mapping[int, float],
        medium: Medium = Medium.IMAGE,
        *,
        parent_id: int | None = None,
    ) -> StyleRow:
        """Keep a .style file's bytes, with the references and weights that it came from.

        parent_id: of a style that ratings taught, the one that they taught; of its bytes, only
        what differs is kept.
        """
        base = self.style(parent_id).digest if parent_id else ""
        told = delta(self.blob(base), data) if base else None
        with self._write() as write:
            cursor = write.execute(
                "INSERT INTO styles (digest, lineage, created, medium, parent_id)"
                " VALUES (?, ?, ?, ?, ?)",
                (
                    *(put_blob(write, data, base, told), _json(lineage)),
                    *(now(), medium.value, parent_id),
                ),
            )
            write.executemany(
                "INSERT INTO style_refs VALUES (?, ?, ?)",
                [(cursor.lastrowid, key, weight) for key, weight in reference_weights.items()],
            )
        return self.style(cursor.lastrowid or 0)

    def style(self, style_id: int) -> StyleRow:
        row = self._one("SELECT * FROM styles WHERE id = ?", style_id)
        pairs = self._read("SELECT * FROM style_refs WHERE style_id = ?", style_id)
        return style_row(row, pairs)

    def latest_style(self, medium: Medium = Medium.IMAGE) -> StyleRow | None:
        """Of those that were learned from references, or blended; none that ratings taught."""
        rows = self._read(
            "SELECT MAX(id) AS id FROM styles WHERE medium = ? AND parent_id IS NULL", medium.value
        )
        return None if rows[0]["id"] is None else self.style(rows[0]["id"])

    def styles(self, medium: Medium) -> tuple[StyleRow, ...]:
        """All but those that ratings taught, newest first."""
        rows = self._read(
            "SELECT * FROM styles WHERE medium = ? AND parent_id IS NULL ORDER BY id DESC",
            medium.value,
        )
        pairs: dict[int, list[sqlite3.Row]] = {row["id"]: [] for row in rows}
        for pair in self._read("SELECT * FROM style_refs"):
            pairs.get(pair["style_id"], []).append(pair)
        return tuple(style_row(row, pairs[row["id"]]) for row in rows)

    def taught_styles(self, parent_id: int) -> tuple[StyleRow, ...]:
        """Those that ratings have made of this one, newest first."""
        rows = self._read("SELECT id FROM styles WHERE parent_id = ? ORDER BY id DESC", parent_id)
        return tuple(self.style(row["id"]) for row in rows)

    # ---- works, edits and ratings --------------------------------------------------------------

    def add_work(
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
        with self._write() as write:
            cursor = write.execute(
                "INSERT INTO works (digest, sidecar, style_id, seed, width_px, height_px, created)"
                " VALUES (?, ?, ?, ?, ?, ?, ?)",
                (
                    *(put_blob(write, data), _json(sidecar), style_id),
                    *(seed, width_px, height_px, now()),
                ),
            )
        return self.work(cursor.lastrowid or 0)

    def works(
        self,
        medium: Medium | None = None,
        *,
        min_rating: int = 0,
        kept_only: bool = False,
        include_hidden: bool = False,
    ) -> tuple[WorkRow, ...]:
        """Newest first, of one medium or of all. Reads no content: thousands are quick to list."""
        rows = self._read(
            f"{_WORKS} WHERE rating >= ? AND kept >= ? AND hidden <= ? AND medium LIKE ?"
            " ORDER BY id DESC",
            *(min_rating, kept_only, include_hidden, medium.value if medium else "%"),
        )
        return tuple(work_row(row) for row in rows)

    def work(self, work_id: int) -> WorkRow:
        return work_row(self._one(f"{_WORKS} WHERE id = ?", work_id))

    def sidecar(self, work_id: int) -> dict[str, Any]:
        """Brief, seed, digests and engine version of one work."""
        return json.loads(self._one("SELECT sidecar FROM works WHERE id = ?", work_id)[0])

    def put(self, data: bytes) -> str:
        """Keep bytes that something will refer to. Returns their digest."""
        with self._write() as write:
            return put_blob(write, data)

    def edit(self, work_id: int, name: str) -> None:
        """Append one version of the work: a digest from `put`, or "" for the work as made.

        A draft of it has served its time.
        """
        with self._write() as write:
            added = write.execute(
                "INSERT INTO edits (work_id, digest, created)"
                " SELECT id, ?, ? FROM works WHERE id = ?",
                (name or None, now(), work_id),
            )
            if not added.rowcount:
                raise KeyError(work_id)
            write.execute("DELETE FROM meta WHERE key = ?", (draft_key(work_id),))

    def rate(self, work_id: int, value: int) -> None:
        """Append one judgement, 0 (none) to 5. Undoing is another entry."""
        if not 0 <= value <= MAX_RATING:
            raise ValueError(f"a rating is 0 to {MAX_RATING}, not {value}")
        self._change(
            "INSERT INTO ratings (work_id, value, created) SELECT id, ?, ? FROM works WHERE id = ?",
            *(value, now(), work_id),
        )

    def rating_log(self) -> tuple[RatingRow, ...]:
        """Every judgement ever made, oldest first."""
        rows = self._read("SELECT * FROM ratings ORDER BY id")
        return tuple(rating_row(row) for row in rows)

    def set_kept(self, work_id: int, kept: bool) -> None:
        self._change("UPDATE works SET kept = ? WHERE id = ?", kept, work_id)

    def set_hidden(self, work_id: int, hidden: bool) -> None:
        """Out of the gallery, never out of the document."""
        self._change("UPDATE works SET hidden = ? WHERE id = ?", hidden, work_id)


def _check_room(write: sqlite3.Connection, medium: Medium) -> None:
    (count,) = write.execute(
        "SELECT COUNT(*) FROM refs WHERE NOT removed AND medium = ?", (medium.value,)
    ).fetchone()
    if count >= MAX_REFERENCES:
        raise TooManyReferencesError("too_many_references", limit=MAX_REFERENCES)


def _check_weight(weight: float) -> None:
    if not 0 < weight < float("inf"):
        raise ValueError(f"a weight is a positive number, not {weight}")


def _json(value: Mapping[str, Any]) -> str:
    return json.dumps(dict(value), ensure_ascii=False, sort_keys=True)
