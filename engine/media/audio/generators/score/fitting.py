"""The form of a reference, made into as many bars as a work is to have."""

from dataclasses import replace

from engine.media.audio.generators.score.form import BarPlan, Form, anew
from engine.media.audio.generators.score.phrases import in_phrases

SECTION = 4  # bars at least that are left out when they only repeat
CLOSE = 4  # bars of the end that a shortened plan keeps
SHORT = 8  # bars: what is shorter is no whole piece; a longer plan makes phrases of it


def fitted(form: Form, count: int, length: int) -> Form:
    """The form in `count` bars of `length` steps: repeats of sections are left out first, then what
    stands before the last bars; a longer one begins again with new bars, and phrases of a short one
    answer each other (`_in_phrases`). Of no form, none."""
    if not form:
        return ()
    while len(form) > count and (run := _repeat(form)):
        form = without(form, *run)
    if len(form) > count:
        close = min(CLOSE, count // 2)
        form = without(form, count - close, len(form) - close)
    if len(form) < min(count, SHORT):
        form = in_phrases(form, count)
    while len(form) < count:
        add = len(form)
        form += tuple(replace(b, of=b.of + add if b.of >= 0 else -1) for b in form)[: count - add]
    return tuple(bar if bar.length == length else _of_length(bar, length) for bar in form)


def _of_length(bar: BarPlan, length: int) -> BarPlan:
    """A bar of another metre, or a cut one, returns whole or not at all."""
    if bar.of < 0:
        return replace(bar, length=length)
    return replace(bar, length=length, kept=((0, length),))


def of_whole_bars(form: Form) -> Form:
    """Without cut bars between the first and the last: in a work, whose bars are all whole, the
    upbeat that such a bar holds would stand behind a hole. Without empty bars at both ends."""
    while len(form) > 1 and not form[0].filled:
        form = without(form, 0, 1)
    while len(form) > 1 and not form[-1].filled:
        form = without(form, len(form) - 1, len(form))
    usual = max((bar.length for bar in form), default=0)
    for i in reversed(range(1, len(form) - 1)):
        if 2 * form[i].length <= usual:
            form = without(form, i, i + 1)
    return form


def times_heard(form: Form) -> list[float]:
    """Of each bar: how often what is new in it is heard in the whole piece."""
    times = [1.0] * len(form)
    for i in reversed(range(len(form))):
        if form[i].of >= 0:
            share = sum(end - begin for begin, end in form[i].kept) / form[i].length
            times[form[i].of] += share * times[i]
    return times


def _repeat(form: Form) -> tuple[int, int] | None:
    """The last run of at least SECTION bars that return exactly, one after the other."""
    end = len(form)
    while end > 0:
        begin = end
        while (
            begin > 0
            and form[begin - 1].is_exact
            and (begin == end or form[begin - 1].of == form[begin].of - 1)
        ):
            begin -= 1
        if end - begin >= SECTION:
            return begin, end
        end = min(begin, end - 1)
    return None


def without(form: Form, begin: int, end: int) -> Form:
    """Without some bars; what returned them returns what they were, or is new."""
    kept = [i for i in range(len(form)) if not begin <= i < end]
    index = {old: new for new, old in enumerate(kept)}
    found = []
    for i in kept:
        bar, of = form[i], form[i].of
        while of >= 0 and of not in index:
            of = form[of].of if form[of].is_exact else -1
        new = replace(bar, of=index[of]) if of >= 0 else anew(bar)
        found.append(new)
    return tuple(found)
