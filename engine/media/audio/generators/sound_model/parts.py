"""What styles over sound models keep beside what was learned: digests, and pieces of references
one after another; and which part of a recording is heard.

Legend: R pieces, T places of all of them together, C channels, N samples.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import soxr
import torch
from torch import Tensor

from engine.core.style import Tensors

ENDS = "ends"  # (R,)


def of_digest(digest: str) -> Tensor:
    """(32,) bytes of a sha256."""
    return torch.tensor(list(bytes.fromhex(digest)), dtype=torch.uint8)


def digest_of(tensors: Mapping[str, Tensor]) -> str:
    """Of the model that a style stands over."""
    return bytes(tensors["base"].cpu().numpy()).hex()


def joined(pieces: Sequence[Tensor], name: str, dtype: torch.dtype) -> Tensors:
    """Pieces (…, T) as one tensor, with where each ends."""
    ends = torch.tensor([each.shape[-1] for each in pieces]).cumsum(0)
    return {name: torch.cat(list(pieces), -1).to("cpu", dtype), ENDS: ends}


def parted(tensors: Mapping[str, Tensor], name: str) -> list[Tensor]:
    ends = tensors[ENDS].tolist()
    starts = [0, *ends[:-1]]
    return [tensors[name][..., a:b] for a, b in zip(starts, ends, strict=True)]


def loudest(samples: np.ndarray, rate: int, wanted_rate: int, most_s: float) -> np.ndarray:
    """(C, N) at another rate, float32, of it the loudest `most_s` seconds at most."""
    dense = soxr.resample(samples.T, rate, wanted_rate).T if rate != wanted_rate else samples
    most = int(most_s * wanted_rate)
    if dense.shape[1] > most:
        power = np.cumsum(np.square(dense, dtype=np.float64).sum(0))
        first = int(np.argmax(power[most:] - power[:-most]))
        dense = dense[:, first : first + most]
    return np.ascontiguousarray(dense, np.float32)
