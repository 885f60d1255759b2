"""Pages of PDF as people read them: columns, stanzas, indents, and what is only the page's."""

from collections.abc import Sequence

import pytest

from engine.media.text.codec.plain import decode

A5 = (420.0, 595.0)
Put = tuple[float, float, str]  # x, y, words
VERSE = (
    "The curfew tolls the knell of day,",
    "the lowing herd winds over the lea,",
    "the ploughman homeward plods his way,",
    "and leaves the world to dark and me.",
)
PROSE = (
    "It was a long and wonderful evening",
    "by the river and the children of the",
    "village went home along the water in",
    "the last of the light, and nobody",
    "spoke until they came to the gate.",
)


def pdf(*pages: Sequence[Put], size: float = 11, turned: Sequence[Put] = ()) -> bytes:
    """Pages of words in Helvetica, each where it is put; `turned` ones run upwards."""
    objects = [b"<< /Type /Catalog /Pages 2 0 R >>", b""]
    kids = []
    for page in pages:
        marks = [f"1 0 0 1 {x} {y} Tm ({words}) Tj" for x, y, words in page]
        marks += [f"0 1 -1 0 {x} {y} Tm ({words}) Tj" for x, y, words in turned]
        stream = f"BT /F1 {size} Tf {' '.join(marks)} ET".encode("cp1252")
        objects.append(b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream))
        kids.append(f"{len(objects) + 1} 0 R")
        objects.append(
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 420 595] /Contents %d 0 R /Resources << "
            b"/Font << /F1 << /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding "
            b"/WinAnsiEncoding >> >> >> >>" % len(objects)
        )
    objects[1] = f"<< /Type /Pages /Count {len(kids)} /Kids [{' '.join(kids)}] >>".encode()
    data, places = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, 1):
        places.append(len(data))
        data += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    end = b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF" % (
        len(objects) + 1,
        len(data),
    )
    return data + b"xref\n0 %d\n0000000000 65535 f \n%s%s" % (len(objects) + 1, table, end)


def down(lines: Sequence[str], x: float = 40, top: float = 520, pitch: float = 14) -> list[Put]:
    return [(x, top - pitch * k, line) for k, line in enumerate(lines) if line]


def text(data: bytes) -> str:
    return decode(data, "it.pdf").text


@pytest.mark.process
def test_columns_are_read_one_after_the_other() -> None:
    left, right = down(PROSE, x=40, pitch=14), down(VERSE, x=240, top=519)
    for page in ([*left, *right], [put for pair in zip(left, right, strict=False) for put in pair]):
        words = text(pdf([*page, *left[len(right) :]]))
        assert words.split("\n")[:5] == list(PROSE)
        assert words.endswith("\n".join(VERSE))


def test_a_heading_over_columns_stands_above_them() -> None:
    heading = (40.0, 560.0, "A heading that goes over both of the columns of this page here")
    page = [heading, *down(PROSE), *down(VERSE, x=240)]
    words = text(pdf(page))
    assert words.startswith("A heading that goes over")
    assert words.index("spoke until") < words.index("The curfew")


def test_halves_of_a_line_are_one_line() -> None:
    halves = [("Hwaet! We Gardena", "in geardagum,"), ("theodcyninga,", "thrym gefrunon,")] * 2
    page = [
        put
        for k, (a, b) in enumerate(halves)
        for put in ((40.0, 520.0 - 14 * k, a), (180.0 + 9 * k, 520.0 - 14 * k, b))
    ]
    assert text(pdf(page)).split("\n")[0] == "Hwaet! We Gardena in geardagum,"


def test_contents_with_page_numbers_are_lines() -> None:
    page = [
        put
        for k, line in enumerate(VERSE)
        for put in ((40.0, 520.0 - 14 * k, line), (370.0, 520.0 - 14 * k, f"{k + 7}"))
    ]
    assert text(pdf(page)).split("\n")[0] == f"{VERSE[0]} 7"


@pytest.mark.parametrize("pitch", [11.5, 14, 22, 30])
def test_stanzas_stand_apart_however_the_lines_are_set(pitch: float) -> None:
    stanzas = [*VERSE, "", *VERSE[::-1], "", *VERSE[:2]]
    assert text(pdf(down(stanzas, pitch=pitch))) == "\n".join(stanzas)
    couplets = [*VERSE[:2], "", *VERSE[2:], "", *VERSE[:2]]
    assert text(pdf(down(couplets, pitch=pitch))) == "\n".join(couplets)


