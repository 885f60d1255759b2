"""A few bars made into a piece: phrases that are stated, answered, continued, varied, and return.

A short recording has one phrase. Said over and over it is no piece, and neither are new phrases of
which each has its rhythm. So a work of it is built as a small form (Schoenberg 1967, ch. 3 to 8):
an answer is the phrase with another end; a continuation takes its beginning to other degrees and
ends anew; a contrast has its bars in another order, with other notes; a variation keeps the first
half of each bar; at the end the phrase returns, with the end of its answer.
Legend: n bars of a phrase.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import cycle, islice

from engine.media.audio.generators.score.form import BarPlan, Form, anew
from engine.media.audio.theory.grid import STEPS

FULL = 0.6  # of a bar: in what has less, nothing or an upbeat is played
SEQUENCE = (2, 1, -1, -2)  # degrees by which the beginning of a phrase is moved, in turn


@dataclass(frozen=True, slots=True)
class _Said:
    """What was said so far: the first bars of the first phrase, of the phrase that is spoken of,
    and the bar that ends its answer, -1 of none."""

    first: int
    stated: int
    end: int = -1


_Phrase = Callable[[Sequence[BarPlan], _Said], list[BarPlan]]


def in_phrases(form: Form, count: int) -> Form:
    """The form in `count` bars, or as it is where it has no room for a second phrase. Bars in which
    nothing or only an upbeat is played stand at the beginning and the end alone, else they would be
    holes."""
    head, tail = form[0].filled < FULL, form[-1].filled < FULL
    inner = form[head : len(form) - tail]
    if not inner or count < len(form) + len(inner):
        return form
    phrases = list(form[:head])
    said = _Said(head, head)
    number, rest = divmod(count - head - tail, len(inner))
    for place, phrase in enumerate(_order(number)):
        if place == number - 1:  # what is left over leads back
            phrases += map(anew, inner[:rest])
        if phrase is _contrasted:
            said = replace(said, stated=len(phrases))
        phrases += phrase(inner, said)
        if phrase is _answered:
            said = replace(said, end=len(phrases) - 1)
    return (*phrases, *(anew(bar) for bar in form[len(form) - tail :]))


def _order(count: int) -> list[_Phrase]:
    """Of so many phrases: the first is stated, the last returns."""
    middle = list(islice(cycle((_answered, _continued, _varied, _contrasted)), max(0, count - 2)))
    if count == 3:
        middle = [_continued]
    return [_stated, *middle, _returned if count > 2 else _answered][:count]


def _stated(inner: Sequence[BarPlan], said: _Said) -> list[BarPlan]:
    """As the reference has it, its own returns too."""
    return [bar if bar.of >= said.first else anew(bar) for bar in inner]


def _contrasted(inner: Sequence[BarPlan], _said: _Said) -> list[BarPlan]:
    """New, the bars in another order before the last."""
    return [anew(bar) for bar in (*inner[1:-1], *inner[:1], *inner[-1:])][: len(inner)]


def _answered(inner: Sequence[BarPlan], said: _Said) -> list[BarPlan]:
    whole = [_whole(bar, said.stated + i) for i, bar in enumerate(inner)]
    return [*whole[:-1], anew(inner[-1])]


def _continued(inner: Sequence[BarPlan], said: _Said) -> list[BarPlan]:
    """The first bars, half of the phrase at most, on other degrees, and a new end."""
    size = max(1, (len(inner) - 1) // 2)
    found = []
    for i in range(max(1, len(inner) - 1)):
        move = SEQUENCE[i // size % len(SEQUENCE)]
        found.append(replace(_whole(inner[i % size], said.stated + i % size), move=move))
    return [*found, anew(inner[-1])][: len(inner)]


def _varied(inner: Sequence[BarPlan], said: _Said) -> list[BarPlan]:
    """The first half of each bar, then what the next bar of the reference plays there."""
    found = []
    for i, bar in enumerate(inner[:-1]):
        half = max(STEPS, bar.length // 2 // STEPS * STEPS)
        after = inner[(i + 1) % len(inner)]
        kept = ((0, min(half, bar.length)),)
        found.append(replace(after, length=bar.length, of=said.first + i, move=0, kept=kept))
    return [*found, _end(inner, said)]


def _returned(inner: Sequence[BarPlan], said: _Said) -> list[BarPlan]:
    whole = [_whole(bar, said.first + i) for i, bar in enumerate(inner)]
    return [*whole[:-1], _end(inner, said)]


def _end(inner: Sequence[BarPlan], said: _Said) -> BarPlan:
    """That of the last answer; a new one without."""
    return _whole(inner[-1], said.end) if said.end >= 0 else anew(inner[-1])


def _whole(bar: BarPlan, of: int) -> BarPlan:
    return replace(bar, of=of, move=0, kept=((0, bar.length),))
