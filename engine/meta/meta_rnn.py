"""A MetaRNN: the adaptation is the forward pass of a recurrent network.

Legend: S support works, Q queries, D features, W ways, H hidden units. The GRU reads the support
works with their targets; its state is all that is known of the task; each query is then read
alone, without a target. Hochreiter, Younger, Conwell (2001), Learning to Learn Using Gradient
Descent; Cho et al. (2014) for the GRU.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from engine.meta.errors import EmptySupportError
from engine.meta.learner import MetaLearner, cross_entropy


class MetaRNN(MetaLearner):
    """Reads (x_1, y_1) ... (x_S, y_S), then answers (x, ?) from its state alone."""

    def __init__(self, encoder: nn.Module, features: int, ways: int, hidden: int = 256) -> None:
        super().__init__()
        self.encoder, self.ways = encoder, ways
        self.label = nn.Linear(ways, features, bias=False)  # begins as large as the features
        nn.init.normal_(self.label.weight)
        self.reads = nn.Linear(2 * features, 3 * hidden)
        self.recalls = nn.Linear(hidden, 3 * hidden)
        self.out = nn.Sequential(
            nn.Linear(hidden + features, hidden), nn.ReLU(), nn.Linear(hidden, ways)
        )

    def step(self, state: Tensor, inputs: Tensor) -> Tensor:
        """One GRU step (Cho et al. eq. 5 to 8): (N, H), (N, 2D) -> (N, H)."""
        a, b, c = self.reads(inputs).chunk(3, dim=-1)
        d, e, f = self.recalls(state).chunk(3, dim=-1)
        reset, update = torch.sigmoid(a + d), torch.sigmoid(b + e)
        return update * state + (1 - update) * torch.tanh(c + reset * f)

    def read(self, support_x: Tensor, support_y: Tensor) -> Tensor:
        """The state after a support set: (1, H). Raises `EmptySupportError`."""
        if support_x.shape[0] == 0:
            raise EmptySupportError
        works = self.encoder(support_x)
        labels = self.label(F.one_hot(support_y, self.ways).to(works))
        inputs = torch.cat([works, labels], dim=1)
        state = works.new_zeros(1, self.recalls.in_features)
        for work in inputs.split(1):
            state = self.step(state, work)
        return state

    def predict(self, support_x: Tensor, support_y: Tensor, query_x: Tensor) -> Tensor:
        state = self.read(support_x, support_y)
        works = self.encoder(query_x)
        asked = torch.cat([works, torch.zeros_like(works)], dim=1)
        states = self.step(state.expand(works.shape[0], -1), asked)
        return self.out(torch.cat([states, works], dim=1))

    def task_loss(
        self, support_x: Tensor, support_y: Tensor, query_x: Tensor, query_y: Tensor
    ) -> Tensor:
        return cross_entropy(self.predict(support_x, support_y, query_x), query_y)
