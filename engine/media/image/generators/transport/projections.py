"""Random projections of patches, and the quantile tables that keep their distributions.

Legend: S orthonormal sets of n filters each, p = 7 px patches of 3 channels (D = 3p² = 147),
M patches, Q quantiles. Sliced optimal transport sees a distribution of patches only through such
one-dimensional projections (Rabin et al. 2011; Elnekave and Weiss, ECCV 2022, section 3).
"""

import torch
import torch.nn.functional as F

from engine.media.image.pyramid import PATCH_PX

SETS = 10
FILTERS = 64
QUANTILES = 128
LEAST_WHOLE = 64  # patches of a cut-out, without its ground
PATCH_DIM = 3 * PATCH_PX**2
_FILTER_SEED = 20220307


def filter_bank() -> torch.Tensor:
    """(S, n, 3, p, p) float32: each set has orthonormal rows, from the QR of a Gaussian matrix.

    The same on every machine up to rounding; a style carries its own copy, rounded to half.
    """
    generator = torch.Generator().manual_seed(_FILTER_SEED)
    gaussian = torch.randn(SETS, PATCH_DIM, FILTERS, generator=generator)
    orthonormal, _ = torch.linalg.qr(gaussian.double())  # so that rounding to half hides the rest
    return orthonormal.transpose(1, 2).reshape(SETS, FILTERS, 3, PATCH_PX, PATCH_PX).half().float()


def sample_patches(
    picture: torch.Tensor, count: int, seed: int, opaque: torch.Tensor | None = None
) -> torch.Tensor:
    """(3, H, W) → (M, D): all patches where there are at most `count`, else that many of them.

    The positions are drawn without replacement by `seed`. opaque (H, W) in {0, 1}: only patches
    that lie in it whole, where there are LEAST_WHOLE of them.
    """
    windows = picture.unfold(1, PATCH_PX, 1).unfold(2, PATCH_PX, 1)  # (3, H', W', p, p)
    rows, columns = windows.shape[1:3]
    places = torch.arange(rows * columns) if opaque is None else _whole(opaque)
    if len(places) > count:
        order = torch.randperm(len(places), generator=torch.Generator().manual_seed(seed))
        places = places[order[:count]]
    chosen = places.to(picture.device)
    return windows[:, chosen // columns, chosen % columns].transpose(0, 1).reshape(-1, PATCH_DIM)


def _whole(opaque: torch.Tensor) -> torch.Tensor:
    """The places of the patches that are opaque all over; of all, where too few are."""
    holes = F.max_pool2d(1 - opaque[None, None].float().cpu(), PATCH_PX, 1).flatten()
    places = (holes == 0).nonzero()[:, 0]
    return places if len(places) >= LEAST_WHOLE else torch.arange(len(holes))


def mix(tables: torch.Tensor, weights: torch.Tensor) -> torch.Tensor:
    """(K, n, Q) quantiles of K distributions, (K,) weights → (n, Q) quantiles of their mixture.

    Quantile j is the value at cumulated weight (j + ½)/Q, linear between the entries' midpoints.
    """
    count = tables.shape[2]
    if len(tables) == 1:
        return tables[0]
    values = tables.transpose(0, 1).flatten(1)  # (n, K·Q)
    weights = weights.repeat_interleave(count)
    ordered, order = values.sort(dim=1)
    mass = weights[order]
    midpoint = (mass.cumsum(1) - mass / 2) / weights.sum()
    wanted = ((torch.arange(count, device=values.device) + 0.5) / count).expand(len(values), -1)
    upper = torch.searchsorted(midpoint, wanted.contiguous()).clamp(1, values.shape[1] - 1)
    low, high = midpoint.gather(1, upper - 1), midpoint.gather(1, upper)
    share = ((wanted - low) / (high - low).clamp(min=1e-9)).clamp(0, 1)
    return ordered.gather(1, upper - 1).lerp(ordered.gather(1, upper), share)


def at_ranks(quantiles: torch.Tensor, count: int) -> torch.Tensor:
    """(…, n, Q) → (…, n, M): the values that `count` evenly spread ranks have in a distribution.

    Rank i of M is at (i + ½)/M, quantile j of Q at (j + ½)/Q; linear between them.
    """
    flat = quantiles.reshape(1, -1, quantiles.shape[-1])
    values = F.interpolate(flat, count, mode="linear", align_corners=False)
    return values.reshape(*quantiles.shape[:-1], count)
