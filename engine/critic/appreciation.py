"""Why: what sets a work apart from its references, what it has of theirs, what is wrong with it."""

from collections.abc import Sequence

import numpy as np

from engine.critic.calibration import Calibration
from engine.critic.feature_scale import on_scale
from engine.critic.words import direction_of, name_of, said_of
from engine.interfaces import Feature, Measured
from engine.protocol.parts import FeatureShown, Said

APART = 1.0  # deviations within one maker, from which a difference is worth a word
ALIKE = 0.4  # … within which it is none
MOST = 3  # features in one sentence


def gaps(
    work: Measured, references: Sequence[Measured], fit: Calibration, features: tuple[Feature, ...]
) -> np.ndarray:
    """(F,): how far the work is from the references' mean, in deviations within one maker, or in
    those among the references themselves where these are larger."""
    scaled = np.stack([on_scale(r.values, features) for r in references])
    usual = np.maximum(fit.within, scaled.std(0))
    return (on_scale(work.values, features) - scaled.mean(0)) / usual


def shown(
    work: Measured, references: Sequence[Measured], fit: Calibration, features: tuple[Feature, ...]
) -> tuple[FeatureShown, ...]:
    """Every feature of a work beside its references'."""
    means = np.mean([r.values for r in references], axis=0)
    apart = gaps(work, references, fit, features)
    rows = zip(features, work.values.tolist(), means.tolist(), apart.tolist(), strict=True)
    return tuple(
        FeatureShown(
            code=feature.code,
            name=name_of(feature.code),
            unit=feature.unit,
            value=round(value, 4),
            reference=round(mean, 4),
            gap=round(gap, 3),
        )
        for feature, value, mean, gap in rows
    )


def differences(apart: np.ndarray, features: tuple[Feature, ...]) -> list[Said]:
    """At most one sentence: the largest gaps (F,) of a work, as comparisons."""
    order = np.argsort(-np.abs(apart))[:MOST]
    chosen = [i for i in order.tolist() if abs(apart[i]) >= APART]
    if not chosen:
        return []
    names = [direction_of(features[i].code, more=bool(apart[i] > 0)) for i in chosen]
    return [said_of("differs", [features[i].code for i in chosen], names)]


def likenesses(
    apart: np.ndarray,
    references: Sequence[Measured],
    fit: Calibration,
    features: tuple[Feature, ...],
) -> list[Said]:
    """At most one sentence: what is the references' own and the work's too, what sets them most
    apart from other makers first."""
    mean = np.mean([on_scale(r.values, features) for r in references], axis=0)
    telling = np.abs(mean - fit.centre) / fit.between
    alike = [i for i in np.argsort(-telling).tolist() if abs(apart[i]) <= ALIKE]
    chosen = alike[: MOST - 1]
    if not chosen:
        return []
    codes = [features[i].code for i in chosen]
    return [said_of("same", codes, [name_of(code) for code in codes])]
