"""The pictures that patches are taken from: at full size, and at one scale of the pyramid.

Legend: K sources, scale in px as in `pyramid`. A guide is a picture of G more numbers a pixel that
are compared beside the colours, and not painted: how high a place is, what its surroundings show
(Hertzmann et al. 2001, Image Analogies). C = 3 + G.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from engine.media.image.generators.painter.nearest import PATCH_PX
from engine.media.image.pyramid import resize, size_at

# a picture (3, H, W) → what describes the patch around each place, (D, H, W); their squared
# distances are about as large as those of patches
Describe = Callable[[Tensor], Tensor]
# of sources that look so, (3, H, W) each: their descriptors, and what describes a canvas by them
Descriptors = Callable[[Sequence[Tensor]], tuple[list[Tensor], Describe]]

FLAT_FROM = 0.75  # of the pixels: none of a painting or photograph comes near
_SAME = 2.5 / 127.5  # steps of this size are what a JPEG leaves


@dataclass(frozen=True, slots=True)
class Source:
    """pixels (3, H, W) in [-1, 1]; usable (H, W): 1 where patches may be taken from (everywhere,
    if None); bias ≥ 1: how many times farther than they are its patches seem; guide (G, h, w);
    zoom: how large it is shown in works (0: not at all); whole_px: its scale before it was shrunk,
    or 0."""

    pixels: Tensor
    usable: Tensor | None = None
    bias: float = 1.0
    guide: Tensor | None = None
    zoom: float = 1.0
    whole_px: float = 0.0

    @property
    def scale_px(self) -> float:
        return math.sqrt(self.pixels.shape[1] * self.pixels.shape[2])

    @property
    def finest_px(self) -> float:
        """The scale that its picture has marks for."""
        return max(self.whole_px, self.scale_px)


@dataclass(frozen=True, slots=True)
class Atlas:
    """Sources at one scale, in planes of one size. values (K, H, W·3), keys (K, H, W·C), valid
    (K, H, W), places (M, 3) of the valid corners, sizes (K, 2) of the sources in their planes;
    describe: what keys are made by, where they are not pixels."""

    values: np.ndarray
    keys: np.ndarray
    channels: int
    valid: np.ndarray
    places: np.ndarray
    sizes: np.ndarray
    describe: Describe | None = None

    def seen(self, canvas: Tensor, guide: Tensor | None, guided: float) -> np.ndarray:
        """(H, W·C): a canvas (3, H, W) as it is compared with the keys."""
        if self.describe is None:
            return rows_of(with_guide(canvas, guide, guided))
        return _at_corners(self.describe(canvas), guide, guided)


def shrunk(source: Source, scale_px: float) -> Source:
    """At most so large: each scale is made of it once more."""
    if source.scale_px <= scale_px:
        return source
    size = _at_least_a_patch(size_at(*_shape(source.pixels), scale_px))
    usable = None
    if source.usable is not None:
        usable = 1 - F.adaptive_max_pool2d(1 - source.usable[None, None].float(), size)[0, 0]
    pixels = resize(source.pixels[None], size)[0]
    return replace(source, pixels=pixels, usable=usable, whole_px=source.finest_px)


def shown(sources: Sequence[Source], zooms: Sequence[float] | None) -> list[Source]:
    """As large as a work shows them."""
    if zooms is None:
        return list(sources)
    return [replace(each, zoom=zoom) for each, zoom in zip(sources, zooms, strict=True)]


def are_flat(sources: Sequence[Source]) -> bool:
    """Whether most of them is even colours with hard edges, as drawn by a program."""
    shares = [_even_share(source.pixels) for source in sources]
    return sum(shares) / len(shares) > FLAT_FROM


def _even_share(pixels: Tensor) -> float:
    """Of the pixels, those that are as their right neighbours are."""
    return float(((pixels[:, :, 1:] - pixels[:, :, :-1]).abs().amax(0) < _SAME).float().mean())


def atlas_at(
    sources: Sequence[Source],
    scale_px: float,
    seen_px: float | None,
    guided: float = 1.0,
    descriptors: Descriptors | None = None,
) -> Atlas:
    """Every source at `scale_px`, or as fine as it is; its keys as they look at `seen_px` (None:
    as they are). guided: the weight of guides beside colours, of which the weight is 1."""
    values, looks, masks = [], [], []
    for source in sources:
        px = min(scale_px * source.zoom, source.scale_px)
        shape = _shape(source.pixels)
        size = _at_least_a_patch(size_at(*shape, px))
        sharp = resize(source.pixels[None], size)
        soft = sharp
        seen = None if seen_px is None else seen_px * source.zoom
        if seen is not None and seen < px:
            small = resize(source.pixels[None], _at_least_a_patch(size_at(*shape, seen)))
            soft = F.interpolate(small, size, mode="bicubic", align_corners=False)
        values.append(rows_of(sharp[0]))
        looks.append(soft[0])
        mask = _valid_corners(source.usable, size)
        masks.append(mask if source.zoom else np.zeros_like(mask))
    box = np.array([mask.shape for mask in masks], np.int32)
    guides = [source.guide for source in sources]
    describe = None
    if descriptors is None:
        keys = [rows_of(with_guide(*each, guided)) for each in zip(looks, guides, strict=True)]
    else:
        described, describe = descriptors(looks)
        keys = [_at_corners(*each, guided) for each in zip(described, guides, strict=True)]
    channels = keys[0].shape[1] // masks[0].shape[1]
    valid = _stacked(masks)
    places = np.argwhere(valid).astype(np.int32)
    return Atlas(_stacked(values), _stacked(keys), channels, valid, places, box, describe)


def _at_corners(described: Tensor, guide: Tensor | None, guided: float) -> np.ndarray:
    """(D, H, W) → (H, W·C): what describes a patch stands at its corner. Its guide then counts
    once, and not at every pixel."""
    half = PATCH_PX // 2
    centres = with_guide(described, guide, guided * PATCH_PX)[:, half:, half:]
    return rows_of(F.pad(centres, (0, half, 0, half)))


def with_guide(pixels: Tensor, guide: Tensor | None, weight: float) -> Tensor:
    """(3, H, W) and (G, h, w) → (3 + G, H, W); as they are without a guide."""
    if guide is None:
        return pixels
    size = pixels.shape[1:]
    there = F.interpolate(guide[None], size, mode="bilinear", antialias=True, align_corners=False)
    return torch.cat([pixels, weight * there[0]])


def rows_of(pixels: Tensor) -> np.ndarray:
    """(C, H, W) → (H, W·C) of float32."""
    return pixels.permute(1, 2, 0).flatten(1).contiguous().cpu().numpy().astype(np.float32)


def picture_of(rows: np.ndarray) -> Tensor:
    """(H, W·3) → (3, H, W)."""
    return torch.from_numpy(rows.reshape(len(rows), -1, 3)).permute(2, 0, 1).contiguous()


def _shape(pixels: Tensor) -> tuple[int, int]:
    return pixels.shape[1], pixels.shape[2]


def _at_least_a_patch(size: tuple[int, int]) -> tuple[int, int]:
    return max(PATCH_PX, size[0]), max(PATCH_PX, size[1])


def _valid_corners(usable: Tensor | None, size: tuple[int, int]) -> np.ndarray:
    """(H, W) of uint8: 1 at the corners of patches that lie inside and are usable whole; where none
    is, those that are most usable."""
    valid = np.zeros(size, np.uint8)
    inner = valid[: size[0] - PATCH_PX + 1, : size[1] - PATCH_PX + 1]
    inner[:] = 1
    if usable is not None:
        blocked = F.adaptive_max_pool2d(1 - usable[None, None].float(), size)
        share = F.avg_pool2d(blocked, PATCH_PX, 1)[0, 0]
        inner[:] = (share <= share.min().clamp(min=1e-6)).cpu().numpy()
    return valid


def _stacked(planes: Sequence[np.ndarray]) -> np.ndarray:
    box = [max(plane.shape[d] for plane in planes) for d in (0, 1)]
    out = np.zeros((len(planes), *box), planes[0].dtype)
    for k, plane in enumerate(planes):
        out[k, : plane.shape[0], : plane.shape[1]] = plane
    return out
