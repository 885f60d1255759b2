"""The Meta-LSTM: an optimiser that is itself learned, coordinate by coordinate.

Legend: N coordinates of all adapted parameters, laid end to end; H hidden units; θ_t the learner's
parameters, ∇_t their gradient, L_t the loss, all constants to the meta-parameters as in the paper
(section 3.3). Ravi and Larochelle (2017), Optimization as a Model for Few-Shot Learning;
input scaling of Andrychowicz et al. (2016), appendix A.
"""

import math
from collections.abc import Mapping
from typing import NamedTuple

import torch
from torch import Tensor, nn

from engine.meta.inner_loop import Parameters, State, UpdateRule

LOG_SCALE = 10.0  # p of the input scaling


class Cell(NamedTuple):
    """State of one task: hidden, cell (N, H); forget and input gates (N,) of the step before."""

    hidden: Tensor
    cell: Tensor
    forget: Tensor
    write: Tensor


class MetaLSTM(UpdateRule):
    """θ_t = f_t ∘ θ_{t-1} - i_t ∘ ∇_t (eq. 2), the cell state of an LSTM whose gates are learned.

    i_t = σ(W_I [h_t, θ_{t-1}, i_{t-1}] + b_I) is a learning rate (eq. 3), scaled by `max_rate`;
    f_t = σ(W_F [h_t, θ_{t-1}, f_{t-1}] + b_F) a decay, begun near 1 (eq. 4). h_t comes from an
    LSTM over the scaled gradient and loss. All coordinates share the weights, each has its state,
    so one rule serves networks of any size. Written as θ_{t+1} = θ_t + f_φ(h_t, ∇_t), the change
    is f_φ = (f_t - 1) ∘ θ_t - i_t ∘ ∇_t.
    """

    def __init__(self, hidden: int = 8, rate: float = 0.4, max_rate: float = 2.0) -> None:
        super().__init__()
        self.max_rate = max_rate
        self.gates = nn.Linear(4 + hidden, 4 * hidden)
        self.write_gate = nn.Linear(hidden + 2, 1)
        self.forget_gate = nn.Linear(hidden + 2, 1)
        share = rate / max_rate
        with torch.no_grad():  # begin as plain gradient descent: forget nothing, write at `rate`
            for gate in (self.write_gate, self.forget_gate):
                gate.weight.mul_(0.01)
            self.write_gate.bias.fill_(math.log(share / (1 - share)))
            self.forget_gate.bias.fill_(8.0)

    def start(self, parameters: Parameters) -> State:
        flat = _flat(parameters)
        zeros = flat.new_zeros(flat.shape[0], self.write_gate.in_features - 2)
        return Cell(zeros, zeros, torch.ones_like(flat), torch.zeros_like(flat))

    def forward(
        self, parameters: Parameters, gradients: Parameters, loss: Tensor, state: State
    ) -> tuple[Parameters, State]:
        theta, gradient = _flat(parameters), _flat(gradients).detach()  # (N,)
        inputs = torch.cat([scaled(gradient), scaled(loss.detach()).expand(len(theta), 2)], dim=1)
        hidden, cell = self._lstm(inputs, state)
        write = self._gate(self.write_gate, hidden, theta, state.write)
        forget = self._gate(self.forget_gate, hidden, theta, state.forget)
        moved = forget * theta - self.max_rate * write * gradient
        return _unflat(moved, parameters), Cell(hidden, cell, forget, write)

    def _lstm(self, inputs: Tensor, state: Cell) -> tuple[Tensor, Tensor]:
        """(N, 4) -> hidden, cell (N, H)."""
        a, b, c, d = self.gates(torch.cat([inputs, state.hidden], dim=1)).chunk(4, dim=1)
        cell = torch.sigmoid(b) * state.cell + torch.sigmoid(a) * torch.tanh(c)
        return torch.sigmoid(d) * torch.tanh(cell), cell

    @staticmethod
    def _gate(layer: nn.Linear, hidden: Tensor, theta: Tensor, before: Tensor) -> Tensor:
        """σ(W [h, θ, gate before] + b): (N,)."""
        joined = torch.cat([hidden, theta[:, None], before[:, None]], dim=1)
        return torch.sigmoid(layer(joined)).squeeze(1)


def scaled(x: Tensor) -> Tensor:
    """Andrychowicz et al. (2016): (log|x| / p, sgn x) where |x| >= e^-p, else (-1, e^p x).

    (N,) -> (N, 2), () -> (2,).
    """
    size = x.abs()
    large = size >= math.exp(-LOG_SCALE)
    first = torch.where(large, torch.log(size.clamp(min=1e-30)) / LOG_SCALE, -torch.ones_like(x))
    second = torch.where(large, torch.sign(x), math.exp(LOG_SCALE) * x)
    return torch.stack([first, second], dim=-1)


def _flat(tree: Mapping[str, Tensor]) -> Tensor:
    return torch.cat([tensor.reshape(-1) for tensor in tree.values()])


def _unflat(flat: Tensor, like: Parameters) -> Parameters:
    sizes = [tensor.numel() for tensor in like.values()]
    parts = flat.split(sizes)
    return {k: part.view(t.shape) for (k, t), part in zip(like.items(), parts, strict=True)}
