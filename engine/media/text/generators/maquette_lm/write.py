"""Style and brief → texts, several at once, token by token.

Every work is drafted several times (`maquette_lm.particles`) and the draft that the model itself
finds likeliest is delivered. The rows of the decoder are always `ROWS`, filled or not: a row of a
matrix product depends on how many rows there are, and a work must be the same whether it is written
alone or among others.
"""

from collections.abc import Generator, Sequence

import numpy as np
import torch

from engine.core import preference_tensors as liked
from engine.core.errors import BadInput
from engine.core.progress import Advance
from engine.media.text.copying import Copying, Source
from engine.media.text.forms import constraint_for, violations
from engine.media.text.forms.sounds import WEAK
from engine.media.text.generators.maquette_lm.learned import learned_runs
from engine.media.text.generators.maquette_lm.particles import (
    ROWS,
    DecodingContext,
    Particle,
    begin,
    particles_of,
    step,
)
from engine.media.text.generators.maquette_lm.spec import spec_of
from engine.media.text.generators.maquette_lm.vocabulary import vocabulary_of
from engine.media.text.generators.maquette_lm.weights import shipped
from engine.media.text.tokens import PAD, TEXT
from engine.media.text.works import Written
from engine.protocol import TextBrief
from engine.sequence.adapt import StyleTensors, context_of, updates_of, works_of
from engine.sequence.decoder_session import DecoderSession
from engine.sequence.low_rank import adapted
from engine.sequence.particles import resample

MOST_ROOMS = 3  # times the expected tokens that a work may take before it is given up
SHOW_EVERY = 4  # tokens between two looks at a work in progress


def write(
    style: StyleTensors, names: Sequence[str], brief: TextBrief, device: torch.device
) -> Generator[Advance, None, list[Written]]:
    """The works of a brief; yields how far it is, with the texts as they stand.

    names: of the references, for the copy report. Raises BadInput for a form that cannot be met.
    """
    context = _context(style, names, brief, device)
    works: list[Written] = []
    at_once = ROWS // particles_of(context.spec.brief.form)
    for first in range(0, brief.count, at_once):
        seeds = range(brief.seed + first, brief.seed + min(first + at_once, brief.count))
        works += yield from _group(context, seeds, works, brief.count)
    return works


def _context(
    style: StyleTensors, names: Sequence[str], brief: TextBrief, device: torch.device
) -> DecodingContext:
    base = shipped(device)
    model, tokens = base.model, base.tokens
    spec = spec_of(style, brief, tokens)
    vocabulary = vocabulary_of(tokens)
    rng = np.random.default_rng(0)
    constraint_for(spec.brief, spec.language, vocabulary.characters, rng, spec.width)  # may refuse
    head = tokens.heads([spec.piece])[0]
    references = context_of(style, base.opening, model.config.context - spec.window - len(head))
    bias = liked.gains(style, liked.TOKENS, spec.language, brief.follow)
    session = DecoderSession(
        base, adapted(model, updates_of(style)), references, head, brief.strength, bias
    )
    bodies = [tokens.decode(row[row.index(TEXT) :]) for row in works_of(style)]
    sources = [Source(n, t) for n, t in zip(names, bodies, strict=True)]
    language = "zh" if spec.language == "zh" else "en"
    copying = Copying(sources, language, learned_runs(language))
    repeatable = np.array([_is_repeatable(text) for text in vocabulary.texts])
    return DecodingContext(spec, vocabulary, session, copying, repeatable)


def _is_repeatable(text: str) -> bool:
    return not any(c.isalnum() for c in text) or text.strip().lower() in WEAK


def _group(
    context: DecodingContext, seeds: Sequence[int], before: list[Written], count: int
) -> Generator[Advance, None, list[Written]]:
    """As many works as the rows hold, each with all its particles.

    Where a work outgrows the window, the model reads the references and its latter half anew.
    """
    spec, session = context.spec, context.session
    each = particles_of(spec.brief.form)
    particles = [begin(context, seed, index) for seed in seeds for index in range(each)]
    log_probs = session.begin(ROWS)
    rows: list[list[int]] = []  # what the model remembers of the works
    for done_steps in range(MOST_ROOMS * spec.room):
        row = step(context, particles, log_probs.numpy())
        rows.append(row + [PAD] * (ROWS - len(row)))
        order = resample(particles, each)
        if done_steps % SHOW_EVERY == 0:
            done = len(before) + len(seeds) * min(1.0, (done_steps + 1) / spec.room)
            shown = [particle.mask.text() for particle in particles[::each]]
            yield Advance(done, count, texts=(*(w.text for w in before), *shown))
        if all(particle.done for particle in particles):
            break
        if order != list(range(len(particles))):
            order += range(len(particles), ROWS)
            rows = [[tokens[i] for i in order] for tokens in rows]
            session.reorder(order)
        if len(rows) < spec.window:
            log_probs = session.next(rows[-1])
        else:
            rows = rows[-(spec.window // 2) :]
            log_probs = session.restart(rows)
    return [_best(context, particles[i : i + each]) for i in range(0, len(particles), each)]


def _best(context: DecodingContext, particles: Sequence[Particle]) -> Written:
    """The likeliest particle that keeps its form. Raises BadInput where none does."""
    brief, language = context.spec.brief, context.spec.language
    for particle in sorted(particles, key=lambda each: -each.mean_log_likelihood):
        text = particle.mask.text()
        if particle.done and not violations(text, brief, language):
            return Written(text, context.copying.check(text))
    raise BadInput("form_unmet", form=brief.form)
