"""What ratings add to the opinion on the next token of a score."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from engine.core import preference_tensors as liked
from engine.media.audio.score_tokens import span
from engine.sequence.adapt import StyleTensors

_PITCH = span("pitch")


@dataclass(frozen=True, slots=True, eq=False)
class Liking:
    """tokens (V,): nats for each; steps (2 MOST_STEP + 1,): for each step from the last pitch."""

    tokens: np.ndarray
    steps: np.ndarray

    def after(self, line: Sequence[tuple[int, int]]) -> np.ndarray:
        """(V,) after the notes (pitch, duration) of a part."""
        if not line:
            return self.tokens
        found = self.tokens.copy()
        most = liked.MOST_STEP
        away = np.clip(np.arange(len(_PITCH)) - line[-1][0], -most, most)
        found[_PITCH.start : _PITCH.stop] += self.steps[away + most]
        return found


def liking_of(style: StyleTensors, follow: float) -> Liking | None:
    """By the share `follow` of it; None of a style that was moved by no ratings."""
    tokens = liked.gains(style, liked.TOKENS, "audio", follow)
    steps = liked.gains(style, liked.STEPS, "audio", follow)
    if tokens is None or steps is None:
        return None
    return Liking(tokens.numpy(), steps.numpy())
