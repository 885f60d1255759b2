"""The artist's own picture in the references' colours and marks.

Legend: content (3, H, W) in [-1, 1], K references. The layout is the content in the references'
colours (`recolouring`). The guide is what the surroundings of each place show: half
of the descriptor is the content's, half that of the content in their colours, so that a place
finds a patch that shows the same and has their palette.
"""

from collections.abc import Generator, Sequence
from dataclasses import replace

from torch import Tensor

from engine.core.progress import Advance, placed
from engine.media.image.generators.painter.bands import waited
from engine.media.image.generators.painter.features import FeatureNet, principal_axes
from engine.media.image.generators.painter.scales import RepaintSettings
from engine.media.image.generators.painter.sources import Source
from engine.media.image.pyramid import resize, size_at

GUIDES = 12  # principal axes of descriptors
SEEN_PX = 208.0  # the scale at which descriptors are made
BEGIN_PX = (300.0, 100.0, 80.0)  # where repainting begins at strength 0, 1, 2
GUIDED = (3.0, 1.8, 1.0)  # the weight of the guide there
PULL = 0.6  # of the layout at strength 0
KEPT, KEPT_TO = 0.8, 1.6  # of the layout in the work at strength 0, and where nothing of it is
SCREENS = (4.0, 0.1)  # what is guided differs from patch to patch: more is blended


def guided(
    content: Tensor, coloured: Tensor, sources: Sequence[Source], net: FeatureNet
) -> Generator[Advance, None, tuple[list[Source], Tensor]]:
    """The sources with their guides, and the guide (G, h, w) of the content. Yields after each
    picture."""
    found = []
    pictures = [*(source.pixels for source in sources), content, coloured]
    for n, pixels in enumerate(pictures):
        seeing = waited(lambda pixels=pixels: net(_seen(pixels)))
        found.append((yield from placed(seeing, lambda _, n=n: Advance(n, len(pictures)))))
        yield Advance(n + 1, len(pictures))
    *theirs, shown, shown_coloured = found

    def projected() -> tuple[list[Source], Tensor]:
        axes = principal_axes(theirs, GUIDES)
        own = (axes.of(shown) + axes.of(shown_coloured)) / 2
        return [replace(s, guide=axes.of(d)) for s, d in zip(sources, theirs, strict=True)], own

    last = waited(projected)
    return (yield from placed(last, lambda _: Advance(len(pictures), len(pictures))))


def manner_of(settings: RepaintSettings, strength: float) -> RepaintSettings:
    """Where repainting begins, and how much the guide counts. strength: 0 … 2."""
    begin, weight = between(BEGIN_PX, strength), between(GUIDED, strength)
    pull = PULL * (1 - strength / 2)
    kept = KEPT * max(0.0, 1 - strength / KEPT_TO)
    return replace(
        settings,
        begin_px=begin,
        guided=(weight, weight),
        limit=None,
        pull=pull,
        kept=kept,
        rounds=settings.rounds // 2,
        screens=SCREENS,
    )


def _seen(pixels: Tensor) -> Tensor:
    height, width = pixels.shape[1:]
    own = (height * width) ** 0.5
    return resize(pixels[None], size_at(height, width, min(own, SEEN_PX)))[0]


def between(values: tuple[float, float, float], strength: float) -> float:
    first = min(1, int(strength))
    share = strength - first
    return values[first] * (values[first + 1] / values[first]) ** share
