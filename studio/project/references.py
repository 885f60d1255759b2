"""The references of a document: what the artist dropped in, each with its weight."""

import sqlite3

from engine.protocol import MAX_REFERENCES, Medium
from studio.project.database import ProjectError
from studio.project.document import Document, digest, put_blob
from studio.project.rows import DEFAULT_MEDIUM, ReferenceRow, reference_row


class TooManyReferencesError(ProjectError): ...


class References:
    """Every method is one transaction; it raises a ProjectError when the file cannot do it."""

    def __init__(self, document: Document) -> None:
        self._document = document

    def add(
        self, name: str, data: bytes, medium: Medium = DEFAULT_MEDIUM, *, weight: float = 1.0
    ) -> ReferenceRow:
        """Add one, or bring it back if it was removed; one that is here already is returned as is.

        Raises TooManyReferencesError over MAX_REFERENCES of one medium.
        """
        known = self.find(data)
        if known and not known.removed:
            return known
        if known:
            self.restore(known.id)
            return self.get(known.id)
        _check_weight(weight)
        with self._document.write() as write:
            _check_room(write, medium)
            number = _insert(write, name, data, medium, weight)
        return self.get(number)

    def keep(self, name: str, data: bytes, medium: Medium = DEFAULT_MEDIUM) -> None:
        """Write the bytes and set them aside, so that `add` is quick; in one step, so that nobody
        ever sees them in the tray before. What is known already is left alone."""
        if self.find(data) is None:
            with self._document.write() as write:
                _insert(write, name, data, medium, 1.0, removed=True)

    def find(self, data: bytes) -> ReferenceRow | None:
        """The reference with exactly these bytes, removed or not."""
        rows = self._document.read("SELECT * FROM refs WHERE digest = ?", digest(data))
        return reference_row(rows[0]) if rows else None

    def name_of(self, digest: str) -> str:
        """The name of the reference with these bytes, removed or not; "" where there is none."""
        rows = self._document.read("SELECT name FROM refs WHERE digest = ?", digest)
        return str(rows[0]["name"]) if rows else ""

    def all(self, medium: Medium | None = None) -> tuple[ReferenceRow, ...]:
        """Those that are not removed, of one medium or of all, in the order of the tray."""
        rows = self._document.read(
            "SELECT * FROM refs WHERE NOT removed AND medium LIKE ? ORDER BY position, id",
            medium.value if medium else "%",
        )
        return tuple(reference_row(row) for row in rows)

    def get(self, reference_id: int) -> ReferenceRow:
        return reference_row(self._document.one("SELECT * FROM refs WHERE id = ?", reference_id))

    def set_weight(self, reference_id: int, weight: float) -> None:
        _check_weight(weight)
        self._document.change("UPDATE refs SET weight = ? WHERE id = ?", weight, reference_id)

    def remove(self, reference_id: int) -> None:
        """Take it out of the tray; its bytes stay in the document."""
        self._document.change("UPDATE refs SET removed = 1 WHERE id = ?", reference_id)

    def restore(self, reference_id: int) -> None:
        """Put it back to its old place. Raises TooManyReferencesError over MAX_REFERENCES."""
        row = self.get(reference_id)
        if not row.removed:
            return
        with self._document.write() as write:
            _check_room(write, row.medium)
            write.execute("UPDATE refs SET removed = 0 WHERE id = ?", (reference_id,))


def _insert(
    write: sqlite3.Connection,
    name: str,
    data: bytes,
    medium: Medium,
    weight: float,
    *,
    removed: bool = False,
) -> int:
    """The new row's id."""
    cursor = write.execute(
        "INSERT INTO refs (name, digest, weight, medium, removed, position) VALUES"
        " (?, ?, ?, ?, ?, (SELECT COALESCE(MAX(position), 0) + 1 FROM refs))",
        (name, put_blob(write, data), weight, medium.value, removed),
    )
    return cursor.lastrowid or 0


def _check_room(write: sqlite3.Connection, medium: Medium) -> None:
    (count,) = write.execute(
        "SELECT COUNT(*) FROM refs WHERE NOT removed AND medium = ?", (medium.value,)
    ).fetchone()
    if count >= MAX_REFERENCES:
        raise TooManyReferencesError("too_many_references", limit=MAX_REFERENCES)


def _check_weight(weight: float) -> None:
    if not 0 < weight < float("inf"):
        raise ValueError(f"a weight is a positive number, not {weight}")
