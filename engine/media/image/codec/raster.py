"""Pictures: bytes ↔ tensors.

Legend: C = 3 channels of sRGB, values in [-1, 1], tensors (C, H, W) float32.
"""

import io
import math
import struct
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import pi_heif
import torch
from PIL import ExifTags, Image, ImageFile, PngImagePlugin, UnidentifiedImageError

from engine.core.errors import BadInput
from engine.media.image.codec import alpha as transparency
from engine.media.image.codec.managed import Colours, to_srgb
from engine.media.image.codec.png_chunks import SIGNATURE, plain_copy

FORMATS = ("PNG", "JPEG", "WEBP", "AVIF", "HEIF", "TIFF", "PSD", "BMP", "GIF")
MAX_PIXELS = 40_000_000
MIN_SIDE_PX = 16
WORKING_SIDE_PX = 1024  # no style is learned from more detail than this (geometric mean side)
_BROKEN_OFF_PX = 8  # at the end of a row
LEAST_LEFT = 0.1  # of the rows of a picture that breaks off
TRUNCATED, FLAWED = "picture_truncated", "picture_flawed"  # remarks
CUT_OUT, ON_GROUND = "picture_cut_out", "picture_on_ground"
BAD_PROFILE = "picture_profile"
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}  # by the EXIF orientation

# What Pillow's decoders raise on broken data.
_BROKEN = (
    *(OSError, ValueError, SyntaxError, EOFError, LookupError, TypeError, RuntimeError),
    *(AssertionError, AttributeError, ArithmeticError, MemoryError, struct.error),
)

pi_heif.register_heif_opener()


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """pixels (3, H, W) in [-1, 1]. alpha: (H, W) in 0 … 1 of a cut-out, whose transparent parts
    hold the colours around them and are not to be learned; None of any other picture. remarks:
    codes of `REMARKS`, of how it was read."""

    pixels: torch.Tensor
    alpha: torch.Tensor | None = None
    remarks: tuple[str, ...] = ()


def read(data: bytes, name: str, side_px: int = WORKING_SIDE_PX) -> Picture:
    """The first frame, upright, in sRGB, at most side_px² pixels; a picture of strokes on nothing
    lies on a ground that they can be seen on.

    Raises BadInput, naming the file, for whatever is no such picture.
    """
    with _opened(data, name, side_px) as (picture, remarks):
        picture = picture.resize(_working_size(picture.size, side_px), Image.Resampling.LANCZOS)
        if picture.mode != "RGBA":
            return Picture(to_tensor(picture), None, remarks)
        alpha = torch.from_numpy(np.array(picture.getchannel("A"), dtype=np.float32)) / 255
        pixels = to_tensor(picture)
        if transparency.is_cut_out(pixels, alpha):
            return Picture(transparency.filled(pixels, alpha), alpha, (*remarks, CUT_OUT))
        return Picture(to_tensor(transparency.on_ground(picture)), None, (*remarks, ON_GROUND))


def decode(data: bytes, name: str, side_px: int = WORKING_SIDE_PX) -> torch.Tensor:
    """The same as it is seen, transparent parts on their ground: (3, H, W) in [-1, 1]."""
    with _opened(data, name, side_px) as (picture, _):
        picture = picture.resize(_working_size(picture.size, side_px), Image.Resampling.LANCZOS)
        return to_tensor(transparency.on_ground(picture) if picture.mode == "RGBA" else picture)


