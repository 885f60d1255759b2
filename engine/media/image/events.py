"""What pictures are made of, as far as ratings are concerned: their colours."""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from engine.interfaces import Content


@dataclass(frozen=True, slots=True)
class ColourEvents:
    """Two rows a picture: they tell which reference it leans on, and are not regressed on."""

    variances: np.ndarray | None = None

    def events(self, content: Content) -> np.ndarray:
        """(3, H, W) → (2, 3): the means and the deviations of the colours."""
        assert isinstance(content, Tensor)
        return torch.stack([content.mean((1, 2)), content.std((1, 2))]).cpu().numpy()

    def numbers(self, events: np.ndarray) -> np.ndarray:
        return events
