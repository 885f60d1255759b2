"""Where pre-training starts: counts of the corpus, cheap to take, put into the model.

Legend: V vocabulary, C width, N tokens. The bias begins as the log frequencies, the embedding as
the leading factors of the positive pointwise mutual information of tokens that stand near each
other (Levy and Goldberg 2014): what the first hours of gradient steps would otherwise find.
"""

import numpy as np
import torch
from torch import Tensor

from engine.lab.training.sequence_eval import TokenModel
from engine.media.text.tokens import SPECIALS

NEAR = (1, 2, 3, 4)
SPREAD = 0.03  # standard deviation of the embedding


@torch.no_grad()
def start_from_counts(model: TokenModel, tokens: np.ndarray) -> None:
    """Fill the bias and the embedding from tokens (N,) of the training authors."""
    size, width = model.embedding.weight.shape
    counts = torch.from_numpy(np.bincount(tokens, minlength=size)).float()
    logs = ((counts + 0.5) / (counts.sum() + 0.5 * size)).log()
    model.bias.copy_(logs - logs.mean())
    if size < 2 * width:
        return
    mutual = pointwise_mutual_information(tokens, size)
    torch.manual_seed(0)
    u, s, _ = torch.svd_lowrank(mutual, q=width, niter=2)
    factors = u * s.sqrt()
    factors /= factors.std(0, keepdim=True).mean().clamp_min(1e-6)
    known = counts > 0
    model.embedding.weight[known] = SPREAD * factors[known]
    model.embedding.weight[: len(SPECIALS)] = SPREAD * torch.randn(len(SPECIALS), width)


def pointwise_mutual_information(tokens: np.ndarray, size: int) -> Tensor:
    """(V, V), symmetric, negative values set to 0: log p(a, b) / (p(a) p(b))."""
    pairs = np.zeros(size * size, np.float32)
    row = tokens.astype(np.int64)
    for distance in NEAR:
        cells = row[:-distance] * size + row[distance:]
        pairs += (np.bincount(cells, minlength=size * size) / distance).astype(np.float32)
    near = torch.from_numpy(pairs).view(size, size)
    near = near + near.T
    alone = near.sum(1).clamp_min(1e-6)
    expected = alone[:, None] * alone[None, :] / alone.sum()
    return ((near + 1e-6) / expected.clamp_min(1e-6)).log_().clamp_(0, 8)
