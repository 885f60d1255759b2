"""Ratings move the style itself, within a trust region: what of it is in liked works comes oftener.

Legend: N rated works, u (N,) their utilities, n events of a work, k numbers of an event, θ (k,)
what each number is worth, K references.

Generators that write events one after another: a work's utility is taken for the mean of the values
θ·φ of its events, see `engine.feedback.worth` (and some of it for how like the references the work
is, lest the style be lost); the next event's log odds get the value of it, as the optimum of a
reward with a price on the distance from the model has it: p exp(reward) / Z (Korbak et al. 2022,
eq. 3; what DPO and KTO move weights towards). The distance, KL(moved, unmoved) of an event, is
about half the variance of the values; they are scaled down to the generator's `max_nats` of it.
Generators whose works lean on references: the weights of references move towards those that liked
works lean on, at most MOST_TIMES. What else was tried, and dropped, is in README.md.
"""

import math
from collections.abc import Generator, Mapping, Sequence

import numpy as np
import torch
from torch import Tensor

from engine.core import preference_tensors as liked
from engine.core.progress import Advance
from engine.core.style import Tensors
from engine.feedback import beyond
from engine.feedback.rated import RatedWork
from engine.feedback.worth import explained, worths
from engine.interfaces import (
    EventModel,
    Preferences,
    ReferencePreferences,
    SequencePreferences,
    SteppedPreferences,
    WorkPreferences,
)

MOST_WORKS = 1000  # the most and least liked
LOYAL = 1.0  # utility of a deviation of the match with the references
LEAST_NATS = 1e-3
MOST_SCALE = 3.0  # times what ridge regression finds
SHRINK = 2.0  # works that a reference counts as, that please as usual
EAGER, MOST_TIMES = 1.5, 3.0  # of the logarithm of a reference's weight, for a utility of 1


def adapted(
    style: Mapping[str, Tensor],
    rated: Sequence[RatedWork],
    closeness: np.ndarray,
    domain: str,
    events: EventModel,
    preferences: Preferences | None,
    device: torch.device,
) -> Tensors:
    """What ratings add to a style (see `preference_tensors`); {} where they move nothing.

    A pure function. style: as it was before any rating. closeness (N,): how like the style's
    references the rated works are. preferences: how the style's generator can be moved.
    """
    match preferences:
        case None | WorkPreferences():  # these learn step by step, see `taught`
            return {}
        case SequencePreferences():
            if not preferences.learns_from(style):
                return {}
            moved = _moved_odds(style, rated, closeness, domain, events, preferences, device)
        case ReferencePreferences():
            moved = _moved_weights(style, rated, preferences)
    return moved | {liked.KIND: liked.domain_tensor(domain)} if moved else {}


def taught(
    style: Mapping[str, Tensor],
    rated: Sequence[RatedWork],
    closeness: np.ndarray,
    domain: str,
    preferences: WorkPreferences,
) -> Generator[Advance, None, Tensors]:
    """What ratings add to a style whose generator learns from whole works. Yields how far it is."""
    wanted = np.array([one.utility for one in rated]) + _loyalty(closeness)
    paths = [one.path for one in rated]
    moved = yield from preferences.taught(style, paths, wanted)
    return moved | {liked.KIND: liked.domain_tensor(domain)} if moved else {}


# ---- generators that write events one after another ---------------------------------------------


def _farthest(rated: Sequence[RatedWork]) -> list[int]:
    """The places of MOST_WORKS of those that have events."""
    some = [i for i, one in enumerate(rated) if len(one.events)]
    usual = float(np.mean([rated[i].utility for i in some])) if some else 0.0
    return sorted(some, key=lambda i: -abs(rated[i].utility - usual))[:MOST_WORKS]


def _moved_odds(
    style: Mapping[str, Tensor],
    rated: Sequence[RatedWork],
    closeness: np.ndarray,
    domain: str,
    events: EventModel,
    preferences: SequencePreferences,
    device: torch.device,
) -> Tensors:
    """As far as events tell what pleases: else it would be chance that moves."""
    places = _farthest(rated)
    used = [rated[i] for i in places]
    chosen_by = beyond.learned(used, domain, events)
    variances = events.variances
    if variances is None or not used:
        return chosen_by
    rows = [events.numbers(one.events) for one in used]
    utilities = np.array([one.utility for one in used])
    nats = preferences.max_nats[domain] * explained(rows, utilities, variances)
    if nats < LEAST_NATS:
        return chosen_by
    wanted = utilities + _loyalty(closeness[places])
    worth = worths(rows, wanted, variances)
    if worth is None:
        return chosen_by
    stepped: Tensors = {}
    if isinstance(preferences, SteppedPreferences):  # both ways share the trust region
        nats /= 2
        stepped = preferences.stepped(style, [one.path for one in used], wanted, nats)
    worth, usual = within_trust_region(worth, rows, nats), np.concatenate(rows).mean(0)
    return preferences.logit_biases(worth, usual, domain, device) | stepped | chosen_by


def _loyalty(odds: np.ndarray) -> np.ndarray:
    """(N,): what works are worth for being like the style's references, so that what is liked does
    not lead away from these. Around 0."""
    return LOYAL * (odds - odds.mean()) / max(float(odds.std()), 1e-6)


def within_trust_region(worth: np.ndarray, rows: Sequence[np.ndarray], nats: float) -> np.ndarray:
    """(k,), scaled so that values spread as `nats` allow."""
    spread = max(float((np.concatenate(rows) @ worth).var()), 1e-12)
    return worth * min(MOST_SCALE, math.sqrt(2 * nats / spread))


# ---- generators whose works lean on references --------------------------------------------------


def _moved_weights(
    style: Mapping[str, Tensor], rated: Sequence[RatedWork], preferences: ReferencePreferences
) -> Tensors:
    """A reference is liked as the works are that lean on it."""
    weights = preferences.reference_weights(style).double()
    if len(weights) < 2:
        return {}
    utilities = np.array([one.utility for one in rated])
    sums, counts = np.zeros(len(weights)), np.full(len(weights), SHRINK)
    for one, utility in zip(rated, utilities - utilities.mean(), strict=True):
        places = preferences.leaned_on(style, one.events)
        sums[places] += utility
        counts[places] += 1
    far = math.log(MOST_TIMES)
    moves = torch.from_numpy(np.clip(EAGER * sums / counts, -far, far))
    moved = weights / weights.sum() * moves.exp()
    return {liked.WEIGHTS: (moved / moved.sum()).float()}
