"""Style and brief → scores, several at once, token by token.

Each work has DRAFTS drafts, of which the best is kept: the one that is least outside of the range
of its references (`richness`), and nearest to them in the proportions of its pitches, lengths and
intervals. The particles are always PARTICLES, filled or not: a row of a matrix product depends on
how many rows there are, and a work must be the same whether it is made alone or among others.
"""

import math
from collections.abc import Generator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch

from engine.core.progress import Advance
from engine.media.audio.codec.score import Score, Tempo
from engine.media.audio.copying import Line, ReferenceRuns
from engine.media.audio.generators.score.drumming import Drums, as_hits
from engine.media.audio.generators.score.guide import Guide
from engine.media.audio.generators.score.liking import Liking, liking_of
from engine.media.audio.generators.score.opening import Opening, common_row
from engine.media.audio.generators.score.particle import PieceParticle
from engine.media.audio.generators.score.plans import PieceProfile, PieceSpec, profile_of, wish_of
from engine.media.audio.generators.score.rule import Rule
from engine.media.audio.generators.score.support import ReferencePlaces
from engine.media.audio.generators.score.weights import READ, shipped
from engine.media.audio.learned_runs import learned_runs
from engine.media.audio.richness import RichnessRange
from engine.media.audio.score_tokens import HEADER, PAD, VOCABULARY, decode, span
from engine.media.audio.sketches import sketch_of
from engine.media.audio.theory.grid import DURATIONS, POSITIONS, STEPS
from engine.media.audio.theory.modes import in_mode, is_in, leaning
from engine.protocol import Copied, MusicBrief
from engine.sequence.adapt import StyleTensors, works_of
from engine.sequence.batched_decoder import BatchedDecoder
from engine.sequence.decoder_session import SequenceBase
from engine.sequence.draw import draw

PARTICLES, DRAFTS = 16, 4
SHOW_EVERY = 24  # tokens between two looks at a work in progress
OUTSIDE = 6.0  # times the distance of the proportions: a whole width of a range
ROOM = (384, 1024)  # tokens: least and most that a work may take before the model reads anew
SLACK = 1.5  # times the tokens that the references take for as many bars
DENSITY = 1.5  # nats a doubling of the notes is worth, for a position a quarter away
MOST_TOKENS_A_BAR = 120

_POSITION, _DURATION = span("position"), span("duration")
_LEFT = span("left")


@dataclass(frozen=True, slots=True)
class Composed:
    """A finished score in its own key, and what of it stands in a reference."""

    score: Score
    copied: Copied
    followed: int = 0  # which of the references


@dataclass(slots=True)
class PieceDecodingContext:
    """What all works of a job share."""

    brief: MusicBrief
    profiles: list[PieceProfile]
    weights: list[float]
    base: SequenceBase
    rows: list[list[int]]
    learned: ReferenceRuns
    opening: Opening | None
    window: int
    liking: Liking | None
    places: ReferencePlaces | None  # None: the Transformer composes alone
    range: RichnessRange | None  # of the references; None: drafts are compared by likelihood
    drums: Drums
    varied: bool = False  # the last of the profiles is the artist's score, which all works follow

    @property
    def temperature(self) -> float:
        """At the brief's usual one the model's opinion stays as it is: a lower one makes tunes turn
        on a few notes."""
        return self.brief.temperature / MusicBrief().temperature

    @property
    def nearness(self) -> float:
        """Of a varied score never nearer to new music than to variations on it."""
        return (1 + self.brief.nearness) / 2 if self.varied else self.brief.nearness

    def spec(self, seed: int) -> PieceSpec:
        """What the work of this seed is to be."""
        followed = len(self.profiles) - 1 if self.varied else None
        return wish_of(self.profiles, self.weights, self.brief, seed, followed)


