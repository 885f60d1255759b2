"""What the document gives out: frozen rows, one for each reference, style, work and rating."""

import json
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from engine.protocol import Medium

DEFAULT_MEDIUM = Medium.IMAGE  # of a new project, and of all that the first format held


class NewReference(NamedTuple):
    """What comes into the tray: a name, the bytes, what they are."""

    name: str
    data: bytes
    medium: Medium = DEFAULT_MEDIUM


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferenceRow:
    id: int
    medium: Medium
    name: str
    digest: str  # sha256 of the original bytes: `Project.blob(digest)`
    weight: float  # > 0: its share in the style
    position: int
    removed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class StyleRow:
    id: int
    medium: Medium
    digest: str
    lineage: dict[str, Any]
    created: datetime
    reference_weights: dict[int, float]  # by reference id
    parent_id: int | None = None  # of a style learned from ratings: where it began


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkRow:
    id: int
    medium: Medium
    digest: str  # of the work as it was made
    edit: str  # digest of the text as the artist left it; "" while nothing was changed
    style_id: int
    seed: int
    width_px: int  # 0 for a text, as is the height
    height_px: int
    created: datetime
    kept: bool
    hidden: bool
    rating: int  # 0 unrated, else 1 to 5
    liked: bool | None = None  # None where nothing was said
    tags: tuple[str, ...] = ()

    @property
    def shown_digest(self) -> str:
        """What is looked at and exported."""
        return self.edit or self.digest


@dataclass(frozen=True, slots=True, kw_only=True)
class RatingRow:
    id: int
    work_id: int
    value: int
    created: datetime


def reference_row(row: sqlite3.Row) -> ReferenceRow:
    return ReferenceRow(
        id=row["id"],
        medium=Medium(row["medium"]),
        name=row["name"],
        digest=row["digest"],
        weight=row["weight"],
        position=row["position"],
        removed=bool(row["removed"]),
    )


def style_row(row: sqlite3.Row, pairs: Iterable[sqlite3.Row]) -> StyleRow:
    return StyleRow(
        id=row["id"],
        medium=Medium(row["medium"]),
        digest=row["digest"],
        lineage=json.loads(row["lineage"]),
        created=datetime.fromisoformat(row["created"]),
        reference_weights={pair["reference_id"]: pair["weight"] for pair in pairs},
        parent_id=row["parent_id"],
    )


def work_row(row: sqlite3.Row) -> WorkRow:
    return WorkRow(
        id=row["id"],
        medium=Medium(row["medium"]),
        digest=row["digest"],
        edit=row["edit"],
        style_id=row["style_id"],
        seed=row["seed"],
        width_px=row["width_px"],
        height_px=row["height_px"],
        created=datetime.fromisoformat(row["created"]),
        kept=bool(row["kept"]),
        hidden=bool(row["hidden"]),
        rating=row["rating"],
        liked=None if row["liked"] is None else json.loads(row["liked"]),
        tags=tuple(map(str, json.loads(row["tags"]))),
    )


def rating_row(row: sqlite3.Row) -> RatingRow:
    return RatingRow(
        id=row["id"],
        work_id=row["work_id"],
        value=row["value"],
        created=datetime.fromisoformat(row["created"]),
    )
