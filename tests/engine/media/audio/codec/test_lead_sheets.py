"""Chord symbols and drums come back as they were written."""

from dataclasses import replace

import pytest
from hypothesis import given, settings, strategies as st

from engine.media.audio.codec.chords import KINDS, Chord, parsed
from engine.media.audio.codec.midi import read_midi, write_midi
from engine.media.audio.codec.musicxml import read_xml
from engine.media.audio.codec.musicxml_write import write_xml
from engine.media.audio.codec.percussion import PIECES
from engine.media.audio.codec.score import TICKS, Key, Score, hits_of, notes_of, score_of

BAR = 4 * TICKS
chords = st.builds(
    Chord,
    st.just(0),
    st.integers(0, 11),
    st.sampled_from(sorted(KINDS)),
    st.integers(-1, 11),
).map(lambda chord: replace(chord, bass=-1) if chord.bass == chord.root else chord)


def sheet(symbols: list[Chord], hits: list[tuple[int, int, int]]) -> Score:
    notes = notes_of((i * TICKS, TICKS, 60 + i, 0, 80) for i in range(8))
    found = score_of(notes, keys=[Key(0, -2)])
    placed = tuple(replace(chord, tick=i * 3 * TICKS // 2) for i, chord in enumerate(symbols))
    return replace(found, chords=placed, hits=hits_of(hits))


@given(chords)
def test_a_symbol_says_its_chord(chord: Chord) -> None:
    for fifths in (-3, 0, 4):
        assert parsed(chord.symbol(fifths), 0) == chord


@pytest.mark.parametrize("text", ["", "Verse", "H7", "Fine", "Am7/", "1. time"])
def test_words_are_no_chords(text: str) -> None:
    assert parsed(text, 0) is None


@settings(max_examples=15)
@given(st.data())
def test_midi_and_musicxml_bring_back_chords_and_drums(data: st.DataObject) -> None:
    symbols = data.draw(st.lists(chords, max_size=5))
    places = st.tuples(st.integers(0, 15), st.sampled_from([p.key for p in PIECES]))
    hits = [(at * TICKS // 2, key, 90) for at, key in data.draw(st.sets(places, max_size=12))]
    score = sheet(symbols, hits)
    for found in (
        read_midi(write_midi(score), "a.mid"),
        read_xml(write_xml(score), "a.xml").scores[0],
    ):
        assert found.chords == score.chords
        assert found.hits.tolist() == score.hits.tolist()
        assert found.notes.tolist() == score.notes.tolist()


def test_moved_music_moves_its_chords_and_not_its_drums() -> None:
    score = sheet([Chord(0, 0, "m7", 3)], [(0, 36, 90)]).transposed(2)
    assert score.chords == (Chord(0, 2, "m7", 5),)
    assert score.hits["key"].tolist() == [36]
