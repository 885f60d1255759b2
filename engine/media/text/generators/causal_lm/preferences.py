"""Ratings move a style over a base: what words are worth, and steps on its adapters.

The worth of words is learned in the critic's embedding, which knows no base; a token of the base
gains what its letters are worth there. The steps are those of direct preference optimisation
(Rafailov et al. 2023, eq. 7) over pairs of rated works, each weighted by how far their utilities
lie apart: with r the gain of a work's mean log p over the style as it was, a pair costs
-log σ(BETA (r of the better - r of the worse)). They end inside a trust region: the way from the
style as it was is cut until the mean KL divergence of the next token, over the works, is `nats`.
Legend: N works, T tokens of the longest, V and Vh tokens of the base, k directions, F floats.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence

from engine.core import preference_tensors as liked
from engine.media.text.events import token_table
from engine.media.text.generators.causal_lm.adapters import (
    RATE,
    LowRankStart,
    Rates,
    below,
    between,
    pairs,
    parted,
    plain_start,
    upper,
)
from engine.media.text.generators.causal_lm.base import Base, Head, Tokens
from engine.media.text.generators.causal_lm.cache import Cache
from engine.media.text.generators.causal_lm.prompt import SEPARATOR, tidy
from engine.media.text.generators.causal_lm.style import FIT_ROOM, CausalStyle
from engine.media.text.judge import critic_tokens
from engine.meta.inner_loop import Parameters

MOST_WORKS, MOST_TOKENS = 8, 96  # that the steps see: the most and the least liked
STEPS, BETA = 4, 5.0
HALVINGS = 12  # of the way back to the trust region


# ---- what words are worth -----------------------------------------------------------------------


def token_gains(base: Base, ids: np.ndarray, worth: Tensor, follow: float) -> np.ndarray:
    """(Vh,) nats that the tokens `ids` of a base gain. worth (2, k): see `liked.WORTH`."""
    theta, usual = worth.double().cpu().numpy()
    values = (token_table(torch.device("cpu")) - usual) @ theta  # (V,) of the critic
    rows, counts = _spelled(base.tokens)
    sums = np.add.reduceat(np.append(values[rows], 0.0), np.minimum(_starts(counts), len(rows)))
    means = np.where(counts > 0, sums / np.maximum(counts, 1), 0.0)
    return follow * np.clip(means[ids], -liked.MOST_VALUE, liked.MOST_VALUE)


@lru_cache(maxsize=1)
def _spelled(tokens: Tokens) -> tuple[np.ndarray, np.ndarray]:
    """The critic's tokens of every piece of a base, in a row, and how many each has (V,)."""
    critic = critic_tokens()
    spelled = [critic.encode(piece) if piece.strip() else [] for piece in tokens.pieces]
    counts = np.array([len(row) for row in spelled])
    return np.array([token for row in spelled for token in row], np.int64), counts


def _starts(counts: np.ndarray) -> np.ndarray:
    return np.cumsum(counts) - counts


# ---- steps on the adapters ----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class RatedTexts:
    """rows (N, T) of tokens, filled with 0, and which are of a text (N, T); utilities (N,)."""

    rows: Tensor
    is_text: Tensor
    utilities: Tensor


def preferred(
    base: Base,
    style: CausalStyle,
    start: LowRankStart,
    texts: Sequence[str],
    utilities: Sequence[float],
    nats: float,
) -> Parameters:
    """The style's updates of the upper layers, moved towards what is liked; {} where nothing sets
    texts apart. A style without updates begins where LoRA does, which changes nothing.

    start: whose rates the steps have. nats: of the trust region."""
    rated = _farthest(base, style, texts, utilities)
    if rated is None or nats <= 0:
        return {}
    context = torch.tensor(style.context(base, FIT_ROOM), device=base.decoder.device)
    manner = style.manner
    written = base.tokens.written_in(manner.scripts, manner.letters)
    head = Head.sampled(base, written, rated.rows[rated.is_text].tolist())
    begin, slow = parted(style.updates or plain_start(base.decoder).updates, base.decoder)
    reader = _Reader.of(base, head, context, rated, begin, slow)
    with torch.no_grad():
        before = reader.log_p(begin)
    updates = {name: tensor.clone().requires_grad_() for name, tensor in begin.items()}
    rule = Rates(updates, RATE)
    rule.set_rates({name: start.rates.get(name, RATE) for name in updates})
    state = rule.start(updates)
    for _ in range(STEPS):
        loss = preference_loss(reader.said(reader.log_p(updates) - before), rated.utilities)
        found = torch.autograd.grad(loss, list(updates.values()))
        with torch.no_grad():
            gradients = dict(zip(updates, found, strict=True))
            updates, state = rule(updates, gradients, loss, state)
        updates = {name: tensor.detach().requires_grad_() for name, tensor in updates.items()}
    return _within(reader, begin, updates, before, nats)


