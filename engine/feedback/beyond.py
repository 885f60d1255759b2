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
from engine.feedback.rated import RatedWork
from engine.feedback.worth import worths
from engine.interfaces import EventModel

FULL = 3.0  # what is beyond was shrunk by the chance that features tell all: times this


def learned(rated: Sequence[RatedWork], domain: str, events: EventModel) -> dict[str, Tensor]:
    """The tensor `liked/beyond` (k,), float64, and its domain; {} where nothing sets works apart,
    and where events carry no numbers."""
    if events.variances is None:
        return {}
    rows = [events.numbers(one.events) for one in rated]
    worth = worths(rows, np.array([one.beyond for one in rated]), events.variances)
    if worth is None:
        return {}
    return {liked.BEYOND: torch.from_numpy(FULL * worth), liked.KIND: liked.domain_tensor(domain)}


def pleases(
    style: Mapping[str, Tensor], works: Sequence[np.ndarray], domain: str, events: EventModel
) -> np.ndarray:
    """(N,) what works, given by their events, please beyond their features, around 0; nothing where
    no rating tells."""
    if liked.domain_of(style) != domain or liked.BEYOND not in style or not works:
        return np.zeros(len(works))
    worth = style[liked.BEYOND].double().cpu().numpy()
    empty = np.zeros((1, len(worth)))
    rows = [events.numbers(each) if len(each) else empty for each in works]
    found = np.array([float(row.mean(0) @ worth) for row in rows])
    return found - found.mean()
