"""Features on the scale on which they are compared."""

import numpy as np

from engine.interfaces import Feature


def on_scale(values: np.ndarray, features: tuple[Feature, ...]) -> np.ndarray:
    """(…, F) as they are compared: ratios by their natural logarithm."""
    ratios = np.array([feature.ratio for feature in features])
    return np.where(ratios, np.log(np.maximum(values, 1e-3)), values)


def unit(vector: np.ndarray) -> np.ndarray:
    """Of length 1; nothing stays nothing."""
    length = float(np.linalg.norm(vector))
    return vector / length if length > 0 else vector
