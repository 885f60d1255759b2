"""A few gradient steps on low-rank updates, with the references in context: the rest of adapting.

LoRA (Hu et al. 2022, eq. 3): every linear map W (m, n) becomes W + B A, B (m, r), A (r, n). The
steps are Adam's, on the likelihood of the references read one after another, so that what is
learned is what reading them had not told yet. Where they start and how far they go is meta-learned
(`engine.lab.training.text_low_rank`). A step needs TOKENS_A_STEP tokens to stand on, for more steps
soon do harm: chosen on validation authors.
Legend: N tokens of the context, r rank.
"""

import copy
import time
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.func import functional_call, grad_and_value

from engine.core.progress import Advance
from engine.meta.inner_loop import LearnedAdam, Parameters
from engine.sequence.model import Transformer

RANK, RATE = 8, 5e-4
MOST_STEPS, TOKENS_A_STEP = 4, 120
PREFIX = "low_rank/"


@dataclass(frozen=True, slots=True)
class AdapterStart:
    """Where the steps begin, and the rate of each tensor."""

    updates: Parameters
    rates: Mapping[str, float]

    def to(self, device: torch.device) -> "AdapterStart":
        return AdapterStart({name: t.to(device) for name, t in self.updates.items()}, self.rates)


def plain_start(
    model: Transformer, rank: int = RANK, rate: float = RATE, seed: int = 0
) -> AdapterStart:
    """LoRA's own start, which changes nothing: {"<map>.a": (r, n) random, "<map>.b": (m, r) zero}
    of every linear map of the model, all with one rate."""
    generator = torch.Generator().manual_seed(seed)
    updates: Parameters = {}
    for name, module in model.named_modules():
        if isinstance(module, nn.Linear):
            out, inner = module.weight.shape
            a = torch.randn(rank, inner, generator=generator) / inner**0.5
            updates[f"{name}.a"] = a.to(module.weight)
            updates[f"{name}.b"] = module.weight.new_zeros(out, rank)
    return AdapterStart(updates, dict.fromkeys(updates, rate))


def merged(model: Transformer, updates: Parameters) -> Parameters:
    """{"<map>.weight": W + B A}."""
    weights = {name: parameter.detach() for name, parameter in model.named_parameters()}
    maps = [key.removesuffix(".a") for key in updates if key.endswith(".a")]
    return {
        f"{name}.weight": weights[f"{name}.weight"] + updates[f"{name}.b"] @ updates[f"{name}.a"]
        for name in maps
    }


def steps_for(tokens: int) -> int:
    """As many steps as a context of so many tokens bears, which may be none."""
    return min(MOST_STEPS, tokens // TOKENS_A_STEP)


def reading_loss(model: Transformer, updates: Parameters, row: Tensor) -> Tensor:
    """Mean -ln p of the tokens row (1, N) after its first: ()."""
    frozen = {name: parameter.detach() for name, parameter in model.named_parameters()}
    logits = functional_call(model, frozen | merged(model, updates), (row[:, :-1],))
    return F.cross_entropy(logits[0].float(), row[0, 1:])


def fit(
    model: Transformer,
    start: AdapterStart,
    context: Sequence[int],
    *,
    steps: int | None = None,
    seconds: float | None = None,
) -> Generator[Advance, None, Parameters]:
    """Updates for the references in `context` (N,), after `steps`, or fewer where `seconds` end.

    None: as many steps as the references bear; where that is none, no update at all.
    """
    steps = steps_for(len(context)) if steps is None else steps
    ends = time.monotonic() + (float("inf") if seconds is None else seconds)
    row = torch.tensor([list(context)], device=model.bias.device)
    rule = LearnedAdam(start.updates, RATE)
    rule.set_rates(start.rates)
    updates, state = start.updates, rule.start(start.updates)
    for step in range(steps):
        if time.monotonic() > ends:
            break
        gradients, value = grad_and_value(lambda u: reading_loss(model, u, row))(updates)
        with torch.no_grad():
            updates, state = rule(updates, gradients, value, state)
        yield Advance(step + 1, steps)
    return updates if steps else {}


def adapted(model: Transformer, updates: Parameters) -> Transformer:
    """A copy of the model with the updates in its weights."""
    twin = copy.deepcopy(model)
    with torch.no_grad():
        named = dict(twin.named_parameters())
        for name, weight in merged(model, updates).items():
            named[name].copy_(weight)
    return twin


def mixed(parts: Sequence[Parameters], weights: Sequence[float]) -> Parameters:
    """The weighted sum of updates, as one update of all their ranks; {} changes nothing."""
    total = sum(weights)
    some = [(part, weight / total) for part, weight in zip(parts, weights, strict=True) if part]
    updates: Parameters = {}
    for key in some[0][0] if some else ():
        if key.endswith(".a"):
            updates[key] = torch.cat([part[key] for part, _ in some], 0)
        else:
            updates[key] = torch.cat([part[key] * share for part, share in some], 1)
    return updates
