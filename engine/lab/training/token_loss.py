"""Cross-entropy of a large vocabulary without ever holding all its logits.

Legend: N tokens, C width, V vocabulary. Logits and their gradients are made in chunks that stay in
the processor's cache, in the forward pass; N x V floats would cost more time than the products do
(as Liger Kernel does on GPUs: Hsu et al. 2024).
"""

from typing import Any

import torch
from torch import Tensor

CHUNK = 256  # tokens


class TokenLoss(torch.autograd.Function):
    """(states (N, C), weight (V, C), bias (V,), targets (N,) int64) -> mean nats a token.

    Targets equal to `ignored` count nothing; at least one must count.
    """

    @staticmethod
    def forward(
        ctx: Any, states: Tensor, weight: Tensor, bias: Tensor, targets: Tensor, ignored: int
    ) -> Tensor:
        counted = targets != ignored
        total = states.new_zeros(())
        gradients = torch.empty_like(states), torch.zeros_like(weight), torch.zeros_like(bias)
        room = states.new_empty(min(CHUNK, len(states)), len(weight))
        for i in range(0, len(states), CHUNK):
            part = slice(i, i + CHUNK)
            total += _chunk(states[part], weight, bias, targets[part], counted[part], room, [
                gradients[0][part], *gradients[1:]
            ])  # fmt: skip
        ctx.save_for_backward(*gradients, counted.sum())
        return total / counted.sum()

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor | None, ...]:
        for_states, for_weight, for_bias, count = ctx.saved_tensors
        scale = gradients[0] / count
        return for_states * scale, for_weight * scale, for_bias * scale, None, None


def _chunk(
    states: Tensor,
    weight: Tensor,
    bias: Tensor,
    targets: Tensor,
    counted: Tensor,
    room: Tensor,
    gradients: list[Tensor],
) -> Tensor:
    """The summed loss of up to CHUNK tokens; adds to the gradients of weight and bias."""
    logits = torch.addmm(bias, states, weight.t(), out=room[: len(states)])
    right = logits.gather(1, targets[:, None])
    highest = logits.amax(1, keepdim=True)
    shares = logits.sub_(highest).exp_()
    sums = shares.sum(1, keepdim=True)
    loss = ((sums.log() + highest - right)[:, 0] * counted).sum()
    shares.div_(sums)  # from here on the gradient of the logits: p - 1 at the target
    shares.scatter_add_(1, targets[:, None], -torch.ones_like(sums))
    shares.mul_(counted[:, None])
    gradients[0].copy_(shares @ weight)
    gradients[1].addmm_(shares.t(), states)
    gradients[2].add_(shares.sum(0))
    return loss


def token_loss(
    states: Tensor, weight: Tensor, bias: Tensor, targets: Tensor, ignored: int
) -> Tensor:
    """Mean nats a token, in float32 whatever the states are; see `TokenLoss`."""
    with torch.autocast(states.device.type, enabled=False):
        return TokenLoss.apply(states.float(), weight, bias, targets, ignored)  # pyright: ignore[reportReturnType]
