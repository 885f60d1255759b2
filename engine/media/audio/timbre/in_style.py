"""Timbres among the tensors of a style: sound/i/… of which recording and part sound_places (S, 2)
says, sound_weights (S,)."""

from collections.abc import Mapping

from torch import Tensor

from engine.core.style import Tensors
from engine.media.audio.timbre.sounds import Timbre

SOUND, WEIGHTS, PLACES = "sound/", "sound_weights", "sound_places"
WHOLE = -1  # in place of a part: the sound of a whole recording


def timbres_of(style: Mapping[str, Tensor], reference: int | None = None) -> list[Timbre]:
    """The sounds that a style has learned: those of the reference's parts first, where there are
    some, then the weightiest."""
    if WEIGHTS not in style:
        return []
    weights = style[WEIGHTS].tolist()
    places = style[PLACES].tolist() if PLACES in style else [[-1, WHOLE]] * len(weights)
    order = sorted(
        range(len(weights)),
        key=lambda i: (places[i][0] != reference, -weights[i], places[i][0], places[i][1], i),
    )
    return [Timbre.from_tensors(under(f"{SOUND}{i}/", style)) for i in order]


def recordings_of(style: Mapping[str, Tensor]) -> list[int]:
    """The places of the references whose sounds a style has, as far as it says so."""
    places = style[PLACES].tolist() if PLACES in style else []
    return sorted({reference for reference, _ in places if reference >= 0})


def sounds_in(style: Mapping[str, Tensor]) -> int:
    """Of how many recordings a style has the sound; in older styles each sound is of another."""
    return len(recordings_of(style)) or len(style.get(WEIGHTS, ()))


def under(prefix: str, tensors: Mapping[str, Tensor]) -> Tensors:
    """Those whose names begin so, without the beginning."""
    return {k.removeprefix(prefix): t for k, t in tensors.items() if k.startswith(prefix)}
