"""Glyphs of a page, and the lines that they stand in.

Legend: x to the right, y upwards, in points; em: the size of the type. A row is what stands on one
base line, a piece is a part of a row without a wide gap in it.
"""

import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

SAME_ROW_EM = 0.45  # base lines nearer than this are one: raised signs stand in the line
SAME_PLACE_EM = 0.15  # a sign drawn twice is bold or has a shadow
WORD_GAP_EM = 0.22  # where no space is drawn
WIDE_GAP_EM = 1.6
HAN_GAP_EM = 0.7  # beyond what all signs of a row stand apart


@dataclass(frozen=True, slots=True)
class Glyph:
    """text: usually one sign. x, y: where it begins; right: where its advance ends."""

    text: str
    x: float
    y: float
    right: float
    em: float


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a row, as one text."""

    text: str
    x: float
    right: float
    y: float
    em: float


def is_wide(text: str) -> bool:
    """Whether its signs stand without spaces between: Han, kana, their marks."""
    return any("\u2e80" <= sign <= "\u9fff" or "\uff00" <= sign <= "\uffef" for sign in text)


def has_han(text: str) -> bool:
    return any("\u3400" <= sign <= "\u9fff" for sign in text)


def without_doubles(glyphs: Iterable[Glyph]) -> list[Glyph]:
    """Each sign once that was drawn several times at nearly the same place."""
    seen: dict[tuple[str, int, int], list[Glyph]] = {}
    kept = []
    for glyph in glyphs:
        column, row = int(glyph.x // glyph.em), int(glyph.y // glyph.em)
        near = (
            other
            for dx in (-1, 0, 1)
            for dy in (-1, 0, 1)
            for other in seen.get((glyph.text, column + dx, row + dy), ())
        )
        if glyph.text.isspace() or not any(_same_place(glyph, other) for other in near):
            kept.append(glyph)
            seen.setdefault((glyph.text, column, row), []).append(glyph)
    return kept


def _same_place(one: Glyph, other: Glyph) -> bool:
    reach = SAME_PLACE_EM * one.em
    return abs(one.x - other.x) < reach and abs(one.y - other.y) < reach


def rows_of(glyphs: Iterable[Glyph]) -> list[list[Piece]]:
    """From top to bottom, each with its pieces from left to right."""
    rows: list[list[Glyph]] = []
    for glyph in sorted(glyphs, key=lambda each: -each.y):
        reach = SAME_ROW_EM * max(glyph.em, rows[-1][-1].em) if rows else 0.0
        if rows and rows[-1][-1].y - glyph.y < reach and rows[-1][0].y - glyph.y < 1.5 * reach:
            rows[-1].append(glyph)
        else:
            rows.append([glyph])
    found = (_pieces(sorted(row, key=lambda each: each.x)) for row in rows)
    return [row for row in found if row]


def _pieces(row: Sequence[Glyph]) -> list[Piece]:
    drawn: list[Glyph] = []
    after_space: list[bool] = []
    space = False
    for glyph in row:
        if glyph.text.isspace():
            space = True
        else:
            drawn.append(glyph)
            after_space.append(space)
            space = False
    gaps = [other.x - one.right for one, other in pairwise(drawn)]
    usual = max(0.0, statistics.median(gaps)) if gaps else 0.0
    pieces: list[Piece] = []
    first = 0
    for end, glyph in enumerate([*drawn[1:], None], 1):
        if glyph is None or gaps[end - 1] > max(WIDE_GAP_EM * glyph.em, 3 * usual):
            pieces += [_piece(drawn[first:end], after_space[first:end], usual)] if drawn else []
            first = end
    return pieces


def _piece(glyphs: Sequence[Glyph], after_space: Sequence[bool], usual: float) -> Piece:
    """Signs without spaces where all stand apart; a wider gap between Han is one of theirs."""
    text = glyphs[0].text
    for (one, other), spaced in zip(pairwise(glyphs), after_space[1:], strict=True):
        text += _between(one, other, spaced, usual) + other.text
    em = statistics.median(glyph.em for glyph in glyphs)
    y = statistics.median(glyph.y for glyph in glyphs)
    return Piece(text.strip(), glyphs[0].x, glyphs[-1].right, y, em)


def _between(one: Glyph, other: Glyph, spaced: bool, usual: float) -> str:
    gap = other.x - one.right
    if is_wide(one.text) and is_wide(other.text):
        return "\u3000" if gap - usual > HAN_GAP_EM * other.em else ""
    return " " if spaced or gap > max(WORD_GAP_EM * other.em, 2.2 * usual) else ""
