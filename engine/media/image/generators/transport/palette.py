"""Whose colours a finished picture has: those of a palette, or those of another picture.

Legend: picture (3, H, W) in [-1, 1] sRGB; Oklab (lightness, green–red, blue–yellow; Ottosson 2020)
in columns (3, M); P colours of a palette.
"""

import math
from itertools import combinations

import torch
from torch import Tensor

from engine.media.image.generators.transport.projections import at_ranks
from engine.media.image.generators.transport.sorting import ascending

_TO_CONES = torch.tensor(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)
_TO_LAB = torch.tensor(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
)
SAMPLES = 4096
CLUSTER_ROUNDS = 12
SHADING = torch.tensor([[0.55], [0.15], [0.15]])  # what is kept of the way from colour to pixel
MOVES, MOVE_QUANTILES = 12, 64
_SEED = 20150801


def from_hex(colours: tuple[str, ...]) -> Tensor:
    """ "#rrggbb" → (3, P) in Oklab."""
    numbers = [[int(c[i : i + 2], 16) / 127.5 - 1 for i in (1, 3, 5)] for c in colours]
    return to_oklab(torch.tensor(numbers).T)


def to_oklab(colours: Tensor) -> Tensor:
    """(3, M) sRGB in [-1, 1] → (3, M)."""
    unit = (colours.clamp(-1, 1) + 1) / 2
    linear = torch.where(unit <= 0.04045, unit / 12.92, ((unit + 0.055) / 1.055) ** 2.4)
    cones = _TO_CONES.to(colours) @ linear
    return _TO_LAB.to(colours) @ cones.clamp(min=0) ** (1 / 3)


def from_oklab(lab: Tensor) -> Tensor:
    """(3, M) → (3, M) sRGB in [-1, 1], cut to what a screen can show."""
    cones = (torch.linalg.inv(_TO_LAB).to(lab) @ lab) ** 3
    linear = (torch.linalg.inv(_TO_CONES).to(lab) @ cones).clamp(0, 1)
    unit = torch.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
    return unit * 2 - 1


def recoloured(picture: Tensor, colours: Tensor) -> Tensor:
    """A picture made of the colours (3, P) of a palette, with some of its shading.

    Its own P colours are found, each is given one of the palette, and every pixel is moved as
    those near it are (Chang et al. 2015, sections 3.2 and 3.5).
    """
    lab = to_oklab(picture.flatten(1))
    own = _clusters(lab, colours.shape[1])
    wanted = colours[:, _assigned(own, colours)]
    near = _nearness(lab, own)  # (P, M)
    centre = own @ near
    moved = wanted @ near + SHADING.to(lab) * (lab - centre)
    return from_oklab(moved).reshape(picture.shape)


def _nearness(lab: Tensor, own: Tensor) -> Tensor:
    """(P, M): how much each pixel belongs to each colour; columns sum to 1."""
    gaps = (lab[:, None] - own[:, :, None]).square().sum(0)
    if own.shape[1] == 1:
        return torch.ones_like(gaps)
    apart = torch.cdist(own.T, own.T)
    apart.fill_diagonal_(math.inf)
    width = 0.3 * apart.amin(1).mean().clamp(min=1e-3)
    return torch.softmax(-gaps / (2 * width.square()), dim=0)


def _clusters(lab: Tensor, count: int) -> Tensor:
    """(3, M) → (3, P): k-means, begun with the colours that lie farthest apart."""
    samples = lab[:, _spread(lab.shape[1], SAMPLES)]
    centres = samples.mean(1, keepdim=True)
    while centres.shape[1] < count:
        gaps = torch.cdist(samples.T, centres.T).amin(1)
        centres = torch.cat([centres, samples[:, gaps.argmax(), None]], dim=1)
    for _ in range(CLUSTER_ROUNDS):
        member = torch.cdist(samples.T, centres.T).argmin(1)
        for k in range(count):
            if (member == k).any():
                centres[:, k] = samples[:, member == k].mean(1)
    return centres


def _assigned(own: Tensor, colours: Tensor) -> Tensor:
    """(P,): which colour of the palette stands for each of the picture's. In order of lightness,
    then exchanged in pairs while that brings them nearer."""
    count = own.shape[1]
    chosen = torch.empty(count, dtype=torch.long)
    chosen[own[0].argsort().cpu()] = colours[0].argsort().cpu()
    weight = torch.tensor([2.0, 1.0, 1.0], device=own.device)[:, None]
    cost = torch.cdist((weight * own).T, (weight * colours).T).square().cpu()
    for _ in range(count):
        for i, j in combinations(range(count), 2):
            a, b = int(chosen[i]), int(chosen[j])
            if cost[i, b] + cost[j, a] < cost[i, a] + cost[j, b]:
                chosen[i], chosen[j] = b, a
    return chosen.to(own.device)


def transported(picture: Tensor, pixels: Tensor) -> Tensor:
    """The picture with the colours of `pixels` (3, M): sliced transport of single colours, every
    move a rising curve (Pitié et al. 2007)."""
    lab, aim = to_oklab(picture.flatten(1)), to_oklab(pixels)
    aim = aim[:, _spread(aim.shape[1], SAMPLES)]
    generator = torch.Generator().manual_seed(_SEED)
    for _ in range(MOVES):
        axes, _ = torch.linalg.qr(torch.randn(3, 3, generator=generator))
        axes = axes.to(lab)
        along = axes @ lab
        some = along[:, _spread(along.shape[1], SAMPLES)]
        curves = [at_ranks(ascending(v), MOVE_QUANTILES) for v in (some, axes @ aim)]
        moved = torch.stack([_along(*row) for row in zip(along, *curves, strict=True)])
        lab = axes.T @ moved
    return from_oklab(lab).reshape(picture.shape)


def _along(values: Tensor, before: Tensor, after: Tensor) -> Tensor:
    """Values (M,) on the curve through the points (before, after), (Q,) each; shifted past them."""
    k = torch.searchsorted(before, values).clamp(1, len(before) - 1)
    low, high = before[k - 1], before[k]
    share = ((values - low) / (high - low).clamp(min=1e-6)).clamp(0, 1)
    inside = values.clamp(before[0], before[-1])
    return after[k - 1].lerp(after[k], share) + (values - inside)


def _spread(count: int, most: int) -> Tensor:
    """Which of `count` are looked at: at most so many, evenly spread, the same each time."""
    if count <= most:
        return torch.arange(count)
    return torch.randperm(count, generator=torch.Generator().manual_seed(_SEED))[:most]
