"""Scores on the grid, as tokens, and back."""

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from engine.media.audio import score_tokens as events
from engine.media.audio.codec.score import TICKS, Key, Metre, Part, Score, Tempo, notes_of, score_of
from engine.media.audio.codec.scores import decode as read
from engine.media.audio.score_tokens import NAMES, VOCABULARY, decode, encode
from engine.media.audio.theory.grid import (
    DURATIONS,
    METRES,
    POSITIONS,
    known_metre,
    passage,
    quantise,
    tempo_class,
)
from engine.media.audio.theory.keys import KeyEstimate, estimated_key

NOTES = st.tuples(
    st.integers(0, 20_000),
    st.integers(1, 9000),
    st.integers(0, 127),
    st.integers(0, 20),
    st.integers(1, 127),
)


@st.composite
def scores(draw: st.DrawFn) -> Score:
    """Anything: off the grid, in odd metres, with any number of parts."""
    rows = draw(st.lists(NOTES, min_size=1, max_size=60))
    metres = [
        Metre(draw(st.integers(0, 12)) * 240 * i, draw(st.integers(1, 33)), unit)
        for i, unit in enumerate(draw(st.lists(st.sampled_from([2, 4, 8, 16, 32]), max_size=3)))
    ]
    keys = [Key(0, draw(st.integers(-7, 7)), draw(st.booleans()))] * draw(st.integers(0, 1))
    tempos = [Tempo(0, draw(st.floats(10, 400)))] * draw(st.integers(0, 1))
    return score_of(notes_of(rows), metres, keys, tempos, [Part()] * 21)


@settings(max_examples=150, deadline=None)
@given(scores(), st.booleans())
def test_a_quantised_score_comes_back_from_its_tokens(score: Score, common_key: bool) -> None:
    wanted = quantise(score)
    found = decode(encode(wanted, common_key=common_key), common_key=common_key)
    assert np.array_equal(found.notes, wanted.notes)
    assert found.metres == wanted.metres
    assert found.keys == wanted.keys
    assert found.tempos == wanted.tempos
    assert len(found.parts) == len(wanted.parts)


@settings(max_examples=60, deadline=None)
@given(scores())
def test_quantising_twice_changes_no_note(score: Score) -> None:
    once = quantise(score)
    again = quantise(once)
    assert np.array_equal(again.notes, once.notes)
    assert again.metres == once.metres


@settings(max_examples=150, deadline=None)
@given(st.lists(st.integers(0, VOCABULARY - 1), max_size=80))
def test_any_tokens_make_a_score(tokens: list[int]) -> None:
    score = decode([events.START, *tokens])
    assert score.notes["duration"].min(initial=1) > 0
    assert score.metres[0].tick == 0


TUNE = b"X:1\nM:6/8\nL:1/8\nQ:3/8=120\nK:D\nd|AFA dfa|g3 f2e|d2A Bcd|e3 d2|]\n"


def test_tokens_of_a_tune_read_as_they_are_meant() -> None:
    tokens = encode(quantise(read(TUNE, "a.abc")))
    names = [NAMES[token] for token in tokens]
    assert names[:9] == [
        ("special", "start"),
        ("key", 2),
        ("mode", "major"),
        ("tempo", 184),
        ("parts", 1),
        ("left", 4),
        ("metre", (6, 8)),
        ("position", 60),
        ("pitch", 72),
    ]
    assert [value for group, value in names if group == "left"] == [4, 3, 2, 1, 0]
    assert names[-1] == ("special", "end")
    assert len(tokens) == 5 + 5 + 1 + 3 * 17 + 1


def test_one_tune_is_one_sequence_in_every_key() -> None:
    score = read(TUNE, "a.abc")
    first = encode(quantise(score))
    for semitones in (-4, 3, 7):
        moved = encode(quantise(score.transposed(semitones)))
        octave = (moved[8:] - first[8:])[np.isin(first[8:], events.span("pitch"))]
        assert len(set(octave.tolist())) == 1
        assert octave[0] % 12 == 0


def test_a_passage_does_not_close() -> None:
    part = passage(quantise(read(TUNE, "a.abc")), 1, 2)
    tokens = encode(part, closes=False)
    assert tokens[-1] != events.END
    assert [t for t in tokens if t in events.span("left")] == [events.MANY] * 2
    assert np.array_equal(decode(tokens).notes, part.notes)


@pytest.mark.parametrize(
    ("scale", "keys", "home"),
    [
        ("CDEFGABcGEC", (), KeyEstimate(0, False)),
        ("DE^FGAB^cdA^FD", (), KeyEstimate(2, False)),
        ("A,B,CDE^GAECA,", (), KeyEstimate(0, True)),
        ("DEFGABcdAFD", (Key(0, 0),), KeyEstimate(0, True)),
        ("DE^FGABcdA^FD", (Key(0, 1),), KeyEstimate(7, False)),
    ],
)
def test_the_signature_decides_unless_the_notes_differ(
    scale: str, keys: tuple[Key, ...], home: KeyEstimate
) -> None:
    score = read(f"X:1\nM:4/4\nL:1/4\nK:C\n{scale}|".encode(), "a.abc")
    found = estimated_key(score_of(score.notes, score.metres, keys))
    assert found.pitch_class == home.pitch_class
    wrong = score_of(score.notes, score.metres, [Key(0, 6)])
    assert estimated_key(wrong).pitch_class != 6


def test_the_vocabulary_is_small_and_holds_what_music_needs() -> None:
    assert VOCABULARY < 600
    quarters = {24, 12, 6, 3, 8, 4, 16, 36, 18, 48, 72, 96, 192, 384}
    assert quarters <= set(DURATIONS)
    assert {0, 3, 4, 6, 8, 12, 287 - 287 % 12} <= set(POSITIONS)
    assert all(beats * 4 / unit <= 12 for beats, unit in METRES)


@pytest.mark.parametrize(
    ("metre", "known"),
    [((4, 4), (4, 4)), ((17, 16), (9, 8)), ((64, 4), (4, 4)), ((31, 32), (4, 4)), ((5, 8), (5, 8))],
)
def test_other_metres_get_the_next_that_has_room(
    metre: tuple[int, int], known: tuple[int, int]
) -> None:
    found = known_metre(Metre(0, *metre))
    assert Metre(0, *found).bar_ticks == Metre(0, *known).bar_ticks


def test_tempos_fall_into_classes() -> None:
    assert [tempo_class(q) for q in (1, 121, 99, 1000)] == [40, 120, 104, 280]
    assert TICKS % events.STEP_TICKS == 0
