"""What ABC 2.1 says in its fields and signs, and how its books are spelled in the world."""

from fractions import Fraction

import pytest

from engine.media.audio.codec.abc import read_book
from engine.media.audio.codec.abc_fields import (
    metre_of_field,
    order_of,
    signature_of,
    tempo_of,
    text_of,
)
from engine.media.audio.codec.score import TICKS, Score
from tests.no_blowup import no_blowup


def tune(body: str, key: str = "C", *head: str) -> Score:
    """In 4/4, quavers, unless the head says otherwise."""
    lines = ["X:1", *head, "L:1/8", f"K:{key}", body]
    return read_book("\n".join(lines).encode(), "a.abc").scores[0]


def pitches(score: Score) -> list[int]:
    return score.notes["pitch"].tolist()


def rows(score: Score) -> list[tuple[float, float, int]]:
    notes = score.notes
    return [(n["onset"] / TICKS, n["duration"] / TICKS, int(n["pitch"])) for n in notes]


@pytest.mark.parametrize(
    ("key", "heard"),
    [
        ("C", "CDEFGAB 60 62 64 65 67 69 71"),
        ("D exp _b ^f", "CDEFGAB 60 62 64 66 67 69 70"),
        ("D exp ^f", "CDEFGAB 60 62 64 66 67 69 71"),
        ("A =c", "CDEFGAB 60 62 64 66 68 69 71"),
        ("Em ^c ^d", "CDEFGAB 61 63 64 66 67 69 71"),
        ("D phrygian ^f", "CDEFGAB 60 62 63 66 67 69 70"),
        ("Dphr ^f", "CDEFGAB 60 62 63 66 67 69 70"),
        ("^f", "CDEFGAB 60 62 64 66 67 69 71"),
        ("none", "CDEFGAB 60 62 64 65 67 69 71"),
        ("HP", "CDEFGAB 61 62 64 66 67 69 71"),
        ("Hp", "CDEFGAB 61 62 64 66 67 69 71"),
        ("B♭", "CDEFGAB 60 62 63 65 67 69 70"),
        ("F#m", "CDEFGAB 61 62 64 66 68 69 71"),
        ("C octave=1", "CDEFGAB 72 74 76 77 79 81 83"),
        ("C octave=-2 clef=bass", "CDEFGAB 36 38 40 41 43 45 47"),
        ("C clef=bass", "CDEFGAB 60 62 64 65 67 69 71"),
        ("C treble-8", "CDEFGAB 48 50 52 53 55 57 59"),
        ("C clef=treble+8", "CDEFGAB 72 74 76 77 79 81 83"),
        ('C clef="treble-8"', "CDEFGAB 48 50 52 53 55 57 59"),
        ("C transpose=+3", "CDEFGAB 63 65 67 68 70 72 74"),
        ("C transpose=-2 octave=1", "CDEFGAB 70 72 74 75 77 79 81"),
        ("C middle=d stafflines=5", "CDEFGAB 60 62 64 65 67 69 71"),
    ],
)
def test_keys_say_what_letters_sound_like(key: str, heard: str) -> None:
    letters, *wanted = heard.split()
    assert pitches(tune(letters + "|", key)) == [int(pitch) for pitch in wanted]


@pytest.mark.parametrize(
    ("key", "fifths", "minor"),
    [
        ("D exp ^f ^c", 2, False),
        ("D exp _b ^f", -1, False),
        ("Am ^g", 0, True),
        ("C transpose=-2", -2, False),
        ("G octave=-1", 1, False),
        ("Bb transpose=2", 0, False),
    ],
)
def test_keys_have_a_signature(key: str, fifths: int, minor: bool) -> None:
    said = tune("CDEFGABc|", key).keys[0]
    assert (said.fifths, said.minor) == (fifths, minor)


def test_what_is_only_a_clef_is_no_key() -> None:
    assert signature_of("clef=bass") is None
    assert signature_of("bass") is None
    assert signature_of("") is None
    changed = tune("CDEF|[K:clef=bass]FGAB|", "G")
    assert pitches(changed) == [60, 62, 64, 66, 66, 67, 69, 71]


@pytest.mark.parametrize(
    ("body", "head", "wanted"),
    [
        ("^FF fF|F", (), [66, 66, 78, 66, 65]),  # the standard: in all octaves of a bar
        ("^FF fF|F", ("%%propagate-accidentals octave",), [66, 66, 77, 66, 65]),
        ("^FF fF|F", ("I:propagate-accidentals not",), [66, 65, 77, 65, 65]),
        ("^FF fF|F", ("%%MIDI nobarlines",), [66, 65, 77, 65, 65]),
        ("^F-|F F|F", (), [66, 65, 65]),  # a tie carries its sign to one note
        ("^F-F F|F", (), [66, 66, 65]),
        ("^F-|[F2A2] F|", (), [66, 69, 65]),
        ("^F-|z F|", (), [66, 65]),
        ("__B _b ^^C =c", (), [69, 82, 62, 72]),
        ("^F2 G2 A2 c2\nF2 G2 A2 c2|", (), [66, 67, 69, 72, 65, 67, 69, 72]),  # no bar line there
    ],
)
def test_how_far_an_accidental_goes(body: str, head: tuple[str, ...], wanted: list[int]) -> None:
    assert pitches(tune(body, "C", *head)) == wanted


