"""The arms of the denoising bench: what each moves towards K references, and by which steps.

Legend: K references, E numbers told of each, θ the denoiser's weights, ψ what an arm moves. All
arms see the same crops under the same noise, told by the same encoder; only ψ, where it begins
and the rates of its steps differ. Steps are those of `engine.media.image.generators.transport.fit`.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice, pairwise
from statistics import mean

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from engine.lab.bench.image_styles import BenchStyle, as_small
from engine.lab.training.image_steps import judging
from engine.media.image.generators.transport.denoiser import Denoiser
from engine.media.image.generators.transport.fit import SIDES, Minibatch, loss_of, minibatches
from engine.media.image.generators.transport.weights import Prior
from engine.media.image.style_embedding import embedding
from engine.meta.inner_loop import LearnedAdam, Parameters, UpdateRule, descend

QUERY_SIDES, QUERY_PX = (16, 24, 32, 48), 8_000  # P, and the pixels of each size's crops
RANK = 8
_UP, _DOWN, _SHIFT = "up.", "down.", "shift"
_PACED_ROUNDS = 3


@dataclass(frozen=True, slots=True)
class Task:
    """One style, K of its references and the crops of its queries that judge.

    said (K, E): what the denoiser is told of the references.
    """

    pictures: tuple[Image.Image, ...]
    said: Tensor
    query: tuple[Minibatch, ...]
    seed: int

    @classmethod
    def of(cls, style: BenchStyle, prior: Prior, references: int, seed: int) -> "Task":
        """Another seed cuts other crops under other noise; the references stay."""
        pictures = tuple(as_small(p) for p in style.references[:references])
        said = torch.stack([embedding(p, prior.encoder, seed + k) for k, p in enumerate(pictures)])
        queries = [as_small(p) for p in style.queries]
        rng = np.random.default_rng((seed, 11))
        asked = (judging(rng, queries, side, said.mean(0), QUERY_PX) for side in QUERY_SIDES)
        return cls(pictures, said, tuple(asked), seed)

    def support(self) -> Iterator[Minibatch]:
        return minibatches(self.pictures, [1.0] * len(self.pictures), self.said, self.seed)

    def untold(self) -> "Task":
        """The same, the denoiser told of nobody."""
        blind = tuple(replace(b, style=torch.zeros_like(b.style)) for b in self.query)
        return replace(self, said=torch.zeros_like(self.said), query=blind)


@dataclass(frozen=True, slots=True)
class Arm:
    """begin: ψ_0 of a prior and a seed. loss: of a minibatch under ψ. rates: of each part of ψ."""

    begin: Callable[[Prior, int], Parameters]
    loss: Callable[[Prior, Parameters, Minibatch], Tensor]
    rates: Callable[[Prior, Parameters], dict[str, float]]

    def rule(self, prior: Prior, parameters: Parameters) -> UpdateRule:
        rates = self.rates(prior, parameters)
        rule = LearnedAdam(rates, 1.0)
        rule.set_rates(rates)
        return rule.to(next(iter(parameters.values())).device)

    @torch.no_grad()
    def curve(self, prior: Prior, task: Task, looks: Sequence[int]) -> list[float]:
        """The mean query loss after each of the numbers of steps."""
        parameters = self.begin(prior, task.seed)
        found = {0: self._judged(prior, parameters, task)} if 0 in looks else {}
        steps = self._steps(prior, task, parameters, max(looks))
        for done, moved in enumerate(steps, 1):
            if done in looks:
                found[done] = self._judged(prior, moved, task)
        return [found[look] for look in looks]

    @torch.no_grad()
    def pace(self, prior: Prior, task: Task) -> float:
        """Seconds a step: the mean over the sizes of crops of the least that each took, which
        is what it takes where nothing else disturbs. Crops are cut within them."""
        parameters, sizes = self.begin(prior, task.seed), len(SIDES)
        steps = self._steps(prior, task, parameters, 1 + _PACED_ROUNDS * sizes)
        times = [time.perf_counter() for _ in steps]
        each = [after - before for before, after in pairwise(times)]
        return mean(min(each[i::sizes]) for i in range(sizes))

    def _steps(
        self, prior: Prior, task: Task, parameters: Parameters, steps: int
    ) -> Iterator[Parameters]:
        batches, rule = islice(task.support(), steps), self.rule(prior, parameters)
        loss = partial(self.loss, prior)
        return descend(loss, parameters, batches, rule, first_order=True)

    def _judged(self, prior: Prior, parameters: Parameters, task: Task) -> float:
        return float(torch.stack([self.loss(prior, parameters, b) for b in task.query]).mean())


def full(rate: float) -> Arm:
    """The joint model, every weight moved by Adam at one rate."""
    return Arm(_joint, _plain_loss, partial(_even, rate))


def scratch(rate: float) -> Arm:
    """The same from random weights."""
    return Arm(_random, _plain_loss, partial(_even, rate))


def low_rank(rate: float) -> Arm:
    """LoRA (Hu et al. 2022, eq. 3): θ + B A for every matrix; a convolution's rows are its outputs
    and its columns inputs and places."""
    return Arm(_factors, _low_rank_loss, partial(_even, rate))


def context(rate: float) -> Arm:
    """CAVIA (Zintgraf et al. 2019): only what the denoiser is told moves, by one shift (E,)."""
    return Arm(_no_shift, _context_loss, partial(_even, rate))


def learned() -> Arm:
    """The start and the rates that were meta-learned."""
    return Arm(_learned_start, _plain_loss, _learned_rates)


def _joint(prior: Prior, seed: int = 0) -> Parameters:
    return {name: tensor.detach() for name, tensor in prior.denoiser.named_parameters()}


def _random(prior: Prior, seed: int) -> Parameters:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        fresh = Denoiser(prior.denoiser.config).to(prior.denoiser.outward.weight.device)
    return {name: tensor.detach() for name, tensor in fresh.named_parameters()}


def _factors(prior: Prior, seed: int) -> Parameters:
    """B (out, r) begins at zero, A (r, in · places) of deviation 1/√(its columns)."""
    generator, factors = torch.Generator().manual_seed(seed), {}
    for name, tensor in _joint(prior).items():
        if tensor.dim() < 2:
            continue
        columns = tensor[0].numel()
        rank = min(RANK, columns, len(tensor))
        down = torch.randn(rank, columns, generator=generator) / columns**0.5
        factors[_UP + name] = tensor.new_zeros(len(tensor), rank)
        factors[_DOWN + name] = down.to(tensor)
    return factors


def merged(prior: Prior, factors: Parameters) -> Parameters:
    """θ + B A."""
    weights = _joint(prior)
    for name, tensor in weights.items():
        if _UP + name in factors:
            update = factors[_UP + name] @ factors[_DOWN + name]
            weights[name] = tensor + update.view_as(tensor)
    return weights


def _no_shift(prior: Prior, seed: int) -> Parameters:
    weight = prior.denoiser.outward.weight
    return {_SHIFT: weight.new_zeros(prior.denoiser.config.style)}


def _learned_start(prior: Prior, seed: int) -> Parameters:
    return dict(prior.start.weights)


def _plain_loss(prior: Prior, parameters: Parameters, batch: Minibatch) -> Tensor:
    return loss_of(prior.denoiser, parameters, batch)


def _low_rank_loss(prior: Prior, factors: Parameters, batch: Minibatch) -> Tensor:
    return loss_of(prior.denoiser, merged(prior, factors), batch)


def _context_loss(prior: Prior, shift: Parameters, batch: Minibatch) -> Tensor:
    shifted = replace(batch, style=batch.style + shift[_SHIFT])
    return loss_of(prior.denoiser, _joint(prior), shifted)


def _even(rate: float, prior: Prior, parameters: Parameters) -> dict[str, float]:
    return dict.fromkeys(parameters, rate)


def _learned_rates(prior: Prior, parameters: Parameters) -> dict[str, float]:
    return dict(prior.start.rates)
