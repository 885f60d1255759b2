"""The artist's own picture in the references' colours, smooth where it is smooth itself.

Transport of single colours (`palette.transported`) tells apart what the picture hardly does: it
spreads an even sky over half of the references' colours, and the steps of a JPEG become contours.
So the displacements of colours are regularised (Rabin, Delon and Gousseau 2011): among colours that
are alike, by a Gaussian mean on a grid of colours (Chen, Paris and Durand 2007), and over the
picture, by a guided filter (He, Sun and Tang 2013, equations 14 to 16), whose coefficients are
found in a small picture and serve the large one (He and Sun 2015).

Legend: content I (3, H, W) and its displacement p in Oklab; A (3, 3) and b (3,) for each place of
the small picture, p ≈ A I + b.
"""

import math
from collections.abc import Sequence

import numpy as np
import torch
import torch.nn.functional as F
from scipy.ndimage import gaussian_filter, map_coordinates
from torch import Tensor

from engine.media.image.generators.transport.palette import from_oklab, to_oklab, transported
from engine.media.image.pyramid import resize, size_at

SEEN_PX = 300.0
AROUND_PX = 6  # of a place there: where one A and b serve
SMOOTH = 0.02  # in Oklab: what differs by less is one colour
SAMPLES = 20_000
ALIKE = 0.06  # in Oklab: the deviation of the mean among colours that are alike …
CELL = 0.02  # … and the side of a cell of their grid
_REACH = 3.0  # deviations


def recoloured(
    content: Tensor, references: Sequence[Tensor], shares: Tensor, seen_px: float = SEEN_PX
) -> Tensor:
    """The content in the colours of the references, each by its share (K,). seen_px: the scale at
    which colours are moved."""
    generator = torch.Generator().manual_seed(0)
    pixels = []
    for reference, share in zip(references, shares.tolist(), strict=True):
        flat = reference.flatten(1)
        count = max(1, round(SAMPLES * share))
        pixels.append(flat[:, torch.randint(flat.shape[1], (count,), generator=generator)])
    height, width = content.shape[1:]
    size = size_at(height, width, min(seen_px, (height * width) ** 0.5))
    small = resize(content[None], size)[0]
    return _moved_alike(content, small, transported(small, torch.cat(pixels, 1)))


def _moved_alike(content: Tensor, small: Tensor, moved: Tensor) -> Tensor:
    """The content with colours moved as those of the `small` picture were."""
    shape = small.shape
    before, after = (to_oklab(each.flatten(1)).reshape(shape) for each in (small, moved))
    slopes, offsets = _coefficients(before, _among_alike(before, after - before))
    size = (content.shape[1], content.shape[2])
    planes = torch.cat([slopes.flatten(0, 1), offsets])
    planes = F.interpolate(planes[None], size, mode="bilinear", align_corners=False)[0]
    whole = to_oklab(content.flatten(1)).reshape(3, *size)
    way = torch.einsum("cdhw,dhw->chw", planes[:9].reshape(3, 3, *size), whole) + planes[9:]
    return from_oklab((whole + way).flatten(1)).reshape(content.shape)


def _among_alike(seen: Tensor, way: Tensor) -> Tensor:
    """The mean displacement of all colours like each place's: (3, h, w)."""
    colours, moves = seen.flatten(1).numpy(), way.flatten(1).numpy()
    pad = _REACH * ALIKE / CELL
    places = (colours - colours.min(1, keepdims=True)) / CELL + pad
    shape = tuple(int(most + pad) + 2 for most in places.max(1))
    cells = np.ravel_multi_index(tuple(places.round().astype(int)), shape)
    sums = []
    for weights in (np.ones(seen[0].numel()), *moves):
        grid = np.bincount(cells, weights, math.prod(shape)).reshape(shape)
        sums.append(gaussian_filter(grid, ALIKE / CELL, mode="constant", truncate=_REACH))
    count, *means = (map_coordinates(each, places, order=1) for each in sums)
    return torch.from_numpy(np.stack(means) / count).reshape(seen.shape).to(seen)


def _coefficients(seen: Tensor, way: Tensor) -> tuple[Tensor, Tensor]:
    """seen I, way p (3, h, w) → A (3, 3, h, w), b (3, h, w)."""
    mean, mean_way = _mean(seen), _mean(way)
    own = _mean(seen[:, None] * seen[None]) - mean[:, None] * mean[None]
    cross = _mean(way[:, None] * seen[None]) - mean_way[:, None] * mean[None]
    own = own.permute(2, 3, 0, 1) + SMOOTH**2 * torch.eye(3)
    slopes = torch.linalg.solve(own, cross.permute(2, 3, 1, 0)).permute(3, 2, 0, 1)
    offsets = mean_way - torch.einsum("cdhw,dhw->chw", slopes, mean)
    return _mean(slopes), _mean(offsets)


def _mean(planes: Tensor) -> Tensor:
    """(…, h, w): around each place, of what lies inside."""
    flat = planes.reshape(1, -1, *planes.shape[-2:])
    side = 2 * AROUND_PX + 1
    found = F.avg_pool2d(flat, side, 1, AROUND_PX, count_include_pad=False)
    return found.reshape(planes.shape)
