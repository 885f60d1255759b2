"""What can be asked of pictures, and which files they come in."""

from dataclasses import dataclass, field
from enum import StrEnum

from engine.protocol.briefs.shared import Medium, SharedBrief
from engine.protocol.files import MIB, FileKind

PICTURES = FileKind(
    suffixes=(
        *(".png", ".jpg", ".jpeg", ".jfif", ".webp", ".avif", ".heic", ".heif"),
        *(".jxl", ".tif", ".tiff", ".psd", ".bmp", ".gif"),
    ),
    max_bytes=100 * MIB,
)
PICTURE_FILES = (PICTURES,)
PICTURE_SUFFIXES = PICTURES.suffixes
MIN_SIDE_PX, MAX_SIDE_PX = 32, 2048
MAX_COLOURS = 16


class Use(StrEnum):
    """Where a picture starts from, and so what of it is kept."""

    COMPOSE = "compose"  # from noise
    RESTYLE = "restyle"  # the content's shapes, the style's colours and marks
    SKETCH = "sketch"  # flat colours of the content, each the references' material
    VARY = "vary"  # another work like the content
    FILL = "fill"  # the content, its masked region painted anew
    EXTEND = "extend"  # the content in the middle of a larger canvas
    ENLARGE = "enlarge"  # the content at a larger size, with the references' own detail


class Palette(StrEnum):
    """Whose colours a picture has."""

    THEIRS = "theirs"  # the references'
    MINE = "mine"  # the content's
    FIXED = "fixed"  # those named in the brief


class Symmetry(StrEnum):
    NONE = "none"
    MIRROR = "mirror"  # left and right
    BOTH = "both"  # left and right, top and bottom
    TURN = "turn"  # half a turn leaves it as it is


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureBrief(SharedBrief):
    """Everything that decides a picture, besides the style.

    invention: 0 keeps the references' composition, 1 invents freely. collage: 0 … 1, how much of
    the references may be recognised, from small marks to large pieces. boldness: 0 is their grain
    alone, 1 strokes and contours first. detail: 0 … 1, how fine strokes become. tile: the picture
    repeats seamlessly in both directions. brush: 0.5 … 2, the size of the marks against the
    references'. symmetry, palette: see there; colours "#rrggbb" of a fixed palette. use: see `Use`;
    all but composing need content, the path of a picture, and filling a mask, one whose light parts
    are painted anew. strength: of restyling, varying and sketches, 0 keeps the content, 1 is the
    style in the content's shapes, 2 only hints at it. light, contrast, warmth, redness,
    vividness: -1 … 1, the last colours of a picture, 0 is as it was painted. variation: 0 … 1,
    how far works stray from the one of seed `root`: at 1, the usual, they have nothing to do with
    it. prompt: what it shows, in words, for generators that read them. looks: LoRA files that were
    added as models, "id:share" each, share -2 … 2.
    """

    medium: Medium = field(default=Medium.IMAGE, init=False)
    width_px: int = 512
    height_px: int = 352
    invention: float = 0.4
    collage: float = 0.5
    boldness: float = 0.5
    detail: float = 0.5
    tile: bool = False
    brush: float = 1.0
    symmetry: Symmetry = Symmetry.NONE
    palette: Palette = Palette.THEIRS
    colours: tuple[str, ...] = ()
    light: float = 0.0
    contrast: float = 0.0
    warmth: float = 0.0
    redness: float = 0.0
    vividness: float = 0.0
    use: Use = Use.COMPOSE
    content: str = ""
    mask: str = ""
    variation: float = 1.0
    root: int = 0
    prompt: str = ""
    looks: tuple[str, ...] = ()
