"""Gradient steps on what a style holds, its tokens and its adapter, over a frozen denoiser.

Legend: N pictures of a batch, latents (N, C, h, w), x0 clean, ε noise, t time, T style tokens.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils.checkpoint import checkpoint

from engine.core.pretrained.low_rank import applied
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
    told = base.conditioned(style, example.prompt)
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


def size_of(tokens: Tensor) -> float:
    """Their own size, in which they move; that of none is 1."""
    return max(float(tokens.detach().square().mean().sqrt()), 1e-3) if len(tokens) else 1.0


def tokens_near(base: Base, seed: int, count: int) -> Tensor:
    """(count, E) to begin with: near the mean of an empty prompt's."""
    plain: Conditioning = base.told("a picture")
    mean, deviation = plain.tokens.float().mean(0), plain.tokens.float().std(0)
    random = torch.Generator().manual_seed(seed)
    drawn = torch.randn(count, len(mean), generator=random).to(mean)
    return mean + 0.1 * deviation.nan_to_num() * drawn


@contextmanager
def gradients(base: Base) -> Iterator[None]:
    """With the denoiser where it computes; layers are computed twice where memory is short."""
    network: Any = base.network
    can = base.sparing and hasattr(network, "enable_gradient_checkpointing")
    if can:
        network.enable_gradient_checkpointing(_computed_twice)
    try:
        with torch.enable_grad(), base.using("denoiser"):
            yield
    finally:
        if can:
            network.disable_gradient_checkpointing()


def _computed_twice(part: Any, *given: Any) -> Any:
    """What a part of the network says; once more on the way back, with the adapters that stood
    beside its layers the first time, since they are gone by then."""
    modules = list(part.modules()) if isinstance(part, nn.Module) else []
    hooks = {each: each._forward_hooks.copy() for each in modules if each._forward_hooks}

    @contextmanager
    def as_then() -> Iterator[None]:
        now = {each: each._forward_hooks for each in hooks}
        for each, then in hooks.items():
            each._forward_hooks = then
        try:
            yield
        finally:
            for each, kept in now.items():
                each._forward_hooks = kept

    return checkpoint(
        part, *given, use_reentrant=False, context_fn=lambda: (nullcontext(), as_then())
    )


def spread(
    base: Base, latents: Sequence[Tensor], seed: int, prompts: Sequence[str] = ()
) -> list[Example]:
    """One fixed example for each of some latents, at times from little noise to much."""
    random = torch.Generator().manual_seed(seed)
    times = base.schedule.even_times(len(latents))
    words = prompts or [""] * len(latents)
    return [
        Example.of(base, x0, times[i : i + 1], random, prompt)
        for i, (x0, prompt) in enumerate(zip(latents, words, strict=True))
    ]
