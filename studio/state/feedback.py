"""All that the artist has said of the works of one medium, as it stands now.

A pure function of the two logs of a project: what is learned is made of nothing else.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from engine.messages import Box, Medium, Named
from studio.project.judgements import Judgement, Kind, Subject
from studio.project.project import Project

LEAST = 3  # judgements before they are followed


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A part of a work: lines or seconds from start to before end, or a box of a picture."""

    start: float = 0.0
    end: float = 0.0
    box: Box | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Marked:
    work_id: int
    place: Place
    liked: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A taste that the artist has forgotten or pinned. kind: of works: image, zh, en or audio."""

    code: str
    kind: str
    name: Named
    direction: Named
    strength: float = 0.0  # of a pinned one: what it keeps
    certainty: float = 0.5  # when it was held


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    stars: dict[int, int] = field(default_factory=dict)  # 1 … 5 by work id
    likes: dict[int, bool] = field(default_factory=dict)
    pairs: tuple[tuple[int, int], ...] = ()  # better, worse
    marks: tuple[Marked, ...] = ()
    forgotten: tuple[Held, ...] = ()
    pinned: tuple[Held, ...] = ()

    @property
    def count(self) -> int:
        """How many judgements there are."""
        return len(self.stars) + len(self.likes) + len(self.pairs) + len(self.marks)

    def teaches(self, kind: str = "") -> bool:
        """Whether there is enough to follow: LEAST judgements, or a taste that is held, of works
        of this kind ("" is any)."""
        return self.count >= LEAST or any(kind in ("", one.kind) for one in self.pinned)

    def works(self) -> tuple[int, ...]:
        """All works that anything was said of."""
        found = dict.fromkeys((*self.stars, *self.likes))
        found |= dict.fromkeys(work_id for pair in self.pairs for work_id in pair)
        found |= dict.fromkeys(mark.work_id for mark in self.marks)
        return tuple(found)

    def key(self, *more: str) -> str:
        """The same for the same judgements; `more` is what else decides."""
        about = json.dumps([asdict(self), *more], sort_keys=True)
        return hashlib.sha256(about.encode()).hexdigest()[:24]


def said_of(project: Project, medium: Medium) -> Said:
    """Raises ProjectError when the file cannot be read."""
    found = project.judgements(medium)
    ratings, judgements = next(
        (e.value for e in found if e.about.kind is Kind.RESET and e.value), (0, 0)
    )
    standing = [e for e in found if e.id > judgements and e.value is not None]

    def of(kind: Kind) -> list[Judgement]:
        return [entry for entry in standing if entry.about.kind is kind]

    return Said(
        stars=project.stars(medium, ratings),
        likes={entry.about.work_id or 0: bool(entry.value) for entry in of(Kind.LIKE)},
        pairs=tuple(_pair(entry) for entry in of(Kind.PAIR)),
        marks=tuple(
            Marked(
                work_id=entry.about.work_id or 0,
                place=place_of(entry.about.subject),
                liked=bool(entry.value),
            )
            for entry in of(Kind.MARK)
        ),
        forgotten=tuple(held_of(entry.about.subject, entry.value) for entry in of(Kind.FORGET)),
        pinned=tuple(held_of(entry.about.subject, entry.value) for entry in of(Kind.PIN)),
    )


def _pair(entry: Judgement) -> tuple[int, int]:
    first, second = entry.about.work_id or 0, entry.about.other_id or 0
    return (first, second) if entry.value == first else (second, first)


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


def taste(medium: Medium, kind: Kind, held: Held) -> Subject:
    """`kind`: whether it is forgotten or pinned."""
    return Subject(medium=medium, kind=kind, subject=f"{held.kind} {held.code}")


def place_of(subject: str) -> Place:
    start, end, box = json.loads(subject)
    return Place(start=start, end=end, box=tuple(box) if box else None)


def kept(held: Held) -> dict[str, Any]:
    """As it stands in the log, and in a profile."""
    about = asdict(held)
    del about["code"], about["kind"]
    return about


def held_of(subject: str, value: Mapping[str, Any]) -> Held:
    kind, _, code = subject.partition(" ")
    return Held(
        code=code,
        kind=kind,
        name=Named(**value["name"]),
        direction=Named(**value["direction"]),
        strength=float(value["strength"]),
        certainty=float(value["certainty"]),
    )
