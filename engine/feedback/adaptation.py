"""Ratings move the style itself, within a trust region: what of it is in liked works comes oftener.

Legend: N rated works, u (N,) their utilities, n events of a work, k numbers of an event, θ (k,)
what each number is worth, V vocabulary, K references.

Of texts and scores events are tokens, or notes. A work's utility is taken for the mean of the
values θ·φ of its events (and some of it for how like the references the work is, lest the style be
lost); θ has a normal prior, so that its posterior mean is ridge regression, and
the next token's log odds get the value of it, as the optimum of a reward with a price on the
distance from the model has it: p exp(reward) / Z (Korbak et al. 2022, eq. 3; what DPO and KTO move
weights towards). The distance, KL(moved, unmoved) of a token, is about half the variance of the
values; they are scaled down to NATS of it. Of pictures the weights of references move towards those
that liked works lean on, at most MOST_TIMES. What else was tried, and dropped, is in README.md.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import torch
from torch import Tensor

from engine import liked
from engine.audio.events import VOCABULARY, span
from engine.audio.grid import DURATIONS, STEP_TICKS, quantise
from engine.audio.keys import home_of
from engine.critic.contents import Content, Played
from engine.critic.measured import Measured
from engine.critic.texts import MOST_TOKENS, Words
from engine.feedback.closeness import closeness
from engine.image import mixture
from engine.media.notes_score import Score
from engine.text.notation import piece
from engine.text.weights import shipped as text_base

MOST_WORKS = 1000  # the most and least liked
LOYAL = 1.0  # utility of a deviation of the match with the references
NATS = {"zh": 0.07, "en": 0.07, "audio": 0.15}  # of a token, that the model is moved at most
MOST_VALUE, MOST_SCALE = 3.0, 3.0  # nats of one token; times what ridge regression finds
NOISE = 0.5  # the variance of a utility that no event tells
DIRECTIONS, TEXT_VARIANCE = 48, 20.0  # k of a text; the variance of a liking of all of them
CLASS_VARIANCE, RANGE_VARIANCE = 3.0, 6.0  # of a note's numbers: one of some; how high, how long
SHRINK = 2.0  # works that a reference counts as, that please as usual
EAGER, MOST_TIMES = 1.5, 3.0  # of the logarithm of a reference's weight, for a utility of 1
_STEPS = np.array([-7.5, -4.5, -2.5, -0.5, 0.5, 2.5, 4.5, 7.5])  # between the sizes of steps
_MIDDLE, _HALF_OCTAVE = 67, 6.0


@dataclass(frozen=True, slots=True, eq=False)
class Rated:
    """measured: by the critic. events: what `events_of` finds in the work. utility: of which
    deviation 1 is a usual one, see `utilities`."""

    measured: Measured
    events: np.ndarray
    utility: float


def adapted(
    style: Mapping[str, Tensor], rated: Sequence[Rated], kind: str, device: torch.device
) -> dict[str, Tensor]:
    """The tensors that ratings add to a style, see `engine.liked`; {} where they move nothing.

    A pure function. style: as it was before any rating. kind: image, zh, en or audio.
    """
    if kind == "image":
        moved = _moved_weights(style, rated, np.array([one.utility for one in rated]))
    elif "tokens" in style:
        used = _farthest(rated)
        values = np.array([one.utility for one in used]) + _loyalty(style, used, kind, device)
        moved = _texts(used, values, kind, device) if kind != "audio" else _scores(used, values)
    else:
        moved = {}
    return moved | {liked.KIND: liked.kind_tensor(kind)} if moved else {}


def events_of(content: Content, device: torch.device) -> np.ndarray:
    """Of a text the tokens (n,); of a score (n, 3) its notes in the common key, as pitch, step from
    the note before in the same part, and duration on the grid; of a picture (2, 3) the means and
    deviations of its colours."""
    if isinstance(content, Words):
        tokens = text_base(device).tokens
        text = piece(content.text, content.language, content.title).text
        return np.array(tokens.encode(text)[:MOST_TOKENS], np.int32)
    if isinstance(content, Played):
        return _notes(content.score)
    return torch.stack([content.mean((1, 2)), content.std((1, 2))]).cpu().numpy()


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


def _texts(
    rated: Sequence[Rated], utilities: np.ndarray, kind: str, device: torch.device
) -> dict[str, Tensor]:
    table = _token_table(device)
    rows = [table[one.events] for one in rated]
    variances = np.full(DIRECTIONS, TEXT_VARIANCE / DIRECTIONS)
    worth = worths(rows, utilities, variances, NATS[kind])
    if worth is None:
        return {}
    return {liked.TOKENS: _as_gains((table - np.concatenate(rows).mean(0)) @ worth)}


@cache
def _token_table(device: torch.device) -> np.ndarray:
    """(V, k): where tokens lie in the model's embedding, in the directions in which they differ
    most, each with deviation 1 over all texts."""
    model = text_base(device).model
    shares = model.bias.detach().double().cpu().softmax(0)
    vectors = model.embedding.weight.detach().double().cpu()
    vectors = vectors - shares @ vectors
    values, directions = torch.linalg.eigh((vectors * shares[:, None]).T @ vectors)
    return (vectors @ (directions[:, -DIRECTIONS:] / values[-DIRECTIONS:].sqrt())).numpy()


def _scores(rated: Sequence[Rated], utilities: np.ndarray) -> dict[str, Tensor]:
    rows = [note_numbers(one.events) for one in rated]
    pitches, durations = np.arange(128), np.arange(len(DURATIONS))
    steps = np.arange(-liked.MOST_STEP, liked.MOST_STEP + 1)
    tables = [pitch_numbers(pitches), step_numbers(steps), duration_numbers(durations)]
    variances = np.concatenate(
        [np.where(np.ptp(table, 0) > 1, RANGE_VARIANCE, CLASS_VARIANCE) for table in tables]
    )
    worth = worths(rows, utilities, variances, NATS["audio"])
    if worth is None:
        return {}
    cuts = np.cumsum([table.shape[1] for table in tables])[:-1]
    usual = np.split(np.concatenate(rows).mean(0), cuts)
    parts = zip(tables, usual, np.split(worth, cuts), strict=True)
    of_pitch, of_step, of_duration = ((table - mean) @ part for table, mean, part in parts)
    tokens = np.zeros(VOCABULARY)
    tokens[span("pitch").start : span("pitch").stop] = of_pitch
    tokens[span("duration").start : span("duration").stop] = of_duration
    return {liked.TOKENS: _as_gains(tokens), liked.STEPS: _as_gains(of_step)}


def worths(
    rows: Sequence[np.ndarray], utilities: np.ndarray, variances: np.ndarray, nats: float
) -> np.ndarray | None:
    """θ (k,), scaled to the trust region, of the numbers (n, k) of each work's events.

    variances (k,): the prior's. None where nothing sets liked works apart.
    """
    if len(rows) < 2:
        return None
    u = utilities - utilities.mean()
    means = np.stack([row.mean(0) for row in rows])
    means -= means.mean(0)
    scaled = means * np.sqrt(variances)
    curve = scaled.T @ scaled + NOISE * np.eye(len(variances))
    worth = np.sqrt(variances) * np.linalg.solve(curve, scaled.T @ u)
    spread = float((np.concatenate(rows) @ worth).var())
    if spread < 1e-12:
        return None
    return worth * min(MOST_SCALE, math.sqrt(2 * nats / spread))


def _as_gains(values: np.ndarray) -> Tensor:
    """Around 0, in half precision."""
    held = np.clip(values, -MOST_VALUE, MOST_VALUE)
    return torch.from_numpy(held).half()


def _notes(score: Score) -> np.ndarray:
    score = quantise(score)
    score = score.transposed(-home_of(score).shift)
    found = []
    for part in np.unique(score.notes["part"]):
        notes = score.notes[score.notes["part"] == part]
        pitches = notes["pitch"].astype(int)
        ratios = np.log2(np.maximum(notes["duration"] / STEP_TICKS, 0.5))[:, None]
        lengths = np.abs(ratios - np.log2(DURATIONS)[None]).argmin(1)
        found.append(np.stack([pitches, np.diff(pitches, prepend=pitches[0]), lengths], 1))
    return np.concatenate(found).astype(np.int16) if found else np.zeros((0, 3), np.int16)


def note_numbers(notes: np.ndarray) -> np.ndarray:
    """(n, 3) pitch, step and duration → (n, k)."""
    parts = zip((pitch_numbers, step_numbers, duration_numbers), notes.T, strict=True)
    return np.concatenate([numbers(column) for numbers, column in parts], 1)


def pitch_numbers(pitches: np.ndarray) -> np.ndarray:
    """(n, 13): which of twelve, and how high."""
    height = (pitches - _MIDDLE) / _HALF_OCTAVE
    return np.concatenate([np.eye(12)[pitches % 12], height[:, None]], 1)


def step_numbers(steps: np.ndarray) -> np.ndarray:
    """(n, 9): repeated, or a step, third, leap or wide leap up or down."""
    return np.eye(len(_STEPS) + 1)[np.searchsorted(_STEPS, steps)]


def duration_numbers(durations: np.ndarray) -> np.ndarray:
    """(n, D + 1): which of the grid's, and how long."""
    octaves = np.log2(DURATIONS)[durations]
    return np.concatenate([np.eye(len(DURATIONS))[durations], octaves[:, None]], 1)


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
