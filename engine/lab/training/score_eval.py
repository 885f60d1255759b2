"""Nats a note of works of a style with 0, 1, 5 ... others in context."""

from collections.abc import Mapping, Sequence

import numpy as np

from engine.lab.training.corpus.notes_works import NotesWork, NotesWorks
from engine.lab.training.score_data import Tokenised, tokens_of
from engine.lab.training.sequence_eval import CONTEXTS, Probe
from engine.media.audio.generators.score.weights import OPENING
from engine.media.audio.score_tokens import HEADER, span
from engine.meta.episodes import is_support

LONGEST = 400  # tokens of a work that is asked about or shown; longer ones give a passage
_DURATION = span("duration")


def probes(
    works: NotesWorks,
    groups: Mapping[str, Sequence[NotesWork]],
    *,
    styles: int,
    queries: int,
    context: int,
    numbers: tuple[int, ...] = CONTEXTS,
    seed: int = 0,
) -> list[Probe]:
    """Up to `queries` works each of up to `styles` styles that have enough; all fit `context`."""
    rng = np.random.default_rng(seed)
    found: list[Probe] = []
    used = 0
    for name in rng.permutation(sorted(groups)):
        if used == styles:
            break
        mine = _probes_of(works, str(name), groups[str(name)], queries, context, numbers, rng)
        found += mine
        used += bool(mine)
    return found


def _probes_of(
    works: NotesWorks,
    style: str,
    group: Sequence[NotesWork],
    queries: int,
    context: int,
    numbers: tuple[int, ...],
    rng: np.random.Generator,
) -> list[Probe]:
    """Support and query works by their own digests."""
    most = max(numbers)
    order = [group[i] for i in rng.permutation(len(group))]
    shown = [excerpt(works, w, rng) for w in order if is_support(w.sha256)][:most]
    asked = [excerpt(works, w, rng) for w in order if not is_support(w.sha256)][:queries]
    if len(shown) < most:
        return []
    sets = tuple((OPENING, *(int(t) for row in shown[:k] for t in row)) for k in numbers)
    found = []
    for row in asked:
        if len(sets[-1]) + len(row) <= context:
            head, body = tuple(row[:HEADER].tolist()), tuple(row[HEADER:].tolist())
            notes = int(np.isin(row, _DURATION).sum())
            found.append(Probe(style, "notes", sets, head, body, max(1, notes)))
    return found


def excerpt(works: NotesWorks, work: NotesWork, rng: np.random.Generator) -> np.ndarray:
    """The work, or as many of its bars from somewhere on as LONGEST tokens hold."""
    row = tokens_of(works, work)
    if len(row) <= LONGEST:
        return row
    cut = Tokenised.of(row)
    first = int(rng.integers(len(cut.bars)))
    ends = np.append(cut.bars[1:], len(row)) - cut.bars[first]
    count = int((ends[first:] <= LONGEST - HEADER - 1).sum())
    return cut.passage(first, max(1, count))[:LONGEST]
