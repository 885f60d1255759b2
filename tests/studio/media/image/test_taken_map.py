"""What a sidecar tells of where a picture was taken from, as a map and in words."""

import base64
from typing import Any

import pytest

from studio.media.image.taken_map import NOWHERE, origins_of

PLACES = ((0, 0, 0), (0, 128, 0), (1, 0, 255), (NOWHERE, 0, 0))


def sidecar(**taken: Any) -> dict[str, Any]:
    data = base64.b64encode(bytes(number for place in PLACES for number in place)).decode()
    whole = {
        "references": [0.75, 0.25],
        "largest": 0.3,
        "map": {"rows": 2, "columns": 2, "data": data},
    }
    names = [{"name": "hokusai-wave.jpg"}, {"name": "hokusai-ejiri.jpg"}]
    return {"style": {"references": names}, "taken": whole | taken}


def test_each_reference_has_its_hue_and_its_share() -> None:
    origins = origins_of(sidecar())
    assert origins is not None
    image = origins.image()
    assert (image.width(), image.height()) == (2, 2)
    first, lower, other, empty = (image.pixelColor(x, y) for y in (0, 1) for x in (0, 1))
    assert abs(first.hue() - lower.hue()) <= 2
    assert lower.value() < first.value()
    assert other.hue() != first.hue()
    assert empty.saturation() == 0
    assert "75" in origins.words
    assert "25" in origins.words
    assert "30" in origins.words


def test_the_artists_own_picture_is_the_first_source() -> None:
    origins = origins_of(sidecar(content=0.5, references=[0.5, 0.0]))
    assert origins is not None
    assert origins.shares == (0.5, 0.5, 0.0)
    assert origins.image().pixelColor(0, 0).saturation() < 40
    assert origins.words.count("%") == 3, "a reference that gave nothing is not named"


@pytest.mark.parametrize(
    "about",
    [
        {},
        {"taken": None},
        sidecar(map={"rows": 9, "columns": 9, "data": ""}),
        sidecar(map={"rows": 2, "columns": 2, "data": "not base64"}),
        sidecar(references="none"),
    ],
)
def test_what_tells_nothing_sound_shows_no_map(about: dict[str, Any]) -> None:
    assert origins_of(about) is None


def test_a_blend_numbers_its_references() -> None:
    about = sidecar()
    about["style"]["references"] = [{"name": "one.style"}]
    origins = origins_of(about)
    assert origins is not None
    assert len(origins.names) == 2
