"""The ground of a work, to be made transparent: where it is known from, and how it is taken out.

1. Of references that lay on nothing the studio knows the ground that it showed them on; where most
   of the work's edge has that colour, it is the ground.
2. References that were cut out have no ground: the work gets the outline of the one that it took
   most from.
3. Else it is the colour that most of the work's edge has; where no colour has most, there is none.
Legend: levels (H, W, 3) of 0 … 255, alpha (H, W) of 0 … 1.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from torch import Tensor

from engine.core.errors import BadInput
from engine.core.style import Tensors
from engine.media.image.codec.raster import Picture

SHOWN_ON, OUTLINE = "shown_on", "outline"  # tensors of a neutral reference
OUTLINE_PX = 256  # the longer side of an outline
GRAIN, SOLID = 0.03, 0.3  # distances from the ground: of its own grain, of opaque ink
LIKE_GROUND = 0.12  # an edge pixel no farther than this from a colour has it
LEAST_EDGE = 0.5  # of the edge has the colour of a ground
_BIN = 16  # colours of an edge that share one of these cells count as one


class GroundKind(StrEnum):
    REFERENCES = "references"
    SHAPE = "shape"
    EDGE = "edge"


@dataclass(frozen=True, slots=True, eq=False)
class Ground:
    """colour (3,) of 0 … 255, or the outline: alpha (H, W)."""

    kind: GroundKind
    colour: np.ndarray | None = None
    alpha: np.ndarray | None = None


def neutral(reference: Picture) -> Tensors:
    """What a style keeps of a reference's transparent parts: the ground that it was shown on,
    (3,) of uint8, or its outline, (h, w) of uint8."""
    if reference.shown_on is not None:
        return {SHOWN_ON: torch.tensor(reference.shown_on, dtype=torch.uint8)}
    if reference.alpha is None:
        return {}
    height, width = reference.alpha.shape
    shrink = min(1.0, OUTLINE_PX / max(height, width))
    size = max(1, round(height * shrink)), max(1, round(width * shrink))
    small = F.interpolate(reference.alpha[None, None], size, mode="area")[0, 0]
    return {OUTLINE: (255 * small).round().to(torch.uint8).cpu()}


def find(
    levels: np.ndarray, name: str, references: Sequence[Tensors], taken: Mapping[str, Any]
) -> Ground:
    """Of the work `name`. references: as its style keeps them, neutral; taken: what its sidecar
    says of where it came from. Raises BadInput where there is none."""
    edge = _edge(levels)
    grounds = [r[SHOWN_ON].cpu().numpy() for r in references if SHOWN_ON in r]
    outlines = {k: r[OUTLINE] / 255 for k, r in enumerate(references) if OUTLINE in r}
    shares = [_share(edge, colour) for colour in grounds]
    if shares and max(shares) >= LEAST_EDGE:
        return Ground(GroundKind.REFERENCES, grounds[int(np.argmax(shares))])
    if outlines:
        return Ground(GroundKind.SHAPE, alpha=_outline(outlines, taken, levels.shape[:2]))
    colour = _usual(edge)
    if _share(edge, colour) < LEAST_EDGE:
        raise BadInput("no_ground", name=name)
    return Ground(GroundKind.EDGE, colour)


def cleared(levels: np.ndarray, ground: Ground) -> Image.Image:
    """RGBA without the ground. Of a colour p, the distance of a channel c from it is
    |c - p| / max(p, 255 - p), and that of a pixel its largest one: below GRAIN it is clear, above
    SOLID opaque, alpha a linear between; its colour x solves c = p + a (x - p), so that on the same
    ground the work looks as it was."""
    if ground.alpha is not None:
        return _joined(levels, ground.alpha)
    assert ground.colour is not None
    paper = ground.colour.astype(np.float32)
    alpha = np.clip((_distance(levels, paper) - GRAIN) / (SOLID - GRAIN), 0, 1)
    shown = np.maximum(alpha, 1 / 255)[..., None]
    return _joined(paper + (levels.astype(np.float32) - paper) / shown, alpha)


def _joined(colours: np.ndarray, alpha: np.ndarray) -> Image.Image:
    """Where nothing is seen the colour is black, so that files are small."""
    seen = np.round(255 * alpha)[..., None]
    whole = np.concatenate([np.where(seen > 0, np.round(colours), 0), seen], -1)
    return Image.fromarray(np.clip(whole, 0, 255).astype(np.uint8))


def _distance(levels: np.ndarray, colour: np.ndarray) -> np.ndarray:
    """(…, 3) → (…): 0 … 1."""
    widest = np.maximum(colour, 255 - colour).astype(np.float32)
    return (np.abs(levels.astype(np.float32) - colour) / widest).max(-1)


def _edge(levels: np.ndarray) -> np.ndarray:
    """(E, 3): the outermost pixels."""
    return np.concatenate([levels[0], levels[-1], levels[1:-1, 0], levels[1:-1, -1]])


def _share(edge: np.ndarray, colour: np.ndarray) -> float:
    return float((_distance(edge, colour) < LIKE_GROUND).mean())


def _usual(edge: np.ndarray) -> np.ndarray:
    """(3,): the mean of the colours in the fullest cell."""
    _, whose, counts = np.unique(edge // _BIN, axis=0, return_inverse=True, return_counts=True)
    return edge[whose.reshape(-1) == counts.argmax()].mean(0).round()


def _outline(
    outlines: Mapping[int, Tensor], taken: Mapping[str, Any], size: tuple[int, ...]
) -> np.ndarray:
    """(H, W): that of the reference that gave most, in the middle, as large as fits."""
    shares = taken.get("references", [])
    first = max(outlines, key=lambda k: shares[k] if k < len(shares) else 0.0)
    shape = outlines[first]
    ratio = min(size[0] / shape.shape[0], size[1] / shape.shape[1])
    inner = max(1, round(shape.shape[0] * ratio)), max(1, round(shape.shape[1] * ratio))
    fitted = F.interpolate(shape[None, None].float(), inner, mode="bilinear", antialias=True)[0, 0]
    alpha = torch.zeros(size[0], size[1])
    top, left = (size[0] - inner[0]) // 2, (size[1] - inner[1]) // 2
    alpha[top : top + inner[0], left : left + inner[1]] = fitted
    return alpha.numpy()