@pytest.mark.parametrize(
    ("order", "played"),
    [
        ("AAB", "AAB"),
        ("A2B", "AAB"),
        ("(AB)2", "ABAB"),
        ("A(BC)2.A", "ABCBCA"),
        ("((AB)2C)2", "ABABCABABC"),
        ("A B", "AB"),
        ("", ""),
        ("))A((B", "AB"),
    ],
)
def test_orders_of_parts(order: str, played: str) -> None:
    assert order_of(order).replace("((", "") == played


def test_an_order_without_end_stays_small() -> None:
    assert len(order_of("(" * 150 + "A" + ")99" * 150)) <= 200


def test_parts_are_played_in_their_order_with_their_repeats() -> None:
    body = "P:A\nCD:|\nP:B\nEF|"
    assert pitches(tune(body, "C", "P:ABA")) == [60, 62, 60, 62, 64, 65, 60, 62, 60, 62]


def test_a_part_has_its_own_key_again() -> None:
    body = "P:A\nCF|\nP:B\nK:D\nCF|"
    found = tune(body, "C", "P:ABA")
    assert pitches(found) == [60, 65, 61, 66, 60, 65]
    assert [key.fifths for key in found.keys] == [0, 2, 0]


def test_an_order_that_leaves_a_part_out_loses_nothing() -> None:
    assert pitches(tune("P:A\nCD|\nP:B\nEF|", "C", "P:A")) == [60, 62, 64, 65]


@pytest.mark.parametrize(
    ("body", "wanted"),
    [
        ("|:C|1 D:|2 E|]", "C D C E"),
        ("|:C|1,3 D:|2 E:|", "C D C E C D"),
        ("|:C|1-3 D:|4 E|]", "C D C D C D C E"),
        ("|:C|[1 D:|[2 E|]F|]", "C D C E F"),
        ("|:C[1 D:|[2 E|]", "C D C E"),
        ("|:C|1 D:|2 E||F|", "C D C E F"),
        ("|:C::D:|", "C C D D"),
        ("|::C::|D|", "C C C D"),
        ("C:|D|", "C C D"),
        ("|:C|1 D|2 E|]", "C D C E"),  # the sign at the end of the first ending forgotten
    ],
)
def test_repeats_and_endings(body: str, wanted: str) -> None:
    letters = {60: "C", 62: "D", 64: "E", 65: "F"}
    assert " ".join(letters[pitch] for pitch in pitches(tune(body))) == wanted


@pytest.mark.parametrize(
    ("value", "quarters"),
    [
        ("1/4=120", 120),
        ("3/8=100", 150),
        ('"Allegro" 1/4=100', 100),
        ('1/2=60 "slow"', 120),
        ("1/4 3/8 1/4 3/8=40", 200),
        ("120", 60),
        ("C=100", 50),
        ("C3=40", 60),
        ("1/4=112.5", 112.5),
        ("1/4=100-120", 100),
        ('"Allegro"', 0),
        ("1/0=100", 100),
        ("=90", 90),
        ("1/4=0", 0),
    ],
)
def test_tempos(value: str, quarters: float) -> None:
    assert tempo_of(value, Fraction(1, 8)) == quarters


@pytest.mark.parametrize(
    ("value", "metre"),
    [("C", (4, 4)), ("C|", (2, 2)), ("6/8", (6, 8)), ("(2+3+2)/8", (7, 8)), ("3+2/8", (5, 8))],
)
def test_metres(value: str, metre: tuple[int, int]) -> None:
    found = metre_of_field(value)
    assert found is not None
    assert (found.beats, found.unit) == metre


@pytest.mark.parametrize("value", ["none", "", "7", "0/4", "4/0", "99999/4"])
def test_no_metres(value: str) -> None:
    assert metre_of_field(value) is None


