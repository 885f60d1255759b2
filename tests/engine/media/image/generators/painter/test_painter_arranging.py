"""What compositions begin with: pieces of a reference, on canvases of few pixels."""

import pytest
import torch

from engine.media.image.generators.painter.arranging import DRAWS, arranged, draws_of
from tests.engine.handmade import painting

SIZE = (24, 36)
GREYS = torch.linspace(-1, 1, 48)[None, :, None].expand(3, 48, 72).contiguous()


@pytest.mark.parametrize("shape", [(48, 72), (72, 48), (30, 200), (24, 36), (9, 9)])
@pytest.mark.parametrize("invention", [0.0, 0.4, 0.9])
def test_a_layout_has_its_size_whatever_the_reference(
    shape: tuple[int, int], invention: float
) -> None:
    for draws in draws_of(range(20)):
        layout, heights = arranged(painting(*shape), SIZE, draws, invention)
        assert layout.shape == (3, *SIZE)
        assert layout.abs().max() <= 1
        assert heights.min() >= 0
        assert heights.max() <= 1
        assert (heights.diff() > 0).all()


def test_nothing_is_moved_where_nothing_is_invented() -> None:
    reference = painting(48, 72)
    one, other = (arranged(reference, SIZE, draws, 0.0)[0] for draws in draws_of([1, 2]))
    assert torch.equal(one, other)


def test_what_was_level_stays_level() -> None:
    """A reference that only changes from top to bottom: every row of a layout is of one grey, that
    of the height that it is said to be of."""
    for draws in draws_of(range(12)):
        layout, heights = arranged(GREYS, SIZE, draws, 0.4)
        assert layout.std(2).max() < 0.01
        assert torch.allclose(layout[0, :, 0], 2 * heights - 1, atol=0.06)


def test_layouts_differ() -> None:
    reference = painting(48, 72)
    layouts = torch.stack([arranged(reference, SIZE, d, 0.4)[0] for d in draws_of(range(8))])
    assert torch.cdist(layouts.flatten(1), layouts.flatten(1)).triu(1).count_nonzero() == 28


def test_pieces_meet_where_they_differ_least() -> None:
    """A reference of even colour with a bar in it: no piece begins or ends within the bar."""
    reference = torch.zeros(3, 24, 108)
    reference[:, :, 50:58] = 1
    draws = torch.full((DRAWS,), 0.5)
    draws[0] = 1.0  # three pieces
    draws[5:] = torch.rand(DRAWS - 5, generator=torch.Generator().manual_seed(3))
    row = arranged(reference, SIZE, draws, 0.4)[0][0, 12].round()
    widths = [len(run) for run in "".join(str(int(v)) for v in row).split("0") if run]
    assert all(width >= 7 for width in widths)
