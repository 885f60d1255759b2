"""Columns of any page become lines; lines stay lines."""

from hypothesis import given, strategies as st

from engine.media.text.codec.columns import is_in_columns, lines_of, upright
from engine.media.text.codec.glyphs import Glyph

EM, PAGE = 12.0, 800.0
VERSE = ["空山不見人", "但聞人語響", "返景入深林", "復照青苔上"]


def glyph(sign: str, x: float, y: float, em: float = EM) -> Glyph:
    return Glyph(sign, x, y, x + em, em)


def columns(lines: list[str], pitch: float = 1.9, top: float = 700.0) -> list[Glyph]:
    return [
        glyph(sign, 500.0 - number * pitch * EM, top - place * 1.1 * EM)
        for number, line in enumerate(lines)
        for place, sign in enumerate(line)
    ]


def test_columns_are_read_from_right_to_left() -> None:
    runs = columns(VERSE)
    assert is_in_columns(runs)
    assert lines_of(runs, PAGE) == (VERSE, False)
    assert lines_of(runs[::-1], PAGE)[0] == VERSE, "in whichever order they were drawn"


def test_a_gap_is_an_empty_line() -> None:
    lines = [VERSE[0], VERSE[1], "", VERSE[2]]
    assert lines_of(columns(lines), PAGE)[0] == lines
    assert lines_of(columns(["山行", "", VERSE[0]]), PAGE)[0] == ["山行", "", VERSE[0]]


def test_a_column_that_fills_the_page_goes_on_in_the_next() -> None:
    long = "山" * 45
    assert lines_of(columns([long, "水" * 9, *VERSE]), PAGE)[0] == [long + "水" * 9, *VERSE]
    assert lines_of(columns([*VERSE, long]), PAGE) == ([*VERSE, long], True)


def test_the_number_of_the_page_is_left_out() -> None:
    number = [glyph("1", 300.0, 40.0), glyph("2", 306.0, 40.0)]
    assert lines_of([*columns(VERSE), *number], PAGE)[0] == VERSE
    inside = columns(["第3回見人", VERSE[1]])
    assert lines_of(inside, PAGE)[0] == ["第3回見人", VERSE[1]]


def test_lines_are_no_columns() -> None:
    across = [
        glyph(sign, 90.0 + place * EM, 700.0 - number * 2 * EM)
        for number, line in enumerate(VERSE)
        for place, sign in enumerate(line)
    ]
    assert not is_in_columns(across)
    assert not is_in_columns([glyph("一", 90.0, 700.0)])


def test_marks_stand_upright_again() -> None:
    assert upright("山︐水︒﹁外﹃內﹄外﹂") == "山，水。「外『內』外」"
    assert upright("他说︓﹃好﹁的﹂﹄") == "他说：“好‘的’”"


@given(st.lists(st.text("山水風月", min_size=1, max_size=9), min_size=2, max_size=20))
def test_any_verse_is_read_back(lines: list[str]) -> None:
    assert lines_of(columns(lines), PAGE)[0] == lines
