"""Which distribution a work aims at: the references' mixed, each work leaning on another of them.

Legend: K references, L levels, S sets of n filters, Q quantiles, N works.
A mixture of everything at once averages unlike references to beige; a work that leans on one of
them, and takes the rest from the others, keeps its contrasts, and a batch shows the whole handful.
"""

from collections.abc import Mapping, Sequence

import torch

from engine.media.image.generators.transport.projections import mix

LEAN = 0.8  # of the weight goes to the reference that a work leans on


def shares(weights: torch.Tensor, seeds: Sequence[int]) -> torch.Tensor:
    """(K,) weights → (N, K), rows sum to 1. The leaned-on reference is drawn by weight and seed."""
    even = weights / weights.sum()
    rows = []
    for seed in seeds:
        generator = torch.Generator().manual_seed(seed)
        chosen = torch.multinomial(even.cpu(), 1, generator=generator).item()
        rows.append(leaning(weights, int(chosen)))
    return torch.stack(rows)


def leaning(weights: torch.Tensor, chosen: int) -> torch.Tensor:
    """(K,) weights → (K,) shares of a work that leans on one reference."""
    row = weights / weights.sum() * (1 - LEAN)
    row[chosen] += LEAN
    return row


def likest(style: dict[str, torch.Tensor], pixels: torch.Tensor) -> int:
    """The reference whose colours are most like those of a picture (3, H, W)."""
    return nearest(style, pixels.mean((1, 2)), pixels.std((1, 2)))


def nearest(style: Mapping[str, torch.Tensor], mean: torch.Tensor, deviation: torch.Tensor) -> int:
    """The reference of which the colours are nearest to a mean and deviation (3,): the distance of
    normal distributions, channel by channel."""
    gaps = (style["means"] - mean).square() + (style["deviations"] - deviation).square()
    return int(gaps.sum(1).argmin())


def tables_at(style: dict[str, torch.Tensor], level: int, share: torch.Tensor) -> torch.Tensor:
    """(N, S, n, Q): what each work aims at. `share` (N, K); references without that much detail
    leave their share to the others."""
    present = style["serves"][:, level]
    tables = style["quantiles"][present, level].float()  # (K', S, n, Q)
    flat = tables.flatten(1, 2)
    mixed = [mix(flat, row / row.sum()) for row in share[:, present].clamp(min=1e-6)]
    return torch.stack(mixed).reshape(len(share), *tables.shape[1:])


def colours(
    style: dict[str, torch.Tensor], share: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor]:
    """Mean and deviation of the colours that each work starts from: (N, 3, 1, 1) each."""
    means, deviations = style["means"], style["deviations"]
    mean = share @ means
    variance = share @ (deviations.square() + means.square()) - mean.square()
    return mean[:, :, None, None], variance.clamp(min=1e-6).sqrt()[:, :, None, None]
