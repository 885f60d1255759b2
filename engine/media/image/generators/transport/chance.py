"""The randomness of works: each has its own seed, and may stray only a little from a common root.

Legend: N works, v variation 0 … 1.
"""

import math
from collections.abc import Callable, Sequence

from torch import Tensor

from engine.protocol import PictureBrief

OfSeeds = Callable[[Sequence[int]], Tensor]  # one row a seed


def own_seeds(brief: PictureBrief) -> range:
    return range(brief.seed, brief.seed + brief.count)


def strayed_noise(brief: PictureBrief, of_seeds: OfSeeds) -> Tensor:
    """v · own + √(1 - v²) · the root's: of unit variance, as both are."""
    return _mixed(brief, of_seeds, math.sqrt(1 - brief.variation**2))


def strayed_shares(brief: PictureBrief, of_seeds: OfSeeds) -> Tensor:
    """v · own + (1 - v) · the root's: rows sum to 1, as both do."""
    return _mixed(brief, of_seeds, 1 - brief.variation)


def _mixed(brief: PictureBrief, of_seeds: OfSeeds, root_share: float) -> Tensor:
    own = of_seeds(own_seeds(brief))
    if not root_share:
        return own
    return brief.variation * own + root_share * of_seeds([brief.root])
