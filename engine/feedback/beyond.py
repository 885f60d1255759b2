"""What ratings say beyond the features that have a name: which events liked works are made of.

A work pleases by its features and by something that none of them tells (`utilities`). That rest is
laid on the work's events by ridge regression, apart from that of adaptation, since here features
have had their say; a new work's events then tell what it will please beyond its features.
Legend: N works, k numbers of an event.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import torch
from torch import Tensor

from engine.core import preference_tensors as liked
from engine.feedback.events import numbers_of, variances_of, worths
from engine.feedback.rated import Rated

FULL = 3.0  # what is beyond was shrunk by the chance that features tell all: times this


def learned(rated: Sequence[Rated], kind: str, device: torch.device) -> dict[str, Tensor]:
    """The tensor `liked/beyond` (k,), float64, and its kind; {} where nothing sets works apart, and
    of pictures, which have no events."""
    if kind == "image":
        return {}
    rows = [numbers_of(one.events, kind, device) for one in rated]
    worth = worths(rows, np.array([one.beyond for one in rated]), variances_of(kind))
    if worth is None:
        return {}
    return {liked.BEYOND: torch.from_numpy(FULL * worth), liked.KIND: liked.kind_tensor(kind)}


def pleases(
    style: Mapping[str, Tensor], events: Sequence[np.ndarray], kind: str, device: torch.device
) -> np.ndarray:
    """(N,) what works please beyond their features, around 0; nothing where no rating tells."""
    if liked.kind_of(style) != kind or liked.BEYOND not in style or not events:
        return np.zeros(len(events))
    worth = style[liked.BEYOND].double().cpu().numpy()
    empty = np.zeros((1, len(worth)))
    rows = [numbers_of(each, kind, device) if len(each) else empty for each in events]
    found = np.array([float(row.mean(0) @ worth) for row in rows])
    return found - found.mean()
