"""How like a style's references works are, from what the style itself keeps of these.

Legend: N works, K references, E numbers of an embedding.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from engine.critic.calibration import SOFT, Calibration
from engine.critic.contents import Content, Opened, Played
from engine.critic.judges import judge_of
from engine.critic.measured import Feature, Measured
from engine.media.audio.generators.score.events import decode
from engine.media.text.features import Words
from engine.media.text.generators.maquette_lm.tokens import TEXT, special
from engine.media.text.generators.maquette_lm.weights import shipped as text_base
from engine.sequence.adapt import works_of

LEAST_MATCH = 0.02
_MOST_ODDS = math.log((1 - LEAST_MATCH) / LEAST_MATCH)


@dataclass(frozen=True, slots=True, eq=False)
class MannerOfPictures:
    """told (K, E): the embeddings of the references; their features a style does not keep."""

    calibration: Calibration
    told: np.ndarray

    def log_odds(self, works: Sequence[Measured]) -> np.ndarray:
        """(N,) that a work is by the references' maker, but for a number that is the same for all
        works and all styles."""
        usual, noise = self.told.mean(0), 1 + 1 / len(self.told)
        _, weight, _ = self.calibration.logistic
        to_usual = [self.calibration.projection @ (work.embedding - usual) for work in works]
        return np.array([weight * math.log((apart**2).mean() / noise + SOFT) for apart in to_usual])


@dataclass(frozen=True, slots=True, eq=False)
class MannerOfSequences:
    """Of texts or scores: the references, measured."""

    calibration: Calibration
    features: tuple[Feature, ...]
    references: tuple[Measured, ...]

    def log_odds(self, works: Sequence[Measured]) -> np.ndarray:
        """(N,) that a work is by the references' maker."""
        fit = self.calibration
        return np.array(
            [fit.log_odds(fit.distances(w, self.references, self.features)) for w in works]
        )


Manner = MannerOfPictures | MannerOfSequences


def manner_of(style: Mapping[str, Tensor], kind: str, device: torch.device) -> Manner | None:
    """What a style keeps of its references of this kind (image, zh, en or audio), as a judge sees
    it; None where that is nothing. Of texts some 20 ms a reference."""
    judge = judge_of(kind, device)
    if kind == "image":
        if "told" not in style:  # a style from before there were strokes
            return None
        return MannerOfPictures(judge.calibration, style["told"].double().cpu().numpy())
    theirs = measured_references(style, kind, device)
    return MannerOfSequences(judge.calibration, judge.features, theirs) if theirs else None


def measured_references(
    style: Mapping[str, Tensor], kind: str, device: torch.device
) -> tuple[Measured, ...]:
    """Those that a style of texts or scores keeps; none of pictures."""
    judge = judge_of(kind, device)
    kept = references_of(style, kind, device)
    return tuple(judge.see(Opened("", kind, content)).measured for content in kept)


def closeness(
    style: Mapping[str, Tensor], works: Sequence[Measured], kind: str, device: torch.device
) -> np.ndarray:
    """(N,) the logarithm of the odds that a work is by the references' maker; 0 where unknown.

    Of pictures a style keeps the references' embeddings alone, so that their features do not count.
    """
    manner = manner_of(style, kind, device)
    if manner is None:
        return np.zeros(len(works))
    odds = manner.log_odds(works)
    return odds if kind == "image" else np.clip(odds, -_MOST_ODDS, _MOST_ODDS)


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
