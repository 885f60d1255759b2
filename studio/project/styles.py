"""The styles of a document: learned from references, blended, or learned from ratings."""

import json
import sqlite3
from collections.abc import Mapping
from typing import Any

from engine.protocol import Medium
from studio.project.deltas import make_delta
from studio.project.document import NO_BYTES, Document, now, put_blob
from studio.project.rows import DEFAULT_MEDIUM, StyleRow, style_row


class Styles:
    """Every method is one transaction; it raises a ProjectError when the file cannot do it."""

    def __init__(self, document: Document) -> None:
        self._document = document

    def add(
        self,
        data: bytes,
        lineage: Mapping[str, Any],
        reference_weights: Mapping[int, float],
        medium: Medium = DEFAULT_MEDIUM,
        *,
        parent_id: int | None = None,
    ) -> StyleRow:
        """Keep a .style file's bytes, with the references and weights that it came from.

        parent_id: of a style learned from ratings, the style that it began from; of its bytes,
        only what differs is kept.
        """
        base = self.get(parent_id).digest if parent_id else ""
        delta = make_delta(self._document.blob(base), data) if base else None
        with self._document.write() as write:
            cursor = write.execute(
                "INSERT INTO styles (digest, lineage, created, medium, parent_id)"
                " VALUES (?, ?, ?, ?, ?)",
                (
                    put_blob(write, data, base, delta),
                    json.dumps(dict(lineage), ensure_ascii=False, sort_keys=True),
                    *(now(), medium.value, parent_id),
                ),
            )
            write.executemany(
                "INSERT INTO style_refs VALUES (?, ?, ?)",
                [(cursor.lastrowid, key, weight) for key, weight in reference_weights.items()],
            )
        return self.get(cursor.lastrowid or 0)

    def get(self, style_id: int) -> StyleRow:
        row = self._document.one("SELECT * FROM styles WHERE id = ?", style_id)
        pairs = self._document.read("SELECT * FROM style_refs WHERE style_id = ?", style_id)
        return style_row(row, pairs)

    def latest(self, medium: Medium = DEFAULT_MEDIUM) -> StyleRow | None:
        """Of those that were learned from references, or blended; none learned from ratings.

        As in `all` and `children`, none whose bytes were lost with a damaged document."""
        rows = self._document.read(
            "SELECT MAX(id) AS id FROM styles"
            " WHERE medium = ? AND parent_id IS NULL AND digest <> ?",
            *(medium.value, NO_BYTES),
        )
        return None if rows[0]["id"] is None else self.get(rows[0]["id"])

    def all(self, medium: Medium) -> tuple[StyleRow, ...]:
        """All but those learned from ratings, newest first."""
        rows = self._document.read(
            "SELECT * FROM styles WHERE medium = ? AND parent_id IS NULL AND digest <> ?"
            " ORDER BY id DESC",
            *(medium.value, NO_BYTES),
        )
        pairs: dict[int, list[sqlite3.Row]] = {row["id"]: [] for row in rows}
        for pair in self._document.read("SELECT * FROM style_refs"):
            pairs.get(pair["style_id"], []).append(pair)
        return tuple(style_row(row, pairs[row["id"]]) for row in rows)

    def children(self, parent_id: int) -> tuple[StyleRow, ...]:
        """Those that were learned from ratings, beginning from this one, newest first."""
        rows = self._document.read(
            "SELECT id FROM styles WHERE parent_id = ? AND digest <> ? ORDER BY id DESC",
            *(parent_id, NO_BYTES),
        )
        return tuple(self.get(row["id"]) for row in rows)