def decode_mask(data: bytes, name: str, side_px: int = WORKING_SIDE_PX) -> torch.Tensor:
    """(H, W) in {0, 1}: 1 where a picture is light or, of one with transparent parts, painted on.

    Raises BadInput as `read`."""
    with _opened(data, name, side_px) as (picture, _):
        size = _working_size(picture.size, side_px)
        return transparency.marked(picture.convert("RGBA").resize(size, Image.Resampling.BILINEAR))


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
def _opened(data: bytes, name: str, side_px: int) -> Iterator[tuple[Image.Image, tuple[str, ...]]]:
    """(the picture in sRGB, RGB or, where parts are transparent, RGBA; remarks)."""
    colours: Colours = Colours(data)
    flawed = False
    if data.startswith(SIGNATURE):
        data, chunks, flawed = plain_copy(data)
        colours = Colours(data, chunks)
    with _refusals(name):
        picture, whole = _loaded(data, name, side_px)
        converted, sound = to_srgb(picture, colours)
        remarks = [FLAWED] if flawed else []
        if not whole:
            converted = _what_is_there(converted, name)
            remarks = [TRUNCATED]
        if not sound:
            remarks.append(BAD_PROFILE)
        if converted.mode == "RGBA" and not transparency.is_seen_through(converted):
            converted = converted.convert("RGB")
        yield _upright(picture, converted), tuple(remarks)


def _loaded(data: bytes, name: str, side_px: int) -> tuple[Image.Image, bool]:
    """(the first frame, whether all of it is there)."""
    for whole in (True, False):
        picture = Image.open(io.BytesIO(data), formats=FORMATS)
        if picture.width * picture.height > MAX_PIXELS:
            raise _too_large(name)
        width, height = _working_size(picture.size, side_px)
        if min(width, height) < MIN_SIDE_PX:
            raise BadInput("few_pixels", name=name, width=width, height=height, least=MIN_SIDE_PX)
        picture.draft("RGB", (width, height))
        ImageFile.LOAD_TRUNCATED_IMAGES = not whole
        try:
            picture.load()
        except (OSError, SyntaxError, EOFError, struct.error):  # the others are no missing ends
            if not whole:
                raise
        else:
            return picture, whole
        finally:
            ImageFile.LOAD_TRUNCATED_IMAGES = False
    raise AssertionError("the second try returns or raises")


def _what_is_there(picture: Image.Image, name: str) -> Image.Image:
    """Without the rows at the end (of a BMP at the beginning) that a decoder filled evenly."""
    rows = np.asarray(picture).reshape(picture.height, picture.width, -1)
    below = _even_rows(rows[::-1])
    above = _even_rows(rows) if not below else 0
    if picture.height - above - below < max(MIN_SIDE_PX, LEAST_LEFT * picture.height):
        raise BadInput("damaged_picture", name=name)
    return picture.crop((0, above, picture.width, picture.height - below))


def _even_rows(rows: np.ndarray) -> int:
    """How many of the first rows have one and the same colour, with those behind them that end in
    it: the row that a file broke off in."""
    fill = rows[0, 0]
    even = (rows == fill).all((1, 2))
    if even.all() or not even[0]:
        return len(even) if even.all() else 0
    ends = (rows[:, -_BROKEN_OFF_PX:] == fill).all((1, 2))
    return int(np.argmin(ends)) if not ends.all() else int(np.argmin(even))


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
    except _BROKEN as error:
        raise BadInput("damaged_picture", name=name) from error
    finally:
        Image.MAX_IMAGE_PIXELS = limit


def _too_large(name: str) -> BadInput:
    return BadInput("many_pixels", name=name, limit_mp=MAX_PIXELS // 1_000_000)


def _working_size(size: tuple[int, int], side_px: int) -> tuple[int, int]:
    shrink = min(1.0, side_px / math.sqrt(size[0] * size[1]))
    return max(1, round(size[0] * shrink)), max(1, round(size[1] * shrink))


def _upright(opened: Image.Image, picture: Image.Image) -> Image.Image:
    """As the camera was held; broken EXIF says nothing."""
    try:
        orientation = opened.getexif().get(ExifTags.Base.Orientation)
    except (SyntaxError, ValueError, KeyError, TypeError, OSError, struct.error):
        return picture
    turn = _TURNS.get(orientation) if isinstance(orientation, int) else None
    return picture if turn is None else picture.transpose(turn)
