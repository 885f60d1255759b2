"""What one work shall be, and what a sound model does, whichever it is.

Legend: C channels, N samples.
"""

from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from torch import Tensor

from engine.core.pretrained.added import AddedModel
from engine.core.progress import Advance
from engine.core.style import Tensors
from engine.media.audio.codec.sound import Sound


@dataclass(frozen=True, slots=True)
class Wish:
    """Of one work. nearness: 0 … 1, how much of a reference it goes on from. temperature, top_p: of
    models that draw codes one after another. follow: 0 … 1, how far it is as ratings have left the
    style."""

    seed: int
    seconds: float
    prompt: str = ""
    temperature: float = 1.0
    top_p: float = 1.0
    nearness: float = 0.0
    follow: float = 0.0


@dataclass(frozen=True, slots=True, eq=False)
class RatedSound:
    sound: Sound
    utility: float
    prompt: str = ""


class SoundModel(Protocol):
    """One model in memory. usual_s, most_s: seconds of a work."""

    row: AddedModel
    rate: int
    usual_s: int
    most_s: int

    def adapt(
        self, sounds: Sequence[Sound], weights: Sequence[float], seed: int, seconds: float | None
    ) -> Generator[Advance, None, Tensors]:
        """Recordings → a style's tensors."""
        ...

    def written(
        self, style: Mapping[str, Tensor], wish: Wish
    ) -> Generator[Advance, None, np.ndarray]:
        """(C, N) float32 at `rate`."""
        ...

    def preferred(
        self, style: Mapping[str, Tensor], works: Sequence[RatedSound], seed: int
    ) -> Generator[Advance, None, Tensors]:
        """What ratings add to a style; {} where nothing sets works apart."""
        ...

    def blend(self, styles: Sequence[Mapping[str, Tensor]], shares: Sequence[float]) -> Tensors:
        """shares: sum to 1."""
        ...
