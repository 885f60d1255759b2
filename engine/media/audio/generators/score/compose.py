"""Style and brief → scores, several at once, token by token.

Each work has several drafts (`drafts`), of which the best is kept: the one that is least outside of
the range of its references (`richness`), and nearest to them in the proportions of its pitches,
lengths and intervals.
"""

from collections.abc import Generator, Sequence
from dataclasses import dataclass, replace

import torch

from engine.core.progress import Advance
from engine.media.audio.codec.score import Score, Tempo
from engine.media.audio.copying import ReferenceRuns
from engine.media.audio.generators.score.decoding_context import PieceDecodingContext
from engine.media.audio.generators.score.drafts import Drafts
from engine.media.audio.generators.score.drumming import Drums, as_hits
from engine.media.audio.generators.score.dynamics import Dynamics, shaped
from engine.media.audio.generators.score.liking import liking_of
from engine.media.audio.generators.score.opening import Opening, common_row
from engine.media.audio.generators.score.particle import PieceParticle
from engine.media.audio.generators.score.plans import profile_of, wish_of
from engine.media.audio.generators.score.support import ReferencePlaces
from engine.media.audio.generators.score.weights import shipped
from engine.media.audio.learned_runs import learned_runs
from engine.media.audio.richness import RichnessRange
from engine.media.audio.score_tokens import HEADER, decode
from engine.media.audio.sketches import sketch_of
from engine.media.audio.theory.grid import STEPS
from engine.media.audio.theory.modes import in_mode, is_in
from engine.media.audio.theory.rests import with_plain_rests
from engine.protocol import Copied, MusicBrief, Sketch
from engine.sequence.adapt import StyleTensors, works_of

AT_ONCE = 4  # works
SHOW_EVERY = 24  # tokens between two looks at a work in progress
OUTSIDE = 6.0  # times the distance of the proportions: a whole width of a range
ROOM = (384, 1024)  # tokens: least and most that a work may take before the model reads anew
SLACK = 1.5  # times the tokens that the references take for as many bars
MOST_TOKENS_A_BAR = 120


@dataclass(frozen=True, slots=True)
class Composed:
    """A finished score in its own key, and what of it stands in a reference."""

    score: Score
    copied: Copied
    followed: int = 0  # which of the references


def compose(
    style: StyleTensors,
    names: Sequence[str],
    brief: MusicBrief,
    device: torch.device,
    opening: Opening | None = None,
    *,
    drums: Drums | None = None,
    dynamics: Dynamics | None = None,
    varied: Score | None = None,
    alone: bool = False,
) -> Generator[Advance, None, list[Composed]]:
    """The works of a brief; yields how far it is, with sketches of the works as they stand.

    names: of each tune's reference, for the copy report. opening: what stands before or around the
    works; drums, dynamics: of each tune; varied: a score that all of them follow
    (`Composed.followed` is one more than the tunes). alone: by the Transformer, without form and
    matching, as version 1 did (an arm of the bench). Raises BadInput for a brief that cannot be
    met.
    """
    drums = drums or Drums(((),) * len(names), (0,) * len(names))
    dynamics = dynamics or Dynamics(((),) * len(names))
    if varied is not None:
        drums = drums.joined(Drums.of([varied]))
        dynamics = dynamics.joined(Dynamics.of([varied]))
    context = _desk(style, names, brief, device, opening, drums, dynamics, varied, alone)
    works: list[Composed] = []
    for first in range(0, brief.count, AT_ONCE):
        seeds = range(brief.seed + first, brief.seed + min(first + AT_ONCE, brief.count))
        works += yield from _group(context, seeds, works)
    return works


def _desk(
    style: StyleTensors,
    names: Sequence[str],
    brief: MusicBrief,
    device: torch.device,
    opening: Opening | None,
    drums: Drums,
    dynamics: Dynamics,
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
        dynamics,
        varied is not None,
    )


def _group(
    context: PieceDecodingContext, seeds: Sequence[int], before: Sequence[Composed]
) -> Generator[Advance, None, list[Composed]]:
    """As many works as are written at once, each with all its drafts."""
    works = [Drafts.of(context, seed) for seed in seeds]
    most = HEADER + MOST_TOKENS_A_BAR * max(work.bars for work in works)
    for step in range(most):
        for work in works:
            if not work.done:
                work.write(context)
        if step % SHOW_EVERY == 0:
            done = len(before) + sum(work.share_done for work in works)
            finished = (sketch_of(work.score) for work in before)
            growing = (_growing(work.particles[0]) for work in works)
            yield Advance(done, context.brief.count, sketches=(*finished, *growing))
        if all(work.done for work in works):
            break
    return [_best(context, work.particles) for work in works]


def _score(particle: PieceParticle) -> Score:
    """What stands so far, in its own key and tempo."""
    score = decode(particle.row).transposed(particle.spec.lift)
    return replace(score, tempos=(Tempo(0, particle.spec.tempo),))


def _growing(particle: PieceParticle) -> Sketch:
    """What stands so far, over the time that the whole work will take."""
    plan, tempo = particle.spec.plan, particle.spec.tempo
    planned_s = plan.bars * plan.bar_steps / STEPS * 60 / tempo
    return replace(sketch_of(_score(particle)), seconds=round(planned_s, 3))


def _shaped(context: PieceDecodingContext, particle: PieceParticle) -> Score:
    """With its dynamics."""
    spec, theirs = particle.spec, context.dynamics.bars[particle.spec.followed]
    return shaped(_score(particle), spec.form, spec.given, theirs, particle.seed)


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
    score = _drummed(context, particle, with_plain_rests(_shaped(context, particle)))
    score = context.opening.joined(score) if context.opening else score
    return Composed(score, copied, particle.spec.followed)
