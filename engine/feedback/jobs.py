"""The verb `learn`: style and ratings → a style with a taste."""

from collections.abc import Generator
from dataclasses import replace
from pathlib import Path

import torch

from engine.critic.contents import opened
from engine.critic.jobs import LANGUAGE_NAMES
from engine.critic.judges import Seen, judge_of
from engine.errors import BadInput
from engine.feedback.likelihood import STARS
from engine.feedback.taste import Judgements, Taste, learned, without_taste
from engine.messages import (
    Event,
    LearnRequest,
    Medium,
    Progress,
    Refusal,
)
from engine.references import refusal
from engine.style import Style


def learn(
    job: LearnRequest, style: Style, device: torch.device
) -> Generator[Event, None, tuple[Style, Taste, list[Refusal]]]:
    """The style with its taste: what was learned before is replaced, as the ratings are all there
    are. Yields Progress. Raises BadInput without a rating that can be used."""
    _check(job)
    paths = list(dict.fromkeys([*job.ratings, *(path for pair in job.pairs for path in pair)]))
    seen: dict[str, Seen] = {}
    refused: list[Refusal] = []
    kind = ""
    for done, path in enumerate(paths):
        try:
            work = opened(path, Medium(style.medium), device)
            kind = kind or work.kind
            seen[path] = judge_of(_same(work.kind, kind, work.name), device).see(work)
        except BadInput as error:
            refused.append(refusal(path, error))
        yield Progress(job_id=job.job_id, done=done + 1, total=len(paths), stage="reading")
    stars = {path: job.ratings[path] for path in job.ratings if path in seen}
    pairs = [pair for pair in job.pairs if all(path in seen for path in pair)]
    if not stars and not pairs:
        raise BadInput("no_rated_works", first=refused[0].message)
    order = [*stars, *(path for path in seen if path not in stars)]
    said = Judgements(
        [seen[path].measured for path in order],
        list(stars.values()),
        [(order.index(a), order.index(b)) for a, b in pairs],
    )
    fixed = {**job.pin, **dict.fromkeys(job.forget, 0.0)}
    taste = learned(said, kind, judge_of(kind, device).features, fixed)
    tensors = without_taste(style.tensors) | taste.to_tensors()
    return replace(style, tensors=tensors), taste, refused


def _check(job: LearnRequest) -> None:
    if not job.ratings and not job.pairs:
        raise BadInput("no_ratings")
    for path, stars in job.ratings.items():
        if not 1 <= stars <= STARS:
            raise BadInput("bad_stars", stars=stars, name=Path(path).name)


def _same(kind: str, wanted: str, name: str) -> str:
    """Raises BadInput for a work in another language than the others."""
    if kind != wanted:
        raise BadInput("language_differs", name=name, language=LANGUAGE_NAMES[kind])
    return kind
