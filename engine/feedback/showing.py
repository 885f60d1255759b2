"""The verb `generate` for styles that were taught: their ratings turn the brief's dials, more works
are begun than are shown, and those that are chosen are finished.
"""

import json
from collections.abc import Generator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Protocol

import numpy as np
import torch
from torch import Tensor

from engine.core.draft import Completing, Draft, Drafting, Generating
from engine.core.errors import BadInput
from engine.core.files import write_atomic
from engine.core.job_events import unseen, within
from engine.core.progress import Pace
from engine.core.style import Style
from engine.critic.closeness import closeness
from engine.critic.contents import Opened, Played, words_of
from engine.critic.diversity import kernel_of
from engine.critic.judges import judge_of
from engine.feedback.beyond import pleases
from engine.feedback.events import events_of
from engine.feedback.selection import apart, choose
from engine.feedback.steering import directions
from engine.feedback.taste import Taste, taste_of, untaught, without_taste
from engine.media.audio.codec.score import Score
from engine.messages import Brief, Event, GenerateRequest, Medium, MusicBrief, MusicForm, WorkFile

CANDIDATES = 3  # works begun for each that is shown
MOST_MORE = 24  # works that are begun and not shown
DRAFTING = {Medium.IMAGE: 0.35, Medium.TEXT: 0.98, Medium.AUDIO: 0.8}  # of a job's time


class MediumJobs(Protocol):
    """What each medium does for a job."""

    @property
    def generate(self) -> Generating: ...

    @property
    def draft(self) -> Drafting: ...

    @property
    def complete(self) -> Completing: ...


def generate(
    job: GenerateRequest,
    style: Style,
    digest: str,
    device: torch.device,
    pace: Pace,
    medium: MediumJobs,
) -> Generator[Event, None, list[WorkFile]]:
    """As the medium's own `generate`; by what the style was taught, as far as the brief follows it.

    A work's own brief, in its sidecar, is the one that it was made by: its dials as they were
    turned, and one candidate.
    """
    brief, taste = job.brief, taste_of(style.tensors)
    kept = without_taste(style.tensors) if brief.follow else untaught(style.tensors)
    own = replace(style, tensors=kept)
    count = _candidates(brief)
    if taste is None or not brief.follow or count == 1 or _is_texture(brief):
        return (yield from medium.generate(job, own, digest, device, pace))
    drafting = DRAFTING[brief.medium]
    drafts = yield from _drafts(job, own, taste, count, device, pace, medium)
    chosen = _chosen(drafts, taste, own, brief, device)
    completing = medium.complete(chosen, job, own, digest, device)
    works = yield from within(completing, drafting, 1 - drafting, pace)
    about = {"chosen_from": len(drafts), "ratings": taste.count}
    return [_explained(work, about) for work in works]


def _is_texture(brief: Brief) -> bool:
    return isinstance(brief, MusicBrief) and brief.form == MusicForm.TEXTURE


def _candidates(brief: Brief) -> int:
    """For each work shown."""
    asked = brief.candidates or CANDIDATES
    return max(2, min(asked, 1 + MOST_MORE // brief.count)) if asked > 1 else 1


def _drafts(
    job: GenerateRequest,
    style: Style,
    taste: Taste,
    count: int,
    device: torch.device,
    pace: Pace,
    medium: MediumJobs,
) -> Generator[Event, None, list[Draft]]:
    """`count` batches, each with its own turn of the dials; previews of the first alone, since no
    window has room for the others."""
    rng = np.random.default_rng((job.brief.seed, taste.count))
    share = DRAFTING[job.brief.medium] / count
    drafts: list[Draft] = []
    for turn, brief in enumerate(directions(job.brief, taste, count, rng)):
        batch = replace(brief, seed=job.brief.seed + len(drafts), candidates=1)
        events = medium.draft(replace(job, brief=batch), style, device, Pace())
        part = within(events if turn == 0 else unseen(events), turn * share, share, pace)
        drafts += yield from part
    return drafts


def _chosen(
    drafts: Sequence[Draft], taste: Taste, style: Style, brief: Brief, device: torch.device
) -> list[Draft]:
    """In the order in which they are shown."""
    opened = enumerate(_opened(draft) for draft in drafts)
    works = {i: work for i, work in opened if work is not None and work.kind == taste.kind}
    usable = list(works)
    if len(usable) < brief.count:  # a text in the other language: the taste says nothing of it
        return list(drafts[: brief.count])
    judge = judge_of(taste.kind, device)
    measured = [judge.see(work).measured for work in works.values()]
    rng = np.random.default_rng((brief.seed, taste.count, 1))
    x = taste.seen(measured, judge.features)
    near = closeness(style.tensors, measured, taste.kind, device)
    events = [events_of(work.content, device) for work in works.values()]
    besides = apart(near, pleases(style.tensors, events, taste.kind, device))
    places = choose(x, kernel_of(measured), brief.count, taste.normal, rng, besides)
    return [drafts[usable[place]] for place in places]


def _opened(draft: Draft) -> Opened | None:
    """None of a text in a language without a model."""
    if isinstance(draft.content, Tensor):
        return Opened("", "image", draft.content, draft.brief)
    if isinstance(draft.content, Score):
        return Opened("", "audio", Played(draft.content), draft.brief)
    try:
        words = words_of(str(draft.content).encode(), "")
    except BadInput:
        return None
    return Opened("", words.language, words, draft.brief)


def _explained(work: WorkFile, about: dict[str, int]) -> WorkFile:
    """Its sidecar says that it was chosen, and from how many."""
    sidecar = Path(work.sidecar)
    told = json.loads(sidecar.read_bytes()) | about
    write_atomic(sidecar, json.dumps(told, ensure_ascii=False, indent=1).encode())
    return work