def compose(
    style: StyleTensors,
    names: Sequence[str],
    brief: MusicBrief,
    device: torch.device,
    opening: Opening | None = None,
    *,
    drums: Drums | None = None,
    varied: Score | None = None,
    alone: bool = False,
) -> Generator[Advance, None, list[Composed]]:
    """The works of a brief; yields how far it is, with sketches of the works as they stand.

    names: of each tune's reference, for the copy report. opening: what stands before or around the
    works; drums: of each tune; varied: a score that all of them follow (`Composed.followed` is one
    more than the tunes). alone: by the Transformer, without form and matching, as version 1 did (an
    arm of the bench). Raises BadInput for a brief that cannot be met.
    """
    drums = drums or Drums(((),) * len(names), (0,) * len(names))
    if varied is not None:
        drums = drums.joined(Drums.of([varied]))
    context = _desk(style, names, brief, device, opening, drums, varied, alone)
    works: list[Composed] = []
    at_once = PARTICLES // DRAFTS
    for first in range(0, brief.count, at_once):
        seeds = range(brief.seed + first, brief.seed + min(first + at_once, brief.count))
        works += yield from _group(context, seeds, works)
    return works


def _desk(
    style: StyleTensors,
    names: Sequence[str],
    brief: MusicBrief,
    device: torch.device,
    opening: Opening | None,
    drums: Drums,
    varied: Score | None,
    alone: bool,
) -> PieceDecodingContext:
    base = shipped(device)
    rows = [in_mode(row, brief.mode) for row in works_of(style)]
    weights = style["weights"].tolist()
    theirs = [profile_of(row) for row in rows]
    profiles = list(theirs)
    if varied is not None:
        rows.append(in_mode(common_row(varied), brief.mode))
        weights.append(max(weights))
        profiles.append(profile_of(rows[-1]))
    if alone:
        profiles = [replace(profile, form=()) for profile in profiles]
    followed = len(profiles) - 1 if varied is not None else None
    spec = wish_of(profiles, weights, brief, brief.seed, followed)  # refused at once
    before = len(opening.row) if opening else HEADER
    a_bar = max(profile.bar_tokens for profile in profiles)
    need = before + SLACK * a_bar * spec.plan.bars
    window = int(min(max(need, ROOM[0]), ROOM[1]))
    learned = ReferenceRuns.of(names, [profile.score for profile in theirs], learned_runs())
    liking = liking_of(style, brief.follow)
    scores = [profile.score for profile in profiles]
    rich = RichnessRange.of(scores, spec.plan.bars) if brief.density == 1 and not alone else None
    places = None if alone else ReferencePlaces.of(rows, weights)
    return PieceDecodingContext(
        brief,
        profiles,
        weights,
        base,
        rows,
        learned,
        opening,
        window,
        liking,
        places,
        rich,
        drums,
        varied is not None,
    )


def _begin(context: PieceDecodingContext, seed: int, draft: int) -> PieceParticle:
    spec = context.spec(seed)
    given = spec.header
    if context.opening:
        spec = context.opening.continued(spec)
        given = list(context.opening.row)
    rng = np.random.default_rng((seed, draft, 5))
    guide = None
    if context.places is not None:
        near, strength = context.nearness, context.brief.strength
        guide = Guide.of(context.places, context.profiles, spec, near, strength)
    lines: list[Line] = [[] for _ in spec.plan.hands]
    return PieceParticle(seed, spec, Rule(spec.plan), rng, given, guide, lines)


