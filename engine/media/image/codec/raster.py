"""Pictures: bytes ↔ tensors.

Legend: C = 3 channels of sRGB, values in [-1, 1], tensors (C, H, W) float32.
"""

import io
import math
import struct
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import torch
from PIL import ExifTags, Image, ImageCms, PngImagePlugin, UnidentifiedImageError

from engine.core.errors import BadInput

FORMATS = ("PNG", "JPEG", "WEBP", "TIFF", "BMP", "GIF")
MAX_PIXELS = 40_000_000
MIN_SIDE_PX = 16
WORKING_SIDE_PX = 1024  # no style is learned from more detail than this (geometric mean side)
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}  # by the EXIF orientation


def decode(data: bytes, name: str, side_px: int = WORKING_SIDE_PX) -> torch.Tensor:
    """The first frame, upright, on white, in sRGB, at most side_px² pixels.

    Returns (3, H, W) in [-1, 1]. Raises BadInput, naming the file, for whatever is no such picture.
    """
    with _refusals(name), Image.open(io.BytesIO(data), formats=FORMATS) as picture:
        if picture.width * picture.height > MAX_PIXELS:
            raise _too_large(name)
        width, height = _working_size(picture.size, side_px)
        if min(width, height) < MIN_SIDE_PX:
            raise BadInput("few_pixels", name=name, width=width, height=height, least=MIN_SIDE_PX)
        picture.draft("RGB", (width, height))
        picture.load()
        rgb = _on_white(_to_srgb(_upright(picture)))
        return to_tensor(rgb.resize(_working_size(rgb.size, side_px), Image.Resampling.LANCZOS))


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


@contextmanager
def _refusals(name: str) -> Iterator[None]:
    """One sentence for each way in which a decoder gives up; Pillow's bomb warning is an error."""
    limit, Image.MAX_IMAGE_PIXELS = Image.MAX_IMAGE_PIXELS, MAX_PIXELS
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            warnings.filterwarnings("ignore", category=UserWarning, module="PIL")
            yield
    except BadInput:
        raise
    except (Image.DecompressionBombWarning, Image.DecompressionBombError) as error:
        raise _too_large(name) from error
    except UnidentifiedImageError as error:
        raise BadInput("not_a_picture", name=name, formats=", ".join(FORMATS)) from error
    except (OSError, ValueError, SyntaxError, EOFError, IndexError, TypeError) as error:
        # Pillow's decoders raise any of these on broken data
        raise BadInput("damaged_picture", name=name) from error
    finally:
        Image.MAX_IMAGE_PIXELS = limit


def _too_large(name: str) -> BadInput:
    return BadInput("many_pixels", name=name, limit_mp=MAX_PIXELS // 1_000_000)


def _working_size(size: tuple[int, int], side_px: int) -> tuple[int, int]:
    shrink = min(1.0, side_px / math.sqrt(size[0] * size[1]))
    return max(1, round(size[0] * shrink)), max(1, round(size[1] * shrink))


def _upright(picture: Image.Image) -> Image.Image:
    """As the camera was held; broken EXIF says nothing."""
    try:
        orientation = picture.getexif().get(ExifTags.Base.Orientation)
    except (SyntaxError, ValueError, KeyError, TypeError, OSError, struct.error):
        return picture
    turn = _TURNS.get(orientation) if isinstance(orientation, int) else None
    return picture if turn is None else picture.transpose(turn)


def _to_srgb(picture: Image.Image) -> Image.Image:
    """Through the embedded colour profile where there is a sound one."""
    if picture.mode.startswith(("I", "F")):
        return _to_eight_bits(picture)
    profile = picture.info.get("icc_profile")
    if not profile or picture.mode not in ("RGB", "CMYK", "L"):
        return picture
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        target = ImageCms.createProfile("sRGB")
        converted = ImageCms.profileToProfile(picture, source, target, outputMode="RGB")
    except (ImageCms.PyCMSError, OSError):
        return picture  # a broken profile says nothing: the plain conversion is the better guess
    return converted or picture


def _to_eight_bits(picture: Image.Image) -> Image.Image:
    """16-bit and floating greys, by their nominal range (or their own, where they exceed it)."""
    grey = np.nan_to_num(np.asarray(picture, dtype=np.float32), posinf=1.0, neginf=0.0)
    brightest = float(grey.max())
    nominal = (1.0, 255.0, 65535.0) if picture.mode == "F" else (65535.0,)
    top = next((top for top in nominal if brightest <= top), brightest)
    return Image.fromarray((np.clip(grey / top, 0, 1) * 255).round().astype(np.uint8))


def _on_white(picture: Image.Image) -> Image.Image:
    if not picture.has_transparency_data:
        return picture.convert("RGB")
    rgba = picture.convert("RGBA")
    ground = Image.new("RGBA", rgba.size, "white")
    return Image.alpha_composite(ground, rgba).convert("RGB")
