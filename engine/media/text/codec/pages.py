"""Pages of glyphs → lines as people read them: columns one after the other, stanzas apart, without
what only belongs to the page.

Legend: as in `glyphs`; a line is a row of one column.
"""

import re
import statistics
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from engine.media.text.codec.columns import lines_of
from engine.media.text.codec.glyphs import Glyph, Piece, is_wide, rows_of

BLANK = 1.35  # of the usual pitch: a wider gap is an empty line
SHORT_PAGE = 3.0  # pitches above the foot of the fullest page: the next page begins anew
LEAST_SPLIT = 3  # rows that two columns share
MOST_GUTTERS = 8  # that are tried
ALIGNED = 0.6  # of the rows of a right column begin at one place
INDENT_EM, MOST_INDENT_EM = 0.8, 8.0
_HEAD_DIGITS = re.compile(r"\d{1,9}|\b[ivxlc]{1,7}\b", re.IGNORECASE)
_PAGE_NUMBER = re.compile(r"[-–— ·.|\[(]{0,9}(?:\d{1,4}|[ivxlc]{1,6})[-–— ·.|\])]{0,9}")

Row = list[Piece]


@dataclass(frozen=True, slots=True)
class Page:
    """lines: in the order of reading. words: of a page in columns of Chinese, as it is read, and
    whether its last line goes on over the page."""

    lines: tuple[Piece, ...] = ()
    words: str = ""
    goes_on: bool = False


def read_across(glyphs: Sequence[Glyph]) -> Page:
    """A page of lines that run to the right."""
    return Page(tuple(_read(rows_of(glyphs))))


def read_down(glyphs: Sequence[Glyph], height: float) -> Page:
    """A page of columns from right to left."""
    lines, goes_on = lines_of(glyphs, height)
    return Page(words="\n".join(lines), goes_on=goes_on)


def _read(rows: list[Row]) -> list[Piece]:
    """The lines of rows: where a gutter goes through several of them, what is left of it first."""
    for gutter in _gutters(rows):
        band = _band(rows, gutter)
        if band is None:
            continue
        first, last = band
        left = [[piece for piece in row if piece.right <= gutter] for row in rows[first:last]]
        right = [[piece for piece in row if piece.x >= gutter] for row in rows[first:last]]
        columns = (_read([row for row in side if row]) for side in (left, right))
        middle = [line for column in columns for line in column]
        return [*_read(rows[:first]), *middle, *_read(rows[last:])]
    return [_line(row) for row in rows]


def _line(row: Row) -> Piece:
    gap = "\u3000" if all(is_wide(piece.text) for piece in row) else " "
    text = gap.join(piece.text for piece in row)
    return replace(row[0], text=text, right=row[-1].right)


def _gutters(rows: list[Row]) -> list[float]:
    """Places between pieces, those of the most rows first."""
    pairs = [pair for row in rows for pair in pairwise(row)]
    spans = [(one.right, other.x) for one, other in pairs if one.right < other.x]
    counted = {(a + b) / 2: sum(c < (a + b) / 2 < d for c, d in spans) for a, b in spans}
    often = [place for place, count in counted.items() if count >= LEAST_SPLIT]
    return sorted(often, key=lambda place: -counted[place])[:MOST_GUTTERS]


def _band(rows: list[Row], gutter: float) -> tuple[int, int] | None:
    """The longest run of rows that no piece crosses the gutter in, if they are two columns."""
    best, first = (0, 0), 0
    for number, row in enumerate([*rows, None]):
        if row is None or any(piece.x < gutter < piece.right for piece in row):
            best = max(best, (first, number), key=lambda run: run[1] - run[0])
            first = number + 1
    both = [row for row in rows[slice(*best)] if row[0].right <= gutter <= row[-1].x]
    return best if len(both) >= LEAST_SPLIT and _are_columns(both, gutter) else None


