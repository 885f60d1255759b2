"""The .maquette document: references, styles, works and ratings of one undertaking.

Every method is one transaction, so there is no unsaved state. Pictures and styles are kept as
their original bytes, by the sha256 of their content. Nothing is ever deleted: references are
set aside, works hidden, and ratings are a log in which the newest entry of a work counts.
"""

import json
import logging
import sqlite3
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

import msgspec

from engine.messages import MAX_REFERENCES, Brief
from studio.database import ProjectError
from studio.document import SUFFIX, Document, digest, put_blob
from studio.rows import (
    RatingRow,
    ReferenceRow,
    StyleRow,
    WorkRow,
    rating_row,
    reference_row,
    style_row,
    work_row,
)

__all__ = [
    "MAX_RATING", "SUFFIX", "Project", "RatingRow", "ReferenceRow", "StyleRow",
    "TooManyReferencesError", "WorkRow",
]  # fmt: skip

MAX_RATING = 5
_log = logging.getLogger(__name__)


class TooManyReferencesError(ProjectError): ...


_WORKS = """
SELECT * FROM (
    SELECT id, digest, style_id, seed, width_px, height_px, created, kept, hidden, COALESCE(
        (SELECT value FROM ratings WHERE work_id = works.id ORDER BY id DESC LIMIT 1), 0
    ) AS rating
    FROM works
)
"""


class Project(Document):
    """One open document. Any thread may call it; it belongs to one process at a time.

    Every method raises a ProjectError (a MaquetteError) when the file cannot do what was asked:
    ProjectFullError, ProjectUnwritableError, ProjectDamagedError. What was committed before is
    still there. An unknown id raises KeyError.
    """

    # ---- references ----------------------------------------------------------------------------

    def add_reference(self, name: str, data: bytes, weight: float = 1.0) -> ReferenceRow:
        """Add one, or bring it back if it was removed; one that is here already is returned as is.

        Raises TooManyReferencesError over MAX_REFERENCES.
        """
        known = self.find_reference(data)
        if known and not known.removed:
            return known
        if known:
            self.restore_reference(known.id)
            return self.reference(known.id)
        _check_weight(weight)
        with self._write() as write:
            self._check_room(write)
            cursor = write.execute(
                "INSERT INTO refs (name, digest, weight, position) VALUES"
                " (?, ?, ?, (SELECT COALESCE(MAX(position), 0) + 1 FROM refs))",
                (name, put_blob(write, data), weight),
            )
        return self.reference(cursor.lastrowid or 0)

    def find_reference(self, data: bytes) -> ReferenceRow | None:
        """The reference with exactly these bytes, removed or not."""
        rows = self._read("SELECT * FROM refs WHERE digest = ?", digest(data))
        return reference_row(rows[0]) if rows else None

    def references(self) -> tuple[ReferenceRow, ...]:
        """Those that are not removed, in the order of the tray."""
        rows = self._read("SELECT * FROM refs WHERE NOT removed ORDER BY position, id")
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
        if not self.reference(reference_id).removed:
            return
        with self._write() as write:
            self._check_room(write)
            write.execute("UPDATE refs SET removed = 0 WHERE id = ?", (reference_id,))

    def _check_room(self, write: sqlite3.Connection) -> None:
        (count,) = write.execute("SELECT COUNT(*) FROM refs WHERE NOT removed").fetchone()
        if count >= MAX_REFERENCES:
            raise TooManyReferencesError("too_many_references", limit=MAX_REFERENCES)

    # ---- styles --------------------------------------------------------------------------------

    def add_style(
        self, data: bytes, lineage: Mapping[str, Any], reference_weights: Mapping[int, float]
    ) -> StyleRow:
        """Keep a .style file's bytes, with the references and weights that it came from."""
        with self._write() as write:
            cursor = write.execute(
                "INSERT INTO styles (digest, lineage, created) VALUES (?, ?, ?)",
                (put_blob(write, data), _json(lineage), _now()),
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

    def latest_style(self) -> StyleRow | None:
        rows = self._read("SELECT MAX(id) AS id FROM styles")
        return None if rows[0]["id"] is None else self.style(rows[0]["id"])

    # ---- works and ratings ---------------------------------------------------------------------

    def add_work(
        self,
        data: bytes,
        sidecar: Mapping[str, Any],
        *,
        style_id: int,
        seed: int,
        width_px: int,
        height_px: int,
    ) -> WorkRow:
        """Keep one output with its sidecar; call before it is shown."""
        with self._write() as write:
            cursor = write.execute(
                "INSERT INTO works (digest, sidecar, style_id, seed, width_px, height_px, created)"
                " VALUES (?, ?, ?, ?, ?, ?, ?)",
                (
                    *(put_blob(write, data), _json(sidecar), style_id),
                    *(seed, width_px, height_px, _now()),
                ),
            )
        return self.work(cursor.lastrowid or 0)

    def works(
        self, min_rating: int = 0, kept_only: bool = False, include_hidden: bool = False
    ) -> tuple[WorkRow, ...]:
        """Newest first. Reads no picture, so thousands are quick to list."""
        rows = self._read(
            f"{_WORKS} WHERE rating >= ? AND kept >= ? AND hidden <= ? ORDER BY id DESC",
            *(min_rating, kept_only, include_hidden),
        )
        return tuple(work_row(row) for row in rows)

    def work(self, work_id: int) -> WorkRow:
        return work_row(self._one(f"{_WORKS} WHERE id = ?", work_id))

    def sidecar(self, work_id: int) -> dict[str, Any]:
        """Brief, seed, digests and engine version of one work."""
        return json.loads(self._one("SELECT sidecar FROM works WHERE id = ?", work_id)[0])

    def rate(self, work_id: int, value: int) -> None:
        """Append one judgement, 0 (none) to 5. Undoing is another entry."""
        if not 0 <= value <= MAX_RATING:
            raise ValueError(f"a rating is 0 to {MAX_RATING}, not {value}")
        self._change(
            "INSERT INTO ratings (work_id, value, created) SELECT id, ?, ? FROM works WHERE id = ?",
            *(value, _now(), work_id),
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

    # ---- brief ---------------------------------------------------------------------------------

    def save_brief(self, brief: Brief) -> None:
        self._change("INSERT OR REPLACE INTO meta VALUES ('brief', ?)", _json(asdict(brief)))

    def brief(self) -> Brief | None:
        """The brief as it was left, or None when there is none that this version understands."""
        text = self._meta("brief")
        if text is None:
            return None
        try:
            return msgspec.convert(json.loads(text), Brief)
        except ValueError as error:
            _log.warning("the brief of %s is not understood: %s", self.path, error)
            return None


def _check_weight(weight: float) -> None:
    if not 0 < weight < float("inf"):
        raise ValueError(f"a weight is a positive number, not {weight}")


def _json(value: Mapping[str, Any]) -> str:
    return json.dumps(dict(value), ensure_ascii=False, sort_keys=True)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
