"""Ratings move the style itself, within a trust region: what of it is in liked works comes oftener.

Legend: N rated works, u (N,) their utilities, n events of a work, k numbers of an event, θ (k,)
what each number is worth, V vocabulary, K references.

Of texts and scores events are tokens, or notes. A work's utility is taken for the mean of the
values θ·φ of its events, see `engine.feedback.events` (and some of it for how like the references
the work is, lest the style be lost); the next token's log odds get the value of it, as the optimum
of a reward with a price on the distance from the model has it: p exp(reward) / Z (Korbak et al.
2022, eq. 3; what DPO and KTO move weights towards). The distance, KL(moved, unmoved) of a token, is
about half the variance of the values; they are scaled down to NATS of it. Of pictures the weights
of references move towards those that liked works lean on, at most MOST_TIMES. What else was tried,
and dropped, is in README.md.
"""

import math
from collections.abc import Mapping, Sequence

import numpy as np
import torch
from torch import Tensor

from engine.core import preference_tensors as liked
from engine.critic.closeness import closeness
from engine.feedback import beyond
from engine.feedback.events import note_tables, numbers_of, token_table, told, variances_of, worths
from engine.feedback.rated import Rated
from engine.media.audio.generators.score.events import VOCABULARY, span
from engine.media.image.generators.transport import mixture

MOST_WORKS = 1000  # the most and least liked
LOYAL = 1.0  # utility of a deviation of the match with the references
LEAST_NATS = 1e-3
NATS = {"zh": 0.3, "en": 0.3, "audio": 0.5}  # of a token, that the model is moved at most
MOST_VALUE, MOST_SCALE = 3.0, 3.0  # nats of one token; times what ridge regression finds
SHRINK = 2.0  # works that a reference counts as, that please as usual
EAGER, MOST_TIMES = 1.5, 3.0  # of the logarithm of a reference's weight, for a utility of 1


def adapted(
    style: Mapping[str, Tensor], rated: Sequence[Rated], kind: str, device: torch.device
) -> dict[str, Tensor]:
    """What ratings add to a style (see `preference_tensors`); {} where they move nothing.

    A pure function. style: as it was before any rating. kind: image, zh, en or audio.
    """
    if kind == "image":
        moved = _moved_weights(style, rated, np.array([one.utility for one in rated]))
    elif "tokens" in style:
        used = _farthest(rated)
        moved = _moved_odds(style, used, kind, device)
        moved |= beyond.learned(used, kind, device)
    else:
        moved = {}
    return moved | {liked.KIND: liked.kind_tensor(kind)} if moved else {}


# ---- texts and scores --------------------------------------------------------------------------


def _farthest(rated: Sequence[Rated]) -> list[Rated]:
    """MOST_WORKS of those that have events."""
    some = [one for one in rated if len(one.events)]
    usual = float(np.mean([one.utility for one in some])) if some else 0.0
    return sorted(some, key=lambda one: -abs(one.utility - usual))[:MOST_WORKS]


def _loyalty(
    style: Mapping[str, Tensor], rated: Sequence[Rated], kind: str, device: torch.device
) -> np.ndarray:
    """(N,): what works are worth for being like the style's references, so that what is liked does
    not lead away from these. Around 0."""
    odds = closeness(style, [one.measured for one in rated], kind, device)
    return LOYAL * (odds - odds.mean()) / max(float(odds.std()), 1e-6)


def _moved_odds(
    style: Mapping[str, Tensor], rated: Sequence[Rated], kind: str, device: torch.device
) -> dict[str, Tensor]:
    """As far as events tell what pleases: else it would be chance that moves."""
    rows = [numbers_of(one.events, kind, device) for one in rated]
    utilities, variances = np.array([one.utility for one in rated]), variances_of(kind)
    nats = NATS[kind] * told(rows, utilities, variances)
    if nats < LEAST_NATS:
        return {}
    worth = worths(rows, utilities + _loyalty(style, rated, kind, device), variances)
    if worth is None:
        return {}
    worth, usual = held(worth, rows, nats), np.concatenate(rows).mean(0)
    return _of_notes(worth, usual) if kind == "audio" else _of_tokens(worth, usual, device)


def _of_tokens(worth: np.ndarray, usual: np.ndarray, device: torch.device) -> dict[str, Tensor]:
    return {liked.TOKENS: _as_gains((token_table(device) - usual) @ worth)}


def _of_notes(worth: np.ndarray, usual: np.ndarray) -> dict[str, Tensor]:
    tables = note_tables()
    cuts = np.cumsum([table.shape[1] for table in tables])[:-1]
    parts = zip(tables, np.split(usual, cuts), np.split(worth, cuts), strict=True)
    of_pitch, of_step, of_duration = ((table - mean) @ part for table, mean, part in parts)
    tokens = np.zeros(VOCABULARY)
    tokens[span("pitch").start : span("pitch").stop] = of_pitch
    tokens[span("duration").start : span("duration").stop] = of_duration
    return {liked.TOKENS: _as_gains(tokens), liked.STEPS: _as_gains(of_step)}


def held(worth: np.ndarray, rows: Sequence[np.ndarray], nats: float) -> np.ndarray:
    """(k,), scaled to the trust region."""
    spread = max(float((np.concatenate(rows) @ worth).var()), 1e-12)
    return worth * min(MOST_SCALE, math.sqrt(2 * nats / spread))


def _as_gains(values: np.ndarray) -> Tensor:
    """Around 0, in half precision."""
    held = np.clip(values, -MOST_VALUE, MOST_VALUE)
    return torch.from_numpy(held).half()


# ---- pictures ----------------------------------------------------------------------------------


def _moved_weights(
    style: Mapping[str, Tensor], rated: Sequence[Rated], utilities: np.ndarray
) -> dict[str, Tensor]:
    """A reference is liked as the works are that lean on it, as far as their colours tell."""
    weights = style["weights"].double()
    if len(weights) < 2:
        return {}
    sums, counts = np.zeros(len(weights)), np.full(len(weights), SHRINK)
    for one, utility in zip(rated, utilities - utilities.mean(), strict=True):
        mean, deviation = torch.from_numpy(one.events)
        leaned_on = mixture.nearest(style, mean, deviation)
        sums[leaned_on] += utility
        counts[leaned_on] += 1
    far = math.log(MOST_TIMES)
    moves = torch.from_numpy(np.clip(EAGER * sums / counts, -far, far))
    moved = weights / weights.sum() * moves.exp()
    return {liked.WEIGHTS: (moved / moved.sum()).float()}
