"""The queue of what is still to be made, as the artist arranged it; it outlives a killed studio.

The list is a state: the newest replaces the one before. How much of an entry was made is kept
apart, by the same transaction that keeps the works, so that nothing is made twice or left out.
"""

import json
import logging
import sqlite3
from collections.abc import Iterable
from dataclasses import asdict, dataclass

from engine.protocol import Brief, brief_from_json
from studio.project.document import Document

_KEY, _PAUSED, _MADE = "queue", "queue.paused", "queue.made."
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderRow:
    """One entry. brief.count: works of one job; total: of all; made: of these, so far.

    later: what is asked for afterwards comes before it."""

    id: str
    style_id: int
    brief: Brief
    total: int
    made: int = 0
    later: bool = False


class Orders:
    """Every method is one transaction; it raises a ProjectError when the file cannot do it."""

    def __init__(self, document: Document) -> None:
        self._document = document

    def all(self) -> tuple[OrderRow, ...]:
        """In their turn, without those that are done and those that are not understood."""
        rows = []
        for entry in json.loads(self._document.meta(_KEY) or "[]"):
            try:
                row = self._row(entry)
            except (ValueError, TypeError, KeyError) as error:
                _log.warning("an order of %s is not understood: %s", self._document.path, error)
                continue
            if row.made < row.total:
                rows.append(row)
        return tuple(rows)

    def _row(self, entry: dict) -> OrderRow:
        return OrderRow(
            id=str(entry["id"]),
            style_id=int(entry["style_id"]),
            brief=brief_from_json(entry["brief"]),
            total=int(entry["total"]),
            made=int(self._document.meta(_MADE + str(entry["id"])) or 0),
            later=bool(entry["later"]),
        )

    @property
    def is_paused(self) -> bool:
        return self._document.meta(_PAUSED) == "1"

    def save(self, rows: Iterable[OrderRow], paused: bool) -> None:
        """Replace the list. What was made of entries that are gone is forgotten."""
        entries = [asdict(row) for row in rows]
        for entry in entries:
            del entry["made"]
        words = json.dumps(entries, ensure_ascii=False, sort_keys=True)
        left = {_MADE + str(entry["id"]) for entry in entries}
        with self._document.write() as write:
            write.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (_KEY, words))
            write.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (_PAUSED, "01"[paused]))
            made = write.execute("SELECT key FROM meta WHERE key GLOB ?", (_MADE + "*",)).fetchall()
            for (key,) in made:
                if key not in left:
                    write.execute("DELETE FROM meta WHERE key = ?", (key,))


def note_made(write: sqlite3.Connection, order_id: str, count: int) -> None:
    """So many more works of an order are there, by the transaction that keeps them."""
    write.execute(
        "INSERT INTO meta VALUES (?, ?) ON CONFLICT (key)"
        " DO UPDATE SET value = CAST(value AS INTEGER) + excluded.value",
        (_MADE + order_id, str(count)),
    )
