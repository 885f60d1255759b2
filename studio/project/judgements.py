"""What the artist says of works beside the stars, and of what is learned from it: one log.

It is append-only, and the newest entry of one subject counts: a like of a work, a pair of works, a
mark on a place of a work; of what was learned, a taste that is forgotten or pinned, and where
learning starts over. Taking back is another entry.
"""

import json
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from engine.protocol import Box, Medium
from studio.project.document import Document, now


class Kind(StrEnum):
    LIKE = "like"  # value: true or false
    PAIR = "pair"  # of two works; value: the id of the better one
    MARK = "mark"  # subject: a place in the work; value: true or false
    FORGET = "forget"  # subject: the code of a taste; value: how it is called
    PIN = "pin"  # the same, with the strength that it keeps
    RESET = "reset"  # value: the last ids of ratings and judgements that teach nothing any more


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What an entry of the log is about. Of a pair, `work_id` is the smaller id."""

    medium: Medium
    kind: Kind
    work_id: int | None = None
    other_id: int | None = None
    subject: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A part of a work: lines or seconds from start to before end, or a box of a picture."""

    start: float = 0.0
    end: float = 0.0
    box: Box | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    id: int
    about: Subject
    value: Any  # None: taken back
    created: datetime


class Judgements:
    """Every method is one transaction; it raises a ProjectError when the file cannot do it."""

    def __init__(self, document: Document) -> None:
        self._document = document

    def add(self, about: Subject, value: Any) -> None:
        """Append one entry; None takes back what was said of this subject."""
        self._document.change(
            "INSERT INTO judgements (medium, kind, work_id, other_id, subject, value, created)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            *(about.medium.value, about.kind.value, about.work_id, about.other_id, about.subject),
            *(json.dumps(value, ensure_ascii=False, sort_keys=True), now()),
        )

    def value_of(self, about: Subject) -> Any:
        """What stands of this subject; None when nothing was said, or it was taken back."""
        rows = self._document.read(
            "SELECT value FROM judgements WHERE medium = ? AND kind = ? AND work_id IS ?"
            " AND other_id IS ? AND subject = ? ORDER BY id DESC LIMIT 1",
            *(about.medium.value, about.kind.value, about.work_id, about.other_id, about.subject),
        )
        return json.loads(rows[0]["value"]) if rows else None

    def log(self) -> tuple[Judgement, ...]:
        """Every entry ever made, oldest first."""
        return _judgements(self._document.read("SELECT * FROM judgements ORDER BY id"))

    def newest(self, medium: Medium) -> tuple[Judgement, ...]:
        """The newest entry of each subject of a medium, oldest first, those taken back too."""
        rows = self._document.read(
            "SELECT * FROM judgements WHERE id IN (SELECT MAX(id) FROM judgements"
            " WHERE medium = ? GROUP BY kind, work_id, other_id, subject) ORDER BY id",
            medium.value,
        )
        return _judgements(rows)

    def stars(self, medium: Medium, after: int = 0) -> dict[int, int]:
        """1 … 5 by work id, of all works that have any. after: ratings up to this id do not count.

        A work whose newest rating does not count has none.
        """
        rows = self._document.read(
            "SELECT work_id, value FROM ratings JOIN works ON works.id = work_id"
            " JOIN styles ON styles.id = style_id WHERE styles.medium = ? AND value > 0"
            " AND ratings.id > ? AND ratings.id IN (SELECT MAX(id) FROM ratings GROUP BY work_id)"
            " ORDER BY work_id",
            *(medium.value, after),
        )
        return {row["work_id"]: row["value"] for row in rows}

    def last_ids(self) -> tuple[int, int]:
        """The ids of the newest rating and the newest judgement, 0 where there is none."""
        (row,) = self._document.read(
            "SELECT (SELECT COALESCE(MAX(id), 0) FROM ratings),"
            " (SELECT COALESCE(MAX(id), 0) FROM judgements)"
        )
        return row[0], row[1]


def _judgements(rows: Iterable[sqlite3.Row]) -> tuple[Judgement, ...]:
    return tuple(
        Judgement(
            id=row["id"],
            about=Subject(
                medium=Medium(row["medium"]),
                kind=Kind(row["kind"]),
                work_id=row["work_id"],
                other_id=row["other_id"],
                subject=row["subject"],
            ),
            value=json.loads(row["value"]),
            created=datetime.fromisoformat(row["created"]),
        )
        for row in rows
    )


# ---- subjects ----------------------------------------------------------------------------------


def like(medium: Medium, work_id: int) -> Subject:
    return Subject(medium=medium, kind=Kind.LIKE, work_id=work_id)


def pair(medium: Medium, one: int, other: int) -> Subject:
    """The same in whichever order."""
    first, second = sorted((one, other))
    return Subject(medium=medium, kind=Kind.PAIR, work_id=first, other_id=second)


def mark(medium: Medium, work_id: int, place: Place) -> Subject:
    subject = json.dumps([place.start, place.end, place.box])
    return Subject(medium=medium, kind=Kind.MARK, work_id=work_id, subject=subject)


def place_of(subject: str) -> Place:
    """The place that a mark is about."""
    start, end, box = json.loads(subject)
    return Place(start=start, end=end, box=tuple(box) if box else None)
