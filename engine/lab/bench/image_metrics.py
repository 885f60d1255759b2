"""How close works come to their references, how unlike each other they are, and what they copy.

Legend: N works (3, H, W) in [-1, 1], M places or crops, F numbers of an embedding.
"""

from collections.abc import Sequence

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from engine.critic.diversity import vendi_score
from engine.lab.bench.image_patches import SHORT_PX, SIZES, similarity
from engine.lab.bench.image_styles import as_small
from engine.media.image import copying as copied_patches
from engine.media.image.copying import COPIED_BELOW as COPIED_BELOW, SCALE_PX as SCALE_PX, at_scale
from engine.media.image.crops import any_cut, stacked
from engine.media.image.generators.transport.denoiser import StyleEncoder

COPY_PX = copied_patches.PATCH_PX
_FILTERS, _FILTER_PX, _POOL_PX = 48, 9, 4
_CROPS, _CROP_PX = 192, 32
_VENDI_PX = 24
ALIKE_PX, MADE_OF, FOUND_IN = 17, 0.2, 0.4  # coherence, and coverage, of patches of this size


def frechet(ours: Tensor, theirs: Tensor) -> float:
    """Of normal distributions fitted to embeddings (M, F) and (M', F): |m - m'|² +
    tr(C + C' - 2 (C C')^½) (Dowson and Landau 1982; within pictures: Shaham et al. 2019)."""
    ours, theirs = ours.double(), theirs.double()
    one, other = torch.cov(ours.T), torch.cov(theirs.T)
    values, vectors = torch.linalg.eigh(one)
    root = vectors @ torch.diag(values.clamp(min=0).sqrt()) @ vectors.T
    middle = torch.linalg.eigvalsh(root @ other @ root).clamp(min=0).sqrt().sum()
    gap = (ours.mean(0) - theirs.mean(0)).square().sum()
    return float(gap + one.trace() + other.trace() - 2 * middle)


@torch.no_grad()
def filtered(pictures: Sequence[Tensor], seed: int = 98) -> Tensor:
    """(M, F): two layers of random filters, which no generator was fitted to, at half the places
    of the picture each way and pooled (random features: Saxe et al. 2011)."""
    generator = torch.Generator().manual_seed(seed)
    first = torch.randn(_FILTERS, 3, _FILTER_PX, _FILTER_PX, generator=generator)
    second = torch.randn(_FILTERS, _FILTERS, 3, 3, generator=generator) / (9 * _FILTERS) ** 0.5
    first = first / first.flatten(1).norm(dim=1)[:, None, None, None]
    parts = []
    for picture in pictures:
        x = F.conv2d(at_scale(picture)[None], first, stride=2).relu()
        x = F.avg_pool2d(F.conv2d(x, second).relu(), _POOL_PX)
        parts.append(x[0].flatten(1).T)
    return torch.cat(parts)


@torch.no_grad()
def encoded(pictures: Sequence[Tensor], encoder: StyleEncoder, seed: int = 97) -> Tensor:
    """(M, F): what the style encoder says of crops at chance scales, as many of each picture."""
    rng, parts = np.random.default_rng(seed), []
    weight = encoder.out.weight
    for picture in pictures:
        whole = as_small(at_scale(picture))
        crops, scales = stacked([any_cut(whole, _CROP_PX, rng) for _ in range(_CROPS)])
        parts.append(encoder.each(crops.to(weight), scales.to(weight)).cpu())
    return torch.cat(parts)


def spread(works: Tensor, references: Sequence[Tensor]) -> float:
    """The deviation of each pixel over the works (N, 3, H, W), in the mean, in units of that of
    the references' pixels (SinGAN, Shaham et al. 2019, section 4.1)."""
    own = torch.stack([reference.std((1, 2)).mean() for reference in references]).mean()
    return float(works.std(0).mean() / own)


def vendi(works: Tensor) -> float:
    """How many different works there are, 1 … N: the exponential of the entropy of the kernel's
    eigenvalues (Friedman and Dieng 2023, eq. 1); the kernel is the correlation of small copies."""
    small = F.interpolate(works, (_VENDI_PX, _VENDI_PX), mode="area").flatten(1)
    small = F.normalize(small - small.mean(1, keepdim=True), dim=1).double()
    return vendi_score(small @ small.T)


def vendi_of_alike(works: Tensor, references: Sequence[Tensor]) -> float:
    """The same of those works alone that are made of the references, of which the references' too
    are found in them: 0 … N. Noise is as different as can be, but it has none of their marks."""
    kept = [work for work in works if _is_alike(work, references)]
    return vendi(torch.stack(kept)) if kept else 0.0


def _is_alike(work: Tensor, references: Sequence[Tensor]) -> bool:
    found = similarity(work, references, min(SHORT_PX, *work.shape[1:]))
    middle = SIZES.index(ALIKE_PX)
    return found.coherence[middle] <= MADE_OF and found.coverage[middle] <= FOUND_IN


def nearest_patches(work: Tensor, references: Sequence[Tensor]) -> Tensor:
    """See `engine.media.image.copying`: (M,), at half the resolution."""
    return copied_patches.nearest_patches(work, references, COPY_PX)
