"""Style and brief → texts, several at once, token by token.

Every work is drafted `DRAFTS` times and the draft that the model itself finds likeliest is
delivered. The lanes are always `LANES`, filled or not: a row of a matrix product depends on how
many rows there are, and a work must be the same whether it is written alone or among others.
"""

from collections.abc import Generator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import torch

from engine.errors import BadInput
from engine.messages import Brief, Copied
from engine.progress import Advance
from engine.text.adapt import StyleTensors, context_of, updates_of, works_of
from engine.text.copying import Copying, CopyWatch, Source, limit_of
from engine.text.draw import Repetition, draw
from engine.text.forms import Rule, rule_for, violations
from engine.text.forms.rule import Vocabulary, vocabulary_of
from engine.text.learned import learned_runs
from engine.text.low_rank import adapted
from engine.text.shape import Shape, shape_of
from engine.text.tokens import PAD, TEXT, Tokens
from engine.text.voice import Voice, shipped

LANES = 8
DRAFTS = 2
WORKS_AT_ONCE = LANES // DRAFTS
ROOMS = 3  # times the room of its shape that a work may take before it is given up
SHOW_EVERY = 4  # tokens between two looks at a work in progress
TRIES = 24  # tokens that copying may refuse at one place
PENALTY = {"zh": 0.7, "en": 0.25}  # nats, each time a token was said


@dataclass(frozen=True, slots=True)
class Written:
    """A finished text in people's layout, and what of it stands elsewhere."""

    text: str
    copied: Copied


@dataclass(slots=True)
class Lane:
    """One draft of one work."""

    rule: Rule
    watch: CopyWatch
    rng: np.random.Generator
    repetition: Repetition
    count: int = 0
    nats: float = 0.0

    @property
    def likelihood(self) -> float:
        """Mean log p of the tokens that were the model's own choice."""
        return self.nats / max(1, self.count)


@dataclass(slots=True)
class Desk:
    """What all works of a job share."""

    shape: Shape
    tokens: Tokens
    vocabulary: Vocabulary
    voice: Voice
    copying: Copying
    free: np.ndarray  # (V,) bool: what may be said again and again
    lanes: list[Lane] = field(default_factory=list)


def write(
    style: StyleTensors, names: Sequence[str], brief: Brief, device: torch.device
) -> Generator[Advance, None, list[Written]]:
    """The works of a brief; yields how far it is, with the texts as they stand.

    names: of the references, for the copy report. Raises BadInput for a form that cannot be met.
    """
    desk = _desk(style, names, brief, device)
    works: list[Written] = []
    for first in range(0, brief.count, WORKS_AT_ONCE):
        seeds = range(brief.seed + first, brief.seed + min(first + WORKS_AT_ONCE, brief.count))
        works += yield from _group(desk, seeds, works, brief.count)
    return works


def _desk(style: StyleTensors, names: Sequence[str], brief: Brief, device: torch.device) -> Desk:
    base = shipped(device)
    model, tokens = base.model, base.tokens
    shape = shape_of(style, brief, tokens)
    vocabulary = vocabulary_of(tokens)
    rng = np.random.default_rng(0)
    rule_for(shape.brief, shape.language, tokens, rng, shape.width)  # refused at once
    head = tokens.heads([shape.piece])[0]
    context = context_of(style, model.config.context - shape.window - len(head))
    voice = Voice(base, adapted(model, updates_of(style)), context, head, brief.strength)
    bodies = [tokens.decode(row[row.index(TEXT) :]) for row in works_of(style)]
    sources = [Source(n, t) for n, t in zip(names, bodies, strict=True)]
    free = np.ones(tokens.size, bool)
    for i, text in vocabulary.pieces.items():
        free[i] = not any(c.isalnum() for c in text)
    language = "zh" if shape.language == "zh" else "en"
    copying = Copying(sources, language, learned_runs(language))
    return Desk(shape, tokens, vocabulary, voice, copying, free)


def _lane(desk: Desk, seed: int, draft: int) -> Lane:
    shape = desk.shape
    rng = np.random.default_rng((seed, draft))
    limit = limit_of(shape.brief.copy_limit, desk.copying.language)
    return Lane(
        rule_for(replace(shape.brief, seed=seed), shape.language, desk.tokens, rng, shape.width),
        CopyWatch(desk.copying, limit),
        rng,
        Repetition(desk.tokens.size, PENALTY[shape.language], desk.free),
    )


def _group(
    desk: Desk, seeds: Sequence[int], before: list[Written], count: int
) -> Generator[Advance, None, list[Written]]:
    """Up to WORKS_AT_ONCE works, each with all its drafts.

    Where a work outgrows the window, the model reads the references and its latter half anew.
    """
    lanes = [_lane(desk, seed, draft) for seed in seeds for draft in range(DRAFTS)]
    opinions, window = desk.voice.begin(LANES), desk.shape.window
    rows: list[list[int]] = []  # what the model remembers of the works
    for step in range(ROOMS * desk.shape.room):
        row = _one_token(desk, lanes, opinions.numpy())
        if step % SHOW_EVERY == 0:
            done = len(before) + len(seeds) * min(1.0, (step + 1) / desk.shape.room)
            shown = [lane.rule.text() for lane in lanes[::DRAFTS]]
            yield Advance(done, count, texts=(*(w.text for w in before), *shown))
        if all(lane.rule.done for lane in lanes):
            break
        rows.append(row + [PAD] * (LANES - len(row)))
        if len(rows) < window:
            opinions = desk.voice.next(rows[-1])
        else:
            rows = rows[-(window // 2) :]
            opinions = desk.voice.again(rows)
    return [_best(desk, lanes[i : i + DRAFTS]) for i in range(0, len(lanes), DRAFTS)]


def _one_token(desk: Desk, lanes: Sequence[Lane], shares: np.ndarray) -> list[int]:
    """One more token of every draft; shares (B, V) are log p."""
    row = []
    for lane, log_p in zip(lanes, shares, strict=False):
        if lane.rule.done:
            row.append(PAD)
            continue
        bias = lane.rule.allowed()
        token = _drawn(desk, lane, log_p, bias)
        if np.count_nonzero(bias > -np.inf) > 1:
            lane.nats += float(log_p[token])
            lane.count += 1
        lane.rule.push(token)
        lane.watch.push(desk.vocabulary.pieces.get(token, ""))
        lane.repetition.said(token)
        row.append(token)
    return row


def _drawn(desk: Desk, lane: Lane, log_p: np.ndarray, bias: np.ndarray) -> int:
    """A token that the form allows; one that would copy too much only where nothing else may."""
    brief, bias = desk.shape.brief, bias.copy()
    scores = lane.repetition.lessened(log_p)
    token = draw(scores, bias, lane.rng, brief.temperature, brief.top_p)
    for _ in range(TRIES):
        if lane.watch.allows(desk.vocabulary.pieces.get(token, "")):
            return token
        bias[token] = -np.inf
        if not (bias > -np.inf).any():
            break
        token = draw(scores, bias, lane.rng, brief.temperature, brief.top_p)
    return token


def _best(desk: Desk, lanes: Sequence[Lane]) -> Written:
    """The likeliest draft that keeps its form. Raises BadInput where none does."""
    brief, language = desk.shape.brief, desk.shape.language
    for lane in sorted(lanes, key=lambda each: -each.likelihood):
        text = lane.rule.text()
        if lane.rule.done and not violations(text, brief, language):
            return Written(text, desk.copying.check(text))
    raise BadInput("form_unmet", form=brief.form)
