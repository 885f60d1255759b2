"""Scores in and out: the three formats, what is bad, and that nothing is lost on the way."""

import io
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings, strategies as st

from engine.core.errors import BadInput
from engine.media.audio.codec import scores as notes
from engine.media.audio.codec.bars import Bar, Written, score_of_bars, unfold
from engine.media.audio.codec.midi_events import META, NOTE_ON, SET_TEMPO, Event, write_tracks
from engine.media.audio.codec.score import TICKS, Key, Metre, Part, Score, Tempo
from engine.media.audio.codec.scores import decode, decode_all, read, write_midi, write_xml

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


def tuples(score: Score) -> list[tuple[float, float, int]]:
    """(onset, duration, pitch) in quarters."""
    rows = score.notes
    return [(n["onset"] / TICKS, n["duration"] / TICKS, int(n["pitch"])) for n in rows]


def code_of(data: bytes, name: str) -> str:
    with pytest.raises(BadInput) as caught:
        decode(data, name)
    assert name in str(caught.value)
    return caught.value.code


# ---- ABC ---------------------------------------------------------------------------------------


def test_a_tune_is_read_with_its_repeats_and_signs() -> None:
    score = decode(JIG.encode(), "jig.abc")
    assert score.title == "A Jig of Ours"
    assert score.keys == (Key(0, 1),)
    assert score.tempos == (Tempo(0, 150.0),)
    rows = tuples(score)
    assert rows[0] == (2.5, 0.5, 62)  # the pickup ends the first bar
    first = [pitch for onset, _, pitch in rows if 3 <= onset < 6]
    again = [pitch for onset, _, pitch in rows if 12 <= onset < 15]
    assert first == again == [67, 69, 71, 74, 71, 67]
    assert [p for o, _, p in rows if o == 21] == [60, 64]
    assert [(o, d) for o, d, p in rows if 24 <= o < 25] == [
        (24, 1 / 3),
        (24 + 1 / 3, 1 / 3),
        (24 + 2 / 3, 1 / 3),
    ]
    assert [(d, p) for o, d, p in rows if 25 <= o < 27] == [(0.75, 74), (0.25, 76), (1.0, 78)]
    assert [p for o, _, p in rows if 27 <= o < 28.5] == [66, 65, 65]  # signs hold to the bar line


@pytest.mark.parametrize(
    ("key", "fifths"),
    [("D mix", 1), ("Ador", 1), ("Bb", -2), ("F#m", 3), ("Em", 1), ("HP", 2), ("C#", 7)],
)
def test_keys_of_every_mode(key: str, fifths: int) -> None:
    score = decode(SIMPLE.replace("K:C", f"K:{key}").encode(), "a.abc")
    assert score.keys[0].fifths == fifths


def test_voices_are_parts_and_a_book_has_several_tunes() -> None:
    voices = 'X:7\nM:3/4\nL:1/4\nK:C\nV:1 name="High"\nceg|c3|\nV:2\nC3|G,3|\n'
    both = decode_all((voices + "\n" + SIMPLE).encode(), "book.abc").scores
    assert [len(score.parts) for score in both] == [2, 1]
    assert both[0].parts[0].name == "High"
    assert tuples(both[0])[:2] == [(0, 1, 72), (0, 3, 60)]