def test_a_half_line_of_space_is_a_stanza_too() -> None:
    page = [*down(VERSE), *down(VERSE[::-1], top=520 - 14 * 4 - 7)]
    assert text(pdf(page)) == "\n".join([*VERSE, "", *VERSE[::-1]])


def test_where_a_poet_indents_the_line_stays_indented() -> None:
    page = [(40.0 + 22 * (k % 2), 520.0 - 14 * k, line) for k, line in enumerate(VERSE)]
    assert text(pdf(page)).split("\n") == [
        VERSE[0],
        f"    {VERSE[1]}",
        VERSE[2],
        f"    {VERSE[3]}",
    ]


def test_centred_lines_are_not_indented() -> None:
    page = [(200.0 - 2.6 * len(line), 520.0 - 14 * k, line) for k, line in enumerate(VERSE)]
    assert text(pdf(page)) == "\n".join(VERSE)


def test_an_indent_begins_a_paragraph_of_prose() -> None:
    wide = [
        "It was a long and wonderful evening by the river and the children of",
        "the village went home along the water in the last of the light, and",
        "nobody spoke until they came to the old gate of the garden there now.",
    ]
    page = [(40.0 + (18 if k % 3 == 0 else 0), 520.0 - 14 * k, wide[k % 3]) for k in range(9)]
    assert text(pdf(page)).split("\n") == [" ".join(wide)] * 3


def test_heads_and_numbers_of_pages_are_left_out() -> None:
    def page(number: int, head: str) -> list[Put]:
        feet = [(200.0, 20.0, f"- {number} -")]
        return [(40.0, 570.0, head), *down(VERSE), *feet]

    heads = ["THE BOOK 12", "A CHAPTER 13", "THE BOOK 14", "A CHAPTER 15"]
    words = text(pdf(*(page(12 + k, head) for k, head in enumerate(heads))))
    assert "BOOK" not in words and "CHAPTER" not in words and "- 1" not in words
    assert words.count(VERSE[0]) == 4


def test_a_poem_keeps_its_number() -> None:
    words = decode(pdf([(40.0, 570.0, "XVIII"), *down(VERSE)]), "it.pdf")
    assert (words.title, words.text) == ("XVIII", "\n".join(VERSE))
    refrain = [*down(VERSE, top=560)]
    assert text(pdf(refrain, refrain)).count(VERSE[0]) == 2


def test_a_page_that_ends_early_ends_its_stanza() -> None:
    full, short = down(VERSE * 8, top=560), down(VERSE, top=560)
    words = text(pdf(full, short, short))
    assert words.endswith("\n".join([*VERSE, "", *VERSE]))
    assert f"{VERSE[3]}\n{VERSE[0]}" in words, "a full page goes on"


def test_stamps_at_the_side_are_left_out_and_turned_pages_are_not() -> None:
    stamp = (20.0, 200.0, "arXiv:1234")
    assert text(pdf(down(VERSE), turned=[stamp])) == "\n".join(VERSE)
    across = [(100.0 + 14 * k, 40.0, line) for k, line in enumerate(VERSE)]
    assert text(pdf([], turned=across)) == "\n".join(VERSE)


@pytest.mark.parametrize("shift", [(0.3, 0), (0.2, 0.2), (0, 0), (1.0, -1.0)])
def test_what_is_drawn_twice_is_read_once(shift: tuple[float, float]) -> None:
    twice = [(x + shift[0], y + shift[1], words) for x, y, words in down(VERSE)]
    assert text(pdf([*down(VERSE), *twice])) == "\n".join(VERSE)


def test_spaced_letters_are_words() -> None:
    def spaced(words: str, y: float) -> list[Put]:
        return [(40.0 + 12 * k, y, sign) for k, sign in enumerate(words) if sign != " "]

    work = decode(pdf([*spaced("THE END OF ALL", 560), *down(VERSE)]), "it.pdf")
    assert (work.title, work.text) == ("THE END OF ALL", "\n".join(VERSE))


def test_raised_signs_stand_in_their_line() -> None:
    page = [*down(VERSE), (205.0, 524.0, "th")]
    assert text(pdf(page)).split("\n")[1:] == list(VERSE[1:])
