"""What the outer loop asks of every meta-learner.

Legend: B tasks, S support works, Q query works of one task. A learner is written for ONE task;
`torch.func.vmap` runs the B tasks of a batch at once.
"""

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.func import vmap

from engine.meta.episodes import TaskBatch

Objective = Callable[[Tensor, Tensor], Tensor]


def cross_entropy(prediction: Tensor, target: Tensor) -> Tensor:
    """(Q, W) logits, (Q,) classes -> ()."""
    return F.cross_entropy(prediction, target)


def squared_error(prediction: Tensor, target: Tensor) -> Tensor:
    """(Q, ...), (Q, ...) -> ()."""
    return F.mse_loss(prediction, target)


class MetaLearner(nn.Module):
    """A model that turns a support set into predictions for queries, and learns to do it better."""

    def predict(self, support_x: Tensor, support_y: Tensor, query_x: Tensor) -> Tensor:
        """One task: (S, ...), (S, ...), (Q, ...) -> (Q, W) logits or (Q, ...) values."""
        raise NotImplementedError

    def task_loss(
        self, support_x: Tensor, support_y: Tensor, query_x: Tensor, query_y: Tensor
    ) -> Tensor:
        """The query loss of one task: ()."""
        raise NotImplementedError

    def predict_all(self, tasks: TaskBatch) -> Tensor:
        """(B, Q, ...) predictions."""
        return vmap(self.predict)(tasks.support_x, tasks.support_y, tasks.query_x)

    def losses(self, tasks: TaskBatch) -> Tensor:
        """(B,) query losses, differentiable in the meta-parameters."""
        return vmap(self.task_loss)(tasks.support_x, tasks.support_y, tasks.query_x, tasks.query_y)

    def backward(self, tasks: TaskBatch) -> Tensor:
        """Adds the meta-gradient, the mean over tasks, to every `.grad`. Returns the mean loss."""
        loss = self.losses(tasks).mean()
        loss.backward()
        return loss.detach()


@torch.no_grad()
def accuracies(learner: MetaLearner, tasks: TaskBatch) -> Tensor:
    """(B,) share of the queries of each episode that are named correctly."""
    learner.eval()
    named = learner.predict_all(tasks).argmax(-1)  # (B, Q)
    learner.train()
    return (named == tasks.query_y).double().mean(1)
