"""Major and minor, where the brief says so."""

import numpy as np
import pytest

from engine.media.audio.codec.score import TICKS, Key, Score, notes_of, score_of
from engine.media.audio.score_tokens import VOCABULARY, decode, encode, span
from engine.media.audio.theory.keys import KeyEstimate, estimated_key
from engine.media.audio.theory.modes import in_mode, is_in, leaning, parallel

MAJOR_SCALE = (62, 64, 66, 67, 69, 71, 73, 74)  # D major
AS_MINOR = (62, 64, 65, 67, 69, 70, 73, 74)  # its seventh leads to the tonic


def tune(pitches: tuple[int, ...], key: Key) -> Score:
    rows = [(i * TICKS, TICKS, pitch, 0, 80) for i, pitch in enumerate(pitches)]
    return score_of(notes_of(rows), keys=(key,))


D_MAJOR, D_MINOR = KeyEstimate(2, False), KeyEstimate(5, True)


def test_a_tune_in_the_parallel_mode() -> None:
    minor = parallel(tune(MAJOR_SCALE, D_MAJOR.key), D_MAJOR)
    assert tuple(minor.notes["pitch"]) == AS_MINOR
    assert minor.keys[0] == D_MINOR.key
    back = parallel(minor, D_MINOR)
    assert tuple(back.notes["pitch"]) == MAJOR_SCALE


def test_a_seventh_that_leads_nowhere_is_lowered() -> None:
    minor = parallel(tune((62, 73, 69, 62), D_MAJOR.key), D_MAJOR)
    assert tuple(minor.notes["pitch"]) == (62, 72, 69, 62)


def test_tokens_keep_their_mode_or_change_it() -> None:
    row = encode(tune(MAJOR_SCALE, D_MAJOR.key)).tolist()
    assert in_mode(row, "major") == row
    assert in_mode(row, "") == row
    minor = decode(in_mode(row, "minor"))
    assert estimated_key(minor) == D_MINOR
    assert tuple(minor.notes["pitch"]) == AS_MINOR


@pytest.mark.parametrize(("mode", "sign"), [("minor", 1), ("major", -1)])
def test_the_tonic_of_a_mode_is_likelier(mode: str, sign: int) -> None:
    bias = leaning(mode)
    assert bias.shape == (VOCABULARY,)
    first = span("pitch").start
    assert sign * bias[first + 69] > 0 > sign * bias[first + 67]
    assert np.isclose(bias.sum(), 0, atol=1)
    assert not leaning("").any()


def test_what_a_finished_work_is_in() -> None:
    minor = tune((69, 72, 76, 69, 71, 72, 68, 69), Key(0, 0, minor=True))
    assert is_in(minor, "minor")
    assert not is_in(minor, "major")
    assert is_in(minor, "")
