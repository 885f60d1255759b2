"""Pictures that are their own mirror image or half turn: one half is copied to the other.

Legend: pictures (N, C, H, W). Exact at any size: of an odd side the middle line is its own image.
"""

from torch import Tensor

from engine.protocol import Symmetry


def fold(pictures: Tensor, symmetry: Symmetry) -> Tensor:
    """The same shape; the left (and upper) half decides."""
    match symmetry:
        case Symmetry.NONE:
            return pictures
        case Symmetry.MIRROR:
            return _copied(pictures)
        case Symmetry.BOTH:
            return _copied(_copied(pictures).mT).mT
        case Symmetry.TURN:  # half a turn reverses the pixels in reading order
            return _copied(pictures.flatten(2)).reshape(pictures.shape)


def _copied(field: Tensor) -> Tensor:
    """The first half along the last dimension, reversed, over the second."""
    folded = field.clone()
    half = field.shape[-1] // 2
    if half:
        folded[..., -half:] = field[..., :half].flip(-1)
    return folded