def _are_columns(rows: list[Row], gutter: float) -> bool:
    """Two columns, and not the halves of lines, or lines with numbers beside them."""
    lefts = [max((p for p in row if p.right <= gutter), key=lambda p: p.right) for row in rows]
    rights = [min((p for p in row if p.x >= gutter), key=lambda p: p.x) for row in rows]
    edge = statistics.mode(round(piece.x / piece.em * 2) for piece in rights)
    aligned = sum(abs(piece.x / piece.em * 2 - edge) <= 1 for piece in rights)
    halves = sum(piece.text.endswith(("，", "、", "；", ",")) for piece in lefts)
    numbers = sum(len(piece.text) < 5 for piece in (*lefts, *rights))
    enough = ALIGNED * len(rows)
    return aligned >= enough and halves < 0.8 * len(rows) and numbers < enough


def text_of(pages: Sequence[Page]) -> str:
    """All pages as lines, a blank line where a stanza or paragraph stands apart."""
    pages = _without_heads(pages)
    foot = min((line.y for page in pages for line in page.lines), default=0.0)
    text, gap = "", ""
    for page in pages:
        if page.words:
            text += gap + page.words
            gap = "" if page.goes_on else "\n"
        elif page.lines:
            pitch = _pitch(page.lines)
            text += gap + _set(page.lines, pitch)
            lowest = min(line.y for line in page.lines)
            gap = "\n\n" if lowest > foot + SHORT_PAGE * pitch else "\n"
    return text


def _set(lines: Sequence[Piece], pitch: float) -> str:
    margin = _margin(lines)
    text = ""
    for above, line in zip([None, *lines], lines, strict=False):
        if above is not None:
            drop = above.y - line.y
            text += "\n\n" if drop > BLANK * max(pitch, 0.9 * line.em) else "\n"
        text += _indent(line, margin) + line.text
    return text


def _pitch(lines: Sequence[Piece]) -> float:
    """What most lines that follow each other stand apart: of verse in pairs the smaller gap."""
    drops = sorted(a.y - b.y for a, b in pairwise(lines) if a.y - b.y > 0.5 * b.em)
    return drops[len(drops) // 4] if drops else 2 * max(line.em for line in lines)


def _margin(lines: Sequence[Piece]) -> float | None:
    """The left edge of lines, None where they have none: of centred ones, or ones of many."""
    edges = [round(line.x / line.em * 2) for line in lines]
    if not edges or len(set(edges)) > max(3, len(edges) // 3):
        return None
    return min(line.x for line in lines)


def _indent(line: Piece, margin: float | None) -> str:
    inset = 0.0 if margin is None else (line.x - margin) / line.em
    return " " * round(2 * inset) if INDENT_EM < inset < MOST_INDENT_EM else ""


def _without_heads(pages: Sequence[Page]) -> list[Page]:
    """Without page numbers, and without the line above or below the text that pages share."""
    found = []
    for number, page in enumerate(pages):
        near = [*pages[max(0, number - 2) : number], *pages[number + 1 : number + 3]]
        lines = list(page.lines)
        pitch = _pitch(lines) if lines else 0.0
        for end, inner in ((0, 1), (-1, -2)):
            while len(lines) > 1 and _is_head(lines[end], lines[inner], pitch, near, end):
                del lines[end]
        found.append(replace(page, lines=tuple(lines)))
    return found


def _is_head(line: Piece, inner: Piece, pitch: float, near: Sequence[Page], end: int) -> bool:
    """inner: the line next to it in its page. A number below the text is the page's; one above it
    only where other pages have one, since poems have numbers too."""
    shape = _HEAD_DIGITS.sub("#", line.text)
    others = [other for page in near for other in (*page.lines[:2], *page.lines[-2:])]
    shared = any(
        abs(other.y - line.y) < line.em and _HEAD_DIGITS.sub("#", other.text) == shape
        for other in others
    )
    if _PAGE_NUMBER.fullmatch(line.text.strip()):
        return shared or end == -1
    return shared and abs(inner.y - line.y) > BLANK * pitch
