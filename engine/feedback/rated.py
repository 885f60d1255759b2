"""A rated work, as what moves a style and what chooses sees it."""

from dataclasses import dataclass

import numpy as np

from engine.interfaces import Measured


@dataclass(frozen=True, slots=True, eq=False)
class RatedWork:
    """measured: by the critic. events: what the `EventModel` finds in it. utility: of which
    deviation 1 is a usual one, and `beyond`, what of it no feature tells: see `utilities`. path: of
    its file, for generators that learn from whole works."""

    measured: Measured
    events: np.ndarray
    utility: float
    beyond: float = 0.0
    path: str = ""
