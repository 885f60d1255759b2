"""The last thing done to a picture before it is shown: its colours, and what of it is kept exactly.

Legend: pictures (N, 3, H, W) in [-1, 1] at any scale of a job.
"""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from engine.media.image.generators.transport import palette
from engine.media.image.generators.transport.grade import Grade
from engine.media.image.generators.transport.start import FEATHER_PX, StartingPicture
from engine.media.image.pyramid import resize
from engine.protocol import Palette, PictureBrief, Use


@dataclass(frozen=True, slots=True)
class Finish:
    brief: PictureBrief
    start: StartingPicture

    def __call__(self, pictures: Tensor) -> Tensor:
        return self._kept(pictures, self._coloured(pictures))

    def _coloured(self, pictures: Tensor) -> Tensor:
        """Each picture by itself, so that it does not depend on its neighbours."""
        pictures = self._given_colours(pictures)
        grade = Grade.of(self.brief)
        return pictures if grade is None else torch.stack([grade(each) for each in pictures])

    def _given_colours(self, pictures: Tensor) -> Tensor:
        if self.brief.palette is Palette.FIXED:
            colours = palette.from_hex(self.brief.colours).to(pictures)
            return torch.stack([palette.recoloured(each, colours) for each in pictures])
        if self.brief.palette is Palette.MINE and self.start.palette is not None:
            pixels = self.start.palette
            return torch.stack([palette.transported(each, pixels) for each in pictures])
        return pictures

    def _kept(self, drawn: Tensor, coloured: Tensor) -> Tensor:
        """The content, exactly, wherever nothing was painted anew; given colours begin gently at
        the edge, inside of it."""
        if self.start.content is None or self.start.free is None:
            return coloured
        size = (drawn.shape[2], drawn.shape[3])
        free = self.start.free[None, None]
        inside = F.interpolate(_feathered(free), size, mode="area")
        painted = torch.lerp(drawn, coloured, inside) if self.brief.use is Use.FILL else coloured
        share = F.interpolate(free, size, mode="area")
        return torch.lerp(resize(self.start.content, size), painted, share)


def _feathered(mask: Tensor) -> Tensor:
    """0 outside of the mask and on its edge, rising to 1 over the few pixels inside of it."""
    side = 2 * FEATHER_PX + 1
    narrower = 1 - F.max_pool2d(1 - mask, side, 1, FEATHER_PX)
    return F.avg_pool2d(narrower, side, 1, FEATHER_PX, count_include_pad=False)
