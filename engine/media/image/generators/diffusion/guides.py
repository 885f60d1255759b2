"""What a ControlNet reads of a content: edges, soft contours, or the picture itself.

Legend: pixels (1, 3, H, W) in [-1, 1]; guides (1, 3, H, W) in [0, 1], white on black.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from scipy.ndimage import gaussian_filter, label, sobel
from torch import Tensor

_BLUR_PX = 1.2
_LOW, _HIGH = (
    0.25,
    0.6,
)  # of gradients of lightness in [0, 1]: edges go on above one, begin above the other
_SOFT_PX = 1.0
_BRIGHTEST = 98.0  # percentile of soft contours that is white


@dataclass(frozen=True, slots=True, eq=False)
class Guide:
    """A ControlNet with what it reads; share: of its answer."""

    network: Any
    pixels: Tensor
    share: float

    def residuals(self, x: Tensor, t: Tensor, tokens: Tensor, **more: Any) -> dict[str, Any]:
        """What a UNet adds to its own layers, by the names of its arguments."""
        down, middle = self.network(
            x,
            t,
            encoder_hidden_states=tokens,
            controlnet_cond=self.pixels.to(x).expand(len(x), -1, -1, -1),
            conditioning_scale=self.share,
            return_dict=False,
            **more,
        )
        return {"down_block_additional_residuals": down, "mid_block_additional_residual": middle}


def guide_of(kind: str, pixels: Tensor) -> Tensor:
    """kind: "guide_edges", "guide_soft" or "guide_tile"."""
    if kind == "guide_tile":
        return pixels.add(1).div(2).clamp(0, 1)
    grey = pixels.add(1).div(2).mean(1)[0].cpu().numpy()
    drawn = _edges(grey) if kind == "guide_edges" else _contours(grey)
    return torch.from_numpy(drawn.astype(np.float32))[None, None].repeat(1, 3, 1, 1)


def _slopes(grey: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    smooth = gaussian_filter(grey, _BLUR_PX)
    return sobel(smooth, 0), sobel(smooth, 1)


def _edges(grey: np.ndarray) -> np.ndarray:
    """Thin edges (Canny 1986): the steepest places across each edge; weak ones where they are
    joined to strong ones."""
    down, across = _slopes(grey)
    steep = np.hypot(down, across)
    found = np.where(_is_ridge(steep, down, across), steep, 0.0)
    joined: Any = label(found > _LOW, np.ones((3, 3)))
    pieces = joined[0]
    strong = np.unique(pieces[found > _HIGH])
    return np.isin(pieces, strong[strong > 0]).astype(np.float32)


def _is_ridge(steep: np.ndarray, down: np.ndarray, across: np.ndarray) -> np.ndarray:
    """Whether it is no less steep on either side, along the slope."""
    turn = np.round(np.arctan2(down, across) / (np.pi / 4)).astype(int) % 4
    steps = ((0, 1), (1, 1), (1, 0), (1, -1))  # down and across, for each eighth of a turn
    padded = np.pad(steep, 1)
    height, width = steep.shape
    kept = np.zeros(steep.shape, bool)
    for quarter, (y, x) in enumerate(steps):
        before = padded[1 - y : 1 - y + height, 1 - x : 1 - x + width]
        after = padded[1 + y : 1 + y + height, 1 + x : 1 + x + width]
        kept |= (turn == quarter) & (steep >= before) & (steep >= after)
    return kept


def _contours(grey: np.ndarray) -> np.ndarray:
    """Wide, from black to white."""
    steep = gaussian_filter(np.hypot(*_slopes(grey)), _SOFT_PX)
    white = max(float(np.percentile(steep, _BRIGHTEST)), 1e-6)
    return np.clip(steep / white, 0.0, 1.0)
