"""Draws one character of one font face as a 28 x 28 picture, ink white on black (0..255)."""

import hashlib
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

SIDE_PX = 28
INK_PX = 20  # the longer side of a drawing; four pixels of margin
DRAWN_AT_PX = 96
LEVELS = 16  # grey levels kept: the file compresses far better and looks the same
SKIPPED_SCRIPTS = frozenset(
    {"Common", "Inherited", "Unknown", "Braille", "Tangut", "Hangul", "Sutton_SignWriting"}
)
LETTERS = frozenset({"Lu", "Ll", "Lo", "Nl"})


@dataclass(frozen=True, slots=True)
class Face:
    """One face of a font file and the characters it can draw."""

    path: Path
    name: str
    family: str
    scripts: dict[str, tuple[int, ...]]

    @property
    def order(self) -> bytes:
        return hashlib.sha256(self.name.encode()).digest()


def open_faces(root: Path) -> Iterator[Face]:
    """Every readable outline font below `root`, by path."""
    paths = (p for p in root.rglob("*") if p.suffix.lower() in {".ttf", ".otf"})
    for path in sorted(paths):
        if path.is_symlink():
            continue
        face = _open(path)
        if face is not None:
            yield face


def _open(path: Path) -> Face | None:
    from fontTools.ttLib import TTFont, TTLibError
    from fontTools.unicodedata import script, script_name

    try:
        with TTFont(path, lazy=True) as font:
            cmap = font.getBestCmap() or {}
            names = font["name"]
            family = names.getBestFamilyName() or path.stem
            style = names.getBestSubFamilyName() or ""
    except (TTLibError, OSError, AssertionError, KeyError, ValueError):
        return None  # a damaged or exotic file among hundreds is no reason to stop
    scripts: dict[str, list[int]] = {}
    for codepoint in cmap:
        character = chr(codepoint)
        if unicodedata.category(character) in LETTERS and not unicodedata.decomposition(character):
            scripts.setdefault(script_name(script(character)), []).append(codepoint)
    found = {name: tuple(codepoints) for name, codepoints in scripts.items()}
    return Face(path, f"{family} {style}".strip(), family, found) if found else None


def draw(face: Face, codepoint: int) -> np.ndarray | None:
    """(28, 28) uint8, the drawing scaled to 20 pixels and centred; None where it is empty."""
    try:
        font = ImageFont.truetype(str(face.path), DRAWN_AT_PX, layout_engine=ImageFont.Layout.BASIC)
        left, top, right, bottom = font.getbbox(chr(codepoint))
    except (OSError, ValueError):
        return None
    width, height = int(right - left), int(bottom - top)
    if min(width, height) < 2 or max(width, height) > 8 * DRAWN_AT_PX:
        return None
    sheet = Image.new("L", (width, height))
    ImageDraw.Draw(sheet).text((-left, -top), chr(codepoint), font=font, fill=255)
    box = sheet.getbbox()
    if box is None:
        return None
    sheet = sheet.crop(box)
    scale = INK_PX / max(sheet.size)
    size = (max(1, round(sheet.width * scale)), max(1, round(sheet.height * scale)))
    picture = Image.new("L", (SIDE_PX, SIDE_PX))
    corner = ((SIDE_PX - size[0]) // 2, (SIDE_PX - size[1]) // 2)
    picture.paste(sheet.resize(size, Image.Resampling.BOX), corner)
    return np.asarray(picture)


def jitter(image: np.ndarray, key: str) -> np.ndarray:
    """A slight affine change decided by `key` alone: (28, 28) uint8 in 16 grey levels.

    Rotation within 10 degrees, scale 0.85..1.1 on each axis, shear within 0.15, shift within 2 px.
    """
    seed = int.from_bytes(hashlib.sha256(key.encode()).digest()[:8], "big")
    rng = np.random.default_rng(seed)
    angle, shear = np.deg2rad(rng.uniform(-10, 10)), rng.uniform(-0.15, 0.15)
    scale, shift = np.diag(1 / rng.uniform(0.85, 1.1, 2)), rng.uniform(-2, 2, 2)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    matrix = turn @ np.array([[1, shear], [0, 1]]) @ scale
    middle = np.full(2, SIDE_PX / 2)
    offset = middle - matrix @ (middle + shift)
    (a, b), (d, e) = matrix.tolist()
    picture = Image.fromarray(image).transform(
        (SIDE_PX, SIDE_PX),
        Image.Transform.AFFINE,
        (a, b, float(offset[0]), d, e, float(offset[1])),
        resample=Image.Resampling.BILINEAR,
    )
    step = 255 / (LEVELS - 1)
    return (np.rint(np.asarray(picture) / step) * step).astype(np.uint8)
