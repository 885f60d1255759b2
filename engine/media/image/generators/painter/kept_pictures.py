"""The references as a style keeps them: compressed, at working size.

A style has `pictures/0`, `pictures/1`, … the bytes of a JPEG each, and `opaque/0`, … those of a PNG
where a reference has transparent places; `picture_weights` (K,) their weights.
"""

import io
from collections.abc import Mapping, Sequence

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from engine.media.image.codec.raster import to_picture, to_tensor
from engine.media.image.pyramid import resize, size_at

PICTURE, OPAQUE, WEIGHTS = "pictures/", "opaque/", "picture_weights"
SIDES_PX = ((4, 1024.0), (10, 720.0), (1000, 400.0))  # of up to so many pictures: under 10 MB
_QUALITY = 92


def kept(
    pictures: Sequence[Tensor], weights: Sequence[float], opaque: Sequence[Tensor | None]
) -> dict[str, Tensor]:
    """pictures (3, H, W) in [-1, 1]; opaque (H, W) in {0, 1} or None, where all is."""
    side = next(px for most, px in SIDES_PX if len(pictures) <= most)
    tensors = {WEIGHTS: torch.tensor(list(weights), dtype=torch.float32)}
    for k, (pixels, mask) in enumerate(zip(pictures, opaque, strict=True)):
        own = (pixels.shape[1] * pixels.shape[2]) ** 0.5
        size = size_at(pixels.shape[1], pixels.shape[2], min(own, side))
        small = to_picture(resize(pixels[None], size)[0])
        tensors[f"{PICTURE}{k}"] = _bytes(small, "JPEG", quality=_QUALITY, subsampling=0)
        if mask is not None:
            grey = Image.fromarray((mask.cpu().numpy() * 255).astype(np.uint8)).resize(
                (size[1], size[0])
            )
            tensors[f"{OPAQUE}{k}"] = _bytes(grey, "PNG")
    return tensors


def pictures_in(tensors: Mapping[str, Tensor]) -> list[tuple[Tensor, Tensor | None]]:
    """Every picture (3, H, W) and its opaque places (H, W), None where all are."""
    found = []
    for k in range(len(tensors[WEIGHTS])):
        pixels = to_tensor(_opened(tensors[f"{PICTURE}{k}"]))
        mask = tensors.get(f"{OPAQUE}{k}")
        opaque = None
        if mask is not None:
            opaque = torch.from_numpy(np.array(_opened(mask).convert("L")) > 254).float()
        found.append((pixels, opaque))
    return found


def joined(styles: Sequence[Mapping[str, Tensor]], weights: Sequence[float]) -> dict[str, Tensor]:
    """The pictures of all styles; each style's weights sum to its own."""
    out: dict[str, Tensor] = {}
    all_weights: list[Tensor] = []
    for style, weight in zip(styles, weights, strict=True):
        first = sum(len(w) for w in all_weights)
        for name in (PICTURE, OPAQUE):
            for k in range(len(style[WEIGHTS])):
                if f"{name}{k}" in style:
                    out[f"{name}{first + k}"] = style[f"{name}{k}"]
        all_weights.append(weight * style[WEIGHTS] / style[WEIGHTS].sum())
    return {**out, WEIGHTS: torch.cat(all_weights)}


def _bytes(picture: Image.Image, form: str, **options: int) -> Tensor:
    buffer = io.BytesIO()
    picture.save(buffer, form, **options)
    return torch.frombuffer(bytearray(buffer.getvalue()), dtype=torch.uint8).clone()


def _opened(data: Tensor) -> Image.Image:
    return Image.open(io.BytesIO(data.cpu().numpy().tobytes()))
