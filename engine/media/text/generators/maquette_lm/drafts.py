"""The drafts of a work: what is written in parallel, and which of them go on.

A form takes words away from the model, and so leads it where only unlikely words are left. Drafts
that came there are given up for copies of better ones: a particle filter over texts, in which a
draft's weight is the share that the form left of the model's opinion, token by token (sequential
Monte Carlo steering: Lew et al. 2023, algorithm 1; systematic resampling: Kitagawa 1996).
Legend: B lanes, V vocabulary, D drafts of one work.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from engine.media.text.copying import Copying, CopyWatch, limit_of
from engine.media.text.forms import Rule, rule_for
from engine.media.text.forms.rule import Vocabulary
from engine.media.text.generators.maquette_lm.shape import Shape
from engine.media.text.generators.maquette_lm.tokens import PAD, Tokens
from engine.messages import CHINESE_FORMS, CI_TUNES
from engine.sequence.draw import Repetition, draw
from engine.sequence.voice import Voice

LANES = 8
TRIES = 24  # tokens that copying may refuse at one place
PENALTY = {"zh": 0.7, "en": 0.25}  # nats, each time a token was said
FEW = 0.5  # of the drafts: with fewer that count, by the weights, they are drawn anew
_DRAFTS = {
    **dict.fromkeys((*CHINESE_FORMS, *CI_TUNES), 4),
    **dict.fromkeys(("sonnet", "quatrains", "haiku"), 8),
}


def drafts_of(form: str) -> int:
    """D, a divisor of LANES: the more the form takes away, the more."""
    return _DRAFTS.get(form, 2)


@dataclass(slots=True)
class Desk:
    """What all works of a job share."""

    shape: Shape
    tokens: Tokens
    vocabulary: Vocabulary
    voice: Voice
    copying: Copying
    free: np.ndarray  # (V,) bool: what may be said again and again


@dataclass(slots=True)
class Lane:
    """One draft of one work. weight: log of the share that the form left of the model's opinion."""

    seed: int
    draft: int  # whose random choices the form makes
    rule: Rule
    watch: CopyWatch
    rng: np.random.Generator
    repetition: Repetition
    row: list[int] = field(default_factory=list)
    count: int = 0
    nats: float = 0.0
    weight: float = 0.0

    @property
    def likelihood(self) -> float:
        """Mean log p of the tokens that were the model's own choice."""
        return self.nats / max(1, self.count)

    def push(self, token: int, text: str) -> None:
        self.rule.push(token)
        self.watch.push(text)
        self.repetition.said(token)
        self.row.append(token)


def begin(desk: Desk, seed: int, draft: int) -> Lane:
    """An empty draft."""
    shape = desk.shape
    limit = limit_of(shape.brief.copy_limit, desk.copying.language)
    rng = np.random.default_rng((seed, draft))
    return Lane(
        seed,
        draft,
        rule_for(replace(shape.brief, seed=seed), shape.language, desk.tokens, rng, shape.width),
        CopyWatch(desk.copying, limit),
        np.random.default_rng((seed, draft, 1)),
        Repetition(desk.tokens.size, PENALTY[shape.language], desk.free),
    )


def copied(desk: Desk, lane: Lane, rng: np.random.Generator) -> Lane:
    """Another draft that has written the same so far, and goes on by random numbers of its own."""
    twin = begin(desk, lane.seed, lane.draft)
    for token in lane.row:
        twin.push(token, desk.vocabulary.pieces.get(token, ""))
    twin.rng, twin.count, twin.nats, twin.weight = rng, lane.count, lane.nats, lane.weight
    return twin


def one_token(desk: Desk, lanes: Sequence[Lane], shares: np.ndarray) -> list[int]:
    """One more token of every draft; shares (B, V) are log p."""
    row = []
    for lane, log_p in zip(lanes, shares, strict=False):
        if lane.rule.done:
            row.append(PAD)
            continue
        bias = lane.rule.allowed()
        token = _drawn(desk, lane, log_p, bias)
        allowed = bias > -np.inf
        lane.weight += float(np.log(np.exp(log_p[allowed]).sum() + 1e-20))
        if np.count_nonzero(allowed) > 1:
            lane.nats += float(log_p[token])
            lane.count += 1
        lane.push(token, desk.vocabulary.pieces.get(token, ""))
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


def drawn_anew(desk: Desk, lanes: list[Lane], drafts: int) -> list[int]:
    """Copies the better drafts of each work over the worse where few of them count; in place.

    Returns which lane each lane now goes on from, (B,); drafts that stay are where they were.
    """
    order = list(range(len(lanes)))
    for first in range(0, len(lanes), drafts):
        mine = lanes[first : first + drafts]
        if all(lane.rule.done for lane in mine):
            continue
        for place, source in moves(np.array([lane.weight for lane in mine]), mine[0].rng):
            lanes[first + place] = copied(desk, mine[source], mine[place].rng)
            order[first + place] = first + source
        if order[first : first + drafts] != list(range(first, first + drafts)):
            for lane in lanes[first : first + drafts]:
                lane.weight = 0.0
    return order


def moves(weights: np.ndarray, rng: np.random.Generator) -> list[tuple[int, int]]:
    """(place, source): which drafts of log weights (D,) are given up, and for which others.

    None where the drafts that count, 1 / Σ w², are more than FEW of them.
    """
    shares = np.exp(weights - weights.max())
    shares /= shares.sum()
    if 1 / np.square(shares).sum() > FEW * len(shares):
        return []
    marks = (rng.random() + np.arange(len(shares))) / len(shares)
    chosen = np.minimum(np.searchsorted(shares.cumsum(), marks), len(shares) - 1).tolist()
    free = [place for place in range(len(shares)) if place not in chosen]
    extra = [source for i, source in enumerate(chosen) if source in chosen[:i]]
    return list(zip(free, extra, strict=True))
