"""A MetaRNN: the adaptation is the forward pass of a recurrent network.

Legend: S support works, Q queries, D features, W ways, H hidden units. The GRU reads the support
works with their targets; its state is all that is known of the task; each query is then answered
from that state. Hochreiter, Younger, Conwell (2001), Learning to Learn Using Gradient Descent;
Cho et al. (2014) for the GRU; Wu et al. (2016), On Multiplicative Integration with Recurrent
Neural Networks, for the product that joins two inputs.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from engine.meta.context_networks import class_blocks, repeated_projection
from engine.meta.errors import EmptySupportError
from engine.meta.learner import MetaLearner, cross_entropy
from engine.meta.networks import SHARPNESS, standardised

CARRY = 5.0  # the update gate's first bias: a state that begins by keeping what it holds


class MetaRNN(MetaLearner):
    """Reads (x_1, y_1) ... (x_S, y_S) in any order, then answers (x, ?) from its state alone.

    A work and its label come in as a product, V x ∘ C y (Wu et al. eq. 3), and a query asks the
    state by one, V x ∘ R h: of a sum of such pairs a product with x leaves y. Features are
    standardised. H = W * each: the codes C y of the labels begin as blocks of their own.
    """

    def __init__(self, encoder: nn.Module, features: int, ways: int, each: int = 24) -> None:
        super().__init__()
        self.encoder, self.ways = encoder, ways
        hidden = ways * each
        self.work = nn.Linear(features, hidden, bias=False)  # V
        self.label = nn.Linear(ways, hidden, bias=False)  # C
        self.reads = nn.Linear(hidden, 3 * hidden)
        self.recalls = nn.Linear(hidden, 3 * hidden)
        self.answers = nn.Linear(hidden, hidden)  # R
        self.out = nn.Linear(hidden, ways)
        with torch.no_grad():
            self.work.weight.copy_(repeated_projection(features, ways, each))
            self.label.weight.copy_(class_blocks(ways, each).T)
            self.out.weight.copy_(SHARPNESS * class_blocks(ways, each))
            for layer in (self.reads, self.recalls, self.answers):  # each read pair would add them
                layer.bias.zero_()
            self.reads.bias[hidden : 2 * hidden].fill_(CARRY)
            self.reads.weight[2 * hidden :].copy_(torch.eye(hidden))
            self.answers.weight.copy_(torch.eye(hidden) / torch.sigmoid(torch.tensor(-CARRY)))

    def step(self, state: Tensor, inputs: Tensor) -> Tensor:
        """One GRU step (Cho et al. eq. 5 to 8): (N, H), (N, H) -> (N, H)."""
        a, b, c = self.reads(inputs).chunk(3, dim=-1)
        d, e, f = self.recalls(state).chunk(3, dim=-1)
        reset, update = torch.sigmoid(a + d), torch.sigmoid(b + e)
        return update * state + (1 - update) * torch.tanh(c + reset * f)

    def read(self, works: Tensor, support_y: Tensor) -> Tensor:
        """The state after a support set of features (S, D), (S,): (1, H)."""
        labels = self.label(F.one_hot(support_y, self.ways).to(works))
        state = works.new_zeros(1, self.recalls.in_features)
        for pair in (self.work(works) * labels).split(1):
            state = self.step(state, pair)
        return state

    def predict(self, support_x: Tensor, support_y: Tensor, query_x: Tensor) -> Tensor:
        if support_x.shape[0] == 0:
            raise EmptySupportError
        state = self.read(standardised(self.encoder(support_x)), support_y)
        queries = standardised(self.encoder(query_x))
        return self.out(self.work(queries) * self.answers(state))

    def task_loss(
        self, support_x: Tensor, support_y: Tensor, query_x: Tensor, query_y: Tensor
    ) -> Tensor:
        return cross_entropy(self.predict(support_x, support_y, query_x), query_y)
