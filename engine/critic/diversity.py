"""How many different works a set holds, and which are nearly the same.

Legend: N works, K (N, N) their kernel: 1 on the diagonal, 0 for unlike works.
"""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from engine.interfaces import Measured

NEAR = 0.97  # the kernel of works that nobody would show side by side


def vendi_score(kernel: Tensor) -> float:
    """1 … N: the exponential of the entropy of the eigenvalues of K / N (Friedman and Dieng 2023,
    eq. 1). K (N, N) float64, positive semidefinite."""
    values = torch.linalg.eigvalsh(kernel / len(kernel)).clamp(min=1e-12)
    return float(torch.exp(-(values * values.log()).sum()))


def kernel_of(works: Sequence[Measured]) -> np.ndarray:
    """K of measured works: the products of their likenesses."""
    rows = np.stack([work.likeness for work in works])
    kernel = rows @ rows.T
    np.fill_diagonal(kernel, 1.0)
    return kernel


def diversity(works: Sequence[Measured]) -> float:
    """The Vendi score of the set; 0 of none."""
    return vendi_score(torch.from_numpy(kernel_of(works)).double()) if works else 0.0
