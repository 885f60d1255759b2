"""The inner loop: a few steps from θ to θ' on a support set, differentiable from end to end.

Legend: θ the adapted parameters, a dict name -> Tensor; L the support loss; α the inner rate;
t = 0..T-1 the step. A rule maps (θ_t, ∇L_t, L_t, state) to (θ_{t+1}, state) and may itself be
learned. Everything is functional, works under `torch.func.vmap`, on any device and dtype.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Any

import torch
from torch import Tensor, nn
from torch.func import grad_and_value
from torch.utils._pytree import tree_map_only

from engine.meta.errors import EmptySupportError, UnknownParameterError

Parameters = dict[str, Tensor]
Loss = Callable[[Parameters, Tensor, Tensor], Tensor]
State = Any  # a tree of tensors that the rule alone understands


class UpdateRule(nn.Module):
    """How one gradient changes the parameters. Its own parameters are learned by the outer loop."""

    def start(self, parameters: Parameters) -> State:
        """The state before the first step."""
        return None

    def forward(
        self, parameters: Parameters, gradients: Parameters, loss: Tensor, state: State
    ) -> tuple[Parameters, State]:
        """One update, (θ_t, ∇L_t, L_t, state) -> (θ_{t+1}, state)."""
        raise NotImplementedError


class FixedRate(UpdateRule):
    """Gradient descent, Finn et al. (2017) eq. 1: θ' = θ - α ∇L(θ)."""

    def __init__(self, rate: float) -> None:
        super().__init__()
        self.rate = rate

    def forward(
        self, parameters: Parameters, gradients: Parameters, loss: Tensor, state: State
    ) -> tuple[Parameters, State]:
        return {k: p - self.rate * gradients[k] for k, p in parameters.items()}, state


class LearnedRates(UpdateRule):
    """Meta-SGD, Li et al. (2017) eq. 2: θ' = θ - α ∘ ∇L(θ), α of θ's shape and learned with it."""

    def __init__(self, parameters: Mapping[str, Tensor], rate: float) -> None:
        super().__init__()
        self.rates = nn.ParameterDict(
            {key_of(k): nn.Parameter(torch.full_like(p, rate)) for k, p in parameters.items()}
        )

    def forward(
        self, parameters: Parameters, gradients: Parameters, loss: Tensor, state: State
    ) -> tuple[Parameters, State]:
        moved = {k: p - self.rates[key_of(k)] * gradients[k] for k, p in parameters.items()}
        return moved, state


class Adam(UpdateRule):
    """Adam (Kingma and Ba 2015, algorithm 1) as an inner rule; β1 = 0 is Reptile's choice."""

    def __init__(self, rate: float, beta1: float = 0.0, beta2: float = 0.999) -> None:
        super().__init__()
        self.rate, self.beta1, self.beta2, self.epsilon = rate, beta1, beta2, 1e-8

    def start(self, parameters: Parameters) -> State:
        zeros = {k: torch.zeros_like(p) for k, p in parameters.items()}
        return 0, zeros, dict(zeros)

    def forward(
        self, parameters: Parameters, gradients: Parameters, loss: Tensor, state: State
    ) -> tuple[Parameters, State]:
        t, m, v = state[0] + 1, state[1], state[2]
        m = {k: self.beta1 * m[k] + (1 - self.beta1) * g for k, g in gradients.items()}
        v = {k: self.beta2 * v[k] + (1 - self.beta2) * g * g for k, g in gradients.items()}
        rate = self.rate / (1 - self.beta1**t)
        root = (1 - self.beta2**t) ** 0.5
        moved = {
            k: p - rate * m[k] / (v[k].sqrt() / root + self.epsilon) for k, p in parameters.items()
        }
        return moved, (t, m, v)


