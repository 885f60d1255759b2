"""The verb `generate` for styles that were taught: their ratings turn the brief's dials, more works
are drafted than are shown, and those that are chosen are finished.
"""

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from engine.core.files import write_atomic
from engine.core.job_events import within, without_previews
from engine.core.progress import Pace
from engine.core.style import Style
from engine.critic.diversity import kernel_of
from engine.critic.reference_profile import closeness
from engine.feedback.beyond import pleases
from engine.feedback.selection import apart, choose
from engine.feedback.steering import directions
from engine.feedback.taste import Taste, taste_of, untaught, without_taste
from engine.interfaces import Draft, Generator, Job, Medium
from engine.protocol import Brief, GenerateRequest, WorkFile

CANDIDATES = 3  # drafts for each work that is shown
MOST_MORE = 24  # drafts that are not shown


def generate(
    job: GenerateRequest,
    style: Style,
    medium: Medium,
    generator: Generator,
    device: torch.device,
    pace: Pace,
) -> Job[list[WorkFile]]:
    """As the generator's own `generate`; by what the style was taught, as far as the brief follows.

    A work's own brief, in its sidecar, is the one that it was made by: its dials as they were
    turned, and one candidate.
    """
    brief, taste = job.brief, taste_of(style.tensors)
    kept = without_taste(style.tensors) if brief.follow else untaught(style.tensors)
    own = replace(style, tensors=kept)
    count = _candidates(brief)
    if taste is None or not brief.follow or count == 1 or not medium.can_choose(brief):
        return (yield from generator.generate(job, own, pace))
    share = generator.draft_share
    drafts = yield from _drafts(job, own, taste, count, pace, medium, generator)
    chosen = _chosen(drafts, taste, own, brief, medium, device)
    works = yield from within(generator.complete(chosen, job, own), share, 1 - share, pace)
    about = {"chosen_from": len(drafts), "ratings": taste.count}
    return [_explained(work, about) for work in works]


def _candidates(brief: Brief) -> int:
    """For each work shown."""
    asked = brief.candidates or CANDIDATES
    return max(2, min(asked, 1 + MOST_MORE // brief.count)) if asked > 1 else 1


def _drafts(
    job: GenerateRequest,
    style: Style,
    taste: Taste,
    count: int,
    pace: Pace,
    medium: Medium,
    generator: Generator,
) -> Job[list[Draft]]:
    """`count` batches, each with its own turn of the dials; previews of the first alone, since no
    window has room for the others."""
    rng = np.random.default_rng((job.brief.seed, taste.count))
    share = generator.draft_share / count
    drafts: list[Draft] = []
    briefs = directions(job.brief, taste, medium.dials(taste.domain), count, rng)
    for turn, brief in enumerate(briefs):
        batch = replace(brief, seed=job.brief.seed + len(drafts), candidates=1)
        events = generator.draft(replace(job, brief=batch), style, Pace())
        part = within(events if turn == 0 else without_previews(events), turn * share, share, pace)
        drafts += yield from part
    return drafts


def _chosen(
    drafts: Sequence[Draft],
    taste: Taste,
    style: Style,
    brief: Brief,
    medium: Medium,
    device: torch.device,
) -> list[Draft]:
    """In the order in which they are shown."""
    domain = taste.domain
    loaded = enumerate(medium.loaded_draft(draft) for draft in drafts)
    works = {i: work for i, work in loaded if work is not None and work.domain == domain}
    usable = list(works)
    if len(usable) < brief.count:  # a text in the other language: the taste says nothing of it
        return list(drafts[: brief.count])
    judge, events = medium.judge(domain, device), medium.event_model(domain, device)
    measured = [judge.measure(work).measured for work in works.values()]
    rng = np.random.default_rng((brief.seed, taste.count, 1))
    x = taste.seen(measured, judge.features)
    near = closeness(style, measured, medium, domain, device)
    made_of = [events.events(work.content) for work in works.values()]
    besides = apart(near, pleases(style.tensors, made_of, domain, events))
    places = choose(x, kernel_of(measured), brief.count, taste.normal, rng, besides)
    return [drafts[usable[place]] for place in places]


def _explained(work: WorkFile, about: dict[str, int]) -> WorkFile:
    """Its sidecar says that it was chosen, and from how many."""
    sidecar = Path(work.sidecar)
    told = json.loads(sidecar.read_bytes()) | about
    write_atomic(sidecar, json.dumps(told, ensure_ascii=False, indent=1).encode())
    return work
