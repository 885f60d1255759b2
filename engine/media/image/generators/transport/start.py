"""Where a picture starts from, at which scale that enters the pyramid, and what of it is free.

Legend: N works, size (H, W) of a picture at one scale, its canvas (N, 3, H', W'), px = √(H·W),
k the brief's strength. The five uses of a content are settings of a few numbers and a mask:

    use       enters at               noise     shapes of it      drawn towards       kept
    compose   what invention says     all       -                 the style           nothing
    restyle   coarse at k = 1         some      fewer beyond 1    the style, by k     nothing
    vary      the middle at k = 1     by k      -                 mostly the content  nothing
    fill      where the hole is seen  a little  -                 mostly the content  the rest
    extend    what invention says     a little  -                 mostly the content  the content
    enlarge   its own scale           none      -                 the style           its look
"""

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from engine.core.errors import BadInput
from engine.media.image.generators.transport import contents
from engine.media.image.generators.transport.symmetry import fold
from engine.media.image.pyramid import start_scale_px
from engine.protocol import Palette, PictureBrief, Symmetry, Use

SHAPES = 0.3
RESTYLE_PX, HINT_PX = 40.0, 12.0  # where restyled content enters at strength 1 and 2
VARY_PX = (110.0, 16.0)  # where a work that is varied enters at strength 1 and 2
HOLE_PX = 6.0  # how wide the hole is where filling begins
PLACED_NOISE = 0.2
SURROUNDINGS = 0.95  # the content's share in what fills or extends it
FEATHER_PX = 2


@dataclass(frozen=True, slots=True)
class StartingPicture:
    """content (1, 3, H, W) at the output's size; free (H, W), 1 where it is painted anew.

    entry_px: None is what `invention` says. noise: 0 … 1, the share of noise in the start. shapes:
    0 … 1, how far it follows the content before each stroke. towards: the style's share in what
    the work is drawn towards, the rest is the content's. own_px: down to which scale the look of
    the content is kept, of an enlargement. palette: pixels (3, M) whose colours are taken over.
    """

    content: Tensor | None = None
    free: Tensor | None = None
    entry_px: float | None = None
    noise: float = 1.0
    shapes: float = 0.0
    towards: float = 1.0
    own_px: float = 0.0
    palette: Tensor | None = None

    @property
    def leans_on_content(self) -> bool:
        """Whether a work leans on the reference that is like the content, not on any of them."""
        return self.content is not None and not self.shapes


def read_start(brief: PictureBrief, device: torch.device) -> StartingPicture:
    """The start that a brief asks for. Raises BadInput for content or masks that do not serve."""
    if brief.use is Use.COMPOSE and brief.palette is not Palette.MINE:
        return StartingPicture()
    pixels = contents.read_picture(brief.content)
    palette = pixels.flatten(1).to(device) if brief.palette is Palette.MINE else None
    return _OF[brief.use](brief, pixels, device, palette)


def _compose(
    brief: PictureBrief, pixels: Tensor, device: torch.device, palette: Tensor | None
) -> StartingPicture:
    return StartingPicture(palette=palette)


def _restyle(
    brief: PictureBrief, pixels: Tensor, device: torch.device, palette: Tensor | None
) -> StartingPicture:
    near, far = min(1.0, brief.strength), max(0.0, brief.strength - 1)
    return StartingPicture(
        content=_prepared(pixels, brief, device),
        entry_px=_between(_px(brief), RESTYLE_PX, near) * (HINT_PX / RESTYLE_PX) ** far,
        noise=0.25 * near + 0.35 * far,
        shapes=SHAPES * (1 - 0.85 * far),
        towards=near,
        palette=palette,
    )


def _vary(
    brief: PictureBrief, pixels: Tensor, device: torch.device, palette: Tensor | None
) -> StartingPicture:
    near, far = min(1.0, brief.strength), max(0.0, brief.strength - 1)
    return StartingPicture(
        content=_prepared(pixels, brief, device),
        entry_px=_between(_px(brief), VARY_PX[0], near) * (VARY_PX[1] / VARY_PX[0]) ** far,
        noise=0.35 * near + 0.4 * far,
        towards=0.3 * near + 0.4 * far,
        palette=palette,
    )


def _fill(
    brief: PictureBrief, pixels: Tensor, device: torch.device, palette: Tensor | None
) -> StartingPicture:
    size = brief.height_px, brief.width_px
    mask = contents.read_mask(brief.mask)
    free = contents.covering(mask[None], size)[0].clamp(0, 1).round().to(device)
    if not free.any():
        raise BadInput("empty_mask", name=_name(brief.mask))
    if free.all():
        return StartingPicture(palette=palette)
    content = contents.covering(pixels, size)[None].to(device)
    hole_px = math.sqrt(free.sum().item())
    entry_px = max(start_scale_px(brief.invention), _px(brief) * HOLE_PX / hole_px)
    return StartingPicture(
        content=content,
        free=free,
        entry_px=entry_px,
        noise=PLACED_NOISE,
        towards=1 - SURROUNDINGS,
        palette=palette,
    )


def _extend(
    brief: PictureBrief, pixels: Tensor, device: torch.device, palette: Tensor | None
) -> StartingPicture:
    content, free = contents.extended(pixels, (brief.height_px, brief.width_px))
    return StartingPicture(
        content=content[None].to(device),
        free=free.to(device),
        noise=PLACED_NOISE,
        towards=1 - SURROUNDINGS,
        palette=palette,
    )


def _enlarge(
    brief: PictureBrief, pixels: Tensor, device: torch.device, palette: Tensor | None
) -> StartingPicture:
    own_px = math.sqrt(pixels.shape[1] * pixels.shape[2])
    return StartingPicture(
        content=_prepared(pixels, brief, device),
        entry_px=min(own_px, _px(brief)),
        noise=0.0,
        own_px=own_px,
        palette=palette,
    )


_OF = {
    Use.COMPOSE: _compose,
    Use.RESTYLE: _restyle,
    Use.SKETCH: _restyle,
    Use.VARY: _vary,
    Use.FILL: _fill,
    Use.EXTEND: _extend,
    Use.ENLARGE: _enlarge,
}


def _prepared(pixels: Tensor, brief: PictureBrief, device: torch.device) -> Tensor:
    """The content in the brief's aspect, as symmetric and as seamless as the work shall be."""
    content = contents.covering(pixels, (brief.height_px, brief.width_px)).to(device)
    if brief.tile:
        content = contents.periodic(content)
    return fold(content[None], Symmetry(brief.symmetry))


def _px(brief: PictureBrief) -> float:
    return math.sqrt(brief.width_px * brief.height_px)


def _between(fine: float, coarse: float, share: float) -> float:
    """Along the pyramid; never finer than `fine`."""
    return fine * (min(coarse, fine) / fine) ** share


def _name(path: str) -> str:
    return path.replace("\\", "/").rsplit("/", 1)[-1]
