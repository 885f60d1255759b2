"""Metric learners: compare a query with the support set in a learned space.

Legend: W ways, S = W*K support works, Q queries, D embedding size; f the encoder.
One interface: `embed_support` makes a support set into what `score` needs, `score` gives every
query (Q, W) scores, higher is nearer. Koch et al. (2015) Siamese; Hadsell et al. (2006) its
contrastive loss; Snell et al. (2017) prototypical; Vinyals et al. (2016) matching; Sung et al.
(2018) relation networks.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from engine.meta.errors import EmptySupportError
from engine.meta.learner import MetaLearner, cross_entropy
from engine.meta.networks import Conv4, ConvBlock


class MetricLearner(MetaLearner):
    """Embeds a support set once, then scores any number of queries against it.

    `ways` may be changed at any time: nothing in a metric learner depends on it.
    """

    def __init__(self, encoder: nn.Module, ways: int) -> None:
        super().__init__()
        self.encoder, self.ways = encoder, ways

    def embed_support(self, x: Tensor, y: Tensor) -> Tensor:
        """(S, ...), (S,) classes 0..W-1 -> what `score` needs. Raises `EmptySupportError`."""
        raise NotImplementedError

    def score(self, support: Tensor, x: Tensor) -> Tensor:
        """(Q, ...) -> (Q, W), higher is nearer."""
        raise NotImplementedError

    def class_means(self, embedded: Tensor, y: Tensor) -> Tensor:
        """Mean over each class: (S, ...), (S,) -> (W, ...)."""
        if embedded.shape[0] == 0:
            raise EmptySupportError
        member = F.one_hot(y, self.ways).to(embedded)  # (S, W)
        sums = torch.tensordot(member.T, embedded, dims=1)
        count = member.sum(0).clamp(min=1)
        return sums / count.view(-1, *[1] * (embedded.dim() - 1))

    def predict(self, support_x: Tensor, support_y: Tensor, query_x: Tensor) -> Tensor:
        return self.score(self.embed_support(support_x, support_y), query_x)

    def task_loss(
        self, support_x: Tensor, support_y: Tensor, query_x: Tensor, query_y: Tensor
    ) -> Tensor:
        return cross_entropy(self.predict(support_x, support_y, query_x), query_y)


def squared_distances(a: Tensor, b: Tensor) -> Tensor:
    """(Q, D), (S, D) -> (Q, S) squared Euclidean distances, never negative."""
    cross = a.square().sum(1)[:, None] + b.square().sum(1) - 2 * a @ b.T
    return cross.clamp(min=0)


class Prototypical(MetricLearner):
    """p(k|x) ∝ exp(-d(f(x), c_k)), c_k the class mean (Snell et al. 2017, eq. 1 and 2)."""

    def embed_support(self, x: Tensor, y: Tensor) -> Tensor:
        return self.class_means(self.encoder(x), y)

    def score(self, support: Tensor, x: Tensor) -> Tensor:
        return -squared_distances(self.encoder(x), support)


class Matching(MetricLearner):
    """ŷ = Σ_i a(x, x_i) y_i, a the softmax of cosines (Vinyals et al. 2016, eq. 1).

    Without full-context embeddings. The softmax has a learned sharpness, e^s: over unit vectors
    the paper's own, 1, can give no class of five more than 0.65, and ReLU embeddings, all positive,
    have cosines close to one another.
    """

    def __init__(self, encoder: nn.Module, ways: int) -> None:
        super().__init__(encoder, ways)
        self.log_sharpness = nn.Parameter(torch.tensor(4.0))

    def embed_support(self, x: Tensor, y: Tensor) -> Tensor:
        """(S, D + W): unit embeddings beside one-hot labels."""
        if x.shape[0] == 0:
            raise EmptySupportError
        keys = F.normalize(self.encoder(x), dim=1)
        return torch.cat([keys, F.one_hot(y, self.ways).to(keys)], dim=1)

    def score(self, support: Tensor, x: Tensor) -> Tensor:
        keys, labels = support.split([support.shape[1] - self.ways, self.ways], dim=1)
        cosines = F.normalize(self.encoder(x), dim=1) @ keys.T
        attention = torch.softmax(self.log_sharpness.exp() * cosines, dim=1)  # (Q, S)
        return torch.log(attention @ labels + 1e-8)


class Siamese(MetricLearner):
    """Pairs: the same class pulled together, others pushed a margin m apart.

    Contrastive loss, Hadsell et al. (2006) eq. 4: y d² + (1 - y) max(0, m - d)², each kind of
    pair averaged by itself. A query goes to the class of the least mean distance.
    """

    def __init__(self, encoder: nn.Module, ways: int, margin: float = 1.0) -> None:
        super().__init__(encoder, ways)
        self.margin = margin

    def embed_support(self, x: Tensor, y: Tensor) -> Tensor:
        """(S, D + W): embeddings beside one-hot labels."""
        if x.shape[0] == 0:
            raise EmptySupportError
        keys = F.normalize(self.encoder(x), dim=1)
        return torch.cat([keys, F.one_hot(y, self.ways).to(keys)], dim=1)

    def distances(self, support: Tensor, x: Tensor) -> tuple[Tensor, Tensor]:
        """Query to support distances (Q, S) and the support's labels (S, W)."""
        keys, labels = support.split([support.shape[1] - self.ways, self.ways], dim=1)
        squares = squared_distances(F.normalize(self.encoder(x), dim=1), keys)
        return torch.sqrt(squares + 1e-8), labels

    def score(self, support: Tensor, x: Tensor) -> Tensor:
        distances, labels = self.distances(support, x)
        return -(distances @ labels) / labels.sum(0).clamp(min=1)

    def task_loss(
        self, support_x: Tensor, support_y: Tensor, query_x: Tensor, query_y: Tensor
    ) -> Tensor:
        distances, labels = self.distances(self.embed_support(support_x, support_y), query_x)
        same = F.one_hot(query_y, self.ways).to(labels) @ labels.T  # (Q, S), 1 where same class
        near = (same * distances.square()).sum() / same.sum()
        apart = (1 - same) * F.relu(self.margin - distances).square()
        return near + apart.sum() / (1 - same).sum()


