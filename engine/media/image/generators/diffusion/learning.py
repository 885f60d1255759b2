"""Gradient steps on what a style holds, its tokens and its adapter, over a frozen denoiser.

Legend: N pictures of a batch, latents (N, C, h, w), x0 clean, ε noise, t time, T style tokens.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from engine.core.pretrained.low_rank import Pair, applied
from engine.media.image.generators.diffusion.base import Base
from engine.media.image.generators.diffusion.denoisers import Conditioning
from engine.media.image.generators.diffusion.style import DiffusionStyle


@dataclass(frozen=True, slots=True, eq=False)
class Example:
    """Noised pictures and what the denoiser should say of them; prompts: one for all."""

    x: Tensor
    target: Tensor
    t: Tensor
    prompt: str = ""

    @classmethod
    def of(
        cls, base: Base, x0: Tensor, t: Tensor, random: torch.Generator, prompt: str = ""
    ) -> "Example":
        noise = torch.randn(x0.shape, generator=random).to(x0)
        schedule = base.schedule
        return cls(schedule.noised(x0, noise, t), schedule.target(x0, noise, t), t, prompt)


def errors(base: Base, style: DiffusionStyle, example: Example) -> Tensor:
    """(N,) mean squared errors of the denoiser with this style, differentiable in it."""
    predicted = predictions(base, style, example)
    return (predicted - example.target).square().flatten(1).mean(1)


def predictions(base: Base, style: DiffusionStyle, example: Example) -> Tensor:
    """(N, C, h, w)."""
    told = base.told(example.prompt).and_also(style.tokens)
    with applied(base.network, [(style.adapter, 1.0)]):
        rows = [
            base.predict(example.x[i : i + 1], example.t[i].to(example.x.device), told)
            for i in range(len(example.x))
        ]
    return torch.cat(rows)


def measured(base: Base, style: DiffusionStyle, examples: Iterable[Example]) -> float:
    """The mean error over fixed examples."""
    with torch.no_grad(), base.using("denoiser"):
        return float(torch.cat([errors(base, style, each) for each in examples]).mean())


def learnable(style: DiffusionStyle, *, adapter: bool = True) -> DiffusionStyle:
    """A copy whose tokens, and adapter, take gradients."""
    tokens = style.tokens.detach().clone().requires_grad_(True)
    pairs = {
        name: Pair(
            pair.down.detach().clone().requires_grad_(adapter),
            pair.up.detach().clone().requires_grad_(adapter),
        )
        for name, pair in style.adapter.items()
    }
    return replace(style, tokens=tokens, adapter=pairs)


def frozen(style: DiffusionStyle) -> DiffusionStyle:
    """A copy that stays as it is."""
    pairs = {
        name: Pair(pair.down.detach().clone(), pair.up.detach().clone())
        for name, pair in style.adapter.items()
    }
    return replace(style, tokens=style.tokens.detach().clone(), adapter=pairs)


def optimiser(style: DiffusionStyle, tokens: float, adapter: float) -> torch.optim.Optimizer:
    """tokens, adapter: rates of learning; tokens move in steps of their own size."""
    size = float(style.tokens.detach().square().mean().sqrt())
    pairs = [t for pair in style.adapter.values() for t in (pair.down, pair.up)]
    groups = [{"params": [style.tokens], "lr": tokens * max(size, 1e-3)}]
    moved = [each for each in pairs if each.requires_grad]
    return torch.optim.AdamW(
        groups + ([{"params": moved, "lr": adapter}] if moved else []), weight_decay=0.0
    )


def begun(base: Base, seed: int, count: int, adapter: dict[str, Pair]) -> DiffusionStyle:
    """A style that has learned nothing: tokens near the mean of an empty prompt's."""
    plain: Conditioning = base.told("a picture")
    mean, deviation = plain.tokens.float().mean(0), plain.tokens.float().std(0)
    random = torch.Generator().manual_seed(seed)
    drawn = torch.randn(count, len(mean), generator=random).to(mean)
    tokens = mean + 0.1 * deviation.nan_to_num() * drawn
    lender = base.lender.digest if base.lender else ""
    return DiffusionStyle(base.row.digest, tokens, adapter, lender=lender)


@contextmanager
def gradients(base: Base) -> Iterator[None]:
    """With the denoiser where it computes; layers are computed twice where memory is short."""
    network = base.network
    can = base.sparing and hasattr(network, "enable_gradient_checkpointing")
    if can:
        network.enable_gradient_checkpointing()  # pyright: ignore[reportCallIssue]
    try:
        with torch.enable_grad(), base.using("denoiser"):
            yield
    finally:
        if can:
            network.disable_gradient_checkpointing()  # pyright: ignore[reportCallIssue]


def spread(base: Base, latents: Sequence[Tensor], seed: int, prompt: str = "") -> list[Example]:
    """One fixed example for each of some latents, at times from little noise to much."""
    random = torch.Generator().manual_seed(seed)
    times = base.schedule.even_times(len(latents))
    return [Example.of(base, x0, times[i : i + 1], random, prompt) for i, x0 in enumerate(latents)]
