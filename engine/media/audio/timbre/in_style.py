"""Timbres among the tensors of a style: sound/i/… of recording i, sound_weights (S,)."""

from collections.abc import Mapping

from torch import Tensor

from engine.core.style import Tensors
from engine.media.audio.timbre.sounds import Timbre

SOUND = "sound/"


def timbres_of(style: Mapping[str, Tensor]) -> list[Timbre]:
    """The sounds that a style has learned, the weightiest first."""
    if "sound_weights" not in style:
        return []
    weights = style["sound_weights"].tolist()
    order = sorted(range(len(weights)), key=lambda i: (-weights[i], i))
    return [Timbre.from_tensors(under(f"{SOUND}{i}/", style)) for i in order]


def under(prefix: str, tensors: Mapping[str, Tensor]) -> Tensors:
    """Those whose names begin so, without the beginning."""
    return {k.removeprefix(prefix): t for k, t in tensors.items() if k.startswith(prefix)}
