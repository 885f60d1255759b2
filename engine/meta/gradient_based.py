"""Meta-learners that adapt by gradient steps: MAML, first-order MAML, ANIL, CAVIA, Meta-SGD.

Legend: θ meta-parameters, θ' after adaptation, φ context parameters, α inner rate, T inner steps;
S support and Q query works of one task.

Finn, Abbeel, Levine (2017), Model-Agnostic Meta-Learning. Raghu et al. (2020), Rapid Learning or
Feature Reuse? Zintgraf et al. (2019), Fast Context Adaptation. Li et al. (2017), Meta-SGD.
"""

from collections.abc import Iterable

import torch
from torch import Tensor, nn
from torch.func import functional_call

from engine.meta.inner_loop import FixedRate, LearnedRates, Parameters, UpdateRule, adapt, subset
from engine.meta.learner import MetaLearner, Objective, cross_entropy
from engine.meta.networks import BodyAndHead


class GradientLearner(MetaLearner):
    """Any network, any subset of its parameters, any update rule.

    Finn et al. (2017) algorithm 1: min_θ Σ_i L_i(θ'_i) with θ'_i = rule(θ, support_i).
    `steps` in training, `test_steps` in evaluation (where None: the same).
    """

    def __init__(
        self,
        network: nn.Module,
        rule: UpdateRule,
        objective: Objective = cross_entropy,
        *,
        steps: int = 1,
        test_steps: int | None = None,
        adapted: Iterable[str] | None = None,
        first_order: bool = False,
        truncate: int | None = None,
    ) -> None:
        super().__init__()
        self.network, self.rule, self.objective = network, rule, objective
        self.steps, self.test_steps = steps, steps if test_steps is None else test_steps
        self.adapted = None if adapted is None else tuple(adapted)
        self.first_order, self.truncate = first_order, truncate
        subset(network, self.adapted)  # a pattern that matches nothing fails here, not in training

    def support_loss(self, parameters: Parameters, x: Tensor, y: Tensor) -> Tensor:
        """L(θ) on one set: ()."""
        return self.objective(functional_call(self.network, parameters, (x,)), y)

    def start(self) -> Parameters:
        """θ, where the inner loop begins."""
        return subset(self.network, self.adapted)

    def adapt(self, support_x: Tensor, support_y: Tensor) -> Parameters:
        """θ -> θ' on one support set (S, ...), (S, ...)."""
        return adapt(
            self.support_loss,
            self.start(),
            support_x,
            support_y,
            self.rule,
            self.steps if self.training else self.test_steps,
            first_order=self.first_order or not torch.is_grad_enabled(),
            truncate=self.truncate,
        )

    def predict(self, support_x: Tensor, support_y: Tensor, query_x: Tensor) -> Tensor:
        adapted = self.adapt(support_x, support_y)
        return functional_call(self.network, adapted, (query_x,))

    def task_loss(
        self, support_x: Tensor, support_y: Tensor, query_x: Tensor, query_y: Tensor
    ) -> Tensor:
        return self.objective(self.predict(support_x, support_y, query_x), query_y)


def maml(
    network: nn.Module,
    rate: float,
    objective: Objective = cross_entropy,
    *,
    steps: int = 1,
    test_steps: int | None = None,
    first_order: bool = False,
) -> GradientLearner:
    """MAML (eq. 1 and algorithm 1), or its first-order form (section 5.2)."""
    return GradientLearner(
        network,
        FixedRate(rate),
        objective,
        steps=steps,
        test_steps=test_steps,
        first_order=first_order,
    )


def meta_sgd(
    network: nn.Module,
    rate: float,
    objective: Objective = cross_entropy,
    *,
    steps: int = 1,
    test_steps: int | None = None,
) -> GradientLearner:
    """Meta-SGD: MAML whose rates α are learned, one a parameter (Li et al. 2017, eq. 2)."""
    rule = LearnedRates(dict(network.named_parameters()), rate)
    return GradientLearner(network, rule, objective, steps=steps, test_steps=test_steps)


class ANIL(GradientLearner):
    """Almost no inner loop: only the head adapts, so features are made once (Raghu et al. 2020).

    Equal to a `GradientLearner` with adapted=("head.*",), and faster.
    """

    def __init__(
        self,
        network: BodyAndHead,
        rate: float,
        objective: Objective = cross_entropy,
        *,
        steps: int = 1,
        test_steps: int | None = None,
    ) -> None:
        super().__init__(
            network, FixedRate(rate), objective, steps=steps, test_steps=test_steps,
            adapted=("head.*",),
        )  # fmt: skip

    @property
    def parts(self) -> BodyAndHead:
        assert isinstance(self.network, BodyAndHead)
        return self.network

    def support_loss(self, parameters: Parameters, x: Tensor, y: Tensor) -> Tensor:
        """L of the head on features (S, D): ()."""
        return self.objective(functional_call(self.parts.head, parameters, (x,)), y)

    def start(self) -> Parameters:
        return dict(self.parts.head.named_parameters())

    def predict(self, support_x: Tensor, support_y: Tensor, query_x: Tensor) -> Tensor:
        adapted = self.adapt(self.parts.body(support_x), support_y)
        return functional_call(self.parts.head, adapted, (self.parts.body(query_x),))


class CAVIA(GradientLearner):
    """Only a context vector adapts, from zero: φ = 0 - α ∇_φ L(φ, θ) (Zintgraf et al. 2019, eq. 3).

    The network is called as network(x, context) with context (context_size,).
    """

    def __init__(
        self,
        network: nn.Module,
        context_size: int,
        rate: float,
        objective: Objective = cross_entropy,
        *,
        steps: int = 1,
        test_steps: int | None = None,
    ) -> None:
        super().__init__(network, FixedRate(rate), objective, steps=steps, test_steps=test_steps)
        self.context_size = context_size

    def support_loss(self, parameters: Parameters, x: Tensor, y: Tensor) -> Tensor:
        return self.objective(self.network(x, parameters["context"]), y)

    def start(self) -> Parameters:
        like = next(self.network.parameters())
        return {"context": like.new_zeros(self.context_size)}

    def predict(self, support_x: Tensor, support_y: Tensor, query_x: Tensor) -> Tensor:
        return self.network(query_x, self.adapt(support_x, support_y)["context"])