def test_without_bar_lines_the_metre_counts() -> None:
    score = decode(b"X:1\nM:3/4\nL:1/4\nK:C\nCDEFGAB\n", "a.abc")
    assert len(score) == 7
    assert score.end == 7 * TICKS
    assert [bar.tick // TICKS for bar in score.bars()] == [0, 3, 6]


# ---- bars --------------------------------------------------------------------------------------


def bars(*marks: str) -> list[Bar]:
    """One bar a mark: "|" begins a repeat, ":" ends one, digits are the times of an ending."""
    made = []
    for mark in marks:
        endings = tuple(int(c) for c in mark if c.isdigit())
        begins, repeats = "|" in mark, mark.count(":")
        made.append(Bar(Metre(0, 4, 4), 4 * TICKS, begins=begins, repeats=repeats, endings=endings))
    return made


@pytest.mark.parametrize(
    ("written", "played"),
    [
        (["", ":"], "0101"),
        (["|", "1:", "2", ""], "01023"),
        (["", "|", ":", ""], "012123"),
        (["|", "1:", "2:", "3"], "010203"),
        (["|", "12::", "3"], "010102"),
        (["|", "1:", "2", "", ":"], "01023434"),
        (["|", "::", ""], "0101012"),
    ],
)
def test_repeats_are_played(written: list[str], played: str) -> None:
    made = bars(*written)
    assert "".join(str([b is bar for b in made].index(True)) for bar in unfold(made)) == played


def test_bars_that_a_repeat_halves_are_one_again() -> None:
    short = [Bar(Metre(0, 4, 4), ticks) for ticks in (480, 1920, 1440, 480, 1920, 1440)]
    for bar in short:
        bar.notes.append(Written(0, bar.ticks, 60, 0, 80))
    score = score_of_bars(short, [Part()], "")
    assert [bar.tick for bar in score.bars()] == [0, 1920, 3840, 5760, 7680]
    assert score.metres == (Metre(0, 4, 4),)


def test_a_bar_of_its_own_length_has_a_metre_of_its_own() -> None:
    made = bars("", "", "")
    made[1].ticks = 5 * TICKS
    for bar in made:
        bar.notes.append(Written(0, TICKS, 60, 0, 80))
    metres = score_of_bars(made, [Part()], "").metres
    assert [(m.tick, m.beats, m.unit) for m in metres] == [(0, 4, 4), (1920, 5, 4), (4320, 4, 4)]


def test_ties_join_over_bar_lines() -> None:
    score = decode(b"X:1\nM:2/4\nL:1/4\nK:C\nCD-|D2-|DE|CC|\n", "a.abc")
    assert tuples(score)[1] == (1, 4, 62)


# ---- bad input ---------------------------------------------------------------------------------


def midi(*events: Event, division: int = 480) -> bytes:
    return write_tracks(division, [list(events)])


def melody(count: int, channel: int = 0) -> list[Event]:
    return [Event(480 * i, NOTE_ON, channel, 60 + i % 12, 80) for i in range(count)]


XML = b"<?xml version='1.0'?><score-partwise><part-list/>%s</score-partwise>"
BOMB = (
    b"<!DOCTYPE x [<!ENTITY a '"
    + b"ha" * 50
    + b"'>"
    + b"".join(b"<!ENTITY %c '%s'>" % (98 + i, b"&%c;" % (97 + i) * 20) for i in range(12))
    + b"]><score-partwise><work><work-title>&m;</work-title></work></score-partwise>"
)


@pytest.mark.parametrize(
    ("data", "name", "code"),
    [
        (b"", "a.mid", "empty_file"),
        (bytes(20 * 2**20), "a.mid", "large_file"),
        (bytes(range(256)) * 20, "a.mid", "damaged_notes"),
        (bytes(range(256)) * 20, "a.abc", "not_notes"),
        (bytes(range(256)) * 20, "a.png", "not_notes"),
        (b"Dear diary, today I was in the park.", "a.abc", "not_notes"),
        (b"<html><body>no score</body></html>", "a.xml", "not_notes"),
        (XML % b"<part><measure>", "a.musicxml", "damaged_notes"),
        (XML % b"", "a.musicxml", "no_notes"),
        (BOMB, "a.musicxml", "no_notes"),
        (b"PK\x03\x04" + bytes(200), "a.mxl", "damaged_notes"),
        (midi(*melody(20))[:30], "a.mid", "damaged_notes"),
        (midi(*melody(1)), "a.mid", "few_notes"),
        (midi(), "a.mid", "no_notes"),
        (midi(*melody(20, channel=9)), "a.mid", "only_drums"),
        (midi(*melody(20), division=0xE728), "a.mid", "timed_notes"),
        (b"X:1\nK:C\nC|", "a.abc", "few_notes"),
        (b"X:1\nT:No music\nK:C\n", "a.abc", "no_notes"),
        (b"X:1\nK:C\nCDEF" + b"9" * 5000 + b"|", "a.abc", "damaged_notes"),
    ],
)
def test_bad_files_get_one_sentence(data: bytes, name: str, code: str) -> None:
    assert code_of(data, name) == code


def test_a_swollen_archive_is_refused() -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("score.xml", b" " * (31 * 2**20))
    assert code_of(packed.getvalue(), "a.mxl") == "swollen_notes"


def test_hung_notes_end_and_odd_marks_are_passed_over() -> None:
    odd = [
        Event(0, META, 0, 0x58, 0, bytes([0, 40])),
        Event(0, META, 0, 0x59, 0, bytes([99, 3])),
        Event(0, META, 0, SET_TEMPO, 0, bytes(3)),
    ]
    score = decode(midi(*odd, *melody(8)), "a.mid")
    assert score.metres == (Metre(0, 4, 4),)
    assert score.keys == score.tempos == ()
    assert int(score.notes["duration"].max()) <= 4 * TICKS


def test_a_note_after_many_hours_is_not_read() -> None:
    late = Event(2**26, NOTE_ON, 0, 60, 80)
    score = decode(midi(*melody(8), late), "a.mid")
    assert len(score) == 8
    assert len(score.bars()) < 10


def test_a_long_score_is_cut_to_the_beginning() -> None:
    many = midi(*(Event(i * 10, NOTE_ON, 0, 60, 80 * (i % 2 == 0)) for i in range(44_000)))
    found = decode_all(many, "a.mid")
    assert len(found.scores[0]) == notes.KEPT_NOTES
    assert found.remarks == ("trimmed",)


def test_a_missing_file_is_said(tmp_path: Path) -> None:
    with pytest.raises(BadInput) as caught:
        read(tmp_path / "none.mid")
    assert caught.value.code == "missing_file"


@settings(max_examples=50, deadline=None)
@given(st.data())
def test_damage_is_a_sentence_or_a_score(data: st.DataObject) -> None:
    score = decode(JIG.encode(), "jig.abc")
    made = {"a.mid": write_midi(score), "a.xml": write_xml(score), "a.abc": JIG.encode()}
    name = data.draw(st.sampled_from(sorted(made)))
    harmed = bytearray(made[name])
    for _ in range(data.draw(st.integers(1, 6))):
        harmed[data.draw(st.integers(0, len(harmed) - 1))] = data.draw(st.integers(0, 255))
    try:
        decode(bytes(harmed), name)
    except BadInput as error:
        assert name in str(error)
