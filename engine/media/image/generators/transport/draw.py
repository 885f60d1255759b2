"""Style and brief → pictures: from a start at a coarse scale to the output, transport at every
scale and a denoiser's strokes between.

Legend: N pictures drawn together, canvas (N, 3, H, W), n filters, Q quantiles, σ noise in it.
Heavy-ball momentum on the closed-form steps, then noise, and strokes that take it away: an Euler
step x' = D + σ'/σ (x - D) (Karras et al. 2022, algorithm 1) with the estimate D(x; σ) moved to the
references' distributions by a few steps more, so that what is painted keeps their statistics.
"""

from collections.abc import Generator
from dataclasses import dataclass

import torch
from torch import Tensor

from engine.core import preference_tensors as liked
from engine.core.progress import Advance
from engine.media.image.generators.transport import chance, gamut, mixture
from engine.media.image.generators.transport.canvas import centre, grow, noise
from engine.media.image.generators.transport.finish import Finish
from engine.media.image.generators.transport.ground import ScaleStart
from engine.media.image.generators.transport.match import Matching
from engine.media.image.generators.transport.memory import Memory
from engine.media.image.generators.transport.paint import Brush, added_noise
from engine.media.image.generators.transport.plan import CALM, Phase, Scale, Steps as Steps, scales
from engine.media.image.generators.transport.start import StartingPicture, read_start
from engine.media.image.generators.transport.weights import Prior, fitted
from engine.protocol import PictureBrief


@dataclass(frozen=True, slots=True)
class SamplingTarget:
    """What the works of a job are drawn towards. shares: (N, K) of the references in each work."""

    style: dict[str, Tensor]
    filters: Tensor
    bounds: Tensor
    shares: Tensor
    brush: Brush
    start: StartingPicture
    brief: PictureBrief
    memory: Memory


def draw(
    tensors: dict[str, Tensor],
    brief: PictureBrief,
    prior: Prior,
    device: torch.device,
    steps: Steps | None = None,
) -> Generator[Advance, None, Tensor]:
    """(count, 3, height_px, width_px) in [-1, 1].

    Yields after each step, with the pictures after each scale. Picture i depends on seed + i
    alone, not on its neighbours in the batch. Raises BadInput for a start that does not serve.
    """
    return (yield from drawn(aim_of(tensors, brief, prior, device), steps))


def drawn(aim: SamplingTarget, steps: Steps | None = None) -> Generator[Advance, None, Tensor]:
    """The works that `aim` describes; as `draw`."""
    brief = aim.brief
    steps = steps or Steps() if aim.start.free is None else CALM
    plan = scales(brief, aim.style["levels"].tolist(), aim.start.entry_px, steps)
    finish = Finish(brief, aim.start)
    total = sum(scale.cost for scale in plan)
    canvas, pictures, done = None, torch.empty(0), 0.0
    for before, scale in zip([None, *plan], plan, strict=False):
        ground = ScaleStart.at(aim.start, brief, scale.px, scale.size, scale.cropped)
        canvas = _entered(canvas, before, scale, ground, aim)
        for part in _at_scale(canvas, aim, scale, ground):
            yield Advance(done + part * scale.cost, total, in_parts=aim.memory.scarce)
        done += scale.cost
        pictures = finish(ground.seen(canvas))
        yield Advance(done, total, pictures)
    return pictures


def aim_of(
    tensors: dict[str, Tensor], brief: PictureBrief, prior: Prior, device: torch.device
) -> SamplingTarget:
    """Raises BadInput for a start that does not serve."""
    start, memory = read_start(brief, device), Memory()
    style = {name: tensor.to(device) for name, tensor in tensors.items()}
    shares = _shares(style, start, brief).to(device)
    untold = shares.new_zeros(shares.shape[1], prior.denoiser.config.style)
    told = style.get("told", untold).float()  # untold: a style from before there were strokes
    brush = Brush(fitted(style, prior), shares @ told, brief.tile, memory)
    bounds = _bounds(style, start)
    return SamplingTarget(
        style, style["filters"].float(), bounds, shares, brush, start, brief, memory
    )


def _shares(style: dict[str, Tensor], start: StartingPicture, brief: PictureBrief) -> Tensor:
    """(N, K): on which reference each work leans."""
    weights = liked.weights_of(style, brief.follow)
    if start.leans_on_content and start.content is not None:
        one = mixture.leaning(weights, mixture.likest(style, start.content[0]))
        return one.expand(brief.count, -1)
    return chance.strayed_shares(brief, lambda seeds: mixture.shares(weights, seeds))


def _bounds(style: dict[str, Tensor], start: StartingPicture) -> Tensor:
    """(2, 3): the style's colours, and the content's where it is drawn towards them too."""
    theirs = gamut.union(style["gamuts"])
    if start.content is None or start.towards == 1:
        return theirs
    return torch.lerp(gamut.box(start.content[0]), theirs, start.towards)


def _entered(
    canvas: Tensor | None,
    before: Scale | None,
    scale: Scale,
    ground: ScaleStart,
    aim: SamplingTarget,
) -> Tensor:
    """The canvas with which a scale begins."""
    tile = aim.brief.tile
    if canvas is None or before is None:
        mean, deviation = mixture.colours(aim.style, aim.shares)
        unit = chance.strayed_noise(aim.brief, lambda seeds: noise(seeds, scale.size, tile))
        return ground.first(mean, deviation, unit.to(mean))
    if scale.cropped:
        return ground.keep(centre(canvas, scale.size).clone())
    return ground.keep(grow(canvas, before.size, scale.size, tile))


def _at_scale(
    canvas: Tensor, aim: SamplingTarget, scale: Scale, ground: ScaleStart
) -> Generator[float, None, None]:
    """All phases of one scale, in place. Yields the share that is done."""

    def settle(moved: Tensor) -> Tensor:
        return ground.keep(gamut.into(moved, aim.bounds))

    tables = ground.towards(mixture.tables_at(aim.style, scale.level, aim.shares), aim.filters)
    wrap, free = aim.brief.tile, ground.free
    matching = Matching(tables, aim.filters, scale.stride, wrap, free, aim.memory, settle)
    total, done, step = max(1.0, sum(phase.cost for phase in scale.phases)), 0.0, 0
    if not scale.cropped:
        canvas.copy_(settle(ground.follow(canvas)))
    for turn, phase in enumerate(scale.phases):
        noise = None
        if phase.sigma:
            noise = _stroke(canvas, aim, phase, scale.told_px, turn)
            canvas.copy_(settle(ground.follow(canvas)))
            yield (done + phase.stroke_cost) / total
        for part in matching.steps(canvas, phase, step):
            yield (done + phase.stroke_cost + part * phase.steps) / total
        canvas.copy_(ground.recall(canvas))
        if noise is not None:
            canvas += phase.left * noise
        done, step = done + phase.cost, step + phase.steps


def _stroke(canvas: Tensor, aim: SamplingTarget, phase: Phase, told_px: float, turn: int) -> Tensor:
    """The canvas becomes D(x; σ), in place. Returns the noise found in it, of deviation 1."""
    if phase.added:
        shape = tuple(canvas.shape[1:])
        unit = chance.strayed_noise(aim.brief, lambda seeds: added_noise(shape, seeds, turn))
        canvas += phase.added * unit.to(canvas)
    clean = aim.brush.stroke(canvas, phase.sigma, told_px)
    noise = (canvas - clean) / phase.sigma
    canvas.copy_(clean)
    return noise
