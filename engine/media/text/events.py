"""What texts are made of: tokens, each as its place in the critic's embedding.

Legend: V vocabulary, n tokens of a work, k directions.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np
import torch

from engine.interfaces import Content
from engine.media.text.features import MOST_TOKENS, Words
from engine.media.text.judge import critic_base
from engine.media.text.notation import piece

DIRECTIONS = 48  # k
VARIANCE = 20.0  # of a liking of all directions together, before any rating


@dataclass(frozen=True, slots=True)
class TokenEvents:
    device: torch.device

    @property
    def variances(self) -> np.ndarray:
        return np.full(DIRECTIONS, VARIANCE / DIRECTIONS)

    def events(self, content: Content) -> np.ndarray:
        """(n,) the tokens of a text."""
        assert isinstance(content, Words)
        text = piece(content.text, content.language, content.title).text
        return np.array(critic_base(self.device).tokens.encode(text)[:MOST_TOKENS], np.int32)

    def numbers(self, events: np.ndarray) -> np.ndarray:
        """(n,) → (n, k)."""
        return token_table(self.device)[events]


@cache
def token_table(device: torch.device) -> np.ndarray:
    """(V, k): where tokens lie in the model's embedding, in the directions in which they differ
    most, each with deviation 1 over all texts."""
    model = critic_base(device).model
    shares = model.bias.detach().double().cpu().softmax(0)
    vectors = model.embedding.weight.detach().double().cpu()
    vectors = vectors - shares @ vectors
    values, directions = torch.linalg.eigh((vectors * shares[:, None]).T @ vectors)
    return (vectors @ (directions[:, -DIRECTIONS:] / values[-DIRECTIONS:].sqrt())).numpy()
