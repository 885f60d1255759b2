"""Other ways to draw from references, for comparison: descent on pixels, the denoiser alone.

Legend: N = 1 picture (1, 3, H, W) in [-1, 1], references (3, H', W'), n filters, M patches.
"""

from collections.abc import Sequence
from itertools import pairwise

import torch
import torch.nn.functional as F
from torch import Tensor

from engine.media.image import pyramid
from engine.media.image.generators.transport.denoiser import SIGMAS, Denoiser
from engine.media.image.generators.transport.projections import at_ranks
from engine.media.image.generators.transport.sorting import ascending, order
from engine.protocol import PictureBrief

_FILTERS, _SPARSE_FROM_PX = 64, 96
_PIXEL_RATE = 0.02
_RENEWED = (1.5, 0.6)  # σ from which the coarsest scale and each finer one are sampled
_DOUBLING = 2.0  # from scale to scale of the denoiser alone


def descended(references: Sequence[Tensor], brief: PictureBrief, steps: int) -> Tensor:
    """Pixels moved by Adam down the sliced Wasserstein distance of 7 px patches, another set of
    filters each step (Elnekave and Weiss 2022, GPDM, section 3.2, from coarse to fine): (3, H, W).
    """
    generator = torch.Generator().manual_seed(brief.seed)
    size = brief.height_px, brief.width_px
    levels = [s for s in pyramid.LEVELS if s <= max(_own_px(r) for r in references) * 1.1]
    plan = pyramid.schedule(*size, levels, brief.invention)
    mean = torch.stack([r.mean((1, 2)) for r in references]).mean(0)[None, :, None, None]
    first = pyramid.size_at(*size, plan[0][0])
    canvas = mean + 0.5 * torch.randn(1, 3, *first, generator=generator)
    for scale, _ in plan:
        canvas = _resized(canvas, pyramid.size_at(*size, scale))
        at_scale = [pyramid.resize(r[None], _size_of(r, scale)) for r in references]
        canvas = _descended_at(canvas, at_scale, scale, steps, generator)
    return canvas[0]


def _descended_at(
    canvas: Tensor, references: list[Tensor], scale: float, steps: int, generator: torch.Generator
) -> Tensor:
    canvas = canvas.clone().requires_grad_()
    optimizer = torch.optim.Adam([canvas], lr=_PIXEL_RATE)
    stride = 2 if scale >= _SPARSE_FROM_PX else 1
    for step in range(steps):
        filters = torch.randn(_FILTERS, 3, *[pyramid.PATCH_PX] * 2, generator=generator)
        filters = filters / filters.flatten(1).norm(dim=1)[:, None, None, None]
        top, left = step % stride, step // stride % stride
        ours = F.conv2d(canvas[:, :, top:, left:], filters, stride=stride)[0].flatten(1)
        theirs = [F.conv2d(r, filters, stride=stride)[0].flatten(1) for r in references]
        target = at_ranks(ascending(torch.cat(theirs, 1)), ours.shape[1])
        loss = (ours.gather(1, order(ours.detach())) - target).abs().mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        with torch.no_grad():
            canvas.clamp_(-1, 1)
    return canvas.detach()


@torch.no_grad()
def sampled(
    denoiser: Denoiser, brief: PictureBrief, told: Tensor, mean: Tensor, steps: int
) -> Tensor:
    """The denoiser without any transport: (3, H, W). told (E,); mean (3,), the references' colour.

    Deterministic steps from noise to picture (Karras et al. 2022, algorithm 1 without its second
    order), then at each doubled scale from a part of the noise again (SinDDM, Kulikov et al. 2023).
    """
    generator = torch.Generator().manual_seed(brief.seed)
    size = brief.height_px, brief.width_px
    scales = _doubled(pyramid.start_scale_px(brief.invention), (size[0] * size[1]) ** 0.5)
    canvas = mean[None, :, None, None].expand(1, 3, *pyramid.size_at(*size, scales[0]))
    for turn, scale in enumerate(scales):
        canvas = _resized(canvas, pyramid.size_at(*size, scale))
        first = _RENEWED[turn > 0]
        canvas = canvas + first * torch.randn(canvas.shape, generator=generator)
        sigmas = [*_falling(first, SIGMAS[0], steps), 0.0]
        for sigma, following in pairwise(sigmas):
            noise, px = torch.full((1,), sigma), torch.full((1,), scale)
            clean = denoiser(canvas.to(told), noise.to(told), px.to(told), told[None]).cpu()
            canvas = clean + following / sigma * (canvas - clean)
    return canvas[0].clamp(-1, 1)


def _doubled(entry_px: float, final_px: float) -> list[float]:
    """From near the entry to the output's own scale, evenly."""
    scales = [final_px]
    while scales[0] / _DOUBLING >= entry_px * 0.75:
        scales.insert(0, scales[0] / _DOUBLING)
    return scales


def _falling(first: float, last: float, steps: int) -> list[float]:
    """Evenly spread in the logarithm."""
    return torch.logspace(0, 1, steps, base=last / first, dtype=torch.float64).mul(first).tolist()


def _own_px(picture: Tensor) -> float:
    return (picture.shape[1] * picture.shape[2]) ** 0.5


def _size_of(picture: Tensor, scale: float) -> tuple[int, int]:
    return pyramid.size_at(picture.shape[1], picture.shape[2], scale)


def _resized(canvas: Tensor, size: tuple[int, int]) -> Tensor:
    return F.interpolate(canvas, size, mode="bicubic", align_corners=False)
