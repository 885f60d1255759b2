"""The drafts of one work, token by token.

The drafts of a work are decoded together and apart from those of others: a row of a matrix product
depends on how many rows there are, and a work must be the same whether it is made alone or among
others. The Transformer is asked where a draft has a choice: what the plan brings back is told to it
in one piece.
Legend: V vocabulary.
"""

import math
from dataclasses import dataclass, field

import numpy as np
from torch import Tensor

from engine.media.audio.copying import Line
from engine.media.audio.generators.score.chord_plan import ChordPlan
from engine.media.audio.generators.score.decoding_context import PieceDecodingContext
from engine.media.audio.generators.score.ensemble import Rhythm
from engine.media.audio.generators.score.guide import Guide
from engine.media.audio.generators.score.particle import PieceParticle
from engine.media.audio.generators.score.plans import PieceSpec
from engine.media.audio.generators.score.prospects import Prospects, prospects_of
from engine.media.audio.generators.score.rule import Rule
from engine.media.audio.generators.score.weights import READ
from engine.media.audio.score_tokens import PAD, VOCABULARY, span
from engine.media.audio.theory.grid import DURATIONS, POSITIONS, STEPS
from engine.media.audio.theory.modes import leaning
from engine.sequence.batched_decoder import BatchedDecoder
from engine.sequence.draw import draw

DRAFTS = 4
DENSITY = 1.5  # nats a doubling of the notes is worth, for a position a quarter away

_POSITION, _DURATION = span("position"), span("duration")
_LEFT = span("left")
_NONE = np.zeros(VOCABULARY, bool)


def _begin(
    context: PieceDecodingContext,
    spec: PieceSpec,
    rhythms: tuple[Rhythm, ...],
    chords: ChordPlan | None,
    prospects: Prospects,
    seed: int,
    draft: int,
) -> PieceParticle:
    given = list(context.opening.row) if context.opening else spec.header
    rng = np.random.default_rng((seed, draft, 5))
    guide = None
    if context.places is not None:
        near, strength = context.nearness, context.brief.strength
        guide = Guide.of(context.places, context.profiles, spec, near, strength, chords, prospects)
    lines: list[Line] = [[] for _ in spec.plan.hands]
    return PieceParticle(seed, spec, Rule(spec.plan), rng, given, guide, lines, rhythms)


