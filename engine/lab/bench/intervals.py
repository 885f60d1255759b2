"""95 % intervals of means."""

import torch
from torch import Tensor


def mean_interval(values: Tensor) -> tuple[float, float, float]:
    """(mean, low, high) of independent values (N,), as 1.96 standard errors: the papers' own."""
    values = values.double()
    mean = float(values.mean())
    half = 1.96 * float(values.std()) / len(values) ** 0.5 if len(values) > 1 else 0.0
    return mean, mean - half, mean + half


def paired_interval(
    first: Tensor, second: Tensor, draws: int = 2000, seed: int = 0
) -> tuple[float, float, float]:
    """(ratio, low, high) of mean(first) / mean(second) over the same tasks, by paired bootstrap."""
    generator = torch.Generator().manual_seed(seed)
    chosen = torch.randint(len(first), (draws, len(first)), generator=generator)
    ratios = first.double()[chosen].mean(1) / second.double()[chosen].mean(1)
    low, high = torch.quantile(ratios, torch.tensor([0.025, 0.975], dtype=torch.float64)).tolist()
    return float(first.mean() / second.mean()), low, high
