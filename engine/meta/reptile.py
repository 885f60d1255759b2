"""Reptile: move the meta-parameters towards what training on a task makes of them.

Legend: φ meta-parameters, W parameters after k steps on one task, ε the outer rate; S works of
the task in minibatches of M. Nichol, Achiam, Schulman (2018), On First-Order Meta-Learning
Algorithms, algorithm 2: φ <- φ - ε (1/n) Σ_i (φ - W_i). The sum is written to `.grad`, so that
any outer optimiser can take it, as their section 2 suggests.
"""

import torch
from torch import Tensor, nn
from torch.func import vmap

from engine.meta.episodes import TaskBatch
from engine.meta.gradient_based import GradientLearner
from engine.meta.inner_loop import Adam, Parameters, UpdateRule
from engine.meta.learner import Objective, cross_entropy


class Reptile(GradientLearner):
    """Trains on support and query together: it needs no split of a training task."""

    def __init__(
        self,
        network: nn.Module,
        objective: Objective = cross_entropy,
        *,
        rule: UpdateRule | None = None,
        steps: int = 5,
        test_steps: int = 50,
        minibatch: int | None = None,
        seed: int = 0,
    ) -> None:
        rule = Adam(1e-3) if rule is None else rule
        super().__init__(
            network, rule, objective, steps=steps, test_steps=test_steps, first_order=True
        )
        self.minibatch, self.seed = minibatch, seed

    def minibatches(self, works: int) -> Tensor:
        """(k, M) positions in the task's works: passes over a fixed shuffle, wrapped round.

        Which work stands at a position is random already, so one shuffle serves every task.
        """
        size = works if self.minibatch is None else min(self.minibatch, works)
        order = torch.randperm(works, generator=torch.Generator().manual_seed(self.seed))
        return order.repeat(self.steps * size // works + 1)[: self.steps * size].view(-1, size)

    def train_on_task(self, x: Tensor, y: Tensor, batches: Tensor) -> tuple[Parameters, Tensor]:
        """k steps on one task, (S, ...), (S, ...) in batches (k, M) -> W, last batch's loss ()."""

        def loss(parameters: Parameters, positions: Tensor, _: Tensor) -> Tensor:
            return self.support_loss(parameters, x[positions], y[positions])

        parameters, state, value = self.start(), self.rule.start(self.start()), x.new_zeros(())
        for positions in batches:
            gradients, value = torch.func.grad_and_value(loss)(parameters, positions, y)
            parameters, state = self.rule(parameters, gradients, value, state)
        return parameters, value

    @torch.no_grad()
    def backward(self, tasks: TaskBatch) -> Tensor:
        """Adds (1/n) Σ_i (φ - W_i) to the `.grad` of what is learned. Returns the inner loss."""
        x = torch.cat([tasks.support_x, tasks.query_x], dim=1)
        y = torch.cat([tasks.support_y, tasks.query_y], dim=1)
        batches = self.minibatches(x.shape[1]).to(x.device)
        trained, losses = vmap(self.train_on_task, in_dims=(0, 0, None))(x, y, batches)
        for name, parameter in self.start().items():
            if not parameter.requires_grad:
                continue
            towards = parameter - trained[name].mean(0)
            parameter.grad = towards if parameter.grad is None else parameter.grad + towards
        return losses.mean()
