"""Pictures: files ↔ tensors.

Files are decoded in the engine's decoding child; `pixels` says how.

Legend: C = 3 channels of sRGB, values in [-1, 1], tensors (C, H, W) float32.
"""

import io
from collections.abc import Generator
from dataclasses import dataclass

import numpy as np
import torch
from PIL import Image, PngImagePlugin

from engine.core.decoding.decoder import decoded, decoding
from engine.core.progress import Advance, finished
from engine.media.image.codec import alpha as transparency, pixels as files
from engine.media.image.codec.pixels import WORKING_SIDE_PX, Pixels

CUT_OUT, ON_GROUND = "picture_cut_out", "picture_on_ground"  # remarks


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """pixels (3, H, W) in [-1, 1]. alpha: (H, W) in 0 … 1 of a cut-out, whose transparent parts
    hold the colours around them and are not to be learned; None of any other picture. remarks:
    codes of `REMARKS`, of how it was read. shown_on: the ground, 0 … 255, that strokes on nothing
    lie on in `pixels`."""

    pixels: torch.Tensor
    alpha: torch.Tensor | None = None
    remarks: tuple[str, ...] = ()
    shown_on: tuple[int, int, int] | None = None


def reading(data: bytes, name: str) -> Generator[Advance, None, Picture]:
    """The first frame, upright, in sRGB, at most WORKING_SIDE_PX² pixels, to be learned from; a
    picture of strokes on nothing lies on a ground that they can be seen on.

    Raises BadInput, naming the file, for whatever is no such picture.
    """
    return learned_from((yield from decoding(files.read, data, name)))


def read(data: bytes, name: str) -> Picture:
    """The same at once."""
    return finished(reading(data, name))


def decode(data: bytes, name: str, side_px: int = WORKING_SIDE_PX) -> torch.Tensor:
    """As it is seen, transparent parts on their ground: (3, H, W), at most side_px² pixels."""
    return to_tensor(seen(decoded(files.read, data, name, side_px=side_px)))


def decode_mask(data: bytes, name: str, side_px: int = WORKING_SIDE_PX) -> torch.Tensor:
    """(H, W) in {0, 1}: 1 where a picture is light or, of one with transparent parts, painted on.

    Raises BadInput as `read`."""
    found = decoded(files.read, data, name, side_px=side_px, smooth=False)
    return transparency.marked(found.image.convert("RGBA"))


def learned_from(found: Pixels) -> Picture:
    """What of a decoded picture is learned."""
    picture = found.image
    if picture.mode != "RGBA":
        return Picture(to_tensor(picture), None, found.remarks)
    alpha = torch.from_numpy(np.array(picture.getchannel("A"), dtype=np.float32)) / 255
    pixels = to_tensor(picture)
    if transparency.is_cut_out(pixels, alpha):
        return Picture(transparency.filled(pixels, alpha), alpha, (*found.remarks, CUT_OUT))
    on_ground = to_tensor(transparency.on_ground(picture))
    remarks = (*found.remarks, ON_GROUND)
    return Picture(on_ground, None, remarks, transparency.ground_of(picture))


def seen(found: Pixels) -> Image.Image:
    """RGB; transparent parts lie on a ground that the others are seen on."""
    picture = found.image
    return transparency.on_ground(picture) if picture.mode == "RGBA" else picture


def to_tensor(picture: Image.Image) -> torch.Tensor:
    array = np.array(picture.convert("RGB"), dtype=np.float32)
    return torch.from_numpy(array).permute(2, 0, 1).div_(127.5).sub_(1)


def to_picture(pixels: torch.Tensor) -> Image.Image:
    """(3, H, W) in [-1, 1] → an 8-bit picture."""
    levels = pixels.detach().clamp(-1, 1).add(1).mul(127.5).round().to(torch.uint8)
    return Image.fromarray(levels.permute(1, 2, 0).cpu().numpy())


def encode_png(
    pixels: torch.Tensor, *, texts: dict[str, str] | None = None, level: int = 6
) -> bytes:
    """PNG bytes; `texts` become its text fields, `level` is zlib's."""
    info = PngImagePlugin.PngInfo()
    for key, text in (texts or {}).items():
        info.add_itxt(key, text)
    buffer = io.BytesIO()
    to_picture(pixels).save(buffer, "PNG", pnginfo=info, compress_level=level)
    return buffer.getvalue()
