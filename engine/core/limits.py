"""The limits that hold in every medium; each medium's own stand in its `brief.py`."""

from collections.abc import Sequence

from engine.core.errors import BadInput
from engine.protocol import MAX_CANDIDATES, MAX_COUNT, MAX_SEED, Brief

MAX_STRENGTH = 2.0
MIN_TEMPERATURE, MAX_TEMPERATURE = 0.1, 2.0
MIN_TOP_P = 0.05
MIN_WEIGHT, MAX_WEIGHT = 1e-6, 1e6  # relative to each other; tensors hold them as float32


def check_shared(brief: Brief) -> None:
    """Raises BadInput for a value of the fields that every brief has, if it is out of range."""
    if not 1 <= brief.count <= MAX_COUNT:
        raise BadInput("bad_count", count=brief.count, most=MAX_COUNT)
    check_seed(brief.seed)
    check_number("strength", brief.strength, 0, MAX_STRENGTH)
    check_number("follow", brief.follow, 0, 1)
    check_number("candidates", brief.candidates, 0, MAX_CANDIDATES)


def check_sampling(temperature: float, top_p: float) -> None:
    """Raises BadInput for how tokens may not be drawn."""
    check_number("temperature", temperature, MIN_TEMPERATURE, MAX_TEMPERATURE)
    check_number("top_p", top_p, MIN_TOP_P, 1)


def check_number(name: str, value: float, least: float, most: float) -> None:
    """Raises BadInput unless `least` ≤ value ≤ `most`: NaN is refused."""
    if not least <= value <= most:
        raise BadInput("bad_number", name=name, value=value, least=least, most=most)


def check_seed(seed: int) -> None:
    """Raises BadInput for a seed that not every random generator here takes."""
    if not 0 <= seed <= MAX_SEED:
        raise BadInput("bad_seed", seed=seed, most=MAX_SEED)


def check_weights(weights: Sequence[float]) -> None:
    """Raises BadInput for a weight that is not a positive number of sensible size."""
    for weight in weights:
        if not MIN_WEIGHT <= weight <= MAX_WEIGHT:
            raise BadInput("bad_weight", weight=weight)
