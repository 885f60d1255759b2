"""Style and brief → texts, several at once, token by token.

Every work is drafted several times (`maquette_lm.drafts`) and the draft that the model itself finds
likeliest is delivered. The lanes are always `LANES`, filled or not: a row of a matrix product
depends on how many rows there are, and a work must be the same whether it is written alone or
among others.
"""

from collections.abc import Generator, Sequence

import numpy as np
import torch

from engine.core import preference_tensors as liked
from engine.core.errors import BadInput
from engine.core.progress import Advance
from engine.media.text.copying import Copying, Source
from engine.media.text.forms import rule_for, violations
from engine.media.text.forms.rule import vocabulary_of
from engine.media.text.forms.sounds import WEAK
from engine.media.text.generators.maquette_lm.drafts import (
    LANES,
    Desk,
    Lane,
    begin,
    drafts_of,
    drawn_anew,
    one_token,
)
from engine.media.text.generators.maquette_lm.learned import learned_runs
from engine.media.text.generators.maquette_lm.shape import shape_of
from engine.media.text.generators.maquette_lm.tokens import PAD, TEXT
from engine.media.text.generators.maquette_lm.weights import shipped
from engine.media.text.works import Written
from engine.messages import TextBrief
from engine.sequence.adapt import StyleTensors, context_of, updates_of, works_of
from engine.sequence.low_rank import adapted
from engine.sequence.voice import Voice

ROOMS = 3  # times the room of its shape that a work may take before it is given up
SHOW_EVERY = 4  # tokens between two looks at a work in progress


def write(
    style: StyleTensors, names: Sequence[str], brief: TextBrief, device: torch.device
) -> Generator[Advance, None, list[Written]]:
    """The works of a brief; yields how far it is, with the texts as they stand.

    names: of the references, for the copy report. Raises BadInput for a form that cannot be met.
    """
    desk = _desk(style, names, brief, device)
    works: list[Written] = []
    at_once = LANES // drafts_of(desk.shape.brief.form)
    for first in range(0, brief.count, at_once):
        seeds = range(brief.seed + first, brief.seed + min(first + at_once, brief.count))
        works += yield from _group(desk, seeds, works, brief.count)
    return works


def _desk(
    style: StyleTensors, names: Sequence[str], brief: TextBrief, device: torch.device
) -> Desk:
    base = shipped(device)
    model, tokens = base.model, base.tokens
    shape = shape_of(style, brief, tokens)
    vocabulary = vocabulary_of(tokens)
    rng = np.random.default_rng(0)
    rule_for(shape.brief, shape.language, tokens, rng, shape.width)  # refused at once
    head = tokens.heads([shape.piece])[0]
    context = context_of(style, base.opening, model.config.context - shape.window - len(head))
    gains = liked.gains(style, liked.TOKENS, shape.language, brief.follow)
    voice = Voice(base, adapted(model, updates_of(style)), context, head, brief.strength, gains)
    bodies = [tokens.decode(row[row.index(TEXT) :]) for row in works_of(style)]
    sources = [Source(n, t) for n, t in zip(names, bodies, strict=True)]
    free = np.ones(tokens.size, bool)
    for i, text in vocabulary.pieces.items():
        free[i] = not any(c.isalnum() for c in text) or text.strip().lower() in WEAK
    language = "zh" if shape.language == "zh" else "en"
    copying = Copying(sources, language, learned_runs(language))
    return Desk(shape, tokens, vocabulary, voice, copying, free)


def _group(
    desk: Desk, seeds: Sequence[int], before: list[Written], count: int
) -> Generator[Advance, None, list[Written]]:
    """As many works as the lanes hold, each with all its drafts.

    Where a work outgrows the window, the model reads the references and its latter half anew.
    """
    drafts = drafts_of(desk.shape.brief.form)
    lanes = [begin(desk, seed, draft) for seed in seeds for draft in range(drafts)]
    opinions, window = desk.voice.begin(LANES), desk.shape.window
    rows: list[list[int]] = []  # what the model remembers of the works
    for step in range(ROOMS * desk.shape.room):
        row = one_token(desk, lanes, opinions.numpy())
        rows.append(row + [PAD] * (LANES - len(row)))
        order = drawn_anew(desk, lanes, drafts)
        if step % SHOW_EVERY == 0:
            done = len(before) + len(seeds) * min(1.0, (step + 1) / desk.shape.room)
            shown = [lane.rule.text() for lane in lanes[::drafts]]
            yield Advance(done, count, texts=(*(w.text for w in before), *shown))
        if all(lane.rule.done for lane in lanes):
            break
        if order != list(range(len(lanes))):
            order += range(len(lanes), LANES)
            rows = [[tokens[i] for i in order] for tokens in rows]
            desk.voice.take(order)
        if len(rows) < window:
            opinions = desk.voice.next(rows[-1])
        else:
            rows = rows[-(window // 2) :]
            opinions = desk.voice.again(rows)
    return [_best(desk, lanes[i : i + drafts]) for i in range(0, len(lanes), drafts)]


def _best(desk: Desk, lanes: Sequence[Lane]) -> Written:
    """The likeliest draft that keeps its form. Raises BadInput where none does."""
    brief, language = desk.shape.brief, desk.shape.language
    for lane in sorted(lanes, key=lambda each: -each.likelihood):
        text = lane.rule.text()
        if lane.rule.done and not violations(text, brief, language):
            return Written(text, desk.copying.check(text))
    raise BadInput("form_unmet", form=brief.form)
