"""How well a model expects texts: nats a character, with or without references before them.

Legend: T tokens of a context, Q tokens of one text.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from engine.media.text.generators.causal_lm.base import Base, Head
from engine.media.text.generators.causal_lm.decoder import Adapters


@dataclass(frozen=True, slots=True)
class Expected:
    """nats of the tokens of one text, first to last (Q,); characters of that text."""

    nats: np.ndarray
    characters: int

    @property
    def a_character(self) -> float:
        return float(self.nats.sum()) / max(1, self.characters)


@torch.inference_mode()
def expected(
    base: Base,
    head: Head,
    context: Sequence[int],
    texts: Sequence[str],
    adapters: Adapters | None = None,
    after: str = "",
) -> list[Expected]:
    """Each text by itself behind the context, which is read once.

    after: what ends a text; its tokens count too, its characters do not.
    """
    device = base.decoder.device
    cache = base.decoder.cache()
    states = base.decoder.states(torch.tensor([list(context)], device=device), cache, adapters)
    rows = []
    for text in texts:
        ids = base.tokens.encode(text + after)
        own = cache.shared()
        tokens = torch.tensor([ids], device=device)
        more = base.decoder.states(tokens[:, :-1], own, adapters) if len(ids) > 1 else states[:, :0]
        log_p = head.log_p(torch.cat([states[:, -1:], more], 1)[0])  # (Q, Vh)
        rows.append(Expected(_nats(log_p, head.places(tokens[0])), len(text)))
    return rows


def _nats(log_p: Tensor, targets: Tensor) -> np.ndarray:
    """-log p of the targets; what is not in the head costs as much as the least likely that is."""
    nats = -log_p.gather(1, targets.clamp(min=0)[:, None])[:, 0]
    return torch.where(targets < 0, -log_p.amin(1), nats).cpu().numpy()
