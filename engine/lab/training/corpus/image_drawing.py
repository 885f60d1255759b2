"""Files to pictures of the corpus: upright sRGB on white, at most 512 px, and what is too poor."""

import hashlib
import io
import shutil
import subprocess
from dataclasses import dataclass, field

import numpy as np
from PIL import Image, ImageChops

from engine.core.errors import BadInput
from engine.media.image.codec.raster import decode, to_picture
from engine.meta.errors import MetaError

SIDE_PX = 512
LEAST_SIDE_PX = 32
DETAIL_FROM_PX = 800  # longer side of a picture from which details are cut
RENDER_SECONDS = 20
RENDERER = "rsvg-convert"
QUALITY = 95  # JPEG, colours at full resolution
LOSSLESS_WORTH = 1.5  # a lossless picture may take this many times the bytes of a JPEG
NEAR_WHITE = 12  # of 255: a margin
LEAST_INK = 0.02  # of the pixels are not the commonest colour
LEAST_EDGES = 0.004  # of the pixels differ visibly from their neighbour
PLAIN_BYTES = 9000  # a drawing that packs into fewer is a sign, not a drawing
HASH_BITS_APART = 6  # of 63: two pictures nearer than this, and of one colour, are the same
COLOUR_APART = 14.0  # of 255, mean absolute difference of 4 x 4 blocks


class RendererMissingError(MetaError):
    """The tool that draws SVG is not installed."""

    def __init__(self) -> None:
        super().__init__(f"{RENDERER} draws the SVG files and is missing: install librsvg2-bin")


def open_picture(data: bytes, name: str) -> Image.Image | None:
    """RGB on white, at most 1024 x 1024 px for files, 512 px for SVG; None where it is no picture.

    Raises `RendererMissingError`.
    """
    if name.endswith(".svg"):
        return _draw(data)
    try:
        return to_picture(decode(data, name))
    except BadInput:
        return None  # one damaged or tiny file among thousands is no reason to stop


def _draw(data: bytes) -> Image.Image | None:
    """An SVG, drawn by a child process that can neither hang nor take this one down."""
    tool = shutil.which(RENDERER)
    if tool is None:
        raise RendererMissingError
    side = str(SIDE_PX)
    command = [tool, "--keep-aspect-ratio", "--background-color", "white", "-w", side, "-h", side]
    try:
        run = subprocess.run(
            command, input=data, capture_output=True, timeout=RENDER_SECONDS, check=True
        )
    except (subprocess.TimeoutExpired, subprocess.CalledProcessError):
        return None  # one drawing among thousands that the renderer cannot read
    with Image.open(io.BytesIO(run.stdout), formats=("PNG",)) as picture:
        return picture.convert("RGB")


def trim(picture: Image.Image) -> Image.Image:
    """Without its white margins, but for a twentieth of its size."""
    ground = Image.new("RGB", picture.size, "white")
    ink = (
        ImageChops.difference(picture, ground)
        .convert("L")
        .point([255 * (v > NEAR_WHITE) for v in range(256)])
    )
    box = ink.getbbox()
    if box is None:
        return picture
    margin = max(box[2] - box[0], box[3] - box[1]) // 20
    left, top = max(0, box[0] - margin), max(0, box[1] - margin)
    right, bottom = min(picture.width, box[2] + margin), min(picture.height, box[3] + margin)
    return picture.crop((left, top, right, bottom))


def shrink(picture: Image.Image) -> Image.Image:
    """At most 512 px on its longer side, by area."""
    scale = SIDE_PX / max(picture.size)
    if scale >= 1:
        return picture
    size = (max(1, round(picture.width * scale)), max(1, round(picture.height * scale)))
    return picture.resize(size, Image.Resampling.BOX)


def details(picture: Image.Image) -> list[Image.Image]:
    """Two opposite corners at full size, where the picture is large enough for it."""
    width, height = picture.size
    if max(width, height) < DETAIL_FROM_PX or min(width, height) < SIDE_PX:
        return []
    boxes = (
        (0, 0, SIDE_PX, SIDE_PX),
        (width - SIDE_PX, height - SIDE_PX, width, height),
    )
    return [picture.crop(box) for box in boxes]


def too_poor(picture: Image.Image) -> bool:
    """Tiny, of one colour, or so simple that there is nothing to learn from it."""
    if min(picture.size) < LEAST_SIDE_PX:
        return True
    levels = np.asarray(picture.reduce(max(1, max(picture.size) // 128))).astype(np.int16)
    flat = (levels // 16).reshape(-1, 3) @ np.array([256, 16, 1])
    ink = 1 - np.bincount(flat).max() / len(flat)
    steps = np.abs(np.diff(levels, axis=1)).max(axis=2)
    return bool(ink < LEAST_INK or (steps > 8).mean() < LEAST_EDGES)


def too_plain(picture: Image.Image) -> bool:
    """A sign or a diagram: it packs into next to nothing."""
    packed = io.BytesIO()
    picture.save(packed, "WEBP", lossless=True, method=2, quality=40)
    return packed.tell() < PLAIN_BYTES


@dataclass(slots=True)
class Seen:
    """The pictures so far, by a perceptual hash: signs of the lowest cosine terms, and colours."""

    _hashes: list[np.uint64] = field(default_factory=list)
    _colours: list[np.ndarray] = field(default_factory=list)

    def has(self, picture: Image.Image) -> bool:
        """True where a picture like this one was asked about before."""
        code, colour = perceptual_hash(picture), _colour(picture)
        if self._hashes:
            apart = np.bitwise_count(np.array(self._hashes) ^ code)
            near = np.flatnonzero(apart <= HASH_BITS_APART)
            if any(np.abs(self._colours[i] - colour).mean() < COLOUR_APART for i in near):
                return True
        self._hashes.append(code)
        self._colours.append(colour)
        return False


def perceptual_hash(picture: Image.Image) -> np.uint64:
    """63 signs: lowest 8 x 8 cosine terms of the 32 x 32 grey picture, against their median."""
    grey = np.asarray(picture.convert("L").resize((32, 32), Image.Resampling.BOX), dtype=np.float64)
    angle = np.pi / 64 * np.outer(np.arange(8), 2 * np.arange(32) + 1)
    terms = (np.cos(angle) @ grey @ np.cos(angle).T).flatten()[1:]
    signs = terms > np.median(terms)
    return np.uint64(sum(1 << i for i, sign in enumerate(signs) if sign))


def _colour(picture: Image.Image) -> np.ndarray:
    return np.asarray(picture.resize((4, 4), Image.Resampling.BOX), dtype=np.float32)


def encode(picture: Image.Image) -> tuple[bytes, str]:
    """(bytes, suffix): lossless where that is cheap, as for flat drawings, else a fine JPEG."""
    lossy, exact = io.BytesIO(), io.BytesIO()
    picture.save(lossy, "JPEG", quality=QUALITY, subsampling=0)
    picture.save(exact, "WEBP", lossless=True, method=2, quality=40)
    if exact.tell() <= LOSSLESS_WORTH * lossy.tell():
        return exact.getvalue(), "webp"
    return lossy.getvalue(), "jpg"


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
