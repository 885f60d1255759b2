"""How like a style's references works are, from what the style itself keeps of these.

Legend: N works, K references, E numbers of an embedding.
"""

import math
from collections.abc import Mapping, Sequence

import numpy as np
import torch
from torch import Tensor

from engine.audio.events import decode
from engine.critic.calibration import SOFT
from engine.critic.contents import Content, Opened, Played
from engine.critic.judges import judge_of
from engine.critic.measured import Measured
from engine.critic.texts import Words
from engine.sequence.adapt import works_of
from engine.text.tokens import TEXT, special
from engine.text.weights import shipped as text_base

LEAST_MATCH = 0.02


def closeness(
    style: Mapping[str, Tensor], works: Sequence[Measured], kind: str, device: torch.device
) -> np.ndarray:
    """(N,) the logarithm of the odds that a work is by the references' maker; 0 where unknown.

    Of pictures a style keeps the references' embeddings alone, so that their features do not count.
    """
    if kind == "image":
        return _of_pictures(style, works, device)
    judge = judge_of(kind, device)
    theirs = [
        judge.see(Opened("", kind, content)).measured
        for content in references_of(style, kind, device)
    ]
    if not theirs:
        return np.zeros(len(works))
    fit, features = judge.calibration, judge.features
    near = [fit.match(fit.distances(work, theirs, features)) for work in works]
    held = np.clip(near, LEAST_MATCH, 1 - LEAST_MATCH)
    return np.log(held / (1 - held))


def _of_pictures(
    style: Mapping[str, Tensor], works: Sequence[Measured], device: torch.device
) -> np.ndarray:
    if "told" not in style:  # a style from before there were strokes
        return np.zeros(len(works))
    fit = judge_of("image", device).calibration
    told = style["told"].double().cpu().numpy()  # (K, E)
    usual, noise = told.mean(0), 1 + 1 / len(told)
    _, weight, _ = fit.logistic
    apart = [((fit.projection @ (work.embedding - usual)) ** 2).mean() / noise for work in works]
    return np.array([weight * math.log(distance + SOFT) for distance in apart])


def references_of(style: Mapping[str, Tensor], kind: str, device: torch.device) -> list[Content]:
    """The references of a style of texts or scores, those in the language of `kind`."""
    if "tokens" not in style:
        return []
    rows = works_of(dict(style))
    if kind == "audio":
        return [Played(decode(row, common_key=False)) for row in rows]
    tokens = text_base(device).tokens
    language = "zh" if kind == "zh" else "en"
    own = [row[row.index(TEXT) :] for row in rows if row[1] == special(language)]
    return [Words(tokens.decode(row), language) for row in own]
