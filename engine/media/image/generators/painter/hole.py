"""A hole in a large picture: only what surrounds it is looked at, the rest is not touched.

Legend: N works, content (1, 3, H, W), h, w of the window.
"""

from dataclasses import dataclass, replace

import torch
import torch.nn.functional as F
from torch import Tensor

from engine.media.image.generators.painter.regions import MAP_PX, Taken
from engine.media.image.pyramid import resize

AROUND = 1.0  # how far its surroundings reach, as a share of the hole's own sides
LEAST_PX = 160


@dataclass(frozen=True, slots=True)
class Window:
    """Rows and columns of a content, as slices."""

    rows: slice
    columns: slice

    @property
    def size(self) -> tuple[int, int]:
        return self.rows.stop - self.rows.start, self.columns.stop - self.columns.start

    def of(self, plane: Tensor) -> Tensor:
        """(…, H, W) → (…, h, w)."""
        return plane[..., self.rows, self.columns]

    def put(self, works: Tensor, content: Tensor) -> Tensor:
        """Works of the window at any scale, in the whole of their content: (N, 3, H, W)."""
        whole = content.expand(len(works), -1, -1, -1).clone()
        whole[..., self.rows, self.columns] = resize(works, self.size)
        return whole

    def taken(self, inner: Taken, size: tuple[int, int]) -> Taken:
        """What a work of the window took, told of the whole of `size`."""
        step = -(-max(size) // MAP_PX)
        grid = torch.from_numpy(inner.places).permute(2, 0, 1).float()
        places = torch.full((3, *size), -1, dtype=torch.int16)
        inside = F.interpolate(grid[None], self.size)[0].to(torch.int16)
        places[:, self.rows, self.columns] = inside
        largest = inner.largest * min(self.size) / min(size)
        told = places[:, ::step, ::step].permute(1, 2, 0).numpy().copy()
        return replace(inner, largest=min(1.0, largest), places=told)


def window_around(free: Tensor) -> Window | None:
    """Around what is 1 in (H, W); None where that is most of the picture."""
    spans = [_span(free.amax(1 - axis).nonzero()[:, 0], free.shape[axis]) for axis in (0, 1)]
    window = Window(*spans)
    height, width = window.size
    return window if 2 * height * width <= free.numel() else None


def _span(places: Tensor, most: int) -> slice:
    first, last = int(places.min()), int(places.max()) + 1
    margin = max(LEAST_PX, round(AROUND * (last - first)))
    return slice(max(0, first - margin), min(most, last + margin))
