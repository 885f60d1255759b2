"""The verb `learn`: style and ratings → a style with a taste."""

from collections.abc import Generator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import torch

from engine.core.errors import BadInput
from engine.core.references import refusal
from engine.core.style import Style
from engine.critic.closeness import measured_references, references_of
from engine.critic.jobs import LANGUAGE_NAMES
from engine.critic.judges import judge_of
from engine.critic.measured import Measured
from engine.feedback.adaptation import adapted
from engine.feedback.known import Known, shelf
from engine.feedback.likelihood import STARS
from engine.feedback.marks import COMPARABLE
from engine.feedback.rated import Rated
from engine.feedback.taste import Judgements, MarkedPart, Taste, learned, untaught
from engine.feedback.utilities import utilities
from engine.messages import (
    Event,
    LearnRequest,
    Medium,
    Progress,
    Refusal,
)


@dataclass(slots=True)
class Read:
    """What could be read. known: by path, in the order of the request; parts: by the place of their
    mark in it. kind: of the first work."""

    known: dict[str, Known] = field(default_factory=dict)
    parts: dict[int, Known] = field(default_factory=dict)
    refused: list[Refusal] = field(default_factory=list)
    kind: str = ""


def learn(
    job: LearnRequest, style: Style, device: torch.device
) -> Generator[Event, None, tuple[Style, Taste, list[Refusal]]]:
    """The style with its taste, moved by it: what was learned before is replaced, since the ratings
    and what is held are all there are. Yields Progress. Raises BadInput where neither a rating
    that can be used is there nor a weight that is held."""
    _check(job)
    read = yield from _read(job, Medium(style.medium), device)
    said = _judgements(job, read)
    fixed = {**job.pin, **dict.fromkeys(job.forget, 0.0)}
    if not said.count:
        return (yield from _held_alone(job, style, fixed, read.refused, device))
    features = judge_of(read.kind, device).features
    taste = learned(said, read.kind, features, fixed)
    own = untaught(style.tensors)
    found = utilities(said, taste, features)
    works = [read.known[path] for path in _in_order(job, read)]
    rated = [
        Rated(work.measured, work.events, whole, beyond)
        for work, whole, beyond in zip(works, found.whole, found.beyond, strict=True)
    ]
    tensors = own | taste.to_tensors() | adapted(own, rated, read.kind, device)
    return replace(style, tensors=tensors), taste, read.refused


def _check(job: LearnRequest) -> None:
    if not (job.ratings or job.likes or job.pairs or job.marks or job.pin):
        raise BadInput("no_ratings")
    for path, stars in job.ratings.items():
        if not 1 <= stars <= STARS:
            raise BadInput("bad_stars", stars=stars, name=Path(path).name)


# ---- before anything is rated ------------------------------------------------------------------


def _held_alone(
    job: LearnRequest,
    style: Style,
    fixed: Mapping[str, float],
    refused: list[Refusal],
    device: torch.device,
) -> Generator[Event, None, tuple[Style, Taste, list[Refusal]]]:
    """The style with what is held for its taste. Nothing was liked, so that nothing else moves."""
    if not job.pin:
        raise BadInput("no_rated_works", first=refused[0].message)
    own = untaught(style.tensors)
    kind = style.medium
    if kind == Medium.TEXT:
        kind = job.language or ("zh" if references_of(own, "zh", device) else "en")
    seen, unread = yield from _beside(job, Medium(style.medium), kind, device)
    works = seen or measured_references(own, kind, device)
    if not works and kind != Medium.IMAGE:  # a texture, or a language without a model
        raise BadInput("no_ratings")
    taste = learned(Judgements(works, []), kind, judge_of(kind, device).features, fixed)
    tensors = own | taste.to_tensors()
    return replace(style, tensors=tensors), taste, [*refused, *unread]


def _beside(
    job: LearnRequest, medium: Medium, kind: str, device: torch.device
) -> Generator[Event, None, tuple[list[Measured], list[Refusal]]]:
    """What held weights are seen beside, as far as it can be read."""
    found: list[Measured] = []
    refused: list[Refusal] = []
    for done, path in enumerate(job.beside):
        try:
            found.append(_same(shelf().work(path, medium, device), kind, path).measured)
        except BadInput as error:
            refused.append(refusal(path, error))
        yield Progress(job_id=job.job_id, done=done + 1, total=len(job.beside), stage="reading")
    return found, refused


# ---- what was rated ----------------------------------------------------------------------------


def _read(job: LearnRequest, medium: Medium, device: torch.device) -> Generator[Event, None, Read]:
    """Yields Progress after each work that was not known already, and after the last."""
    named = [*job.ratings, *job.likes, *(path for pair in job.pairs for path in pair)]
    paths = list(dict.fromkeys([*named, *(mark.path for mark in job.marks)]))
    read, total = Read(), len(paths) + len(job.marks)
    for done, path in enumerate(paths):
        try:
            is_new = not shelf().holds(path, medium)
            one = shelf().work(path, medium, device)
            read.kind = read.kind or one.kind
            read.known[path] = _same(one, read.kind, path)
        except BadInput as error:
            is_new = True
            read.refused.append(refusal(path, error))
        if is_new:
            yield Progress(job_id=job.job_id, done=done + 1, total=total, stage="reading")
    for place, mark in enumerate(job.marks):
        try:
            if mark.path in read.known:
                read.parts[place] = shelf().part(mark, medium, device)
        except BadInput as error:
            read.refused.append(refusal(mark.path, error))
    if total:
        yield Progress(job_id=job.job_id, done=total, total=total, stage="reading")
    return read


def _judgements(job: LearnRequest, read: Read) -> Judgements:
    """Those whose works could be read."""
    stars = {path: stars for path, stars in job.ratings.items() if path in read.known}
    order = _in_order(job, read)
    place = {path: i for i, path in enumerate(order)}
    parts = [
        MarkedPart(
            part.measured,
            place[job.marks[i].path],
            job.marks[i].liked,
            COMPARABLE[read.kind],
        )
        for i, part in read.parts.items()
    ]
    return Judgements(
        [read.known[path].measured for path in order],
        list(stars.values()),
        [(place[a], place[b]) for a, b in job.pairs if a in place and b in place],
        [(place[path], liked) for path, liked in job.likes.items() if path in place],
        parts,
    )


def _in_order(job: LearnRequest, read: Read) -> list[str]:
    """The paths of the works, those with stars first."""
    starred = [path for path in job.ratings if path in read.known]
    return [*starred, *(path for path in read.known if path not in job.ratings)]


def _same(work: Known, wanted: str, path: str) -> Known:
    """Raises BadInput for a work in another language than the others."""
    if work.kind != wanted:
        language = LANGUAGE_NAMES[work.kind]
        raise BadInput("language_differs", name=Path(path).name, language=language)
    return work
