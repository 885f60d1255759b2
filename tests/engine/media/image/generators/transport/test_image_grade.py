"""The last colours of a picture."""

from dataclasses import replace

import pytest
import torch

from engine.media.image.features import lab
from engine.media.image.generators.transport.grade import Grade
from engine.protocol import PictureBrief

PICTURE = torch.rand(3, 24, 32, generator=torch.Generator().manual_seed(0)) * 1.4 - 0.7


def means(picture: torch.Tensor) -> dict[str, float]:
    light, red, yellow = lab(picture)
    return {
        "light": float(light.mean()),
        "contrast": float(light.std()),
        "warmth": float(yellow.mean()),
        "redness": float(red.mean()),
        "vividness": float(torch.hypot(red, yellow).mean()),
    }


@pytest.mark.parametrize("name", ["light", "contrast", "warmth", "redness", "vividness"])
def test_each_moves_what_it_is_named_for(name: str) -> None:
    more, less = (Grade.of(replace(PictureBrief(), **{name: way})) for way in (0.5, -0.5))
    assert more is not None and less is not None
    before = means(PICTURE)[name]
    assert means(more(PICTURE))[name] > before + 1
    assert means(less(PICTURE))[name] < before - 1
    assert more(PICTURE).abs().max() <= 1


def test_without_a_wish_nothing_is_done() -> None:
    assert Grade.of(PictureBrief()) is None


def test_black_and_white_stay_neutral() -> None:
    ends = torch.stack([torch.full((3, 4), -1.0), torch.full((3, 4), 1.0)], 1)
    grade = Grade(0, 0, 1, 1, 1)
    assert (grade(ends) - ends).abs().max() < 0.02
