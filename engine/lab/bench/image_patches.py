"""How much a picture is made of other pictures' patches: bidirectional similarity (Simakov et al.
2008, equation 1) at several patch sizes, and how much of it was taken in large pieces.

Legend: p the side of a patch in px of a picture with a short side of 256 px, D = 3p² its numbers,
Q patches of the work, M patches of the references; both compared in `DIMENSIONS` principal
components of the references' patches.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from scipy.ndimage import label
from torch import Tensor

from engine.media.image.pyramid import resize

SHORT_PX = 256
SIZES = (9, 17, 33)
DIMENSIONS = 32
KEYS, QUERIES = 20_000, 1_500
COPY_PX, COPY_PATCH_PX = 48, 17
SHOWN = (0.42, 0.5, 0.6, 0.71, 0.84, 1.0, 1.19, 1.41)  # of a reference's own size
_COPY_STRIDE = 4
_CLOSE = 0.35  # of the references' median distance from their mean


def coherence_metric(patch_px: int) -> str:
    return f"coherence, {patch_px} px patches"


def coverage_metric(patch_px: int) -> str:
    return f"coverage, {patch_px} px patches"


@dataclass(frozen=True, slots=True)
class Similarity:
    """coherence, coverage: one number for each of SIZES, 0 exact … 1 as far as chance. copied:
    0 … 1, the share of the work in regions of more than 48 × 48 px taken from one place."""

    coherence: tuple[float, ...]
    coverage: tuple[float, ...]
    copied: float


def similarity(work: Tensor, references: Sequence[Tensor], short_px: int = SHORT_PX) -> Similarity:
    """Of a work (3, H, W) and its references, all in [-1, 1]."""
    work, references = at_short(work, short_px), [at_short(r, short_px) for r in references]
    pairs = [both_ways(work, references, min(side, short_px)) for side in SIZES]
    coherence, coverage = (tuple(each) for each in zip(*pairs, strict=True))
    return Similarity(coherence, coverage, copied_share(work, references))


def at_short(pixels: Tensor, short_px: int) -> Tensor:
    """(3, H, W) at a shorter side of `short_px`."""
    height, width = pixels.shape[1:]
    ratio = short_px / min(height, width)
    return resize(pixels[None], (round(height * ratio), round(width * ratio)))[0]


def both_ways(work: Tensor, references: Sequence[Tensor], side: int) -> tuple[float, float]:
    """Coherence and coverage at one patch size."""
    generator = torch.Generator().manual_seed(side)
    keys = torch.cat([some(r, side, KEYS // len(references), generator) for r in references])
    mean, axes = principal(keys)
    keys = (keys - mean) @ axes
    own = (some(work, side, KEYS, generator) - mean) @ axes
    order = [torch.randperm(len(keys), generator=generator)[:QUERIES] for _ in range(2)]
    chance = (keys[order[0]] - keys[order[1]]).norm(dim=1).mean()
    queries = own[torch.randperm(len(own), generator=generator)[:QUERIES]]
    coherence = nearest(queries, keys)[0].mean() / chance
    coverage = nearest(keys[order[0]], own)[0].mean() / chance
    return coherence.item(), coverage.item()


def some(pixels: Tensor, side: int, most: int, generator: torch.Generator) -> Tensor:
    """(M, D): patches at chance places, all of them where there are no more than `most`."""
    windows = pixels.unfold(1, side, 1).unfold(2, side, 1)
    rows, columns = windows.shape[1:3]
    places = torch.randperm(rows * columns, generator=generator)[:most]
    out = windows[:, places // columns, places % columns]
    return out.transpose(0, 1).flatten(1)


def principal(patches: Tensor) -> tuple[Tensor, Tensor]:
    """Their mean (D,) and first axes (D, DIMENSIONS)."""
    mean = patches.mean(0)
    centred = patches[:4000] - mean
    axes = torch.randn(patches.shape[1], 2 * DIMENSIONS, generator=torch.Generator().manual_seed(0))
    for _ in range(3):  # subspace iteration (Halko et al. 2011, algorithm 4.4)
        axes, _ = torch.linalg.qr(centred.T @ (centred @ axes))
    _, _, turned = torch.linalg.svd(centred @ axes, full_matrices=False)
    return mean, (axes @ turned.T)[:, :DIMENSIONS]


def nearest(queries: Tensor, keys: Tensor) -> tuple[Tensor, Tensor]:
    """Distances to, and indices of, the nearest keys: (Q,) each."""
    squares = keys.square().sum(1)
    found = [torch.addmm(squares, rows, keys.T, alpha=-2).min(1) for rows in queries.split(512)]
    least = torch.cat([each.values for each in found]) + queries.square().sum(1)
    return least.clamp(min=0).sqrt(), torch.cat([each.indices for each in found])


def grid(pixels: Tensor, side: int, stride: int) -> Tensor:
    """(rows, columns, D): every `stride`-th patch each way."""
    windows = pixels.unfold(1, side, stride).unfold(2, side, stride)
    return windows.permute(1, 2, 0, 3, 4).flatten(2)


def copied_share(work: Tensor, references: Sequence[Tensor]) -> float:
    """Regions of neighbours with one displacement, whose patches are near what they came from."""
    return float(_copied(work, references).mean())


def _copied(work: Tensor, references: Sequence[Tensor]) -> np.ndarray:
    """(rows, columns) of bool, of the patches of the work."""
    queries = grid(work, COPY_PATCH_PX, _COPY_STRIDE)
    grids = [grid(reference, COPY_PATCH_PX, 2) for reference in references]
    generator = torch.Generator().manual_seed(0)
    count = 6000 // len(references)
    sample = torch.cat([some(r, COPY_PATCH_PX, count, generator) for r in references])
    mean, axes = principal(sample)
    keys = torch.cat([((each - mean) @ axes).flatten(0, 1) for each in grids])
    where = torch.cat([_places(each, k) for k, each in enumerate(grids)])
    gaps, nearest_ones = nearest(((queries - mean) @ axes).flatten(0, 1), keys)
    shape = queries.shape[:2]
    source = where[nearest_ones].reshape(*shape, 3).numpy()
    limit = _CLOSE * ((sample - mean) @ axes).norm(dim=1).median()
    return _in_regions(source, (gaps < limit).reshape(shape).numpy())


def recognised_share(work: Tensor, references: Sequence[Tensor]) -> float:
    """0 … 1, the share of the work in regions of more than 48 × 48 px that were taken from one
    place at any of SHOWN sizes, as they were or mirrored: what `copied_share` is blind to."""
    work = at_short(work, SHORT_PX)
    short = [at_short(reference, SHORT_PX) for reference in references]
    found = torch.zeros(_rows_of(work), dtype=torch.bool)
    for size in SHOWN:
        shown = [at_short(reference, round(size * SHORT_PX)) for reference in short]
        for turned in (shown, [each.flip(2) for each in shown]):
            found |= torch.from_numpy(_copied(work, turned))
    return float(found.float().mean())


def _rows_of(work: Tensor) -> tuple[int, int]:
    """How many rows and columns of patches are looked at."""
    rows, columns = ((side - COPY_PATCH_PX) // _COPY_STRIDE + 1 for side in work.shape[1:])
    return rows, columns


def _places(patches: Tensor, source: int) -> Tensor:
    """(rows · columns, 3): the source, and the corner of each of its patches."""
    down, right = torch.meshgrid(
        2 * torch.arange(patches.shape[0]), 2 * torch.arange(patches.shape[1]), indexing="ij"
    )
    return torch.stack([torch.full_like(down, source), down, right], -1).flatten(0, 1)


def _in_regions(source: np.ndarray, is_near: np.ndarray) -> np.ndarray:
    """source (rows, columns, 3), is_near (rows, columns); within 2 px displacements are one."""
    shape = is_near.shape
    down, right = np.mgrid[: shape[0], : shape[1]] * _COPY_STRIDE
    moves = np.stack(
        [
            source[..., 0],
            np.round((source[..., 1] - down) / _COPY_STRIDE),
            np.round((source[..., 2] - right) / _COPY_STRIDE),
        ],
        -1,
    )
    least = (COPY_PX / _COPY_STRIDE) ** 2
    _, whose, counts = np.unique(
        moves.reshape(-1, 3), axis=0, return_inverse=True, return_counts=True
    )
    whose, copied = whose.reshape(shape), np.zeros(shape, bool)
    for kind in np.flatnonzero(counts > least):
        regions = np.zeros(shape, np.int32)
        label((whose == kind) & is_near, output=regions)
        sizes = np.bincount(regions.ravel())
        sizes[0] = 0
        copied |= np.isin(regions, np.flatnonzero(sizes > least))
    return copied
