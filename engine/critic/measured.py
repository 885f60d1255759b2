"""What the critic measures of one work, whatever its medium.

Legend: F named features, E numbers of an embedding, D numbers of a likeness.
"""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True)
class Feature:
    """One named number. unit: as it is shown ("" for a plain number). ratio: differences of it
    are ratios (lengths, tempos), so that it is compared by its logarithm."""

    code: str
    unit: str = ""
    ratio: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Measured:
    """values (F,) float64 in the features' units; embedding (E,) of its style; likeness (D,) of
    unit length: two works of which the product is near 1 are nearly the same work."""

    values: np.ndarray
    embedding: np.ndarray
    likeness: np.ndarray


def on_scale(values: np.ndarray, features: tuple[Feature, ...]) -> np.ndarray:
    """(…, F) as they are compared: ratios by their natural logarithm."""
    ratios = np.array([feature.ratio for feature in features])
    return np.where(ratios, np.log(np.maximum(values, 1e-3)), values)


def unit(vector: np.ndarray) -> np.ndarray:
    """Of length 1; nothing stays nothing."""
    length = float(np.linalg.norm(vector))
    return vector / length if length > 0 else vector