def _group(
    context: PieceDecodingContext, seeds: Sequence[int], before: Sequence[Composed]
) -> Generator[Advance, None, list[Composed]]:
    """As many works as the particles hold, each with all its drafts.

    Where a work outgrows the window, the model reads its latter half anew.
    """
    particles = [_begin(context, seed, draft) for seed in seeds for draft in range(DRAFTS)]
    decoder = _decoder(context, particles[::DRAFTS])
    log_probs = decoder.begin()
    rows: list[list[int]] = []  # what the model remembers of the works
    most = HEADER + MOST_TOKENS_A_BAR * max(particle.spec.plan.bars for particle in particles)
    for step in range(most):
        row = [
            _one_token(context, particle, log_probs[i].numpy())
            for i, particle in enumerate(particles)
        ]
        rows.append(row + [PAD] * (PARTICLES - len(row)))
        if step % SHOW_EVERY == 0:
            share = sum(_share_done(particle) for particle in particles) / len(particles)
            shown = [
                *(w.score for w in before),
                *(_score(particle) for particle in particles[::DRAFTS]),
            ]
            done = len(before) + len(seeds) * share
            yield Advance(done, context.brief.count, sketches=tuple(map(sketch_of, shown)))
        drafts = [particles[i : i + DRAFTS] for i in range(0, len(particles), DRAFTS)]
        for group, some in enumerate(drafts):
            if all(particle.rule.done for particle in some):
                decoder.leave(group)
        if all(particle.rule.done for particle in particles):
            break
        if len(rows) < context.window:
            log_probs = decoder.next(rows[-1])
        else:
            rows = rows[-(context.window // 2) :]
            log_probs = decoder.restart(rows)
    return [_best(context, particles[i : i + DRAFTS]) for i in range(0, len(particles), DRAFTS)]


def _decoder(context: PieceDecodingContext, particles: Sequence[PieceParticle]) -> BatchedDecoder:
    """The Transformer for the works; alone it reads the references, else the guides have."""
    model, opening = context.base.model, context.base.opening
    if context.places is not None:
        return BatchedDecoder(
            context.base, model, [[opening]] * len(particles), 1, each=DRAFTS, rows=PARTICLES
        )
    contexts = [_reading(context, particle.spec.followed, particle.seed) for particle in particles]
    strength = context.brief.strength
    return BatchedDecoder(context.base, model, contexts, strength, each=DRAFTS, rows=PARTICLES)


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


def _one_token(context: PieceDecodingContext, particle: PieceParticle, log_prob: np.ndarray) -> int:
    """What the particle takes next; PAD when it is done."""
    if particle.rule.done:
        return PAD
    if particle.given:
        token = particle.given.pop(0)
    else:
        allowed = particle.allowed(context.learned)
        log_prob = particle.log_prob(log_prob, allowed)
        specs = _density(context.brief.density, particle.rule) + leaning(context.brief.mode)
        bias = np.where(allowed, specs, -np.inf)
        if context.liking is not None:
            bias += context.liking.after(particle.lines[particle.rule.part])
        token = draw(log_prob, bias, particle.rng, context.temperature, context.brief.top_p)
        if allowed.sum() > 1:
            particle.nats += float(log_prob[token])
            particle.count += 1
    particle.push(token)
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


def _score(particle: PieceParticle) -> Score:
    """What stands so far, in its own key and tempo."""
    score = decode(particle.row).transposed(particle.spec.lift)
    return replace(score, tempos=(Tempo(0, particle.spec.tempo),))


def _drummed(context: PieceDecodingContext, particle: PieceParticle, score: Score) -> Score:
    """With drums as the followed reference has them, unless a melody alone is wanted."""
    spec, opening = particle.spec, context.opening
    if context.brief.voices == 1 or (opening is not None and not opening.has_drums):
        return score
    bars, steps = spec.plan.bars - spec.given, spec.plan.bar_steps
    near = context.nearness
    played = context.drums.played(spec.followed, spec.form, bars, steps, particle.seed, near)
    return replace(score, hits=as_hits([()] * spec.given + list(played), score))


def _best(context: PieceDecodingContext, particles: Sequence[PieceParticle]) -> Composed:
    """The best draft that came to its end, and has the mode that was asked for."""
    mode = context.brief.mode

    def order(each: PieceParticle) -> tuple[bool, bool, float]:
        piece = decode(each.row, common_key=False)
        outside = context.range.outside(piece) if context.range is not None else 0.0
        return each.rule.done, is_in(_score(each), mode), each.quality - OUTSIDE * outside

    particle = max(particles, key=order)
    copied = context.learned.report(decode(particle.row, common_key=False))
    score = _drummed(context, particle, _score(particle))
    score = context.opening.joined(score) if context.opening else score
    return Composed(score, copied, particle.spec.followed)
