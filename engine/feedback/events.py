"""What texts and scores are made of: their events, tokens or notes, each as k numbers.

Of a text the numbers are where a token lies in the model's embedding, in the directions in which
tokens differ most; of a score which pitch a note has and how high it is, how it was reached, and
how long it is. A liking is a worth θ (k,) of these, of which a work has the mean over its events;
its prior is normal, so that its posterior mean is ridge regression.

Legend: N works, n events of a work, k numbers of an event, V vocabulary.
"""

from collections.abc import Sequence
from functools import cache

import numpy as np
import torch

from engine.core import preference_tensors as liked
from engine.critic.contents import Content, Played
from engine.media.audio.codec.score import Score
from engine.media.audio.theory.grid import DURATIONS, STEP_TICKS, quantise
from engine.media.audio.theory.keys import home_of
from engine.media.text.features import MOST_TOKENS, Words
from engine.media.text.generators.maquette_lm.notation import piece
from engine.media.text.generators.maquette_lm.weights import shipped as text_base

NOISE = 0.5  # the variance of a utility that no event tells
DIRECTIONS, TEXT_VARIANCE = 48, 20.0  # k of a text; the variance of a liking of all of them
CLASS_VARIANCE, RANGE_VARIANCE = 3.0, 6.0  # of a note's numbers: one of some; how high, how long
LEAST_WORTH = 1e-9
FEWEST = 4  # works, of which each can be left out in turn
_STEPS = np.array([-7.5, -4.5, -2.5, -0.5, 0.5, 2.5, 4.5, 7.5])  # between the sizes of steps
_MIDDLE, _HALF_OCTAVE = 67, 6.0


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


def numbers_of(events: np.ndarray, kind: str, device: torch.device) -> np.ndarray:
    """(n, k), of a text or a score."""
    return note_numbers(events) if kind == "audio" else token_table(device)[events]


@cache
def variances_of(kind: str) -> np.ndarray:
    """(k,): the prior's."""
    if kind != "audio":
        return np.full(DIRECTIONS, TEXT_VARIANCE / DIRECTIONS)
    tables = note_tables()
    return np.concatenate(
        [np.where(np.ptp(table, 0) > 1, RANGE_VARIANCE, CLASS_VARIANCE) for table in tables]
    )


def worths(
    rows: Sequence[np.ndarray], utilities: np.ndarray, variances: np.ndarray
) -> np.ndarray | None:
    """θ (k,), of the numbers (n, k) of each work's events and the works' utilities (N,).

    variances (k,): the prior's. None where nothing sets liked works apart."""
    if len(rows) < 2:
        return None
    scaled = _scaled(rows, variances)
    curve = scaled.T @ scaled + NOISE * np.eye(len(variances))
    worth = np.sqrt(variances) * np.linalg.solve(curve, scaled.T @ (utilities - utilities.mean()))
    return worth if float(np.abs(worth).max()) > LEAST_WORTH else None


def told(rows: Sequence[np.ndarray], utilities: np.ndarray, variances: np.ndarray) -> float:
    """How far events may tell what pleases, 0 … 1: the correlation of utilities with what the
    other works' events make of them (each left out in turn: Allen 1974), and one standard error of
    it, 1 / √N, for leaving out makes it too low."""
    if len(rows) < FEWEST:
        return 0.0
    scaled = _scaled(rows, variances)
    alike = scaled @ scaled.T
    own = alike @ np.linalg.inv(alike + NOISE * np.eye(len(rows)))  # (N, N)
    away = utilities - utilities.mean()
    without = away - (away - own @ away) / (1 - np.diag(own) - 1 / len(rows))
    size = float(away.std() * without.std())
    if size <= LEAST_WORTH:
        return 0.0
    found = float((away * (without - without.mean())).mean()) / size
    return float(np.clip(found + len(rows) ** -0.5, 0, 1))


def _scaled(rows: Sequence[np.ndarray], variances: np.ndarray) -> np.ndarray:
    """(N, k): the means of events, around 0, with a prior of variance 1."""
    means = np.stack([row.mean(0) for row in rows])
    return (means - means.mean(0)) * np.sqrt(variances)


@cache
def token_table(device: torch.device) -> np.ndarray:
    """(V, k): where tokens lie in the model's embedding, in the directions in which they differ
    most, each with deviation 1 over all texts."""
    model = text_base(device).model
    shares = model.bias.detach().double().cpu().softmax(0)
    vectors = model.embedding.weight.detach().double().cpu()
    vectors = vectors - shares @ vectors
    values, directions = torch.linalg.eigh((vectors * shares[:, None]).T @ vectors)
    return (vectors @ (directions[:, -DIRECTIONS:] / values[-DIRECTIONS:].sqrt())).numpy()


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


def note_tables() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The numbers of each pitch (128, …), of each step (2 MOST_STEP + 1, …), of each duration."""
    steps = np.arange(-liked.MOST_STEP, liked.MOST_STEP + 1)
    durations = duration_numbers(np.arange(len(DURATIONS)))
    return pitch_numbers(np.arange(128)), step_numbers(steps), durations


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
