"""How a style over a sound model learns from references: by the model's own errors on them, which
it gives as a `Lesson`. Ratings move it with the same lesson, at the pace of LIKED."""

import time
from collections.abc import Generator, Sequence
from typing import TypeVar

import torch
from torch import nn

from engine.core.pretrained import low_rank
from engine.core.pretrained.learned import Learned, Lesson, Pace
from engine.core.progress import Advance

Example = TypeVar("Example")
TOKENS = 4
STEPS, TOKENS_ALONE, SECONDS = 80, 20, 180.0
RATES = (0.02, 5e-4)  # of tokens, which are around 0.1, and of the adapter
LIKED = Pace(steps=40, tokens=0.005, adapter=2e-4)
MEASURE_EVERY = 10


def begun(network: nn.Module, width: int, seed: int, device: torch.device) -> Learned:
    """width: of the tokens that the network reads."""
    random = torch.Generator().manual_seed(seed)
    tokens = 0.1 * torch.randn(TOKENS, width, generator=random).to(device)
    return Learned(tokens, low_rank.start(network, seed, device))


def trained(
    began: Learned,
    lesson: Lesson[Example],
    examples: Sequence[Example],
    weights: Sequence[float],
    seed: int,
    seconds: float | None,
) -> Generator[Advance, None, Learned]:
    """Tokens first, then an adapter beside them; the best on all examples is kept. Yields after
    each step."""
    until = time.perf_counter() + (SECONDS if seconds is None else seconds)
    random = torch.Generator().manual_seed(seed)
    best, lowest = began.frozen(), measured(began, lesson, examples, seed)
    moving = began.learnable(adapter=False)
    optimiser = moving.optimiser(*RATES)
    for step in range(STEPS):
        if step == TOKENS_ALONE:
            moving = moving.learnable()
            optimiser = moving.optimiser(*RATES)
        place = int(torch.multinomial(torch.tensor(list(weights)), 1, generator=random))
        optimiser.zero_grad()
        with lesson.gradients():
            lesson.error(moving, examples[place], random).backward()
        optimiser.step()
        is_over = time.perf_counter() > until
        if (step + 1) % MEASURE_EVERY == 0 or is_over:
            error = measured(moving, lesson, examples, seed)
            if error < lowest:
                lowest, best = error, moving.frozen()
        yield Advance(step + 1, STEPS)
        if is_over:
            break
    return best


def measured(
    learned: Learned, lesson: Lesson[Example], examples: Sequence[Example], seed: int
) -> float:
    """The mean error over all examples, with the same noise each time."""
    random = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        rows = [float(lesson.error(learned, each, random)) for each in examples]
    return sum(rows) / len(rows)
