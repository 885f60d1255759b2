"""Several voices on one staff: what stands aside, which rests are written, where signs stand.

Voices are in order from the highest down, as `written` reads them. After Gould, Behind Bars (2011),
chapters 2 and 3.
"""

from collections.abc import Iterator, Sequence
from itertools import combinations, pairwise

from studio.media.audio.notation.written import Event, Head

HEAD_WIDE = 1.3  # staff spaces
_SIGNS_APART = 5  # degrees between signs of one column, one above the other
_REST_ASIDE = 2.0  # staff spaces by which rests of outer voices leave the middle line
_HOLLOW = ("half", "whole", "breve")

Voice = Sequence[Event]


def heads_aside(heads: Sequence[Head], *, up: bool) -> list[float]:
    """Of two heads a degree apart one stands on the other side of the stem."""
    shifts = [0.0] * len(heads)
    order = list(range(len(heads))) if up else list(reversed(range(len(heads))))
    for before, now in pairwise(order):
        apart = abs(heads[now].step - heads[before].step) == 1
        if apart and not shifts[before]:
            shifts[now] = HEAD_WIDE if up else -HEAD_WIDE
    return shifts


def moved_aside(voices: Sequence[Voice]) -> dict[tuple[int, int], float]:
    """(voice, onset) → staff spaces to the right, of chords whose heads would stand on heads of a
    higher voice: a degree apart, or on the same degree as another kind of head."""
    moved: dict[tuple[int, int], float] = {}
    for (_, upper), (number, lower) in combinations(enumerate(voices), 2):
        above = {event.onset: event for event in upper if event.heads}
        for event in lower:
            other = above.get(event.onset)
            if other is not None and event.heads and _collide(other, event):
                moved[number, event.onset] = HEAD_WIDE
    return moved


def _collide(upper: Event, lower: Event) -> bool:
    apart = {abs(one.step - other.step) for one in upper.heads for other in lower.heads}
    shared = upper.dots == lower.dots and _head_kind(upper) == _head_kind(lower)
    return 1 in apart or (0 in apart and not shared)


def _head_kind(event: Event) -> str:
    return event.value if event.value in _HOLLOW else "black"


def shown_rests(voices: Sequence[Voice]) -> Iterator[tuple[Event, float]]:
    """Rests that are written, and how far below the middle each stands, in staff spaces.

    The voice that sounds longest has all of its own. Another one has those without which nothing
    would be written at some moment: a voice that joins in for a chord brings no rests with it.
    """
    order = sorted(range(len(voices)), key=lambda number: -_sounding(voices[number]))
    covered = {(e.onset, e.onset + e.ticks) for voice in voices for e in voice if e.heads}
    for number in order:
        for rest in voices[number]:
            span = rest.onset, rest.onset + rest.ticks
            if rest.heads or (number != order[0] and _is_covered(span, covered)):
                continue
            covered.add(span)
            yield rest, _rest_height(number, len(voices))


def _sounding(voice: Voice) -> int:
    return sum(event.ticks for event in voice if event.heads)


def _is_covered(span: tuple[int, int], by: set[tuple[int, int]]) -> bool:
    at, end = span
    for first, last in sorted(by):
        if first > at:
            break
        at = max(at, last)
    return at >= end


def _rest_height(number: int, voices: int) -> float:
    if voices == 1:
        return 0.0
    return -_REST_ASIDE if 2 * number < voices else _REST_ASIDE


def sign_columns(heads: Sequence[Head]) -> dict[Head, int]:
    """Of the heads that begin together, those with a sign: the column in which it stands, from the
    heads to the left, so that no two signs touch."""
    columns: dict[Head, int] = {}
    lowest: list[int] = []  # the degree of the lowest sign of each column
    for head in sorted(heads, key=lambda each: -each.step):
        if head.sign is None:
            continue
        free = [at for at, step in enumerate(lowest) if step - head.step > _SIGNS_APART]
        column = free[0] if free else len(lowest)
        lowest[column:] = [head.step, *lowest[column + 1 :]]
        columns[head] = column
    return columns