def preference_loss(gains: Tensor, utilities: Tensor) -> Tensor:
    """gains, utilities (N,) -> (): eq. 7 over all pairs, weighted by the distance of utilities."""
    total, weight = gains.new_zeros(()), 0.0
    for i, j in combinations(range(len(gains)), 2):
        apart = float(utilities[i] - utilities[j])
        better = gains[i] - gains[j] if apart > 0 else gains[j] - gains[i]
        total = total + abs(apart) * F.softplus(-BETA * better)
        weight += abs(apart)
    return total / max(weight, 1e-9)


@torch.no_grad()
def _within(
    reader: "_Reader", begin: Parameters, updates: Parameters, before: Tensor, nats: float
) -> Parameters:
    """As far from `begin` towards `updates` as the trust region allows."""
    share = 1.0
    for _ in range(HALVINGS):
        moved = between(begin, updates, share)
        if reader.divergence(before, reader.log_p(moved)) <= nats:
            return moved
        share /= 2
    return {}


def _farthest(
    base: Base, style: CausalStyle, texts: Sequence[str], utilities: Sequence[float]
) -> RatedTexts | None:
    """MOST_WORKS of the texts; None where fewer than two, or none of them is liked better."""
    end = base.tokens.encode(SEPARATOR)
    usual = float(np.mean(utilities)) if len(utilities) else 0.0
    order = sorted(range(len(texts)), key=lambda i: (-abs(utilities[i] - usual), i))[:MOST_WORKS]
    kept = [i for i in order if texts[i].strip()]
    if len(kept) < 2 or len({utilities[i] for i in kept}) < 2:
        return None
    rows = [(base.tokens.encode(tidy(texts[i])) + end)[:MOST_TOKENS] for i in kept]
    filled = pad_sequence([torch.tensor(row) for row in rows], True, 0)
    lengths = torch.tensor([len(row) for row in rows])
    is_text = torch.arange(filled.shape[1]) < lengths[:, None]
    device = base.decoder.device
    wanted = torch.tensor([utilities[i] for i in kept], dtype=torch.float32)
    return RatedTexts(filled.to(device), is_text.to(device), wanted.to(device))


@dataclass(frozen=True, slots=True)
class _Reader:
    """Reads the rated texts behind the references, whose keys and values stay as they were.

    entering (N, T, C): the texts, with the last token of the context before them, out of the lower
    layers; prefix: what the upper layers keep of the context."""

    base: Base
    head: Head
    rated: RatedTexts
    entering: Tensor
    prefix: Cache

    @classmethod
    @torch.no_grad()
    def of(
        cls,
        base: Base,
        head: Head,
        context: Tensor,
        rated: RatedTexts,
        begin: Parameters,
        slow: Parameters,
    ) -> "_Reader":
        decoder = base.decoder
        before, last = context[:-1], context[-1:].expand(len(rated.rows), 1)
        rows = torch.cat([last, rated.rows[:, :-1]], 1)
        whole = [torch.cat([before, row]) for row in rows]
        entering = torch.cat([below(base, row, slow)[:, len(before) :] for row in whole])
        prefix = decoder.cache()
        decoder.states(before[None], prefix, pairs({**slow, **begin}))
        return cls(base, head, rated, entering, prefix)

    def log_p(self, updates: Parameters) -> Tensor:
        """(F, Vh) of what comes next at every token of the texts, in a row."""
        decoder = self.base.decoder
        x = decoder.passed(self.entering, upper(decoder), pairs(updates), self._texts())
        return self.head.log_p(decoder.finished(x[self.rated.is_text]))

    def _texts(self) -> Cache:
        """A cache in which the lower layers have no texts."""
        return self.prefix.shared(skip=upper(self.base.decoder)[0])

    def said(self, log_p: Tensor) -> Tensor:
        """log p (F, Vh), or differences of it -> the mean over the tokens of each text, (N,)."""
        places = self.head.places(self.rated.rows[self.rated.is_text]).clamp(min=0)
        each = log_p.gather(1, places[:, None])[:, 0]
        filled = each.new_zeros(self.rated.is_text.shape).masked_scatter(self.rated.is_text, each)
        return filled.sum(1) / self.rated.is_text.sum(1)

    @staticmethod
    def divergence(before: Tensor, after: Tensor) -> float:
        """KL(after, before) of the next token, in the mean."""
        return float((after.exp() * (after - before)).sum(-1).mean())


# ---- what a style keeps -------------------------------------------------------------------------


def worth_tensors(worth: np.ndarray, usual: np.ndarray) -> dict[str, Tensor]:
    """worth, usual (k,) as a style keeps them."""
    return {liked.WORTH: torch.from_numpy(np.stack([worth, usual])).float()}


def moved_tensors(updates: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Updates as ratings moved them, in half precision."""
    return {liked.ADAPTERS + name: tensor.half() for name, tensor in updates.items()}