class LearnedAdam(Adam):
    """Adam whose rate is learned, one a tensor: a Meta-SGD for directions of Adam's length.

    Of Adam's step only the rate is seen by the outer loop, so it is used with `first_order`.
    What is learned is log(rate) / PACE: an outer step of 0.001 changes a rate by 3 %.
    """

    PACE = 30.0

    def __init__(self, names: Iterable[str], rate: float, beta1: float = 0.9) -> None:
        super().__init__(1.0, beta1)
        start = torch.tensor(rate).log() / self.PACE
        self.log_rates = nn.ParameterDict(
            {key_of(name): nn.Parameter(start.clone()) for name in names}
        )

    def set_rates(self, rates: Mapping[str, float]) -> None:
        """Rates that were learned before."""
        with torch.no_grad():
            for name, rate in rates.items():
                self.log_rates[key_of(name)].fill_(rate).log_().div_(self.PACE)

    def rates(self) -> dict[str, float]:
        rates = {k: (self.PACE * r.detach()).exp() for k, r in self.log_rates.items()}
        return {name_of(k): float(rate) for k, rate in rates.items()}

    def forward(
        self, parameters: Parameters, gradients: Parameters, loss: Tensor, state: State
    ) -> tuple[Parameters, State]:
        unit, state = super().forward(parameters, gradients, loss, state)
        moved = {
            k: p + (self.PACE * self.log_rates[key_of(k)]).exp() * (unit[k] - p).detach()
            for k, p in parameters.items()
        }
        return moved, state


def key_of(name: str) -> str:
    """Of a parameter's name, in a `ParameterDict`, which forbids dots."""
    return name.replace(".", "/")


def name_of(key: str) -> str:
    """The other way."""
    return key.replace("/", ".")


def subset(module: nn.Module, patterns: Iterable[str] | None = None) -> Parameters:
    """The parameters to adapt: all, or those whose names match a shell pattern ("head.*").

    Raises `UnknownParameterError` where a pattern matches nothing.
    """
    named = dict(module.named_parameters())
    if patterns is None:
        return dict(named)
    chosen: Parameters = {}
    for pattern in patterns:
        matching = {k: p for k, p in named.items() if fnmatchcase(k, pattern)}
        if not matching:
            raise UnknownParameterError(pattern)
        chosen |= matching
    return chosen


def adapt(
    loss: Loss,
    parameters: Parameters,
    x: Tensor,
    y: Tensor,
    rule: UpdateRule,
    steps: int,
    *,
    first_order: bool = False,
    truncate: int | None = None,
) -> Parameters:
    """T steps of a rule on one support set, θ -> θ'. x: (S, ...), y: (S, ...).

    first_order: the gradients are constants to the outer loop (Finn et al. 2017, section 5.2).
    truncate: back-propagation through time is cut every so many steps; of what lies before a cut
    only the identity path to θ_0 stays, so that the start can still be learned.
    Raises `EmptySupportError`.
    """
    if x.shape[0] == 0:
        raise EmptySupportError
    first, state = parameters, rule.start(parameters)
    for t in range(steps):
        if truncate and t and t % truncate == 0:
            state = detach(state)
            parameters = {k: first[k] + (p - first[k]).detach() for k, p in parameters.items()}
        parameters, state = _one_step(loss, parameters, (x, y), rule, state, first_order)
    return parameters


def descend(
    loss: Callable[[Parameters, Any], Tensor],
    parameters: Parameters,
    batches: Iterable[Any],
    rule: UpdateRule,
    *,
    first_order: bool = False,
) -> Iterator[Parameters]:
    """One step of a rule on each minibatch of a support set: yields θ_1, θ_2 … as they come."""
    state = rule.start(parameters)
    for batch in batches:
        parameters, state = _one_step(loss, parameters, (batch,), rule, state, first_order)
        yield parameters


def _one_step(
    loss: Callable[..., Tensor],
    parameters: Parameters,
    data: tuple[Any, ...],
    rule: UpdateRule,
    state: State,
    first_order: bool,
) -> tuple[Parameters, State]:
    """(θ_t, state) -> (θ_{t+1}, state) by the gradient of loss(θ_t, *data)."""
    with torch.set_grad_enabled(torch.is_grad_enabled() and not first_order):
        gradients, value = grad_and_value(loss)(parameters, *data)
    if first_order:
        gradients, value = detach((gradients, value))
    return rule(parameters, gradients, value, state)


def detach(tree: Any) -> Any:
    """Every tensor of a tree cut from its graph."""
    return tree_map_only(Tensor, Tensor.detach, tree)
