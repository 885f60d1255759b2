"""Scores out and in again: nothing is lost on the way; bars hold what they should."""

import io
import zipfile

import mido
import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from lxml import etree

from engine.media.audio.codec import scores as notes
from engine.media.audio.codec.score import (
    TICKS,
    Key,
    Metre,
    Part,
    Score,
    Tempo,
    metre_of,
    notes_of,
    score_of,
    seconds_of,
)
from engine.media.audio.codec.scores import decode, write_midi, write_xml

JIG = """X:1
T:A Jig of Ours
M:6/8
L:1/8
Q:3/8=100
K:G
D|GAB dBG|A2B c2d|1 GFE D2:|2 GFE D3||
|:"C"[CE]3 {g}!trill!z3|(3abc d>e f- f|^F=FF B3|]
"""
SIMPLE = """X:1
M:4/4
L:1/4
K:C
CDEF|GABc|
"""


NOTES = st.tuples(
    st.integers(0, 40).map(lambda n: n * 120),
    st.integers(1, 30).map(lambda n: n * 80),
    st.integers(0, 127),
    st.integers(0, 3),
    st.integers(1, 127),
)
METRES = st.sampled_from([(4, 4), (3, 4), (6, 8), (5, 8), (2, 2), (4, 2)])


@st.composite
def scores(draw: st.DrawFn) -> Score:
    rows = draw(st.lists(NOTES, min_size=4, max_size=60))
    metres = [Metre(0, *draw(METRES)), Metre(draw(st.integers(1, 9)) * 480, *draw(METRES))]
    key = Key(0, draw(st.integers(-7, 7)), draw(st.booleans()))
    parts = [Part(f"Part {n}", n * 20) for n in range(4)]
    return score_of(notes_of(rows), metres, [key], [Tempo(0, 90.0)], parts, "A title & <more>")


@settings(max_examples=60, deadline=None)
@given(scores())
def test_notes_come_back_from_both_formats(score: Score) -> None:
    if len(score) < notes.LEAST_NOTES:
        return
    for data, name in ((write_midi(score), "a.mid"), (write_xml(score), "a.musicxml")):
        again = decode(data, name)
        assert np.array_equal(again.notes, score.notes)
        assert again.bars() == score.bars()
        assert again.title == score.title
        assert [p.program for p in again.parts] == [p.program for p in score.parts]
    assert decode(write_midi(score), "a.mid").keys == score.keys


def test_an_outside_reader_finds_the_same_notes() -> None:
    score = decode(JIG.encode(), "jig.abc")
    file = mido.MidiFile(file=io.BytesIO(write_midi(score)))
    sounding = [m for m in file.tracks[1] if m.type == "note_on" and m.velocity]
    assert [m.note for m in sounding] == [int(p) for p in score.notes["pitch"]]
    assert file.ticks_per_beat == TICKS


def test_a_packed_score_is_read() -> None:
    score = decode(JIG.encode(), "jig.abc")
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("score.xml", write_xml(score))
    assert np.array_equal(decode(packed.getvalue(), "a.mxl").notes, score.notes)


def test_transposing_keeps_pitches_in_range() -> None:
    score = decode(SIMPLE.encode(), "a.abc").transposed(60)
    assert score.notes["pitch"].max() <= 127
    assert score.keys[0].fifths == 0
    assert seconds_of(score) == pytest.approx(4.0)


@settings(max_examples=100, deadline=None)
@given(st.integers(1, 20_000))
def test_every_length_has_a_metre_that_holds_it(ticks: int) -> None:
    assert metre_of(ticks).bar_ticks >= ticks


def beams(abc: str) -> list[list[str]]:
    """Of each note with some: "begin", "end" …, the longest beam first."""
    root = etree.fromstring(write_xml(decode(abc.encode(), "a.abc")))
    notes = [[beam.text or "" for beam in note.findall("beam")] for note in root.iter("note")]
    return [note for note in notes if note]


@pytest.mark.parametrize(
    ("metre", "notes", "expected"),
    [
        ("4/4", "CD E2 z F G/A/B|C8", "begin end begin,begin continue,end end"),
        ("6/8", "CDE FGA|C6", "begin continue end begin continue end"),
        ("2/4", "C>D E2|C4", "begin end,backward hook"),
        ("4/4", "C2 D2 E4|C8", ""),
    ],
)
def test_short_notes_of_a_beat_have_beams(metre: str, notes: str, expected: str) -> None:
    found = beams(f"X:1\nM:{metre}\nL:1/8\nK:C\n{notes}|\n")
    assert " ".join(",".join(note) for note in found) == expected
