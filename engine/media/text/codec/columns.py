"""Pages of Chinese set in columns, top to bottom and right to left: their signs become lines again.

Legend: as in `glyphs`.
"""

from collections.abc import Iterable, Sequence
from itertools import pairwise

from engine.media.text.codec.glyphs import Glyph

_UPRIGHT = str.maketrans(
    "︐︑︒︓︔︕︖︙︱︵︶︽︾︿﹀﹁﹂﹃﹄︻︼︹︺︗︘",
    "，、。：；！？…—（）《》〈〉「」『』【】〔〕〖〗",
)
_CURLED = str.maketrans("「」『』", "‘’“”")
_HALF_EM, _CELL_EM = 0.6, 1.12  # signs nearer than half an em stand in one column
_USUAL_PITCH_EM = 2.0  # between columns, where there are too few to tell
_MOST_DIGITS = 5  # of the number of a page
_BLANK = 1.6  # of the pitch: a wider gap is an empty line


def is_in_columns(glyphs: Sequence[Glyph]) -> bool:
    """Whether the signs of a page follow each other downwards, and hardly ever to the right."""
    downwards = rightwards = 0
    for one, other in pairwise(glyphs):
        right, down = other.x - one.x, one.y - other.y
        downwards += abs(right) < _HALF_EM * one.em and 0.5 * one.em < down < 2 * one.em
        rightwards += right > 0 and abs(down) < 0.3 * one.em
    return downwards >= 3 and downwards > 2 * rightwards


def lines_of(glyphs: Iterable[Glyph], page_height: float) -> tuple[list[str], bool]:
    """The lines of a page in columns, and whether the last one goes on over the page.

    A column that is full goes on in the next; a gap between columns is an empty line.
    """
    columns = _columns(_without_number([each for each in glyphs if not each.text.isspace()]))
    em = max(glyph.em for column in columns for glyph in column)
    top = max(column[0].y for column in columns)
    bottom = min(column[-1].y for column in columns)
    gaps = [right[0].x - left[0].x for right, left in pairwise(columns)]
    narrowest = min(gaps, default=_USUAL_PITCH_EM * em)
    pitch = narrowest if narrowest < 3 * em else _USUAL_PITCH_EM * em
    fills = bottom <= 1.25 * (page_height - top) + 2 * _CELL_EM * em  # as wide as the upper margin
    lines: list[str] = []
    goes_on = False
    for column, gap in zip(columns, [0.0, *gaps], strict=True):
        words = "".join(glyph.text for glyph in column)
        if gap > _BLANK * pitch:
            lines.append("")
        elif goes_on and top - column[0].y < 0.5 * em:
            words = lines.pop() + words
        lines.append(words)
        goes_on = fills and column[-1].y < bottom + 1.5 * _CELL_EM * em
    return lines, goes_on


def upright(text: str) -> str:
    """Marks in their vertical forms become the usual ones; those of quotations by the outer pair.

    Columns have one shape for “ and 『: where it stands outside, it was the curled one.
    """
    outside = next((sign for sign in text if sign in "﹁﹃"), "")
    text = text.translate(_UPRIGHT)
    return text.translate(_CURLED) if outside == "﹃" else text


def _columns(glyphs: list[Glyph]) -> list[list[Glyph]]:
    """From right to left, each from top to bottom."""
    columns: list[list[Glyph]] = []
    for glyph in sorted(glyphs, key=lambda each: -each.x):
        if not columns or columns[-1][0].x - glyph.x > _HALF_EM * glyph.em:
            columns.append([])
        columns[-1].append(glyph)
    return [sorted(column, key=lambda each: -each.y) for column in columns]


def _without_number(glyphs: list[Glyph]) -> list[Glyph]:
    """Without the page's number below or above everything else."""
    numbers = [each for each in glyphs if each.text.isdecimal()]
    others = [each for each in glyphs if not each.text.isdecimal()]
    if not others or len(numbers) > _MOST_DIGITS:
        return glyphs
    low, high = min(each.y for each in others), max(each.y for each in others)
    return [
        each
        for each in glyphs
        if not each.text.isdecimal() or low - 1.5 * each.em < each.y < high + 1.5 * each.em
    ]
