"""A few gradient steps on low-rank updates, with the references in context: the rest of adapting.

LoRA (Hu et al. 2022, eq. 3): every linear map W (m, n) becomes W + B A, B (m, r), A (r, n), B from
zero. The steps are Adam's, on the likelihood of the references read one after another, so that
what is learned is what reading them had not told yet. A step needs TOKENS_A_STEP tokens to stand
on; that and the rate were chosen on validation authors, for more of either soon does harm.
Legend: N tokens of the context, r rank.
"""

import copy
import time
from collections.abc import Generator, Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.func import functional_call, grad_and_value

from engine.meta.inner_loop import Adam, Parameters
from engine.progress import Advance
from engine.text.model import TextModel

RANK, RATE = 8, 5e-4
MOST_STEPS, TOKENS_A_STEP = 4, 120
PREFIX = "low_rank/"


def start(model: TextModel, rank: int = RANK, seed: int = 0) -> Parameters:
    """{"<map>.a": (r, n), "<map>.b": (m, r)} of every linear map of the model."""
    generator = torch.Generator().manual_seed(seed)
    updates: Parameters = {}
    for name, module in model.named_modules():
        if isinstance(module, nn.Linear):
            out, inner = module.weight.shape
            a = torch.randn(rank, inner, generator=generator) / inner**0.5
            updates[f"{name}.a"] = a.to(module.weight)
            updates[f"{name}.b"] = module.weight.new_zeros(out, rank)
    return updates


def merged(model: TextModel, updates: Parameters) -> Parameters:
    """{"<map>.weight": W + B A}."""
    weights = {name: parameter.detach() for name, parameter in model.named_parameters()}
    maps = [key.removesuffix(".a") for key in updates if key.endswith(".a")]
    return {
        f"{name}.weight": weights[f"{name}.weight"] + updates[f"{name}.b"] @ updates[f"{name}.a"]
        for name in maps
    }


def fit(
    model: TextModel,
    context: Sequence[int],
    *,
    steps: int | None = None,
    rate: float = RATE,
    rank: int = RANK,
    seconds: float | None = None,
    seed: int = 0,
) -> Generator[Advance, None, Parameters]:
    """Updates for the references in `context` (N,), after `steps`, or fewer where `seconds` end.

    None: as many steps as the references bear, which may be none.
    """
    steps = min(MOST_STEPS, len(context) // TOKENS_A_STEP) if steps is None else steps
    ends = time.monotonic() + (float("inf") if seconds is None else seconds)
    row = torch.tensor([list(context)], device=model.bias.device)
    frozen = {name: parameter.detach() for name, parameter in model.named_parameters()}

    def loss(updates: Parameters) -> Tensor:
        logits = functional_call(model, frozen | merged(model, updates), (row[:, :-1],))
        return F.cross_entropy(logits[0].float(), row[0, 1:])

    updates, rule = start(model, rank, seed), Adam(rate, beta1=0.9)
    state = rule.start(updates)
    for step in range(steps):
        if time.monotonic() > ends:
            break
        gradients, value = grad_and_value(loss)(updates)
        with torch.no_grad():
            updates, state = rule(updates, gradients, value, state)
        yield Advance(step + 1, steps)
    return updates


def adapted(model: TextModel, updates: Parameters) -> TextModel:
    """A copy of the model with the updates in its weights."""
    twin = copy.deepcopy(model)
    with torch.no_grad():
        named = dict(twin.named_parameters())
        for name, weight in merged(model, updates).items():
            named[name].copy_(weight)
    return twin


def mixed(parts: Sequence[Parameters], weights: Sequence[float]) -> Parameters:
    """The weighted sum of updates, as one update of all their ranks together."""
    total = sum(weights)
    updates: Parameters = {}
    for key in parts[0]:
        if key.endswith(".a"):
            updates[key] = torch.cat([part[key] for part in parts], 0)
        else:
            shares = [part[key] * (w / total) for part, w in zip(parts, weights, strict=True)]
            updates[key] = torch.cat(shares, 1)
    return updates
