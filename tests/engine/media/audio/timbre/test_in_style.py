"""Which of a style's sounds play a work: those of the parts of the recording that it follows."""

import pytest
import torch

from engine.media.audio.generators.score.adapt import blend
from engine.media.audio.playing.instruments import Instruments
from engine.media.audio.timbre.in_style import (
    PLACES,
    SOUND,
    WEIGHTS,
    WHOLE,
    recordings_of,
    sounds_in,
    timbres_of,
)
from engine.media.audio.timbre.sounds import Timbre
from engine.sequence.adapt import StyleTensors

Places = list[tuple[int, int]]


def style_of(places: Places | None, weights: list[float], references: int) -> StyleTensors:
    """Sound i is told by its context, i."""
    style = {WEIGHTS: torch.tensor(weights), "reference_count": torch.tensor(references)}
    if places is not None:
        style[PLACES] = torch.tensor(places, dtype=torch.int32)
    for i in range(len(weights)):
        named = Timbre(torch.full((2,), float(i))).to_tensors()
        style |= {f"{SOUND}{i}/{name}": tensor for name, tensor in named.items()}
    return style


def order(timbres: list[Timbre]) -> list[int]:
    return [int(timbre.context[0]) for timbre in timbres]


def test_the_parts_of_the_followed_recording_come_first() -> None:
    style = style_of([(0, WHOLE), (2, 0), (2, 1), (2, 2)], [2.0, 1.0, 1.0, 1.0], 3)
    assert order(timbres_of(style)) == [0, 1, 2, 3]
    assert order(timbres_of(style, 2)) == [1, 2, 3, 0]
    assert recordings_of(style) == [0, 2]
    assert sounds_in(style) == 2


def test_styles_of_before_play_by_weight() -> None:
    style = style_of(None, [1.0, 3.0], 2)
    assert order(timbres_of(style)) == [1, 0]
    assert sounds_in(style) == 2
    assert recordings_of(style) == []


def test_in_a_blend_sounds_know_their_references() -> None:
    first = style_of([(1, WHOLE)], [1.0], 2)
    second = style_of([(0, 0), (0, 1)], [1.0, 1.0], 1)
    mixed = blend([first, second], [1.0, 1.0])
    assert mixed[PLACES].tolist() == [[1, WHOLE], [2, 0], [2, 1]]
    older = blend([style_of(None, [1.0], 1), second], [1.0, 1.0])
    assert older[PLACES].tolist() == [[-1, WHOLE], [1, 0], [1, 1]]


@pytest.mark.parametrize(("reference", "wanted"), [(1, "b"), (0, "a")])
def test_instruments_follow_a_recording_and_else_stay(reference: int, wanted: str) -> None:
    own, other = Timbre(torch.zeros(2)), Timbre(torch.ones(2))
    found = Instruments((own,), recorded={1: (other, own)}).following(reference)
    assert found.own[0] is (other if wanted == "b" else own)
