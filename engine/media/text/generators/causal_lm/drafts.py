"""The drafts of works, written in parallel: one token of each at a time.

Where a rule takes words away from the model, drafts that were led where only unlikely words are
left are given up for copies of better ones (sequential Monte Carlo steering: Lew et al. 2023; see
`engine.sequence.particles`).
Legend: B particles, V vocabulary, Vh tokens that may be written.
"""

import copy
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol, Self

import numpy as np

from engine.media.text.copying import Copying, CopyWatch
from engine.media.text.generators.causal_lm.pieces import Pieces
from engine.media.text.generators.causal_lm.repetition import Repetition, Rows
from engine.sequence.draw import draw

PARTICLES = 32  # a step of so many costs hardly more than of half, for weights are read once
TRIES = 24  # tokens that copying may refuse at one place
WORST = -30.0  # log of a share that the form left


class Rule(Protocol):
    """One work being written, token by token. failed: it came to no proper end."""

    @property
    def done(self) -> bool: ...

    @property
    def failed(self) -> bool: ...

    def allowed(self) -> np.ndarray:
        """The bias (V,) of what may come next: never -inf everywhere until done."""
        ...

    def text_of(self, token: int) -> str:
        """What a token would add to the text."""
        ...

    def push(self, token: int) -> None:
        """The token that was drawn."""
        ...

    def text(self) -> str:
        """The work as it stands, laid out for people."""
        ...

    def copy(self) -> Self:
        """Another work that has the same words so far."""
        ...


@dataclass(frozen=True, slots=True)
class Setting:
    """What all drafts of a job share. min_p: the share of the likeliest token's that a token must
    have to be drawn (Nguyen et al. 2024). ids (Vh,), place (V,): tokens in the head and back.
    forced: a form takes words away, so that drafts which it led astray give way to others."""

    ids: np.ndarray
    place: np.ndarray
    pieces: Pieces
    rule: Callable[[int, int], Rule]  # of a seed and a draft
    copying: Copying
    limit: int
    refrains: float
    usual: Mapping[int, int]  # see `repetition`, and the next one too
    theirs: Rows
    temperature: float
    top_p: float
    min_p: float
    gains: np.ndarray | None = None  # (Vh,) nats that ratings add
    drafts: int = 4  # of each work
    forced: bool = False


@dataclass(slots=True)
class DraftState:
    """One draft of one work, see `engine.sequence.particles.Particle`."""

    rule: Rule
    watch: CopyWatch
    rng: np.random.Generator
    repetition: Repetition
    row: list[int] = field(default_factory=list)
    count: int = 0
    nats: float = 0.0
    log_weight: float = 0.0

    @property
    def done(self) -> bool:
        return self.rule.done

    @property
    def likelihood(self) -> float:
        """Mean log p of the tokens that were the model's own choice."""
        return self.nats / max(1, self.count)

    @property
    def failed(self) -> bool:
        """It came to no proper end."""
        return self.rule.failed

    def push(self, token: int) -> None:
        self.watch.push(self.rule.text_of(token))
        self.rule.push(token)
        self.repetition.said(token)
        self.row.append(token)

    def copy(self, rng: np.random.Generator) -> "DraftState":
        """The same draft so far, which goes on by random numbers of its own."""
        return replace(
            self,
            rule=self.rule.copy(),
            watch=copy.copy(self.watch),
            rng=rng,
            repetition=self.repetition.copy(),
            row=[*self.row],
        )


def begin(setting: Setting, seed: int, draft: int) -> DraftState:
    """An empty draft."""
    return DraftState(
        setting.rule(seed, draft),
        CopyWatch(setting.copying, setting.limit),
        np.random.default_rng((seed, draft, 1)),
        Repetition(setting.pieces, setting.refrains, setting.usual, setting.theirs),
    )


def one_token(setting: Setting, particles: Sequence[DraftState], log_p: np.ndarray) -> list[int]:
    """One more token of every draft; log_p (B, Vh). A draft that is done repeats its last."""
    row = []
    for particle, log_prob in zip(particles, log_p, strict=False):
        if particle.done:
            row.append(particle.row[-1] if particle.row else int(setting.ids[0]))
            continue
        token = _step(setting, particle, log_prob)
        particle.push(token)
        row.append(token)
    return row


def _step(setting: Setting, particle: DraftState, log_prob: np.ndarray) -> int:
    """Draws a token and keeps the books of likelihood."""
    whole = particle.rule.allowed()
    bias = whole[setting.ids]
    if not (bias > -np.inf).any():  # only a token that the head has not, such as a wish's
        return int(np.flatnonzero(whole > -np.inf)[0])
    allowed = bias > -np.inf
    left = float(np.exp(log_prob[allowed]).sum())
    particle.log_weight += max(WORST, np.log(left + 1e-20))
    at = _drawn(setting, particle, log_prob, bias)
    if np.count_nonzero(allowed) > 1:
        particle.nats += float(log_prob[at])
        particle.count += 1
    return int(setting.ids[at])


def _drawn(setting: Setting, particle: DraftState, log_prob: np.ndarray, bias: np.ndarray) -> int:
    """A place among the Vh; one that would copy too much only where nothing else may come."""
    scores = particle.repetition.lessened(log_prob, setting.place) + bias
    if setting.gains is not None:
        scores = scores + setting.gains
    at = _draw(setting, scores, particle.rng)
    for _ in range(TRIES):
        if particle.watch.allows(particle.rule.text_of(int(setting.ids[at]))):
            return at
        scores[at] = -np.inf
        if not (scores > -np.inf).any():
            break
        at = _draw(setting, scores, particle.rng)
    return at


def _draw(setting: Setting, scores: np.ndarray, rng: np.random.Generator) -> int:
    """`engine.sequence.draw` among the few that it could draw at all."""
    least = scores.max() + setting.temperature * np.log(setting.min_p)
    few = np.flatnonzero(scores >= least)
    near = np.ones(len(few), bool)
    return int(few[draw(scores[few], near, rng, setting.temperature, setting.top_p)])
