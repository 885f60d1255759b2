"""The coarse layouts that are repainted: transport and denoiser at coarse scales only, begun with
pieces of the reference that a work leans on.

Legend: N works, K references, layouts (N, 3, h, w) in [-1, 1].
"""

import math
from collections.abc import Generator, Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from engine.core.progress import Advance
from engine.media.image.generators.painter.arranging import arranged, draws_of
from engine.media.image.generators.painter.sources import Source
from engine.media.image.generators.transport import chance
from engine.media.image.generators.transport.draw import Steps, aim_of, drawn
from engine.media.image.generators.transport.plan import CALM
from engine.media.image.generators.transport.start import StartingPicture
from engine.media.image.generators.transport.weights import Prior
from engine.media.image.pyramid import size_at, start_scale_px
from engine.protocol import Palette, PictureBrief, Use

LEAST_PX = 16
NOISE = (0.2, 1.0)  # the share of noise in the start at invention 0 and 1
ENTRY_PX = 26.0  # coarser patches span so much of a picture that every work is laid out alike


@dataclass(frozen=True, slots=True)
class Beginnings:
    """pictures (N, 3, h, w) in [-1, 1] that layouts begin with; heights (N, h): how far down in its
    reference each row is, 0 … 1."""

    pictures: Tensor
    heights: Tensor


def beginnings(
    brief: PictureBrief, sources: Sequence[Source], shares: Tensor, scale_px: float
) -> Beginnings | None:
    """Of compositions at `scale_px`; none where nothing of the references' composition is wanted,
    or where the work has no top and bottom. shares (N, K) of the sources."""
    if brief.invention >= 1 or brief.tile:
        return None
    size, draws = _size(brief, scale_px), chance.strayed_shares(brief, draws_of)
    each = [
        arranged(sources[int(row.argmax())].pixels, size, own, brief.invention)
        for row, own in zip(shares, draws, strict=True)
    ]
    return Beginnings(torch.stack([one for one, _ in each]), torch.stack([h for _, h in each]))


def _size(brief: PictureBrief, scale_px: float) -> tuple[int, int]:
    shape = brief.height_px, brief.width_px
    height, width = size_at(*shape, min(scale_px, math.sqrt(shape[0] * shape[1])))
    return max(LEAST_PX, height), max(LEAST_PX, width)


def layouts(
    tensors: dict[str, Tensor],
    brief: PictureBrief,
    prior: Prior,
    device: torch.device,
    begun: Beginnings | None,
    scale_px: float,
    steps: Steps | None = None,
) -> Generator[Advance, None, Tensor]:
    """(N, 3, h, w) at `scale_px`, with the aspect of the brief."""
    height, width = _size(brief, scale_px)
    small = replace(
        brief, use=Use.COMPOSE, palette=Palette.THEIRS, width_px=width, height_px=height,
        light=0.0, contrast=0.0, warmth=0.0, redness=0.0, vividness=0.0,
    )  # fmt: skip
    aim = aim_of(tensors, small, prior, device)
    aim = replace(aim, shares=_sharpened(aim.shares))
    if begun is not None:
        noise = NOISE[0] + (NOISE[1] - NOISE[0]) * brief.invention
        start = StartingPicture(
            content=begun.pictures.to(device),
            entry_px=max(ENTRY_PX, start_scale_px(brief.invention)),
            noise=noise,
        )
        aim, steps = replace(aim, start=start), steps or CALM
    return (yield from drawn(aim, steps))


def _sharpened(shares: Tensor) -> Tensor:
    """(N, K): what a work leans on counts still more. A colour of a reference that it hardly leans
    on has no marks beside it to go with: it would be painted as a blurred patch."""
    squares = shares.square()
    return squares / squares.sum(1, keepdim=True)
