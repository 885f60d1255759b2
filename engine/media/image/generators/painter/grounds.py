"""The ground of a figure, gone on behind it: filled evenly from its borders, then painted with its
own patches at the same height, another way for every work (Wexler et al. 2007, completion).

Legend: strip (7, h, w) as in `arranging`, of layouts: a few dozen rows.
"""

import torch
import torch.nn.functional as F
from torch import Tensor

from engine.core.progress import finished
from engine.media.image.generators.painter.nearest import PATCH_PX
from engine.media.image.generators.painter.repaint import repaint
from engine.media.image.generators.painter.salience import Figure
from engine.media.image.generators.painter.scales import Hold, RepaintSettings
from engine.media.image.generators.painter.sources import Source
from engine.media.image.generators.transport.ground import evenly_filled

BEGIN = 0.5  # of its own scale: where the ground begins to be painted
HEIGHT = 1.0  # the weight of the guide of heights
FREE_FROM = 0.1  # of what surrounds a figure


def without(strip: Tensor, figure: Figure, seed: int) -> Tensor:
    """(7, h, w): nothing of it stands out."""
    size = strip.shape[1], strip.shape[2]
    around = F.interpolate(figure.around[None, None], size, mode="bilinear", align_corners=False)
    free = (around[0, 0] > FREE_FROM).float()
    picture = strip[:3]
    if not bool(free.all()):
        picture = evenly_filled(strip[None, :3], free)[0]
        if not figure.on_plain and min(size) > 2 * PATCH_PX:
            picture = _painted(picture, free, strip[3:4], seed)
    return torch.cat([picture, strip[3:4], torch.zeros_like(strip[4:5]), strip[5:]])


def _painted(picture: Tensor, free: Tensor, heights: Tensor, seed: int) -> Tensor:
    guide = HEIGHT * heights
    source = Source(picture, 1 - free, guide=guide)
    settings = RepaintSettings(BEGIN * source.scale_px)
    hold = Hold(picture, free)
    size = picture.shape[1], picture.shape[2]
    slices = repaint([picture], size, [source], None, [seed], settings, hold, [guide])
    return finished(slices)[0][0]
