"""The artist's own picture that drawing starts from: read for a brief, and its usual size.

Legend: pixels (3, H, W) in [-1, 1].
"""

import math
from pathlib import Path

import torch

from engine.media.guard import read_bytes
from engine.media.image import decode
from engine.messages import MAX_SIDE_PX, Brief, Use

EXTENSION = 1.5  # of each side, where no size was asked for
ENLARGEMENT = 4.0


def read_picture(path: str) -> torch.Tensor:
    """(3, H, W). Raises BadInput for whatever is no picture."""
    return decode(read_bytes(Path(path)), Path(path).name)


def usual_size(use: Use, content: Path) -> tuple[int, int]:
    """(width, height) in px of what `use` makes of a picture: its aspect, the usual area or, where
    the use is about size, so much more than its own. Raises BadInput for what is no picture."""
    height, width = read_picture(str(content)).shape[1:]
    ratio = {
        Use.EXTEND: EXTENSION,
        Use.FILL: 1.0,
        Use.ENLARGE: ENLARGEMENT,
    }.get(use, math.sqrt(Brief().width_px * Brief().height_px / (width * height)))
    ratio = min(ratio, MAX_SIDE_PX / max(width, height))
    return round(width * ratio), round(height * ratio)