@pytest.mark.parametrize(
    ("body", "wanted"),
    [
        ("CDEF!GABc!|", [60, 62, 64, 65, 67, 69, 71, 72]),  # "!" ends a line in ABC 1.6
        ("C!f!D!trill!E!mf!F!5!G!>!A", [60, 62, 64, 65, 67, 69]),
        ("+CEG+2 D", [60, 64, 67, 62]),  # a chord of ABC 1.6
        ("C+trill+D+f+E", [60, 62, 64]),
        ('C"Am"D"^text abc"E', [60, 62, 64]),
        ("C{gab}D{/g}E", [60, 62, 64]),
        ("C~D.EuFvG", [60, 62, 64, 65, 67]),
        ("G:|\nA:|\n", [67, 67, 69, 69]),  # a note, not a field
        ("CD[r:a remark]EF", [60, 62, 64, 65]),
        ("C%D\nE", [60, 64]),
        ("CDw:\nw:la la\ns:!f! *\nEF", [60, 62, 64, 65]),
    ],
)
def test_what_is_music_and_what_is_not(body: str, wanted: list[int]) -> None:
    assert pitches(tune(body)) == wanted


def test_text_between_tunes_is_no_music() -> None:
    book = (
        "%abc-2.1\nSome words about a bad cabbage.\n\nX:1\nL:1/8\nK:C\nCDEF|\n\n"
        "Here a babe begged for cabbage.\n\n%%begintext\nabc def | gab\n%%endtext\n"
        "X:2\nL:1/8\nK:C\n%%text a bag of beads\nGABc|\n"
    )
    first, second = read_book(book.encode(), "book.abc").scores
    assert (pitches(first), pitches(second)) == ([60, 62, 64, 65], [67, 69, 71, 72])


def test_lines_that_a_program_doubled_are_still_a_tune() -> None:
    assert pitches(tune("CDEF|\r\n\r\nGABc|\r\n")) == [60, 62, 64, 65, 67, 69, 71, 72]


def test_voices_have_octaves_names_programs_of_their_own() -> None:
    found = tune(
        "%%MIDI program 1\n[V:1]CD|\n[V:2]CD|\n[V:1]EF|\n[V:2]EF|",
        "G",
        'V:1 name="Flute" octave=1',
        "V:2 clef=bass transpose=-12 nm=Cello",
        "%%MIDI program 73",
    )
    assert [rows(found)[i][2] for i in (0, 1)] == [72, 48]
    assert [part.name for part in found.parts] == ["Flute", "Cello"]
    assert [part.program for part in found.parts] == [1, 1]


def test_fields_after_a_voice_are_that_voices() -> None:
    found = tune("V:1\n%%MIDI program 40\nK:D\nCF|\nV:2\nCF|", "C")
    assert sorted(pitches(found)) == [60, 61, 65, 66]
    assert [part.program for part in found.parts] == [40, 0]


def test_drums_are_left_out_and_told() -> None:
    book = read_book(b"X:1\nL:1/8\nK:C\nV:1\nCDEF|\nV:2 clef=perc\nCCCC|\n", "a.abc")
    assert book.remarks == ("drums",)
    assert pitches(book.scores[0]) == [60, 62, 64, 65]


def test_the_channel_of_percussion_and_chord_symbols_are_kept() -> None:
    body = 'V:1\n"Am"CD"G7"EF|\nV:2\n%%MIDI channel 10\nC,,C,,D,,D,,|\n'
    found = read_book(f"X:1\nL:1/8\nK:C\n{body}".encode(), "a.abc").scores[0]
    assert [(chord.tick, chord.symbol()) for chord in found.chords] == [(0, "Am"), (480, "G7")]
    assert found.hits["key"].tolist() == [36, 36, 38, 38]
    assert pitches(found) == [60, 62, 64, 65]


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("Caf\\'e", "Café"),
        ("Caf&eacute;", "Café"),
        ("Caf\\u00e9", "Café"),
        ('Sch\\"on', "Schön"),
        ("Stra\\sse", "Straße"),
        ("A  tune\twith space", "A tune with space"),
    ],
)
def test_titles_are_text(written: str, read: str) -> None:
    assert text_of(written) == read
    assert tune("CDEF|", "C", f"T:{written}").title == read


@pytest.mark.slow
@pytest.mark.parametrize(
    "line",
    [
        "[V:a" * 50_000,
        "[K:a" * 50_000,
        "{" * 200_000,
        "[" * 200_000,
        "!" + "a" * 20_000,
        '"' + "a" * 20_000,
        "+a" * 20_000,
        "(" * 200_000,
        "|" * 200_000,
        ":" * 200_000,
        "A/" * 9_000 + "/" * 100_000,
        "Q:" + "1/4 " * 50_000,
        "K:" + "C=" * 100_000,
        "P:" + "(A9)" * 50_000,
        "^_=" * 60_000,
        "A>" * 2_000 + ">" * 100_000,
        "[V:" + "a" * 200_000,
    ],
)
def test_no_line_takes_long(line: str) -> None:
    with no_blowup():
        read_book(f"X:1\nK:C\nCDEF|\n{line}\nGABc|\n".encode(), "a.abc")
