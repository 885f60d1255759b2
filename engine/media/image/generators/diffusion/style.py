"""What a style over a diffusion model holds: tokens that follow every prompt, and an adapter.

Legend: T tokens of width E. Tensors: base (32,) the sha256 of the model; lender
(32,) that of the folder which a checkpoint in one file borrowed from, only there for such; tokens
(T, E); aspect () width / height of the references; low_rank/… (see `low_rank`). Nothing of a
picture is kept.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from engine.core import preference_tensors as liked
from engine.core.errors import BadInput
from engine.core.pretrained import low_rank
from engine.core.pretrained.low_rank import Pair
from engine.core.style import Tensors

BASE, LENDER, TOKENS, ASPECT = "base", "lender", "tokens", "aspect"


@dataclass(frozen=True, slots=True, eq=False)
class DiffusionStyle:
    digest: str
    tokens: Tensor
    adapter: Mapping[str, Pair]
    aspect: float = 1.0
    lender: str = ""

    def tensors(self) -> Tensors:
        lender = {LENDER: _of_digest(self.lender)} if self.lender else {}
        return {
            BASE: _of_digest(self.digest),
            **lender,
            TOKENS: self.tokens.detach().half().cpu(),
            ASPECT: torch.tensor(self.aspect),
            **low_rank.to_tensors(self.adapter),
        }

    def moved(self) -> Tensors:
        """Tokens and adapter as ratings have left them, beside the style's own."""
        kept = {liked.ADAPTERS + TOKENS: self.tokens.detach().half().cpu()}
        return kept | low_rank.to_tensors(self.adapter, liked.ADAPTERS)

    @classmethod
    def of_tensors(cls, tensors: Mapping[str, Tensor], follow: float = 0.0) -> "DiffusionStyle":
        """follow: 0 … 1, how far it is as ratings have left it."""
        own = cls(
            _digest(tensors[BASE]),
            tensors[TOKENS].float(),
            low_rank.of_tensors(tensors),
            float(tensors[ASPECT]),
            _digest(tensors[LENDER]) if LENDER in tensors else "",
        )
        if not follow or liked.ADAPTERS + TOKENS not in tensors:
            return own
        taught = low_rank.of_tensors(tensors, liked.ADAPTERS)
        tokens = torch.lerp(own.tokens, tensors[liked.ADAPTERS + TOKENS].float(), follow)
        if follow == 1:
            return replace(own, tokens=tokens, adapter=taught)
        adapter = low_rank.mixed([own.adapter, taught], [1 - follow, follow])
        return replace(own, tokens=tokens, adapter=adapter)

    def on(self, device: torch.device) -> "DiffusionStyle":
        pairs = {name: pair.to(device) for name, pair in self.adapter.items()}
        return replace(self, tokens=self.tokens.to(device), adapter=pairs)


def _of_digest(digest: str) -> Tensor:
    return torch.tensor(list(bytes.fromhex(digest)), dtype=torch.uint8)


def _digest(tensor: Tensor) -> str:
    return bytes(tensor.cpu().numpy()).hex()


def blend(styles: Sequence[DiffusionStyle], weights: Sequence[float]) -> DiffusionStyle:
    """Raises BadInput for styles over different models."""
    first = styles[0]
    if any((each.digest, each.lender) != (first.digest, first.lender) for each in styles):
        raise BadInput("model_blend")
    shares = [weight / sum(weights) for weight in weights]
    pairs = list(zip(styles, shares, strict=True))
    tokens = torch.stack([share * each.tokens for each, share in pairs]).sum(0)
    aspect = math.exp(sum(share * math.log(each.aspect) for each, share in pairs))
    adapter = low_rank.mixed([each.adapter for each in styles], shares)
    return DiffusionStyle(first.digest, tokens, adapter, aspect, first.lender)
