"""Style and brief → pictures: latents are cleaned of noise step by step.

    use       begins at                        kept
    compose   noise                            nothing
    restyle   the content under noise          its shapes, as far as the strength leaves them
    sketch    the same, under more noise       its flat colours
    vary      the content under noise          more of it
    fill      noise, the rest of the content   what is not masked, at every step and in the end
    extend    noise around the content         the content

Legend: latents (1, C, h, w), pixels (1, 3, H, W) in [-1, 1], free (H, W): 1 is painted anew.
Pictures are drawn one by one, so that each is the same in any batch.
"""

import math
from collections.abc import Generator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from engine.core.errors import BadInput
from engine.core.pretrained.low_rank import applied
from engine.core.progress import Advance, one_of, placed
from engine.interfaces import brief_of_one
from engine.media.image.generators.diffusion.base import Base, Look
from engine.media.image.generators.diffusion.denoisers import Conditioning
from engine.media.image.generators.diffusion.guides import Guide
from engine.media.image.generators.diffusion.style import DiffusionStyle
from engine.media.image.generators.transport.chance import strayed_noise
from engine.media.image.generators.transport.finish import Finish
from engine.media.image.generators.transport.memory import is_shortage
from engine.media.image.generators.transport.start import StartingPicture, read_start
from engine.media.image.pyramid import resize
from engine.protocol import PictureBrief, Use

NOISED = {  # at strength 0, 1, 2
    Use.RESTYLE: (0.15, 0.6, 0.9),
    Use.SKETCH: (0.4, 0.75, 0.95),
    Use.VARY: (0.1, 0.45, 0.8),
}
GUIDED = NOISED | {  # where a ControlNet holds the shapes, more is painted anew
    Use.RESTYLE: (0.3, 0.8, 1.0),
    Use.SKETCH: (0.6, 0.9, 1.0),
}
GUIDE_SHARES = (1.0, 1.0, 0.5)  # of what a ControlNet says, at strength 0, 1, 2
SHOWN_EVERY = 5  # steps
SHOWN_SHARE = 0.5  # of the side of a preview


@dataclass(frozen=True, slots=True, eq=False)
class Begin:
    """Where latents begin. content: clean latents; free: of their places, 1 is painted anew;
    noised: 0 … 1, the share of the way from clean to noise that is gone back."""

    content: Tensor | None = None
    free: Tensor | None = None
    noised: float = 1.0


def draw(
    base: Base,
    style: DiffusionStyle,
    brief: PictureBrief,
    looks: Sequence[Look] = (),
    steps: int = 0,
) -> Generator[Advance, None, list[Tensor]]:
    """Pictures (3, H, W), picture i of seed + i alone. Yields after each step, now and then with
    the picture as it will be. Where memory does not last parts of the model wait
    outside of the device.

    Raises BadInput for a start that does not serve, or where memory never lasts."""
    found: list[Tensor] = []
    for i in range(brief.count):
        one = brief_of_one(brief, i)
        picture: Tensor | None = None
        while picture is None:
            try:
                slices = _one(base, style, one, looks, steps or base.steps)
                picture = yield from _of_batch(slices, i, brief.count, base.sparing)
            except (MemoryError, RuntimeError) as error:
                if not is_shortage(error):
                    raise
                if not base.spare():
                    raise BadInput(
                        "model_no_room_to_draw",
                        name=base.row.name,
                        width=brief.width_px,
                        height=brief.height_px,
                    ) from error
        found.append(picture)
    return found


def _of_batch(
    slices: Generator[Advance, None, Tensor], index: int, count: int, sparing: bool
) -> Generator[Advance, None, Tensor]:
    """Previews come in the place of their picture."""
    return placed(
        one_of(slices, index, count),
        lambda part: replace(
            part, pictures=part.pictures if index == 0 else None, in_parts=sparing
        ),
    )


def _one(
    base: Base, style: DiffusionStyle, brief: PictureBrief, looks: Sequence[Look], steps: int
) -> Generator[Advance, None, Tensor]:
    start = read_start(brief, torch.device("cpu"))
    finish = Finish(brief, start)
    size = brief.height_px, brief.width_px
    canvas = canvas_size(base, size)
    begin = _begin(base, start, brief, canvas)
    own = style.on(base.device)
    told = base.conditioned(
        own,
        brief.prompt or style.motif(brief.seed),
        looks,
        _guide(base, start, brief, canvas),
        in_words=bool(brief.prompt),
    )
    plain = base.unconditioned(told, looks)
    noise = noise_of(base, brief, canvas)
    adapters = [(own.adapter, 1.0), *((look.denoiser, look.share) for look in looks)]
    with base.using("denoiser"), applied(base.network, adapters):
        slices = cleaned(base, told, plain, noise, begin, steps)
        latents = yield from _shown(slices, base, finish, size)
    return finish(fitted(base.to_pixels(latents), size).cpu())[0]