@dataclass(slots=True)
class Drafts:
    """All drafts of one work. rows: what the model remembers of them, of which the last `untold`
    were not yet told to it. Where a work outgrows the window, the model reads its latter half
    anew."""

    particles: list[PieceParticle]
    decoder: BatchedDecoder
    rows: list[list[int]] = field(default_factory=list)
    untold: int = 0

    @classmethod
    def of(cls, context: PieceDecodingContext, seed: int) -> "Drafts":
        spec = context.spec(seed)
        rhythms = context.rhythms(spec, seed)
        chords = context.chords(spec, seed) if rhythms else None
        prospects = (
            prospects_of(rhythms, spec.form, chords, spec.plan.hands) if chords is not None else {}
        )
        begun = [
            _begin(context, spec, rhythms, chords, prospects, seed, draft)
            for draft in range(DRAFTS)
        ]
        return cls(begun, _decoder(context, begun[0]))

    @property
    def bars(self) -> int:
        return self.particles[0].spec.plan.bars

    @property
    def done(self) -> bool:
        return all(particle.rule.done for particle in self.particles)

    @property
    def share_done(self) -> float:
        return sum(map(_share_done, self.particles)) / len(self.particles)

    def write(self, context: PieceDecodingContext) -> None:
        """One token of each draft."""
        settled = [_settled(context, particle) for particle in self.particles]
        row = [token for token, _ in settled]
        if None in row:
            log_probs = self._log_probs(context.window)
            for i, (particle, (token, allowed)) in enumerate(
                zip(self.particles, settled, strict=True)
            ):
                if token is None:
                    row[i] = _chosen(context, particle, allowed, log_probs[i].numpy())
        written = [PAD if token is None else token for token in row]
        for particle, token in zip(self.particles, written, strict=True):
            if not particle.rule.done:
                particle.push(token)
        self.rows.append(written)
        self.untold += 1

    def _log_probs(self, window: int) -> Tensor:
        """(DRAFTS, V) of the next tokens."""
        untold, self.untold = self.rows[len(self.rows) - self.untold :], 0
        if not self.rows:
            return self.decoder.begin()
        if len(untold) == len(self.rows):
            return self.decoder.restart(self.rows)
        if len(self.rows) < window:
            return self.decoder.extend(untold)
        self.rows = self.rows[-(window // 2) :]
        return self.decoder.restart(self.rows)


def _decoder(context: PieceDecodingContext, particle: PieceParticle) -> BatchedDecoder:
    """The Transformer for a work's drafts; alone it reads the references, else the guides have."""
    model, opening = context.base.model, context.base.opening
    if context.places is not None:
        return BatchedDecoder(context.base, model, [[opening]], 1, each=DRAFTS)
    reading = _reading(context, particle.spec.followed, particle.seed)
    return BatchedDecoder(context.base, model, [reading], context.brief.strength, each=DRAFTS)


def _reading(context: PieceDecodingContext, followed: int, seed: int) -> list[int]:
    """The opening token, and READ tokens of the references at most: the followed one last, those
    before it in an order of the seed's own, the weighty ones nearer."""
    chance = np.random.default_rng((seed, 78)).gumbel(size=len(context.rows))
    order = np.argsort(chance + np.log(context.weights))
    before = [context.rows[i] for i in order if i != followed]
    tokens = [token for row in (*before, context.rows[followed]) for token in row]
    return [context.base.opening, *tokens[-READ:]]


def _share_done(particle: PieceParticle) -> float:
    return 1.0 if particle.rule.done else max(0, particle.rule.bar) / particle.spec.plan.bars


def _settled(
    context: PieceDecodingContext, particle: PieceParticle
) -> tuple[int | None, np.ndarray]:
    """What the particle takes next where it has no choice, PAD when it is done; else None, and what
    is allowed (V,)."""
    if particle.rule.done:
        return PAD, _NONE
    if particle.given:
        return particle.given.pop(0), _NONE
    allowed = particle.allowed(context.learned)
    if np.count_nonzero(allowed) > 1:
        return None, allowed
    particle.rng.random()  # as if it had been drawn
    return int(allowed.argmax()), allowed


def _chosen(
    context: PieceDecodingContext,
    particle: PieceParticle,
    allowed: np.ndarray,
    log_prob: np.ndarray,
) -> int:
    """Drawn among what is allowed."""
    log_prob = particle.log_prob(log_prob, allowed)
    specs = _density(context.brief.density, particle.rule) + leaning(context.brief.mode)
    bias = np.where(allowed, specs, -np.inf)
    if context.liking is not None:
        bias += context.liking.after(particle.lines[particle.rule.part])
    token = draw(log_prob, bias, particle.rng, context.temperature, context.brief.top_p)
    particle.nats += float(log_prob[token])
    particle.count += 1
    return token


def _density(density: float, rule: Rule) -> np.ndarray:
    """(V,) nats to add: with many notes wanted, near positions and short notes are likelier."""
    bias = np.zeros(VOCABULARY, np.float32)
    if density == 1:
        return bias
    pull = -DENSITY * math.log2(density) / STEPS
    bias[_DURATION.start : _DURATION.stop] = pull * np.array(DURATIONS)
    ahead = np.array(POSITIONS) - max(0, rule.position)
    bias[_POSITION.start : _POSITION.stop] = pull * ahead
    bias[_LEFT.start : _LEFT.stop] = pull * (rule.plan.bar_steps - max(0, rule.position))
    return np.clip(bias, -6, 6)
