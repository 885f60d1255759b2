"""The networks that a context modulates, and how a context tells classes apart: CAVIA's.

Legend: N works of one set, W ways, D features, P = W * each context parameters. Zintgraf et al.
(2019), Fast Context Adaptation via Meta-Learning.
"""

import torch
from torch import Tensor, nn

from engine.meta.networks import MLP, SHARPNESS, Conv4, standardised


def class_blocks(ways: int, each: int) -> Tensor:
    """(W, W * each) of zeros and ones: every class has `each` numbers of its own.

    Codes at random would lie across one another: what is bound to one of W classes in n numbers
    then comes back with noise of about sqrt(W / n) (Plate 1995, Holographic Reduced
    Representations). These do not.
    """
    return torch.eye(ways).repeat_interleave(each, dim=1)


def repeated_projection(features: int, ways: int, each: int) -> Tensor:
    """(W * each, D): one random orthonormal projection to `each` numbers, once for each class.

    Scaled so that the expected length of a projection is that of what it projects.
    """
    projection = nn.init.orthogonal_(torch.empty(each, features))
    return (features / each) ** 0.5 * projection.repeat(ways, 1)


class ContextConv4(nn.Module):
    """Conv4 that a context modulates: CAVIA's classifier, with `each` context numbers a class.

    forward(x (N, 1, 28, 28), context (P,)) -> (N, W) logits, P = W * each. As in the paper, a
    linear layer maps the context to gains and shifts (FiLM) of every block. So that the context
    can also say which class is which, it gains the features before the head:
    logits = H (Aφ ∘ E f̄(x)), f̄ standardised. A, E and H are learned and begin as the identity,
    a repeated projection and sums by class: φ is then the head of a linear classifier.
    """

    def __init__(self, ways: int, channels: int = 32, each: int = 20) -> None:
        super().__init__()
        self.body = Conv4(channels)
        self.context = ways * each
        self.film = nn.ModuleList(nn.Linear(self.context, 2 * size) for size in self.body.sizes)
        for film in self.film:
            nn.init.zeros_(film.get_parameter("bias"))  # the zero context changes nothing
        self.wide = nn.Linear(self.body.features, self.context, bias=False)
        self.gain = nn.Linear(self.context, self.context, bias=False)
        self.head = nn.Linear(self.context, ways)
        with torch.no_grad():
            self.wide.weight.copy_(repeated_projection(self.body.features, ways, each))
            self.gain.weight.copy_(torch.eye(self.context))
            self.head.weight.copy_(SHARPNESS * class_blocks(ways, each))
            self.head.bias.zero_()

    def forward(self, x: Tensor, context: Tensor) -> Tensor:
        for block, film in zip(self.body.blocks, self.film, strict=True):
            gain, shift = film(context).chunk(2)
            x = block(x, (gain, shift))
        features = standardised(x.flatten(1))
        return self.head(self.gain(context) * self.wide(features))


class ContextMLP(nn.Module):
    """CAVIA's regressor: the context (P,) is appended to every input. (N, 1), (P,) -> (N, 1)."""

    def __init__(self, context: int = 4, hidden: int = 40) -> None:
        super().__init__()
        self.network = MLP((1 + context, hidden, hidden, 1))

    def forward(self, x: Tensor, context: Tensor) -> Tensor:
        return self.network(torch.cat([x, context.expand(x.shape[0], -1)], dim=1))
