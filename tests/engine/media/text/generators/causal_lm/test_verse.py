"""Metre and rhyme that the references keep lead a draft; what they do not keep leads nowhere."""

import numpy as np
import pytest

from engine.media.text.generators.causal_lm.pieces import Pieces
from engine.media.text.generators.causal_lm.repetition import Repetition, usual_in
from engine.media.text.generators.causal_lm.verse import Steering, Verse, syllables_of, verse_of

QUATRAINS = (
    "The rain has kept its word all day,\nThe road is long, the lamp is low,\n"
    "And nothing that the house can say\nWill tell the river where to go.",
    "I set the table in the night,\nI set a plate for one who came,\n"
    "And every window held a light,\nAnd every light had lost its name.",
)
FREE = ("The kettle ticks.\nMy mother's coat\nstill hangs behind the door, one sleeve out\nno",) * 2
TEXTS = [" say", " day", " night", " the", "\n", ".", " stay", " window", "sea"]


@pytest.fixture
def pieces() -> Pieces:
    return Pieces.of_texts(TEXTS)


def test_metre_and_rhymes_are_read_off_the_references() -> None:
    verse = verse_of(QUATRAINS)
    assert verse is not None
    assert verse == Verse(8, {2: 0, 3: 1})
    assert verse.kept(QUATRAINS[0]) == 1
    assert verse.kept("One.\nTwo.\nThree.\nFour.") == 0
    assert verse_of(FREE) is None
    assert verse_of(QUATRAINS[:1]) is None  # one tells no habit
    assert syllables_of("The brillig window") == 5  # one of its words is in no dictionary


def test_words_that_rhyme_are_led_to_where_a_line_may_end(pieces: Pieces) -> None:
    steering = Steering(Verse(8, {2: 0, 3: 1}), pieces)
    at = {text: i for i, text in enumerate(TEXTS)}
    above = "The rain has kept its word all day,\nThe road is long, the lamp is low,\n"
    near = steering.bias(f"{above}And nothing that the house can")
    assert near is not None
    assert near[at[" say"]] > 0 == near[at[" night"]]
    assert near[at[" day"]] == 0  # the same word is no rhyme
    ended = steering.bias(f"{above}And nothing that the house can say")
    lost = steering.bias(f"{above}And nothing that the house can window")
    early = steering.bias(f"{above}And nothing")
    assert ended is not None
    assert lost is not None
    assert early is not None
    assert ended[at["\n"]] > 0 > lost[at["\n"]] > early[at["\n"]]
    over = steering.bias(f"{above}And nothing that the house can ever say to us")
    assert over is not None
    assert over[at["\n"]] > 0 > over[at[" the"]]
    begins = steering.bias(above)  # as the references' lines do, with a capital
    assert begins is not None
    assert begins[at["sea"]] < 0 == begins[at[" say"]]
    assert Steering(Verse(8, {}, capitals=False), pieces).bias(above) is None


def test_what_the_references_say_often_may_be_said_as_often() -> None:
    pieces = Pieces.of_texts(["a", "b", "c", "d"])
    usual = usual_in([[1, 2, 1, 1], [2, 2, 3]], pieces)
    assert usual == {1: 3, 2: 2}
    log_p, place = np.zeros(4), np.arange(4)
    text = Repetition(pieces, 0.0, {1: 2})
    for token in (1, 2, 1):
        text.said(token)
    assert text.lessened(log_p, place)[1] == 0 > text.lessened(log_p, place)[2]
    text.said(1)
    assert text.lessened(log_p, place)[1] < 0
