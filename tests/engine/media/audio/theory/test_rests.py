"""Between notes stand rests that one writes."""

import numpy as np
import pytest

from engine.media.audio.codec.score import TICKS, notes_of, score_of
from engine.media.audio.theory.rests import with_plain_rests

THIRD, QUARTER = TICKS // 3, TICKS // 4


@pytest.mark.parametrize(
    ("duration", "onset", "held"),
    [
        (THIRD, 3 * QUARTER, 2 * QUARTER),  # a triplet's quaver before a dotted one's semiquaver
        (THIRD, 2 * THIRD, THIRD),  # a rest within a triplet
        (TICKS // 12, TICKS // 12 * 2, TICKS // 12 * 2),  # neither: no rest
        (QUARTER, TICKS, QUARTER),  # three semiquavers' rest
        (TICKS - TICKS // 12, TICKS, TICKS),  # a sliver
        (2 * TICKS, 4 * TICKS, 2 * TICKS),
        (TICKS, TICKS, TICKS),  # no rest at all
    ],
)
def test_a_note_is_held_until_a_plain_rest(duration: int, onset: int, held: int) -> None:
    score = score_of(notes_of([(0, duration, 60, 0, 80), (onset, TICKS, 62, 0, 80)]))
    assert with_plain_rests(score).notes["duration"].tolist() == [held, TICKS]


def test_the_last_of_a_chord_is_held_and_other_parts_stay() -> None:
    rows = [(0, 100, 60, 0, 80), (0, THIRD, 64, 0, 80), (3 * QUARTER, TICKS, 62, 0, 80)]
    rows += [(0, THIRD, 48, 1, 80)]
    score = score_of(notes_of(rows))
    made = with_plain_rests(score)
    by_pitch = dict(zip(made.notes["pitch"].tolist(), made.notes["duration"].tolist(), strict=True))
    assert by_pitch == {60: 100, 64: 2 * QUARTER, 62: TICKS, 48: THIRD}
    assert np.array_equal(made.notes["onset"], score.notes["onset"])
