"""All that the artist has said of the works of one medium, as it stands now.

A pure function of the two logs of a project: what is learned is made of nothing else.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from engine.protocol import Medium, Named, Taste
from studio.project.judgements import Judgement, Kind, Place, Subject, place_of
from studio.project.project import Project

LEAST = 3  # judgements before they are followed


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkedPlace:
    work_id: int
    place: Place
    liked: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TasteOverride:
    """A taste that the artist has forgotten or pinned.

    feature_space: of works: image, zh, en or audio; see `MediumRules.feature_space`.
    """

    code: str
    feature_space: str
    name: Named
    direction: Named
    strength: float = 0.0  # of a pinned one: what it keeps
    certainty: float = 0.5  # when it was forgotten or pinned


@dataclass(frozen=True, slots=True, kw_only=True)
class Feedback:
    stars: dict[int, int] = field(default_factory=dict)  # 1 … 5 by work id
    likes: dict[int, bool] = field(default_factory=dict)
    pairs: tuple[tuple[int, int], ...] = ()  # better, worse
    marks: tuple[MarkedPlace, ...] = ()
    forgotten: tuple[TasteOverride, ...] = ()
    pinned: tuple[TasteOverride, ...] = ()

    @property
    def count(self) -> int:
        """How many judgements there are."""
        return len(self.stars) + len(self.likes) + len(self.pairs) + len(self.marks)

    def is_enough(self, feature_space: str = "") -> bool:
        """Whether there is enough to follow: LEAST judgements, or a taste that is pinned, in this
        feature space ("" is any)."""
        pinned = any(feature_space in ("", one.feature_space) for one in self.pinned)
        return self.count >= LEAST or pinned

    def works(self) -> tuple[int, ...]:
        """All works that anything was said of."""
        found = dict.fromkeys((*self.stars, *self.likes))
        found |= dict.fromkeys(work_id for pair in self.pairs for work_id in pair)
        found |= dict.fromkeys(mark.work_id for mark in self.marks)
        return tuple(found)

    def key(self, *more: str) -> str:
        """The same for the same judgements; `more` is what else decides."""
        about = json.dumps([_as_hashed(self), *more], sort_keys=True)
        return hashlib.sha256(about.encode()).hexdigest()[:24]


def _as_hashed(feedback: Feedback) -> dict[str, Any]:
    """Keys of styles in stored projects were made with this spelling."""
    about = asdict(feedback)
    for taste in (*about["forgotten"], *about["pinned"]):
        taste["kind"] = taste.pop("feature_space")
    return about


def feedback_of(project: Project, medium: Medium) -> Feedback:
    """Raises ProjectError when the file cannot be read."""
    found = project.judgements.newest(medium)
    ratings, judgements = next(
        (e.value for e in found if e.about.kind is Kind.RESET and e.value), (0, 0)
    )
    standing = [e for e in found if e.id > judgements and e.value is not None]

    def of(kind: Kind) -> list[Judgement]:
        return [entry for entry in standing if entry.about.kind is kind]

    return Feedback(
        stars=project.judgements.stars(medium, ratings),
        likes={entry.about.work_id or 0: bool(entry.value) for entry in of(Kind.LIKE)},
        pairs=tuple(_pair(entry) for entry in of(Kind.PAIR)),
        marks=tuple(
            MarkedPlace(
                work_id=entry.about.work_id or 0,
                place=place_of(entry.about.subject),
                liked=bool(entry.value),
            )
            for entry in of(Kind.MARK)
        ),
        forgotten=tuple(unpack(entry.about.subject, entry.value) for entry in of(Kind.FORGET)),
        pinned=tuple(unpack(entry.about.subject, entry.value) for entry in of(Kind.PIN)),
    )


def _pair(entry: Judgement) -> tuple[int, int]:
    first, second = entry.about.work_id or 0, entry.about.other_id or 0
    return (first, second) if entry.value == first else (second, first)


# ---- tastes that are forgotten or pinned -------------------------------------------------------


def override_of(taste: Taste, feature_space: str) -> TasteOverride:
    """A learned taste as it would be forgotten or pinned."""
    return TasteOverride(
        code=taste.code,
        feature_space=feature_space,
        name=taste.name,
        direction=taste.direction,
        strength=taste.strength,
        certainty=taste.certainty,
    )


def subject_of(medium: Medium, kind: Kind, taste: TasteOverride) -> Subject:
    """`kind`: whether it is forgotten or pinned."""
    return Subject(medium=medium, kind=kind, subject=f"{taste.feature_space} {taste.code}")


def pack(taste: TasteOverride) -> dict[str, Any]:
    """As it stands in the log, and in a profile."""
    about = asdict(taste)
    del about["code"], about["feature_space"]
    return about


def unpack(subject: str, value: Mapping[str, Any]) -> TasteOverride:
    feature_space, _, code = subject.partition(" ")
    return TasteOverride(
        code=code,
        feature_space=feature_space,
        name=Named(**value["name"]),
        direction=Named(**value["direction"]),
        strength=float(value["strength"]),
        certainty=float(value["certainty"]),
    )
