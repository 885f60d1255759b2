"""The verb `generate` for styles that were taught: more works are made than are shown."""

import tempfile
from collections.abc import Callable, Generator
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from engine.critic.contents import opened
from engine.critic.diversity import kernel_of
from engine.critic.judges import judge_of
from engine.feedback.selection import choose
from engine.feedback.taste import Taste, taste_of, without_taste
from engine.messages import Event, GenerateRequest, MusicForm, Preview, WorkFile
from engine.progress import Pace
from engine.style import Style

MADE_FOR_ONE, MOST_MORE = 3, 16  # candidates for each work shown; at most so many more
Generate = Callable[
    [GenerateRequest, Style, str, torch.device, Pace], Generator[Event, None, list[WorkFile]]
]


def generate(
    job: GenerateRequest,
    style: Style,
    digest: str,
    device: torch.device,
    pace: Pace,
    medium: Generate,
) -> Generator[Event, None, list[WorkFile]]:
    """As the medium's own `generate`; of a style with a taste, more works than asked for are made
    in a folder beside the others, and those that are chosen are moved to their place."""
    taste = taste_of(style.tensors)
    plain = replace(style, tensors=without_taste(style.tensors))
    if taste is None or job.brief.form == MusicForm.TEXTURE:
        return (yield from medium(job, plain, digest, device, pace))
    count = job.brief.count
    more = min(MADE_FOR_ONE * count, count + MOST_MORE)
    out = Path(job.out_dir)
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".candidates-", dir=out) as scratch:
        brief = replace(job.brief, count=more)
        wider = replace(job, out_dir=scratch, brief=brief)
        made = yield from _first(medium(wider, plain, digest, device, pace), count)
        chosen = _chosen(made, taste, job, device)
        return [_moved(work, out) for work in chosen]


def _first(
    events: Generator[Event, None, list[WorkFile]], count: int
) -> Generator[Event, None, list[WorkFile]]:
    """Previews of the first `count` alone: no window has room for the others."""
    while True:
        try:
            event = next(events)
        except StopIteration as end:
            return end.value
        if not isinstance(event, Preview) or event.index < count:
            yield event


def _chosen(
    made: list[WorkFile], taste: Taste, job: GenerateRequest, device: torch.device
) -> list[WorkFile]:
    """In the order in which they are shown."""
    judge = judge_of(taste.kind, device)
    works = [opened(work.path, job.brief.medium, device) for work in made]
    usable = [i for i, work in enumerate(works) if work.kind == taste.kind]
    if len(usable) < job.brief.count:  # a text in the other language: the taste says nothing of it
        return made[: job.brief.count]
    measured = [judge.see(works[i]).measured for i in usable]
    rng = np.random.default_rng((job.brief.seed, taste.count))
    x = taste.seen(measured, judge.features)
    places = choose(x, kernel_of(measured), job.brief.count, taste.normal, rng)
    return [made[usable[place]] for place in places]


def _moved(work: WorkFile, out: Path) -> WorkFile:
    """With all that bears its name; its sidecar last, so that it never speaks of a missing work."""
    path = Path(work.path)
    beside = sorted(path.parent.glob(f"{path.stem}.*"), key=lambda p: p == Path(work.sidecar))
    for file in beside:
        file.replace(out / file.name)
    sidecar = out / Path(work.sidecar).name
    return replace(work, path=str(out / path.name), sidecar=str(sidecar))
