"""Style and brief → scores, several at once, token by token.

Each work has DRAFTS drafts, of which the best is kept: the one whose pitches and intervals are
nearest to the references' in their proportions. The lanes are always LANES, filled or
not: a row of a matrix product depends on how many rows there are, and a work must be the same
whether it is made alone or among others.
"""

import math
from collections.abc import Generator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch

from engine.core.progress import Advance
from engine.media.audio.codec.score import Score, Tempo
from engine.media.audio.copying import Line, ReferenceRuns
from engine.media.audio.generators.score.guide import Guide
from engine.media.audio.generators.score.liking import Liking, liking_of
from engine.media.audio.generators.score.opening import Opening
from engine.media.audio.generators.score.particle import PieceParticle
from engine.media.audio.generators.score.plans import PieceProfile, profile_of, wish_of
from engine.media.audio.generators.score.rule import Rule
from engine.media.audio.generators.score.support import ReferencePlaces
from engine.media.audio.generators.score.weights import READ, shipped
from engine.media.audio.learned_runs import learned_runs
from engine.media.audio.score_tokens import HEADER, PAD, VOCABULARY, decode, span
from engine.media.audio.sketches import sketch_of
from engine.media.audio.theory.grid import DURATIONS, POSITIONS, STEPS
from engine.media.audio.theory.modes import in_mode, is_in, leaning
from engine.protocol import Copied, MusicBrief
from engine.sequence.adapt import StyleTensors, works_of
from engine.sequence.batched_decoder import BatchedDecoder
from engine.sequence.decoder_session import SequenceBase
from engine.sequence.draw import draw

LANES, DRAFTS = 8, 2
SHOW_EVERY = 24  # tokens between two looks at a work in progress
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
    manners: list[PieceProfile]
    weights: list[float]
    base: SequenceBase
    rows: list[list[int]]
    learned: ReferenceRuns
    opening: Opening | None
    window: int
    liking: Liking | None
    places: ReferencePlaces | None  # None: the Transformer composes alone

    @property
    def temperature(self) -> float:
        """At the brief's usual one the model's opinion stays as it is: a lower one makes tunes turn
        on a few notes."""
        return self.brief.temperature / MusicBrief().temperature


def compose(
    style: StyleTensors,
    names: Sequence[str],
    brief: MusicBrief,
    device: torch.device,
    opening: Opening | None = None,
    *,
    alone: bool = False,
) -> Generator[Advance, None, list[Composed]]:
    """The works of a brief; yields how far it is, with sketches of the works as they stand.

    names: of each tune's reference, for the copy report. alone: by the Transformer, without form
    and matching, as version 1 did (an arm of the bench). Raises BadInput for a brief that cannot be
    met.
    """
    desk = _desk(style, names, brief, device, opening, alone)
    works: list[Composed] = []
    at_once = LANES // DRAFTS
    for first in range(0, brief.count, at_once):
        seeds = range(brief.seed + first, brief.seed + min(first + at_once, brief.count))
        works += yield from _group(desk, seeds, works)
    return works


def _desk(
    style: StyleTensors,
    names: Sequence[str],
    brief: MusicBrief,
    device: torch.device,
    opening: Opening | None,
    alone: bool,
) -> PieceDecodingContext:
    base = shipped(device)
    rows = [in_mode(row, brief.mode) for row in works_of(style)]
    manners = [profile_of(row) for row in rows]
    if alone:
        manners = [replace(manner, form=()) for manner in manners]
    weights = style["weights"].tolist()
    wish = wish_of(manners, weights, brief, brief.seed)  # refused at once
    before = len(opening.row) if opening else HEADER
    a_bar = max(manner.bar_tokens for manner in manners)
    need = before + SLACK * a_bar * wish.plan.bars
    window = int(min(max(need, ROOM[0]), ROOM[1]))
    learned = ReferenceRuns.of(names, [manner.score for manner in manners], learned_runs())
    liking = liking_of(style, brief.follow)
    places = None if alone else ReferencePlaces.of(rows, weights)
    return PieceDecodingContext(
        brief, manners, weights, base, rows, learned, opening, window, liking, places
    )


def _begin(desk: PieceDecodingContext, seed: int, draft: int) -> PieceParticle:
    wish = wish_of(desk.manners, desk.weights, desk.brief, seed)
    given = wish.header
    if desk.opening:
        wish = desk.opening.continued(wish)
        given = list(desk.opening.row)
    rng = np.random.default_rng((seed, draft, 5))
    guide = None
    if desk.places is not None:
        brief = desk.brief
        guide = Guide.of(desk.places, desk.manners, wish, brief.nearness, brief.strength)
    lines: list[Line] = [[] for _ in wish.plan.hands]
    return PieceParticle(seed, wish, Rule(wish.plan), rng, given, guide, lines)


