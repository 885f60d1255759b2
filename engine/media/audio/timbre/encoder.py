"""The set encoder: what is heard in a few notes of an instrument -> its context.

Each note is read alone, the means are read again (Deep Sets, Zaheer et al. 2017; the encoder and
the decoder together are a conditional neural process, Garnelo et al. 2018).
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from engine.media.audio.timbre.decoder import TimbreConfig
from engine.media.audio.timbre.hearing import FEATURES


class TimbreEncoder(nn.Module):
    """(B, S, E) of S notes each -> (B, Z). About 150 thousand parameters."""

    def __init__(self, config: TimbreConfig | None = None) -> None:
        super().__init__()
        config = config or TimbreConfig()
        wide = config.width
        self.each = nn.Sequential(nn.Linear(FEATURES, wide), nn.SiLU(), nn.Linear(wide, wide))
        self.shared = nn.Sequential(
            nn.SiLU(), nn.Linear(wide, wide), nn.SiLU(), nn.Linear(wide, config.context)
        )

    def forward(self, heard: Tensor, there: Tensor) -> Tensor:
        """heard (B, S, E), there (B, S) the weight of each note, 0 for none."""
        weights = there / there.sum(1, keepdim=True).clamp_min(1e-3)
        said = self.shared(torch.einsum("bse,bs->be", self.each(heard), weights))
        return F.layer_norm(said, said.shape[-1:])
