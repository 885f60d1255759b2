"""What ratings have moved in a style: tensors beside its own, whose names begin with PREFIX.

`engine.feedback.adaptation` makes them, the generators use them. liked/kind: the letters of the
domain that they are for, uint8. Of pictures liked/weights (K,), the
references' weights as they were moved. Of texts and scores liked/tokens (V,), what each token
gains, in nats; of scores liked/steps (2 MOST_STEP + 1,), what a step from the part's last pitch
gains. Of texts over a pretrained model liked/worth (2, k), what directions of the critic's
embedding are worth and their usual place, and liked/low_rank/…, its adapters as they were moved.
liked/beyond: what drafts are chosen by, beside the taste (`engine.feedback.beyond`).
"""

from collections.abc import Mapping

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

PREFIX = "liked/"
KIND, WEIGHTS, TOKENS, STEPS, BEYOND, WORTH, ADAPTERS = (
    PREFIX + name for name in ("kind", "weights", "tokens", "steps", "beyond", "worth", "low_rank/")
)
MOST_STEP = 12  # semitones
MOST_VALUE = 3.0  # nats of one token


def domain_tensor(domain: str) -> Tensor:
    return torch.tensor(list(domain.encode()), dtype=torch.uint8)


def domain_of(style: Mapping[str, Tensor]) -> str:
    """Of which works the ratings were; empty where nothing was moved."""
    return bytes(style[KIND].cpu().numpy()).decode("utf-8", "replace") if KIND in style else ""


def gains(style: Mapping[str, Tensor], name: str, domain: str, follow: float) -> Tensor | None:
    """TOKENS or STEPS, in float32, by the share `follow` of them that is wanted; None where this
    domain was moved by nothing."""
    if domain_of(style) != domain or name not in style or follow == 0:
        return None
    return follow * style[name].float()


def weights_of(style: Mapping[str, Tensor], follow: float) -> Tensor:
    """(K,) of a picture style: its own weights, moved by the share `follow` of the way."""
    own = style["weights"]
    if WEIGHTS not in style or follow == 0:
        return own
    even = own / own.sum()
    return even * (style[WEIGHTS] / even) ** follow


def as_bias(values: NDArray[np.float64]) -> Tensor:
    """Nats, around 0, each within MOST_VALUE, in half precision."""
    return torch.as_tensor(np.clip(values, -MOST_VALUE, MOST_VALUE)).half()
