"""How loud works are: phrases swell, what is said again is softer, references' bars are heard."""

import numpy as np

from engine.media.audio.codec.score import TICKS, VELOCITY, Metre, Score, notes_of, score_of
from engine.media.audio.generators.score.dynamics import Dynamics, phrases_of, shaped
from engine.media.audio.generators.score.form import form_of
from engine.media.audio.theory.grid import quantise

BAR = 4 * TICKS


def tune(velocities: tuple[int, ...] = (VELOCITY,) * 8) -> Score:
    """Eight bars of quavers; the fourth and the eighth are one long note."""
    rows = []
    for bar, loud in enumerate(velocities):
        if bar % 4 == 3:
            rows.append((bar * BAR, BAR, 72, 0, loud))
            continue
        rows += [
            (bar * BAR + i * TICKS // 2, TICKS // 2, 60 + 2 * (i % 4), 0, loud) for i in range(8)
        ]
    return score_of(notes_of(rows), [Metre(0, 4, 4)])


def by_bar(score: Score) -> np.ndarray:
    bars = score.notes["onset"] // BAR
    return np.array([score.notes["velocity"][bars == bar].mean() for bar in range(8)])


def test_a_long_note_ends_a_phrase() -> None:
    assert phrases_of(tune()) == [(0, 3), (4, 7)]


def test_phrases_swell_and_what_is_said_again_is_not_as_loud() -> None:
    score = tune()
    form = form_of(quantise(score))
    assert form[4].of == 0
    for seed in range(8):
        made = shaped(score, form, 0, (), seed)
        loud = by_bar(made)
        assert loud[2] > loud[0] + 5, "the same figure, near the top of its phrase"
        assert abs(loud[4] - loud[0]) > 1
        assert (made.notes["velocity"] != VELOCITY).all(), "each note says how loud it is"
        assert np.array_equal(made.notes, shaped(score, form, 0, (), seed).notes)


def test_the_bars_of_a_reference_are_as_loud_as_they_were() -> None:
    played = tune((40, 40, 60, 60, 90, 90, 110, 110))
    dynamics = Dynamics.of([tune(), played])
    assert dynamics.bars == ((), (40, 40, 60, 60, 90, 90, 110, 110))
    assert Dynamics.from_tensors(dynamics.to_tensors(), 2) == dynamics
    assert Dynamics.of([tune()]).to_tensors() == {}
    assert Dynamics.from_tensors({}, 1).joined(dynamics).bars[2] == dynamics.bars[1]
    loud = by_bar(shaped(tune(), form_of(quantise(tune())), 0, dynamics.bars[1], 1))
    assert loud[4] > loud[0] + 20 and loud[6] > loud[1] + 20
