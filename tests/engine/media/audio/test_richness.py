"""How far a piece is outside of what its references have."""

import pytest

from engine.media.audio.codec.score import TICKS, Score, notes_of, score_of
from engine.media.audio.richness import MEASURES, RichnessRange

ENTROPY = 2.0  # bits, of four pitches that are equally frequent


def tune(pitches: list[int]) -> Score:
    return score_of(notes_of((i * TICKS, TICKS, p, 0, 80) for i, p in enumerate(pitches)))


def test_a_reference_is_inside_its_own_range_and_a_drone_is_not() -> None:
    references = [tune([60, 64, 62, 67] * 4), tune([60, 62, 65, 69, 67, 64, 71, 72] * 2)]
    inside = RichnessRange.of(references, 4)
    assert [inside.outside(each) for each in references] == [0, 0]
    assert inside.outside(tune([60] * 15 + [62])) > inside.outside(tune([60, 62] * 8)) > 1
    assert inside.outside(tune([])) == len(MEASURES)


def test_a_shorter_piece_is_compared_with_as_many_bars() -> None:
    whole = tune([60, 64, 62, 67] * 4)
    assert RichnessRange.of([whole], 2).outside(tune([60, 64, 62, 67] * 2)) == 0
    assert MEASURES["pitch entropy, bits"](whole) == pytest.approx(ENTROPY)
