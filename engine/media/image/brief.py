"""What may be asked of pictures: limits, files, and options of the command line."""

import argparse
import math
import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import msgspec

from engine.core.brief_rules import BriefRules, Option
from engine.core.errors import BadInput
from engine.core.input_files import read_bytes
from engine.core.limits import check_number, check_seed, check_shared
from engine.protocol import (
    MAX_COLOURS,
    MAX_SIDE_PX,
    MIN_SIDE_PX,
    PICTURE_FILES,
    PICTURES,
    Palette,
    PictureBrief,
    Symmetry,
    Use,
)

MIN_BRUSH, MAX_BRUSH = 0.5, 2.0
GRADES = ("light", "contrast", "warmth", "redness", "vividness")
EXTENSION = 1.5  # of each side, where no size was asked for
ENLARGEMENT = 4.0
SWAP = "swap"  # on the command line a use: to fill with alternatives
ALTERNATIVES = 8


def size(text: str) -> tuple[int, int]:
    """ "256x176" → (256, 176); of the longer side alone, "2048" → (2048, 0)."""
    width, times, height = text.lower().replace("×", "x").partition("x")
    try:
        size = int(width), int(height) if times else 0
    except ValueError:
        size = (0, 0)
    if size[0] == 0 or (times and size[1] == 0):
        raise argparse.ArgumentTypeError(f"{text!r} is no size like 512x352 or 2048")
    return size


OPTIONS = (
    Option(name="size", parse=size, metavar="WxH", help="512x352, or 2048 on the longer side"),
    Option(name="invention", parse=float, metavar="0..1", help="away from their composition"),
    Option(name="collage", parse=float, metavar="0..1", help="how much may be recognised"),
    Option(name="boldness", parse=float, metavar="0..1"),
    Option(name="detail", parse=float, metavar="0..1"),
    Option(name="use", choices=(*map(str, Use), SWAP), help="swap: fill in eight ways"),
    Option(name="content", metavar="FILE", source=True, help="a picture to start from"),
    Option(name="mask", metavar="FILE", source=True, help="fill: white is painted anew"),
    Option(name="tile", switch=True, help="repeats seamlessly"),
    Option(name="brush", parse=float, metavar="0.5..2"),
    Option(name="symmetry", choices=tuple(map(str, Symmetry))),
    Option(name="palette", choices=tuple(map(str, Palette))),
    Option(name="colours", several=True, metavar="#RRGGBB"),
    *(Option(name=name, parse=float, metavar="-1..1") for name in GRADES),
    Option(name="variation", parse=float, metavar="0..1"),
    Option(name="prompt", metavar="WORDS", help="what it shows; read by diffusion models"),
    Option(name="looks", several=True, metavar="ID:SHARE", help="LoRA files, by their ids"),
    Option(name="root", parse=int, metavar="SEED", help="varied from it"),
)


def check(brief: PictureBrief) -> None:
    """Raises BadInput for a brief that cannot be met."""
    check_shared(brief)
    sides = (brief.width_px, brief.height_px)
    if not all(MIN_SIDE_PX <= side <= MAX_SIDE_PX for side in sides):
        limits = {"least": MIN_SIDE_PX, "most": MAX_SIDE_PX}
        raise BadInput("bad_size", width=brief.width_px, height=brief.height_px, **limits)
    for name in ("invention", "collage", "boldness", "detail", "variation"):
        check_number(name, getattr(brief, name), 0, 1)
    check_number("brush", brief.brush, MIN_BRUSH, MAX_BRUSH)
    for name in GRADES:
        check_number(name, getattr(brief, name), -1, 1)
    check_seed(brief.root)
    _check_colours(brief)
    if brief.use is not Use.COMPOSE and not brief.content:
        raise BadInput("no_content")
    if brief.use is Use.FILL and not brief.mask:
        raise BadInput("no_mask")


def _check_colours(brief: PictureBrief) -> None:
    if brief.palette is Palette.MINE and not brief.content:
        raise BadInput("no_own_colours")
    if brief.palette is not Palette.FIXED:
        return
    if not 1 <= len(brief.colours) <= MAX_COLOURS:
        raise BadInput("colour_count", count=len(brief.colours), most=MAX_COLOURS)
    for colour in brief.colours:
        if not re.fullmatch("#[0-9a-fA-F]{6}", colour):
            raise BadInput("bad_colour", colour=colour)


def sources(brief: PictureBrief) -> dict[str, str]:
    """The picture that drawing starts from, or takes its colours from, and the mask to fill."""
    named = {}
    if brief.use is not Use.COMPOSE or brief.palette is Palette.MINE:
        named["content"] = brief.content
    if brief.use is Use.FILL:
        named["mask"] = brief.mask
    return named


def from_options(given: Mapping[str, object]) -> PictureBrief:
    """Use, palette and size follow from the files and colours where they are not named.

    Raises BadInput for a content that is no picture."""
    fields = dict(given)
    if fields.get("use") == SWAP:
        fields = {"invention": 1.0, "count": ALTERNATIVES} | fields | {"use": Use.FILL}
    content = fields.get("content")
    files_serve = Use.RESTYLE if content else Use.COMPOSE
    use = Use(fields.setdefault("use", Use.FILL if fields.get("mask") else files_serve))
    fields.setdefault("palette", Palette.FIXED if fields.get("colours") else Palette.THEIRS)
    brief = msgspec.convert(fields, PictureBrief)
    width, height = brief.width_px, brief.height_px
    named = msgspec.convert(given.get("size", (0, 0)), tuple[int, int])
    if content and not named[1]:
        width, height = usual_size(use, Path(brief.content))
    if named[0] and not named[1]:
        ratio = named[0] / max(width, height)
        named = round(width * ratio), round(height * ratio)
    width, height = named if "size" in given else (width, height)
    return replace(brief, width_px=width, height_px=height)


def usual_size(use: Use, content: Path) -> tuple[int, int]:
    """(width, height) in px of what `use` makes of a picture: its aspect, the usual area or, where
    the use is about size, so much more than its own. Raises BadInput for what is no picture."""
    from engine.media.image.codec.raster import decode  # heavy; other calls do without it

    height, width = decode(
        read_bytes(content, PICTURES.max_bytes), content.name, MAX_SIDE_PX
    ).shape[1:]
    area_px = PictureBrief().width_px * PictureBrief().height_px
    ratio = {
        Use.EXTEND: EXTENSION,
        Use.FILL: 1.0,
        Use.ENLARGE: ENLARGEMENT,
    }.get(use, math.sqrt(area_px / (width * height)))
    ratio = min(ratio, MAX_SIDE_PX / max(width, height))
    return round(width * ratio), round(height * ratio)


RULES = BriefRules(
    works="pictures",
    kind=PictureBrief,
    check=check,
    sources=sources,
    files=PICTURE_FILES,
    options=OPTIONS,
    from_options=from_options,
)
