"""The continuous cache: what followed in the references wherever the model stood as it stands now.

A continuous cache (Grave, Joulin and Usunier 2017, eq. 5 and 6; Khandelwal et al. 2020 on whole
corpora): every position of the references is a key, the token that follows it the value.
Legend: N positions remembered, C width, V vocabulary, B works. With q the model's state and k_i a
key, both of unit length, p_m(w) is the share of exp(s q·k_i) over the i whose value is w, and the
log-probability becomes log((1 - g) p(w) + g p_m(w)). The gate g = sigmoid(a + b max_i q·k_i) opens
where something alike is remembered; s, a and b are meta-learned over training authors.
"""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor


@dataclass(frozen=True, slots=True)
class Gate:
    """The three numbers: sharpness s, and a (`closed`) and b (`slope`) of the gate."""

    sharpness: float | Tensor = 13.5
    closed: float | Tensor = -5.5
    slope: float | Tensor = 0.7


@dataclass(frozen=True, slots=True)
class ContinuousCache:
    """keys (N, C) of unit length, values (N,) int64."""

    keys: Tensor
    values: Tensor

    @classmethod
    def of(cls, states: Tensor, tokens: Tensor) -> "ContinuousCache":
        """states (N, C) of the references as read; tokens (N,) what followed each."""
        return cls(F.normalize(states, dim=-1), tokens)

    def mixed(self, states: Tensor, log_shares: Tensor, gate: Gate) -> Tensor:
        """states (B, C), the model's log p (B, V) -> log of the mixture (B, V)."""
        likeness = F.normalize(states, dim=-1) @ self.keys.T  # (B, N)
        weights = (gate.sharpness * likeness).softmax(-1)
        remembered = torch.zeros_like(log_shares).index_add(1, self.values, weights)
        opened = self.opened(likeness, gate)
        return torch.log((1 - opened) * log_shares.exp() + opened * remembered + 1e-20)

    @staticmethod
    def opened(likeness: Tensor, gate: Gate) -> Tensor:
        """g, (B, 1), of likenesses (B, N)."""
        return torch.sigmoid(gate.closed + gate.slope * likeness.amax(-1, keepdim=True))
