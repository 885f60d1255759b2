"""What the artist's own picture is used for: the brief that begins with it, and its usual sizes.

In a brief of the studio `content` and `mask` are digests of bytes in the project. They become
paths only in the snapshot that goes to the engine (see `generation`), so nothing that is asked for
hangs on a file elsewhere.
"""

import math
from collections.abc import Collection
from dataclasses import replace

from engine.protocol import MAX_SIDE_PX, MIN_SIDE_PX, Palette, PictureBrief, Use

Size = tuple[int, int]  # width, height in pixels

USUAL_PX = PictureBrief().width_px * PictureBrief().height_px
OF_A_PICTURE = (Use.RESTYLE, Use.SKETCH, Use.VARY, Use.FILL, Use.EXTEND, Use.ENLARGE)
WITH_STRENGTH = (Use.RESTYLE, Use.SKETCH, Use.VARY)
# The actions of the window that start from a picture, and what they use it for.
ACTIONS = {"start": Use.RESTYLE, "fill": Use.FILL, "extend": Use.EXTEND, "enlarge": Use.ENLARGE}
KEEP_SHAPE = (Use.RESTYLE, Use.VARY, Use.FILL, Use.ENLARGE)  # works lie over their start
VARYING = {"vary": Use.VARY}  # the action that makes more like a work, at once
INVENTED = (Use.COMPOSE, Use.FILL, Use.EXTEND)  # where something is composed that was not there
ALTERNATIVES = 8  # for a region that is swapped
MAX_COLOURS = 16
_WIDER = 1.5  # of a side that is extended
_ABOUT_SIZE = (Use.EXTEND, Use.ENLARGE, Use.FILL)  # their size follows from the picture's own


def has_start(brief: PictureBrief) -> bool:
    return bool(brief.content)


def begun(brief: PictureBrief, use: Use, content: str, size: Size) -> PictureBrief:
    """Start from this picture of `size`. Another picture has no mask yet."""
    mask = brief.mask if content == brief.content else ""
    wide, tall = usual_size(brief, use, size)
    return replace(brief, use=use, content=content, mask=mask, width_px=wide, height_px=tall)


def ended(brief: PictureBrief) -> PictureBrief:
    """Compose again, as large as usual where the size was the other picture's."""
    if brief.use in _ABOUT_SIZE:
        wide, tall = scaled((brief.width_px, brief.height_px), None)
        brief = replace(brief, width_px=wide, height_px=tall)
    palette = Palette.THEIRS if brief.palette is Palette.MINE else brief.palette
    return replace(brief, use=Use.COMPOSE, content="", mask="", palette=palette)


def swapped(brief: PictureBrief, seed: int) -> PictureBrief:
    """Alternatives for the marked region, each something that stands elsewhere."""
    wish = {"invention": 1.0, "variation": 1.0, "count": ALTERNATIVES, "seed": seed}
    return replace(brief, use=Use.FILL, **wish)


def are_alternatives(briefs: Collection[PictureBrief]) -> bool:
    """Whether of works made from these briefs one is to be chosen: they fill the same region."""
    first = next(iter(briefs), None)
    if first is None or len(briefs) < 3 or first.use is not Use.FILL:
        return False
    return len({(each.content, each.mask) for each in briefs}) == 1


def trimmed(brief: PictureBrief) -> PictureBrief:
    """Without what a use has no place for: the panel does not show it."""
    return replace(
        brief,
        strength=brief.strength if brief.use in WITH_STRENGTH else 1.0,
        mask=brief.mask if brief.use is Use.FILL else "",
        colours=brief.colours if brief.palette is Palette.FIXED else (),
        root=brief.root if brief.variation < 1 else 0,
    )


def served(brief: PictureBrief, offered: Collection[str]) -> PictureBrief:
    """Composed from nothing where the generator makes nothing else of a picture."""
    return brief if brief.use in offered else ended(brief)


def lacking(brief: PictureBrief) -> str:
    """What must be there before anything can be made: "mask", "colours" or nothing."""
    if brief.use is Use.FILL and not brief.mask:
        return "mask"
    return "colours" if brief.palette is Palette.FIXED and not brief.colours else ""


# ---- sizes -------------------------------------------------------------------------------------


def usual_size(brief: PictureBrief, use: Use, size: Size) -> Size:
    """Of what a use makes of a picture of `size`, until the artist asks for another."""
    if use in _ABOUT_SIZE:
        return next(iter(sizes(use, size).values()))
    same_kind = brief.use not in _ABOUT_SIZE
    return scaled(size, brief.width_px * brief.height_px if same_kind else None)


def sizes(use: Use, size: Size) -> dict[str, Size]:
    """The sizes to choose from, by name, where they follow from the picture; the usual first."""
    wide, tall = size
    if use is Use.ENLARGE:
        most = MAX_SIDE_PX / max(size)
        found = {f"times_{n}": clamped((wide * n, tall * n)) for n in (2, 3, 4) if n <= most}
        return found or {"largest": clamped((round(wide * most), round(tall * most)))}
    if use is Use.EXTEND:
        inner = min(1.0, MAX_SIDE_PX / (_WIDER * max(size)))
        wide, tall = round(wide * inner), round(tall * inner)
        more = round(wide * _WIDER), round(tall * _WIDER)
        return {
            "all_round": clamped(more),
            "wider": clamped((more[0], tall)),
            "taller": clamped((wide, more[1])),
        }
    return {"as_start": fitted(size)} if use is Use.FILL else {"as_start": scaled(size, None)}


def scaled(size: Size, area_px: int | None) -> Size:
    """The same shape with about this area (None: the usual one)."""
    ratio = math.sqrt((area_px or USUAL_PX) / max(1, size[0] * size[1]))
    return fitted((round(size[0] * ratio), round(size[1] * ratio)))


def fitted(size: Size) -> Size:
    """The same shape, with no side over the limit."""
    ratio = min(1.0, MAX_SIDE_PX / max(size))
    return clamped((round(size[0] * ratio), round(size[1] * ratio)))


def clamped(size: Size) -> Size:
    wide, tall = (min(MAX_SIDE_PX, max(MIN_SIDE_PX, side)) for side in size)
    return wide, tall