class Relation(MetricLearner):
    """A learned comparison: r = g(C(Σ f(x_i), f(x))), Sung et al. (2018) eq. 1 and 2.

    The encoder's `maps` (N, C, H, W) of class mean and query are joined channel-wise; two blocks
    and two layers give a score in 0..1, fitted by squared error to 1 for the same class, else 0.
    """

    def __init__(self, encoder: Conv4, ways: int, channels: int = 32) -> None:
        super().__init__(encoder, ways)
        self.maps = encoder.maps
        self.compare = nn.ModuleList(
            [ConvBlock(2 * channels, channels), ConvBlock(channels, channels)]
        )
        self.hidden, self.last = nn.Linear(channels, 8), nn.Linear(8, 1)

    def embed_support(self, x: Tensor, y: Tensor) -> Tensor:
        """(W, C, H, W') mean feature maps of each class."""
        return self.class_means(self.maps(x), y)

    def score(self, support: Tensor, x: Tensor) -> Tensor:
        maps = self.maps(x)
        query = maps[:, None].expand(-1, self.ways, *maps.shape[1:])
        pairs = torch.cat([support.expand_as(query), query], dim=2).flatten(0, 1)  # (Q*W, 2C, H, W)
        for block in self.compare:
            pairs = block(pairs)
        relation = self.last(F.relu(self.hidden(pairs.flatten(1))))
        return torch.sigmoid(relation).view(-1, self.ways)

    def task_loss(
        self, support_x: Tensor, support_y: Tensor, query_x: Tensor, query_y: Tensor
    ) -> Tensor:
        relation = self.predict(support_x, support_y, query_x)
        return F.mse_loss(relation, F.one_hot(query_y, self.ways).to(relation))
