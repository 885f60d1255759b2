"""How notes are written for others to read: spelling, values, names, the end."""

import pytest
from lxml import etree

from engine.media.audio.codec.musicxml_spelling import TYPES, spelled, values
from engine.media.audio.codec.musicxml_write import write_xml
from engine.media.audio.codec.score import (
    TICKS,
    Key,
    Metre,
    Part,
    Score,
    Tempo,
    notes_of,
    score_of,
)

Q = TICKS


def score(
    *rows: tuple[int, int, int],
    key: Key | None = None,
    title: str = "",
    part: Part | None = None,
) -> Score:
    """(onset, duration, pitch) in quarters, ticks of a quarter, and pitches."""
    notes = notes_of((onset, length, pitch, 0, 80) for onset, length, pitch in rows)
    keys = [key] if key else []
    return score_of(notes, [Metre(0, 4, 4)], keys, [Tempo(0, 90.0)], [part or Part()], title)


def tree(made: Score) -> etree._Element:
    return etree.fromstring(write_xml(made))


@pytest.mark.parametrize(
    ("fifths", "minor", "names"),
    [  # the twelve from C on, without anything that follows
        (0, False, "C C# D Eb E F F# G G# A Bb B"),
        (3, False, "C C# D D# E E# F# G G# A A# B"),
        (-3, False, "C Db D Eb E F Gb G Ab A Bb B"),
        (-1, True, "C C# D Eb E F F# G Ab A Bb B"),
    ],
)
def test_pitches_are_spelled_in_their_key(fifths: int, minor: bool, names: str) -> None:
    found = [spelled(pitch, Key(0, fifths, minor), None) for pitch in range(60, 72)]
    told = [letter + {-1: "b", 0: "", 1: "#"}[sign] for letter, sign, _ in found]
    assert " ".join(told) == names


@pytest.mark.parametrize("fifths", range(-7, 8))
def test_a_scale_needs_no_sign_beyond_its_signature(fifths: int) -> None:
    tonic = fifths * 7 % 12
    sharps, flats = "FCGDAEB"[: max(0, fifths)], "BEADGCF"[: max(0, -fifths)]
    for step in (0, 2, 4, 5, 7, 9, 11):
        letter, sign, octave = spelled(60 + tonic + step, Key(0, fifths), None)
        assert sign == (letter in sharps) - (letter in flats)
        pitch = (
            12 * (octave + 1) + {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}[letter]
        )
        assert pitch + sign == 60 + tonic + step


@pytest.mark.parametrize(
    ("pitch", "after", "written"),
    [
        (68, 69, "G#"),  # leads up
        (68, 67, "Ab"),  # leads down
        (63, 64, "D#"),
        (63, 62, "Eb"),
        (66, 67, "F#"),
        (70, 71, "A#"),
        (70, 69, "Bb"),
    ],
)
def test_a_note_between_is_written_as_it_leads_on(pitch: int, after: int, written: str) -> None:
    letter, sign, _ = spelled(pitch, Key(0, 0), after)
    assert letter + {-1: "b", 1: "#"}[sign] == written


@pytest.mark.parametrize("ticks", [*range(20, 8 * Q, 20), 7, 1])
def test_any_length_is_made_of_note_values(ticks: int) -> None:
    found = values(ticks)
    assert sum(found) == ticks
    assert ticks % 20 or all(each in TYPES for each in found)


def test_a_length_without_a_note_value_is_tied_of_two() -> None:
    made = tree(score((0, Q * 5 // 2, 60), (Q * 5 // 2, Q * 3 // 2, 62)))
    written = [
        (n.findtext("pitch/step"), n.findtext("type"), [t.get("type") for t in n.findall("tie")])
        for n in made.iter("note")
    ]
    assert written == [("C", "half", ["start"]), ("C", "eighth", ["stop"]), ("D", "quarter", [])]


def test_every_note_has_a_value() -> None:
    rows = [(i * 500, 460, 60 + i) for i in range(12)]
    for note in tree(score(*rows)).iter("note"):
        assert note.find("type") is not None or note.find("rest") is not None


def test_title_names_and_key_are_written() -> None:
    made = tree(
        score(
            *((i * Q, Q, 69 + i) for i in range(4)),
            key=Key(0, 3),
            title="After a Hornpipe, 4",
            part=Part("Violin", 40),
        )
    )
    assert made.findtext("work/work-title") == "After a Hornpipe, 4"
    assert "Maquette" in (made.findtext("identification/encoding/software") or "")
    assert made.findtext("part-list/score-part/part-name") == "Violin"
    assert made.findtext("part-list/score-part/midi-instrument/midi-program") == "41"
    assert made.findtext(".//key/fifths") == "3"
    assert made.findtext(".//key/mode") == "major"


def test_an_empty_bar_is_a_whole_rest_and_the_end_has_a_double_line() -> None:
    made = tree(score((0, Q, 60), (8 * Q, Q, 62)))
    measures = made.findall("part/measure")
    rest = measures[1].find("note/rest")
    assert rest is not None
    assert rest.get("measure") == "yes"
    assert measures[1].find("note/type") is None
    assert [m.findtext("barline/bar-style") for m in measures] == [None, None, "light-heavy"]


def test_signs_stand_where_they_are_read() -> None:
    rows = [(0, Q, 73), (Q, Q, 72), (2 * Q, Q, 69), (3 * Q, Q, 72)]
    rows += [(4 * Q, Q, 72), (5 * Q, Q, 84), (6 * Q, 3 * Q, 68), (9 * Q, Q, 73)]
    notes = tree(score(*rows, key=Key(0, 2, False))).findall(".//note[pitch]")
    signs = [note.findtext("accidental") for note in notes]
    assert signs[:4] == [None, "natural", None, None], "it holds to the end of the bar"
    assert signs[4:7] == ["natural", "natural", "sharp"], "each bar and each octave has its own"
    assert signs[7:] == [None, None], "a tie needs none over the bar line"
    order = [child.tag for child in notes[1]]
    assert order.index("type") < order.index("accidental")
