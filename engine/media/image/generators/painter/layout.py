"""The coarse layouts that are repainted: transport and denoiser at coarse scales only, begun from
how the references' colours change from top to bottom.

Legend: N works, K references, layouts (N, 3, h, w) in [-1, 1].
"""

import math
from collections.abc import Generator, Sequence
from dataclasses import replace

import torch
import torch.nn.functional as F
from torch import Tensor

from engine.core.progress import Advance
from engine.media.image.generators.painter.sources import Source
from engine.media.image.generators.transport.draw import Steps, aim_of, drawn
from engine.media.image.generators.transport.start import StartingPicture
from engine.media.image.generators.transport.weights import Prior
from engine.media.image.pyramid import size_at
from engine.protocol import Palette, PictureBrief, Use

LEAST_PX = 16
PROFILE_ROWS = 8  # of a reference's colours from top to bottom
NOISE = (0.5, 1.0)  # the share of noise in the start at invention 0 and 1


def layouts(
    tensors: dict[str, Tensor],
    brief: PictureBrief,
    prior: Prior,
    device: torch.device,
    sources: Sequence[Source],
    shares: Tensor,
    scale_px: float,
    steps: Steps | None = None,
) -> Generator[Advance, None, Tensor]:
    """(N, 3, h, w) at `scale_px`, with the aspect of the brief. shares (N, K) of the sources."""
    shape = brief.height_px, brief.width_px
    height, width = size_at(*shape, min(scale_px, math.sqrt(shape[0] * shape[1])))
    small = replace(
        brief, use=Use.COMPOSE, palette=Palette.THEIRS, width_px=max(LEAST_PX, width),
        height_px=max(LEAST_PX, height), light=0.0, contrast=0.0, warmth=0.0, redness=0.0,
        vividness=0.0,
    )  # fmt: skip
    aim = aim_of(tensors, small, prior, device)
    aim = replace(aim, shares=_sharpened(aim.shares))
    if brief.invention < 1 and not brief.tile:
        profiles = _profiles(sources, shares, (small.height_px, small.width_px)).to(device)
        noise = NOISE[0] + (NOISE[1] - NOISE[0]) * brief.invention
        aim = replace(aim, start=StartingPicture(content=profiles, noise=noise))
    return (yield from drawn(aim, steps))


def _sharpened(shares: Tensor) -> Tensor:
    """(N, K): what a work leans on counts still more. A colour of a reference that it hardly leans
    on has no marks beside it to go with: it would be painted as a blurred patch."""
    squares = shares.square()
    return squares / squares.sum(1, keepdim=True)


def _profiles(sources: Sequence[Source], shares: Tensor, size: tuple[int, int]) -> Tensor:
    """(N, 3, *size): the colours of each height, of the references by their shares."""
    rows = [F.adaptive_avg_pool2d(s.pixels[None], (PROFILE_ROWS, 1))[0] for s in sources]
    mixed = torch.einsum("nk,kchw->nchw", shares.cpu(), torch.stack(rows).cpu())
    return F.interpolate(mixed, size, mode="bicubic", align_corners=False)