def _shown(
    slices: Generator[tuple[Advance, Tensor], None, Tensor],
    base: Base,
    finish: Finish,
    size: tuple[int, int],
) -> Generator[Advance, None, Tensor]:
    """Advances, every SHOWN_EVERY with a small picture of what is being drawn."""
    place = 0
    while True:
        try:
            advance, clean = next(slices)
        except StopIteration as end:
            return end.value
        place += 1
        if place % SHOWN_EVERY or base.sparing:
            yield advance
            continue
        small = F.interpolate(clean, scale_factor=SHOWN_SHARE, mode="area")
        half = round(size[0] * SHOWN_SHARE), round(size[1] * SHOWN_SHARE)
        shown = finish(fitted(base.to_pixels(small), half).cpu())
        yield replace(advance, pictures=shown)


def cleaned(
    base: Base,
    told: Conditioning,
    plain: Conditioning,
    noise: Tensor,
    begin: Begin,
    steps: int,
) -> Generator[tuple[Advance, Tensor], None, Tensor]:
    """noise (1, C, h, w) → clean latents. Yields after each step, with what it takes for clean."""
    solver = base.schedule.steps(steps, noise.shape[2] * noise.shape[3], base.denoiser.patch)
    times = solver.timesteps
    first = 0
    if begin.content is not None and begin.noised < 1:
        first = min(len(times) - 1, round((1 - begin.noised) * len(times)))
    solver.set_begin_index(first)
    x = noise * getattr(solver, "init_noise_sigma", 1.0)
    if begin.content is not None and first:
        x = _under_noise(solver, begin.content, noise, times[first])
    for i in range(first, len(times)):
        t = times[i].to(base.device)
        with torch.no_grad():
            given = solver.scale_model_input(x, times[i]) if _scales(solver) else x
            predicted = base.guided(given, t, told, plain)
            clean = base.schedule.clean(x, predicted, t)
            x = solver.step(predicted, times[i], x, return_dict=False)[0]
        if begin.content is not None and begin.free is not None:
            last = i + 1 == len(times)
            known = begin.content if last else _under_noise(solver, begin.content, noise, times[i])
            x = torch.lerp(known, x, begin.free)
        yield Advance(i + 1 - first, len(times) - first), clean
    return x


def _scales(solver: Any) -> bool:
    return hasattr(solver, "scale_model_input")


def _under_noise(solver: Any, content: Tensor, noise: Tensor, t: Tensor) -> Tensor:
    """As noisy as the solver stands: its first time, or the one after its last step."""
    put = solver.scale_noise if hasattr(solver, "scale_noise") else None
    if put is not None:
        return put(content, t.expand(1), noise)
    return solver.add_noise(content, noise, t.expand(1))


def _begin(
    base: Base, start: StartingPicture, brief: PictureBrief, canvas: tuple[int, int]
) -> Begin:
    if start.content is None:
        return Begin()
    content = base.to_latents(stretched(start.content, canvas))
    if start.free is not None:
        free = stretched(start.free[None, None], canvas)
        places = F.adaptive_max_pool2d(free, content.shape[2:]).to(content)
        return Begin(content, places)
    noised = (GUIDED if base.beside.control else NOISED)[brief.use]
    return Begin(content, None, _at(brief.strength, noised))


def _guide(
    base: Base, start: StartingPicture, brief: PictureBrief, canvas: tuple[int, int]
) -> Guide | None:
    """What a ControlNet reads of the content, where the style names one."""
    control = base.beside.control
    if control is None or start.content is None or brief.use not in (Use.RESTYLE, Use.SKETCH):
        return None
    share = _at(brief.strength, GUIDE_SHARES)
    return control.guide(stretched(start.content, canvas), share)


def _at(strength: float, numbers: tuple[float, float, float]) -> float:
    """Between numbers for strength 0, 1 and 2."""
    low, usual, high = numbers
    k = min(2.0, strength)
    return low + (usual - low) * k if k <= 1 else usual + (high - usual) * (k - 1)


def noise_of(base: Base, brief: PictureBrief, canvas: tuple[int, int]) -> Tensor:
    """(1, C, h, w) of the brief's seed, the same on every device."""
    shape = base.channels, canvas[0] // base.scale, canvas[1] // base.scale

    def of_seeds(seeds: Sequence[int]) -> Tensor:
        rows = [torch.randn(shape, generator=torch.Generator().manual_seed(s)) for s in seeds]
        return torch.stack(rows)

    return strayed_noise(brief, of_seeds).to(base.device)


def canvas_size(base: Base, size: tuple[int, int]) -> tuple[int, int]:
    """(H, W) that is drawn at: that of the brief in whole places of the latents; where the model
    was trained at larger pictures, about their area."""
    height, width = size
    grow = max(1.0, base.side_px / math.sqrt(height * width)) if base.side_px else 1.0
    step = base.multiple
    return tuple(max(2 * step, math.ceil(side * grow / step) * step) for side in (height, width))  # pyright: ignore[reportReturnType]


def stretched(pixels: Tensor, canvas: tuple[int, int]) -> Tensor:
    """(1, C, H, W) at the size of the canvas."""
    return resize(pixels, canvas)


def fitted(pixels: Tensor, size: tuple[int, int]) -> Tensor:
    """(1, 3, *canvas) at the size that was asked for."""
    return resize(pixels, size).clamp(-1, 1)
