"""The verb `learn`: style and ratings → a style with a taste."""

from collections.abc import Generator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import torch

from engine.core.errors import BadInput
from engine.core.job_events import with_progress
from engine.core.progress import Pace
from engine.core.references import refusal
from engine.core.style import Style
from engine.critic.reference_profile import closeness
from engine.feedback.adaptation import adapted, taught
from engine.feedback.likelihood import STARS
from engine.feedback.measurement_cache import MeasuredFile, measurements
from engine.feedback.rated import RatedWork
from engine.feedback.taste import Judgements, MarkedPart, Taste, learned, untaught
from engine.feedback.utilities import utilities
from engine.interfaces import Measured, Medium, Preferences, WorkPreferences
from engine.protocol import (
    Event,
    LearnRequest,
    Progress,
    Refusal,
)


@dataclass(slots=True)
class Read:
    """What could be read. known: by path, in the order of the request; parts: by the place of their
    mark in it. domain: of the first work."""

    known: dict[str, MeasuredFile] = field(default_factory=dict)
    parts: dict[int, MeasuredFile] = field(default_factory=dict)
    refused: list[Refusal] = field(default_factory=list)
    domain: str = ""


def learn(
    job: LearnRequest,
    style: Style,
    medium: Medium,
    preferences: Preferences | None,
    device: torch.device,
) -> Generator[Event, None, tuple[Style, Taste, list[Refusal]]]:
    """The style with its taste, moved by it: what was learned before is replaced, since the ratings
    and what is held are all there are. Yields Progress. Raises BadInput where neither a rating
    that can be used is there nor a weight that is held."""
    _check(job)
    read = yield from _read(job, medium, device)
    judged = _judgements(job, read, medium)
    fixed = {**job.pin, **dict.fromkeys(job.forget, 0.0)}
    if not judged.count:
        return (yield from _held_alone(job, style, medium, fixed, read.refused, device))
    features = medium.judge(read.domain, device).features
    taste = learned(judged, read.domain, features, fixed)
    found = utilities(judged, taste, features)
    paths = _in_order(job, read)
    works = [read.known[path] for path in paths]
    rated = [
        RatedWork(work.measured, work.events, whole, beyond, path)
        for work, whole, beyond, path in zip(works, found.whole, found.beyond, paths, strict=True)
    ]
    own = replace(style, tensors=untaught(style.tensors))
    near = closeness(own, [one.measured for one in rated], medium, read.domain, device)
    events = medium.event_model(read.domain, device)
    moved = adapted(own.tensors, rated, near, read.domain, events, preferences, device)
    if isinstance(preferences, WorkPreferences):
        slices = taught(own.tensors, rated, near, read.domain, preferences)
        moved |= yield from with_progress(slices, job.job_id, "learning", Pace())
    tensors = own.tensors | taste.to_tensors() | moved
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
    medium: Medium,
    fixed: Mapping[str, float],
    refused: list[Refusal],
    device: torch.device,
) -> Generator[Event, None, tuple[Style, Taste, list[Refusal]]]:
    """The style with what is held for its taste. Nothing was liked, so that nothing else moves."""
    if not job.pin:
        raise BadInput("no_rated_works", first=refused[0].message)
    own = untaught(style.tensors)
    domain, kept = _references_of(job, style, medium, device)
    works, unread = yield from _beside(job, medium, domain, device)
    if not works:
        works = [each for each in kept if each.values.size]
    if not works and not kept and style.neutral:
        raise BadInput("no_ratings")  # a texture, or a language without a model
    judge = medium.judge(domain, device)
    taste = learned(Judgements(works, []), domain, judge.features, fixed)
    tensors = own | taste.to_tensors()
    return replace(style, tensors=tensors), taste, [*refused, *unread]


def _references_of(
    job: LearnRequest, style: Style, medium: Medium, device: torch.device
) -> tuple[str, tuple[Measured, ...]]:
    """The domain that the request names, else the first of which the style keeps references, else
    the last; and those references."""
    domains = (job.language,) if job.language in medium.domains else medium.domains
    for domain in domains:
        if kept := medium.measured_references(style, domain, device):
            return domain, kept
    return domains[-1], ()


def _beside(
    job: LearnRequest, medium: Medium, domain: str, device: torch.device
) -> Generator[Event, None, tuple[list[Measured], list[Refusal]]]:
    """What held weights are seen beside, as far as it can be read."""
    found: list[Measured] = []
    refused: list[Refusal] = []
    for done, path in enumerate(job.beside):
        try:
            work = measurements().work(path, medium, device)
            found.append(_same(work, domain, path, medium).measured)
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
            is_new = not measurements().holds(path, medium)
            one = measurements().work(path, medium, device)
            read.domain = read.domain or one.domain
            read.known[path] = _same(one, read.domain, path, medium)
        except BadInput as error:
            is_new = True
            read.refused.append(refusal(path, error))
        if is_new:
            yield Progress(job_id=job.job_id, done=done + 1, total=total, stage="reading")
    for place, mark in enumerate(job.marks):
        try:
            if mark.path in read.known:
                read.parts[place] = measurements().part(mark, medium, device)
        except BadInput as error:
            read.refused.append(refusal(mark.path, error))
    if total:
        yield Progress(job_id=job.job_id, done=total, total=total, stage="reading")
    return read


def _judgements(job: LearnRequest, read: Read, medium: Medium) -> Judgements:
    """Those whose works could be read."""
    stars = {path: stars for path, stars in job.ratings.items() if path in read.known}
    order = _in_order(job, read)
    place = {path: i for i, path in enumerate(order)}
    parts = [
        MarkedPart(
            part.measured,
            place[job.marks[i].path],
            job.marks[i].liked,
            medium.comparable(read.domain),
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


def _same(work: MeasuredFile, wanted: str, path: str, medium: Medium) -> MeasuredFile:
    """Raises BadInput for a work of another domain than the others."""
    if work.domain != wanted:
        language = medium.name_of(work.domain)
        raise BadInput("language_differs", name=Path(path).name, language=language)
    return work
