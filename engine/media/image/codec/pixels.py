"""Pictures: bytes → 8-bit pixels, upright, in sRGB, with limits.

This runs in the decoding child: without torch.

Legend: arrays (H, W, C) uint8 of sRGB, C = 3, or 4 where parts are transparent.
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
from PIL import ExifTags, Image, ImageFile, UnidentifiedImageError

from engine.core.errors import BadInput
from engine.media.image.codec import jpeg_xl
from engine.media.image.codec.managed import Colours, to_srgb
from engine.media.image.codec.png_chunks import SIGNATURE, plain_copy

FORMATS = ("PNG", "JPEG", "WEBP", "AVIF", "HEIF", jpeg_xl.FORMAT, "TIFF", "PSD", "BMP", "GIF")
MAX_PIXELS = 40_000_000
MIN_SIDE_PX = 16
WORKING_SIDE_PX = 1024  # no style is learned from more detail than this (geometric mean side)
_BROKEN_OFF_PX = 8  # at the end of a row
LEAST_LEFT = 0.1  # of the rows of a picture that breaks off
TRUNCATED, FLAWED = "picture_truncated", "picture_flawed"  # remarks
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
_SIDEWAYS = (
    *(Image.Transpose.TRANSPOSE, Image.Transpose.ROTATE_270),
    *(Image.Transpose.TRANSVERSE, Image.Transpose.ROTATE_90),
)
OPAQUE_LEVEL = 250  # of alpha, 0 … 255: from it on nothing is seen through

# What Pillow's decoders raise on broken data.
_BROKEN = (
    *(OSError, ValueError, SyntaxError, EOFError, LookupError, TypeError, RuntimeError),
    *(AssertionError, AttributeError, ArithmeticError, MemoryError, struct.error),
)

pi_heif.register_heif_opener()
jpeg_xl.register()


@dataclass(frozen=True, slots=True, eq=False)
class Pixels:
    """levels: (H, W, C). width, height: of the whole picture, upright, in px. remarks: codes of
    `REMARKS`, of how it was read."""

    levels: np.ndarray
    width: int
    height: int
    remarks: tuple[str, ...] = ()

    @property
    def image(self) -> Image.Image:
        """The same for Pillow."""
        return Image.fromarray(self.levels)


def read(data: bytes, name: str, side_px: int = WORKING_SIDE_PX, smooth: bool = True) -> Pixels:
    """The first frame, at most side_px² pixels; smooth: made smaller for the eye, else for a mask.

    Raises BadInput, naming the file, for whatever is no such picture.
    """
    with _opened(data, name, side_px) as (picture, size, remarks):
        resample = Image.Resampling.LANCZOS if smooth else Image.Resampling.BILINEAR
        small = picture.resize(_working_size(picture.size, side_px), resample)
        return Pixels(np.array(small), *size, remarks)


Opened = tuple[Image.Image, tuple[int, int], tuple[str, ...]]  # picture, its own size, remarks


@contextmanager
def _opened(data: bytes, name: str, side_px: int) -> Iterator[Opened]:
    """The picture is in sRGB, RGB or, where parts are transparent, RGBA."""
    colours: Colours = Colours(data)
    flawed = False
    if data.startswith(SIGNATURE):
        data, chunks, flawed = plain_copy(data)
        colours = Colours(data, chunks)
    with _refusals(name):
        picture, full, whole = _loaded(data, name, side_px)
        converted, sound = to_srgb(picture, colours)
        remarks = [FLAWED] if flawed else []
        if not whole:
            converted = _what_is_there(converted, name)
            remarks = [TRUNCATED]
        if not sound:
            remarks.append(BAD_PROFILE)
        if converted.mode == "RGBA" and not _is_seen_through(converted):
            converted = converted.convert("RGB")
        width = round(full[0] * converted.width / picture.width)
        height = round(full[1] * converted.height / picture.height)
        upright, turned = _upright(picture, converted)
        yield upright, (height, width) if turned else (width, height), tuple(remarks)


def _loaded(data: bytes, name: str, side_px: int) -> tuple[Image.Image, tuple[int, int], bool]:
    """(the first frame, perhaps made smaller, its size as it was, whether all of it is there)."""
    for whole in (True, False):
        picture = Image.open(io.BytesIO(data), formats=FORMATS)
        if picture.width * picture.height > MAX_PIXELS:
            raise _too_large(name)
        width, height = _working_size(picture.size, max(side_px, WORKING_SIDE_PX))
        if min(width, height) < MIN_SIDE_PX:
            raise BadInput("few_pixels", name=name, width=width, height=height, least=MIN_SIDE_PX)
        full = picture.size
        picture.draft("RGB", _working_size(full, side_px))
        ImageFile.LOAD_TRUNCATED_IMAGES = not whole
        try:
            picture.load()
        except (OSError, SyntaxError, EOFError, struct.error):  # the others are no missing ends
            if not whole:
                raise
        else:
            return picture, full, whole
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
    except jpeg_xl.NoDecoder as error:
        raise BadInput("no_jpeg_xl", name=name) from error
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


def _upright(opened: Image.Image, picture: Image.Image) -> tuple[Image.Image, bool]:
    """(as the camera was held, whether its sides changed places); broken EXIF says nothing."""
    try:
        orientation = opened.getexif().get(ExifTags.Base.Orientation)
    except (SyntaxError, ValueError, KeyError, TypeError, OSError, struct.error):
        return picture, False
    turn = _TURNS.get(orientation) if isinstance(orientation, int) else None
    return (picture, False) if turn is None else (picture.transpose(turn), turn in _SIDEWAYS)


def _is_seen_through(picture: Image.Image) -> bool:
    """Whether any pixel of an RGBA picture is not opaque."""
    low, _ = picture.getchannel("A").getextrema()
    return isinstance(low, int | float) and low < OPAQUE_LEVEL