def _group(
    desk: PieceDecodingContext, seeds: Sequence[int], before: Sequence[Composed]
) -> Generator[Advance, None, list[Composed]]:
    """As many works as the lanes hold, each with all its drafts.

    Where a work outgrows the window, the model reads its latter half anew.
    """
    lanes = [_begin(desk, seed, draft) for seed in seeds for draft in range(DRAFTS)]
    choir = _decoder(desk, lanes[::DRAFTS])
    opinions = choir.begin()
    rows: list[list[int]] = []  # what the model remembers of the works
    most = HEADER + MOST_TOKENS_A_BAR * max(lane.wish.plan.bars for lane in lanes)
    for step in range(most):
        row = [_one_token(desk, lane, opinions[i].numpy()) for i, lane in enumerate(lanes)]
        rows.append(row + [PAD] * (LANES - len(row)))
        if step % SHOW_EVERY == 0:
            share = sum(_share_done(lane) for lane in lanes) / len(lanes)
            shown = [*(w.score for w in before), *(_score(lane) for lane in lanes[::DRAFTS])]
            done = len(before) + len(seeds) * share
            yield Advance(done, desk.brief.count, sketches=tuple(map(sketch_of, shown)))
        drafts = [lanes[i : i + DRAFTS] for i in range(0, len(lanes), DRAFTS)]
        for group, some in enumerate(drafts):
            if all(lane.rule.done for lane in some):
                choir.leave(group)
        if all(lane.rule.done for lane in lanes):
            break
        if len(rows) < desk.window:
            opinions = choir.next(rows[-1])
        else:
            rows = rows[-(desk.window // 2) :]
            opinions = choir.restart(rows)
    return [_best(desk, lanes[i : i + DRAFTS]) for i in range(0, len(lanes), DRAFTS)]


def _decoder(desk: PieceDecodingContext, lanes: Sequence[PieceParticle]) -> BatchedDecoder:
    """The Transformer for the works; alone it reads the references, else the guides have."""
    model, opening = desk.base.model, desk.base.opening
    if desk.places is not None:
        return BatchedDecoder(
            desk.base, model, [[opening]] * len(lanes), 1, each=DRAFTS, rows=LANES
        )
    contexts = [_reading(desk, lane.wish.followed, lane.seed) for lane in lanes]
    strength = desk.brief.strength
    return BatchedDecoder(desk.base, model, contexts, strength, each=DRAFTS, rows=LANES)


def _reading(desk: PieceDecodingContext, followed: int, seed: int) -> list[int]:
    """The opening token, and READ tokens of the references at most: the followed one last, those
    before it in an order of the seed's own, the weighty ones nearer."""
    chance = np.random.default_rng((seed, 78)).gumbel(size=len(desk.rows))
    order = np.argsort(chance + np.log(desk.weights))
    before = [desk.rows[i] for i in order if i != followed]
    tokens = [token for row in (*before, desk.rows[followed]) for token in row]
    return [desk.base.opening, *tokens[-READ:]]


def _share_done(lane: PieceParticle) -> float:
    return 1.0 if lane.rule.done else max(0, lane.rule.bar) / lane.wish.plan.bars


def _one_token(desk: PieceDecodingContext, lane: PieceParticle, opinion: np.ndarray) -> int:
    """What the lane takes next; PAD when it is done."""
    if lane.rule.done:
        return PAD
    if lane.given:
        token = lane.given.pop(0)
    else:
        allowed = lane.allowed(desk.learned)
        opinion = lane.opinion(opinion, allowed)
        wishes = _density(desk.brief.density, lane.rule) + leaning(desk.brief.mode)
        bias = np.where(allowed, wishes, -np.inf)
        if desk.liking is not None:
            bias += desk.liking.after(lane.lines[lane.rule.part])
        token = draw(opinion, bias, lane.rng, desk.temperature, desk.brief.top_p)
        if allowed.sum() > 1:
            lane.nats += float(opinion[token])
            lane.count += 1
    lane.push(token)
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


def _score(lane: PieceParticle) -> Score:
    """What stands so far, in its own key and tempo."""
    score = decode(lane.row).transposed(lane.wish.lift)
    return replace(score, tempos=(Tempo(0, lane.wish.tempo),))


def _best(desk: PieceDecodingContext, lanes: Sequence[PieceParticle]) -> Composed:
    """The best draft that came to its end, and has the mode that was asked for."""
    mode = desk.brief.mode
    lane = max(lanes, key=lambda each: (each.rule.done, is_in(_score(each), mode), each.quality))
    copied = desk.learned.report(decode(lane.row, common_key=False))
    score = _score(lane)
    score = desk.opening.joined(score) if desk.opening else score
    return Composed(score, copied, lane.wish.followed)
