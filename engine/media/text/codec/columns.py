"""Pages of Chinese set in columns, top to bottom and right to left: their signs become lines again.

A page hands over runs: pieces of text with the place where each begins, in points, y upwards.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

_UPRIGHT = str.maketrans(
    "︐︑︒︓︔︕︖︙︱︵︶︽︾︿﹀﹁﹂﹃﹄︻︼︹︺︗︘",
    "，、。：；！？…—（）《》〈〉「」『』【】〔〕〖〗",
)
_CURLED = str.maketrans("「」『』", "‘’“”")
_HALF_EM, _CELL_EM = 0.6, 1.12  # signs nearer than half an em stand in one column
_USUAL_PITCH_EM = 2.0  # between columns, where there are too few to tell
_BLANK = 1.6  # of the pitch: a wider gap is an empty line


@dataclass(frozen=True, slots=True)
class Run:
    """A piece of text as a page draws it. `down`: its font sets sign below sign by itself."""

    text: str
    x: float
    y: float
    em: float
    down: bool = False

    @property
    def end_y(self) -> float:
        """Where its last sign begins."""
        return self.y - (len(self.text) - 1) * self.em if self.down else self.y


def run_of(text: str, matrix: Sequence[float], tm: Sequence[float], size: float, font) -> Run:
    """From what pypdf tells of a piece of text; `matrix` is that of the page, `tm` of the text."""
    a, b, c, d, e, f = (float(number) for number in matrix)
    x, y = float(tm[4]), float(tm[5])
    scale = math.sqrt(abs((a * d - b * c) * (float(tm[0]) * float(tm[3]) - tm[1] * tm[2])))
    down = str((font or {}).get("/Encoding", "")).endswith("-V")
    em = abs(size) * scale or 1.0
    return Run(text.strip(), a * x + c * y + e, b * x + d * y + f, em, down)


def is_in_columns(runs: Sequence[Run]) -> bool:
    """Whether the signs of a page follow each other downwards, and hardly ever to the right."""
    downwards = sum(len(run.text) - 1 for run in runs if run.down)
    rightwards = sum(len(run.text) - 1 for run in runs if not run.down and has_han(run.text))
    for one, other in pairwise(runs):
        right, down = other.x - one.x, one.y - other.y
        downwards += abs(right) < _HALF_EM * one.em and 0.5 * one.em < down < 2 * one.em
        rightwards += right > 0 and abs(down) < 0.3 * one.em
    return downwards >= 3 and downwards > 2 * rightwards


def lines_of(runs: Iterable[Run], page_height: float) -> tuple[list[str], bool]:
    """The lines of a page in columns, and whether the last one goes on over the page.

    A column that is full goes on in the next; a gap between columns is an empty line.
    """
    columns = _columns(_without_number(list(runs)))
    em = max(run.em for column in columns for run in column)
    top = max(column[0].y for column in columns)
    bottom = min(column[-1].end_y for column in columns)
    gaps = [right[0].x - left[0].x for right, left in pairwise(columns)]
    narrowest = min(gaps, default=_USUAL_PITCH_EM * em)
    pitch = narrowest if narrowest < 3 * em else _USUAL_PITCH_EM * em
    fills = bottom <= 1.25 * (page_height - top) + 2 * _CELL_EM * em  # as wide as the upper margin
    lines: list[str] = []
    goes_on = False
    for column, gap in zip(columns, [0.0, *gaps], strict=True):
        words = "".join(run.text for run in column)
        if gap > _BLANK * pitch:
            lines.append("")
        elif goes_on and top - column[0].y < 0.5 * em:
            words = lines.pop() + words
        lines.append(words)
        goes_on = fills and column[-1].end_y < bottom + 1.5 * _CELL_EM * em
    return lines, goes_on


def upright(text: str) -> str:
    """Marks in their vertical forms become the usual ones; those of quotations by the outer pair.

    Columns have one shape for “ and 『: where it stands outside, it was the curled one.
    """
    outside = next((sign for sign in text if sign in "﹁﹃"), "")
    text = text.translate(_UPRIGHT)
    return text.translate(_CURLED) if outside == "﹃" else text


def _columns(runs: list[Run]) -> list[list[Run]]:
    """From right to left, each from top to bottom."""
    columns: list[list[Run]] = []
    for run in sorted(runs, key=lambda run: -run.x):
        if not columns or columns[-1][0].x - run.x > _HALF_EM * run.em:
            columns.append([])
        columns[-1].append(run)
    return [sorted(column, key=lambda run: -run.y) for column in columns]


def _without_number(runs: list[Run]) -> list[Run]:
    """Without the page's number below or above everything else."""
    numbers = [run for run in runs if run.text.isdecimal()]
    others = [run for run in runs if not run.text.isdecimal()]
    if not others or len(numbers) > 2:
        return runs
    low, high = min(run.end_y for run in others), max(run.y for run in others)
    return [r for r in runs if not r.text.isdecimal() or low - 1.5 * r.em < r.y < high + 1.5 * r.em]


def has_han(text: str) -> bool:
    return any("\u3400" <= sign <= "\u9fff" for sign in text)
